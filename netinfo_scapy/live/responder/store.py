"""The objects of a domain as netinfod keeps them: ids, instances, versions, and one way to change them.

Theory of operation. Objects are values. A write hands `commit` the objects as they will be, None for those
that go; they are kept elsewhere first (`Keep`), and only then are they the store's. So a write that cannot be
kept did not happen.

An instance starts at 0 and grows by 1 with each write of its object. The store's version grows by 1 with each
object written; each object knows the version of its last writing. A freed id is given out again, the lowest first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory

ROOT = 0
_MODULUS = 1 << 32
_MOST_IN_LIST = 65_535

WireProperty = dict[str, Any]
"""A property as the codec has it: {"name": bytes, "values": list of bytes}. Never changed once it is made."""


class Object(NamedTuple):
    """A directory. parent: of the root, itself. children: in order."""

    instance: int
    parent: int
    children: tuple[int, ...]
    properties: tuple[WireProperty, ...]

    def values(self, name: bytes) -> list[bytes] | None:
        """The values of the first property of a name; None where there is none."""
        return next((each["values"] for each in self.properties if each["name"] == name), None)

    def first(self, name: bytes) -> bytes | None:
        """The first value of the first property of a name."""
        values = self.values(name)
        return values[0] if values else None


Changes = Mapping[int, Object | None]
"""What a write makes of objects; None: it is gone."""

Keep = Callable[[Changes], None]
"""Keeps changes where they outlive the process, all or none of them. Raises KeepError."""


class KeepError(Exception):
    """Changes could not be kept; nothing was changed. Its text says why."""


class LoadError(ValueError):
    """A tree that no server could hold."""


def forget(_changes: Changes) -> None:
    """Keeps nothing."""


class Store:
    """The objects of one domain. objects: with a root. keep: where changes are kept."""

    def __init__(self, objects: Mapping[int, Object], keep: Keep = forget) -> None:
        self.objects = dict(objects)
        self.keep = keep
        self.checksum = sum((number + 1) * each.instance for number, each in self.objects.items()) % _MODULUS
        # When which object was written is not known; how often they were all written is the version that a server has.
        writings = sum(each.instance for each in self.objects.values())
        self.version = max(writings - len(self.objects), 0)
        self._versions: dict[int, int] = {}
        self._written: dict[int, int] = {}
        _, *others = self.walk()
        for number in (*others, ROOT):
            self._note_writing(number)
        self._freed: list[int] = []  # a heap: ids below the edge that were given up; the lowest is free
        self._edge = 0  # every id below is taken, or in the heap: nothing depends on how large the ids are

    # what is asked

    @property
    def highest(self) -> int:
        """The largest id in use."""
        return max(self.objects)

    def walk(self) -> Iterator[int]:
        """Every id, depth first, a parent before its children."""
        left = [ROOT]
        while left:
            number = left.pop()
            yield number
            left.extend(reversed(self.objects[number].children))

    def version_of(self, number: int) -> int | None:
        """At which version an object was last written."""
        return self._versions.get(number)

    def written_at(self, version: int) -> int | None:
        """The object whose last writing made this version."""
        return self._written.get(version)

    def child(self, parent: int, key: bytes, value: bytes) -> int | None:
        """The first child of which a property has a value."""
        return next(self.matching(parent, key, value), None)

    def matching(self, parent: int, key: bytes, value: bytes) -> Iterator[int]:
        """The children of which a property has a value, in order."""
        for number in self.objects[parent].children:
            if value in (self.objects[number].values(key) or ()):
                yield number

    def free_id(self) -> int:
        """The lowest id that is free."""
        if self._freed:
            return self._freed[0]
        while self._edge in self.objects:
            self._edge += 1
        return self._edge

    # what is changed

    def commit(self, changes: Changes) -> None:
        """Make changes, all or none of them. Raises KeepError."""
        self.keep(changes)
        for number, after in changes.items():
            before = self.objects.get(number)
            was, becomes = before.instance if before else 0, after.instance if after else 0
            self.checksum = (self.checksum + (number + 1) * (becomes - was)) % _MODULUS
            if after is None:
                del self.objects[number]
                if number < self._edge:
                    heapq.heappush(self._freed, number)
                self._written.pop(self._versions.pop(number, -1), None)
            else:
                self.objects[number] = after
                self._note_writing(number)
        while self._freed and self._freed[0] in self.objects:
            heapq.heappop(self._freed)

    def replace(self, objects: Mapping[int, Object]) -> None:
        """Hold other objects, as a clone does that took over what its master has. Raises KeepError, LoadError."""
        check_tree(objects)
        gone = dict.fromkeys(self.objects.keys() - objects.keys())
        self.commit({**gone, **{number: each for number, each in objects.items() if self.objects.get(number) != each}})

    def _note_writing(self, number: int) -> None:
        self.version += 1
        self._written.pop(self._versions.get(number, -1), None)
        self._versions[number] = self.version
        self._written[self.version] = number


def check_tree(objects: Mapping[int, Object]) -> None:
    """Whether every object is below the root, once. Raises LoadError."""
    reached, left = {ROOT}, [ROOT] if ROOT in objects else []
    while left:
        for child in objects[left.pop()].children:
            if child in reached or child not in objects:
                raise LoadError(f"directory {child} hangs in two places, or is not there")
            reached.add(child)
            left.append(child)
    if len(reached) != len(objects) or ROOT not in objects:
        raise LoadError("there is no tree of directories below one root")


def wire_property(name: bytes, values: list[bytes]) -> WireProperty:
    """A property."""
    return {"name": name, "values": values}


def objects_of(root: Directory) -> dict[int, Object]:
    """The objects of a tree. Those without an id get the lowest that are free.

    Those without an instance get the one that making their children one by one would leave them with.
    Raises LoadError where a server could not send it.
    """
    walked = list(root.walk())
    taken = {each.object for each in walked if each.object is not None}
    free = (number for number in range(1, len(walked) + len(taken) + 2) if number not in taken)
    numbers: dict[int, int] = {id(root): ROOT}
    used = {ROOT}
    for each in walked[1:]:
        number = each.object
        if number is None or number in used:
            number = next(free)
        used.add(number)
        numbers[id(each)] = number
    parents = {id(child): numbers[id(each)] for each in walked for child in each.children}
    return {
        numbers[id(each)]: Object(
            len(each.children) if each.instance is None else each.instance,
            parents.get(id(each), ROOT),
            tuple(numbers[id(child)] for child in each.children),
            _properties(each),
        )
        for each in walked
    }


def _properties(directory: Directory) -> tuple[WireProperty, ...]:
    made = tuple(wire_property(each.name, list(each.values or ())) for each in directory.properties)
    longest = max((len(text) for each in made for text in (each["name"], *each["values"])), default=0)
    if max(longest, len(made), *(len(each["values"]) for each in made), 0) > _MOST_IN_LIST:
        name = (directory.first(b"name") or b"").decode(errors="replace")
        raise LoadError(
            f"directory {name!r} has a text, or a list, of more than {_MOST_IN_LIST:,}; NetInfo cannot send that"
        )
    return made
