"""What differs between two trees.

Directories are the same one if they have the same name in the same place; in two states of one domain also
if they have the same number and neither name is in both. The order of properties and of children is no difference,
nor is what only one of the two sides knows, while the other side may have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netinfo_scapy.analysis.directory.document import below
from netinfo_scapy.analysis.directory.paths import step_to
from netinfo_scapy.analysis.directory.tree import Change, Directory, Property, numbered


class PropertyDifference(NamedTuple):
    """A property that differs; None on the side that does not have it."""

    before: Property | None
    after: Property | None


class Difference(NamedTuple):
    """A directory that differs. path: its own, in the later tree where it is there.

    before, after: None where it is not there. properties: what differs among them, in order.
    """

    path: bytes
    before: Directory | None
    after: Directory | None
    properties: list[PropertyDifference]


class Comparison:
    """Two trees, compared. unknown: how often one side may or may not have what the other has.

    before, after: None where it is not there. between: they are two states of one domain, and these are the
    writes from one to the other: so numbers tell directories, too, and what was made or destroyed is known to be.
    """

    def __init__(
        self,
        before: Directory | None,
        after: Directory | None,
        path: bytes = b"/",
        between: Sequence[Change] | None = None,
    ) -> None:
        self._trees = before, after
        self._path = path
        self._same_domain = between is not None
        self._made = {each.object for each in between or () if each.created}
        self._destroyed = {each.object for each in between or () if each.destroyed}
        self.unknown = 0

    def differences(self) -> Iterator[Difference]:
        """The directories that differ, in the order of the later tree; those that are gone stand before the others."""
        self.unknown = 0
        left: list[tuple[bytes, Directory | None, Directory | None]] = [(self._path, *self._trees)]
        while left:
            path, before, after = left.pop()
            properties = self._properties(before, after)
            if properties or before is None or after is None:
                yield Difference(path, before, after, properties)
            pairs = list(self._children(before, after))
            # The last on the stack comes next.
            left += [(_path_below(path, new or old), old, new) for old, new in reversed(pairs)]

    def _properties(self, before: Directory | None, after: Directory | None) -> list[PropertyDifference]:
        old, new = (numbered(each.properties if each else ()) for each in (before, after))
        found: list[PropertyDifference] = []
        for key in [*old, *(each for each in new if each not in old)]:
            one, other = old.get(key), new.get(key)
            if not (_is_known(one, before) and _is_known(other, after)):
                self.unknown += 1
            elif one != other:
                found.append(PropertyDifference(one, other))
        return found

    def _children(
        self, before: Directory | None, after: Directory | None
    ) -> Iterator[tuple[Directory | None, Directory | None]]:
        old = before.children if before else []
        new = after.children if after else []
        partners = dict(_pairs(old, new, self._same_domain))
        paired = set(partners.values())
        for at, each in enumerate(old):
            if at not in paired:
                if after and not after.all_children and each.object not in self._destroyed:
                    self.unknown += 1
                else:
                    yield each, None
        for at, each in enumerate(new):
            if at in partners:
                yield old[partners[at]], each
            elif before and not before.all_children and each.object not in self._made:
                self.unknown += 1
            else:
                yield None, each


def _is_known(each: Property | None, directory: Directory | None) -> bool:
    """Whether a directory is known to have a property with these values, or known to have none."""
    return each.values is not None and each.whole if each else directory is None or directory.whole


def _pairs(old: list[Directory], new: list[Directory], same_domain: bool) -> Iterator[tuple[int, int]]:
    """Places in the new list, each with that of its partner in the old one."""
    named: dict[object, list[int]] = {}
    for at, each in enumerate(old):
        named.setdefault(step_to(each), []).append(at)
    for places in named.values():
        places.reverse()
    free: list[int] = []
    for at, each in enumerate(new):
        places = named.get(step_to(each), [])
        if places:
            yield at, places.pop()
        else:
            free.append(at)
    if same_domain:
        numbers = {old[at].object: at for places in named.values() for at in places if old[at].object is not None}
        yield from ((at, numbers.pop(new[at].object)) for at in free if new[at].object in numbers)


def _path_below(path: bytes, child: Directory | None) -> bytes:
    """The path of a child; what cannot be told of it is its number, or a question mark."""
    if child is None:
        return path
    number = b"?" if child.object is None else b"?object=%d" % child.object
    return below(path, child) or (path if path != b"/" else b"") + b"/" + number
