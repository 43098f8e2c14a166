"""What a client of netinfod does with directories: follow paths, read, walk, fetch trees.

A directory may change while it is read. What vanishes meanwhile is left out, and what was
written between two calls about it is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netinfo_scapy.analysis.directory.paths import Path, Step, parse_path, print_path, step_to
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.live.calls import Answer, Values
from netinfo_scapy.live.errors import (
    BadAnswerError,
    BadIdError,
    ClientError,
    NoDirectoryError,
    RpcError,
    StatusError,
)
from netinfo_scapy.live.errors import Step as Stage

ROOT = 0
MOST_DIRECTORIES = 1 << 20
"""Of one server. A tree that is larger is taken for one that never ends."""

_MOST_READINGS = 3
_READALL_TIMEOUT = 60.0
"""Seconds, at the least: an old machine takes its time for a large database."""

_NO_CHECKSUM = 0xFFFFFFFF
_NONE: tuple[int, ...] = ()
"""The children of most directories, once."""

Where = str | bytes | int | Path
"""A path as text, the number of a directory, or steps."""


class Directories:
    """See the top of the file. Mixed into the client, whose calls it makes. All of it raises ClientError."""

    if TYPE_CHECKING:
        call: Callable[..., Answer]
        chain: Callable[..., tuple[Values, Iterator[Values]]]
        pipeline: Callable[..., Iterator[Answer | ClientError]]
        timeout: float

    def find(self, path: Where) -> int:
        """The number of a directory: a LOOKUP for each step. Raises NoDirectoryError; ValueError: no path."""
        steps = as_path(path)
        if isinstance(steps, int):
            return steps
        number = ROOT
        for at, step in enumerate(steps):
            try:
                found = self.call("LOOKUP", number, step.key, step.value).value["ids"]
            except (NoDirectoryError, BadIdError):
                found = []
            if not found:
                asked = f"NetInfo.LOOKUP of {print_path(steps[: at + 1]).decode(errors='backslashreplace')}"
                raise NoDirectoryError(Stage.CALL, _name_of(self), asked, NoDirectoryError.number)
            number = found[0]
        return number

    def current_id(self, path: Where) -> Values:
        """The id of a directory with its instance as it now is, as writes need it."""
        id_: Values = self.call("SELF", self.find(path)).value["id"]
        return id_

    def directory(self, path: Where) -> Directory:
        """A directory with its properties; its children are not asked for."""
        number = self.find(path)
        return _made(number, self.call("READ", number).value)

    def walk(self, path: Where = ROOT, depth: int | None = None) -> Iterator[tuple[bytes, Directory]]:
        """A directory and those below it with their paths, a parent before its children, asked for as they are taken.

        depth: how many levels below it, None for all.
        """
        number = self.find(path)
        steps = as_path(path)
        above: Path = steps if isinstance(steps, tuple) else ()
        seen = {number}
        left = [iter([(above, 0, _made(number, self.call("READ", number).value))])]
        while left:
            found = next(left[-1], None)
            if found is None:
                left.pop()
                continue
            here, level, directory = found
            yield print_path(here), directory
            if depth is None or level < depth:
                left.append(self._below(here, level + 1, directory, seen))

    def _below(
        self, above: Path, level: int, parent: Directory, seen: set[int]
    ) -> Iterator[tuple[Path, int, Directory]]:
        for child in self._children(parent, seen):
            step = step_to(child) or Step(b"", b"")
            yield (*above, step), level, child

    def _children(self, parent: Directory, seen: set[int]) -> Iterator[Directory]:
        """The children of a directory that was read, each read in turn; what is not there any more is left out."""
        try:
            numbers = self._settled_children(parent, self.call("CHILDREN", parent.object).value)
        except (NoDirectoryError, BadIdError):
            return
        fresh = self._fresh(numbers, seen)
        answers = self.pipeline("READ", ({"id": number} for number in fresh))
        for number, answer in zip(fresh, answers, strict=True):
            child = _read(number, answer)
            if child is not None:
                yield child

    def _settled_children(self, parent: Directory, answer: Values) -> list[int]:
        """The children of a directory; where it was written since it was read, its properties are read again.

        answer: of CHILDREN. Raises NoDirectoryError, BadIdError where it is gone.
        """
        for _ in range(_MOST_READINGS):
            if answer["self_id"]["instance"] == parent.instance:
                break
            again = _made(parent.object or 0, self.call("READ", parent.object).value)
            parent.properties, parent.instance = again.properties, again.instance
            answer = self.call("CHILDREN", parent.object).value
        numbers: list[int] = answer["children"]
        return numbers

    def tree(self, path: Where = ROOT, depth: int | None = None, key: bytes | None = None) -> Directory:
        """A directory with those below it. Where all of the domain is wanted: by READALL, if the server gives that.

        depth: how many levels below it, None for all. key: of the lowest level, this property is enough: one LIST.
        """
        number = self.find(path)
        if number == ROOT and depth is None:
            whole = self.read_everything()
            if whole is not None:
                return whole
        top = _made(number, self.call("READ", number).value)
        seen = {number}
        level = [top]
        left = depth
        while level and left != 0:
            if left is not None:
                left -= 1
            if left == 0 and key is not None:
                for parent in level:
                    parent.children = self._listed(parent, key)
                    parent.all_children = True
            else:
                self._grow(level, seen)
            level = [child for parent in level for child in parent.children]
        return top

    def _grow(self, parents: Sequence[Directory], seen: set[int]) -> None:
        """Fetch the children of many directories at a time: two rounds of calls, however many there are."""
        wanted: list[tuple[Directory, int]] = []
        answers = self.pipeline("CHILDREN", ({"id": parent.object} for parent in parents))
        for parent, answer in zip(parents, answers, strict=True):
            parent.all_children = True
            if isinstance(answer, NoDirectoryError | BadIdError):
                continue
            if isinstance(answer, ClientError):
                raise answer
            numbers = self._settled_children(parent, answer.value)
            wanted += [(parent, number) for number in self._fresh(numbers, seen)]
        reads = self.pipeline("READ", ({"id": number} for _, number in wanted))
        for (parent, number), answer in zip(wanted, reads, strict=True):
            child = _read(number, answer)
            if child is not None:
                parent.children.append(child)

    def _fresh(self, numbers: Sequence[int], seen: set[int]) -> list[int]:
        """Those that were not met before; a directory hangs where it is met first."""
        fresh = [number for number in dict.fromkeys(numbers) if number not in seen]
        seen.update(fresh)
        if len(seen) > MOST_DIRECTORIES:
            raise self._too_many()
        return fresh

    def _listed(self, parent: Directory, key: bytes) -> list[Directory]:
        try:
            entries = self.call("LIST", parent.object, key).value["entries"]
        except (NoDirectoryError, BadIdError):
            return []
        return [
            Directory(
                object=entry["id"],
                # No names: it has no such property, or one without values; both are shown alike.
                properties=[Property(key, entry["names"] or [])],
                whole=False,
                all_children=False,
            )
            for entry in entries
        ]

    def read_everything(self) -> Directory | None:
        """The whole domain at once; None where the server does not give it (a clone, the Previous emulator)."""
        patience = max(self.timeout, _READALL_TIMEOUT)
        try:
            # A server whose checksum is the one given sends nothing.
            for checksum in (_NO_CHECKSUM, 0):
                _, objects = self.chain("READALL", checksum, timeout=patience)
                found = planted(self._bounded(objects))
                if found is not None:
                    return found
        except (StatusError, RpcError):
            pass
        return None

    def _bounded(self, objects: Iterator[Values]) -> Iterator[Values]:
        for count, each in enumerate(objects, 1):
            if count > MOST_DIRECTORIES:
                raise self._too_many()
            yield each

    def _too_many(self) -> BadAnswerError:
        return BadAnswerError(Stage.CALL, _name_of(self), f"more than {MOST_DIRECTORIES:,} directories")

    def facts(self) -> dict[str, list[str]]:
        """What STATISTICS says of the server: the values of each of its properties."""
        return facts_of(self.call("STATISTICS"))


def facts_of(statistics: Answer) -> dict[str, list[str]]:
    """The properties that STATISTICS answers, as text; bytes that are no UTF-8 are escaped."""
    return {
        each["name"].decode(errors="backslashreplace"): [
            value.decode(errors="backslashreplace") for value in each["values"]
        ]
        for each in statistics.value["properties"]
    }


def as_path(path: Where) -> Path | int:
    """A path in any of its forms. Raises ValueError."""
    if isinstance(path, str):
        path = path.encode("utf-8", "surrogateescape")
    return parse_path(path) if isinstance(path, bytes) else path


def _name_of(client: Any) -> str:
    return str(client.place)


def _read(number: int, answer: Answer | ClientError) -> Directory | None:
    """A directory that was read; None where it is not there any more."""
    if isinstance(answer, NoDirectoryError | BadIdError):
        return None
    if isinstance(answer, ClientError):
        raise answer
    return _made(number, answer.value)


def _made(number: int, answer: Values) -> Directory:
    properties = [Property(each["name"], each["values"]) for each in answer["props"]]
    return Directory(number, answer["id"]["instance"], properties, all_children=False)


def planted(objects: Iterable[Values]) -> Directory | None:
    """READALL's objects as a tree; None without a root. An object hangs where it is named first, and once."""
    made: dict[int, Directory] = {}
    below: dict[int, Sequence[int]] = {}
    for each in objects:
        number = each["id"]["object"]
        made[number] = _made(number, each)
        below[number] = each["children"] or _NONE
    root = made.get(ROOT)
    if root is None:
        return None
    hung = {ROOT}
    left = [root]
    while left:
        directory = left.pop()
        directory.all_children = True
        for number in below[directory.object or 0]:
            child = made.get(number)
            if child is None:
                directory.all_children = False
            elif number not in hung:
                hung.add(number)
                directory.children.append(child)
                left.append(child)
    return root
