"""One object of a domain, as far as it is known, and what is told of objects.

What was told stays the bytes it came in until somebody asks for it: most of it nobody does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

from netinfo_scapy.analysis.directory.tree import Property
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol import words

Raw = tuple[bytes, int]
"""A list of properties as it came: the bytes it is in, and its offset there."""

Fact = tuple[bytes, bytes]
"""A property's name and one of its values."""


class Hit(NamedTuple):
    """The first child that LOOKUP found, and how many it found. now: when."""

    number: int
    times: int
    now: int


class Told(NamedTuple):
    """Properties of an object that was not named. now, at: when."""

    raw: Raw
    now: int
    at: FrameRef


_COMMON: dict[bytes, bytes] = {}
_MOST_COMMON, _LONGEST_COMMON = 1_024, 32
"""Names of properties that are there once, however many directories have one; how many, and how long."""
_LONG = 4_096
"""Bytes of a body from which on its lists are looked at one by one."""


def decoded(raw: Raw) -> list[Property]:
    """The properties of a list that was walked before, so that nothing has to be checked."""
    body, at = raw
    count = words.u32(body, at)
    properties: list[Property] = []
    at += 4
    for _ in range(count):
        name = string_at(body, at)
        values: list[bytes] = []
        at = take_strings(body, behind_string(body, at), values)
        properties.append(Property(_common(name), values))
    return properties


def string_at(body: bytes, at: int) -> bytes:
    """A string of a body that was walked before."""
    return words.cut(body, at + 4, at + 4 + words.u32(body, at))


def behind_string(body: bytes, at: int) -> int:
    """The offset after it."""
    return at + 4 + ((words.u32(body, at) + 3) & -4)


def take_strings(body: bytes, at: int, strings: list[bytes]) -> int:
    """Add the strings of a list in a body that was walked before; the offset after it."""
    count = words.u32(body, at)
    at += 4
    for _ in range(count):
        strings.append(string_at(body, at))
        at = behind_string(body, at)
    return at


def behind_properties(body: bytes, at: int) -> int:
    """The offset after a list of properties in a body that was walked before."""
    count = words.u32(body, at)
    at += 4
    for _ in range(count):
        at = behind_string(body, at)
        values = words.u32(body, at)
        at += 4
        for _ in range(values):
            at = behind_string(body, at)
    return at


class Sent(Sequence[Property]):
    """Properties that stay the bytes they came in, and are read anew each time that somebody asks for them."""

    __slots__ = ("raw",)

    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    def __len__(self) -> int:
        body, offset = self.raw
        return words.u32(body, offset)

    def __iter__(self) -> Iterator[Property]:
        return iter(decoded(self.raw))

    @overload
    def __getitem__(self, place: int) -> Property: ...

    @overload
    def __getitem__(self, place: slice) -> list[Property]: ...

    def __getitem__(self, place: int | slice) -> Property | list[Property]:
        return decoded(self.raw)[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and decoded(self.raw) == list(other)

    __hash__ = None  # type: ignore[assignment] # equal to lists, which have none

    def may_mention(self, word: bytes) -> bool:
        """Whether a property's name may have a word in it: it stands in the bytes, or behind them in an answer."""
        body, offset = self.raw
        if len(body) - offset > _LONG:
            return body.find(word, offset, behind_properties(body, offset)) >= 0
        return body.find(word, offset) >= 0


def _common(name: bytes) -> bytes:
    known = _COMMON.get(name)
    if known is None:
        known = name
        if len(name) <= _LONGEST_COMMON and len(_COMMON) < _MOST_COMMON:
            _COMMON[name] = name
    return known


class Node:
    """One object.

    instance: the latest told. learned: where something was last told.
    raw or properties: all of its properties in order, where their names are known; both None where they are not. some:
        then the properties known, by name. unplaced: the names of those of `some` before which another of that name may
        stand. stale: they may have changed since.
    firsts: of `properties`, the place of the first of each name, once somebody asked.
    by_index: values told by a property's number, while its name is not known. parts: single values, by numbers.
    changed: when its properties were last told as a whole, or written, or doubted.
    parent: below which it is. children: those known, in order; listed: these are all, and in the server's order.
    unsure: the children may be others than those known.
    entries: how many lists of properties LISTALL told, of all children in order, and where the first is.
    searches: (key, value) -> what LOOKUPREAD told. hits: (key, value) -> what LOOKUP found.
    """

    __slots__ = (
        "by_index",
        "changed",
        "children",
        "entries",
        "firsts",
        "gone",
        "hits",
        "instance",
        "learned",
        "listed",
        "object",
        "parent",
        "parts",
        "properties",
        "raw",
        "searches",
        "some",
        "stale",
        "unplaced",
        "unsure",
    )

    def __init__(self, number: int) -> None:
        self.object = number
        self.instance: int | None = None
        self.learned: FrameRef | None = None
        self.raw: Raw | None = None
        self.properties: list[Property] | None = None
        self.firsts: dict[bytes, int] | None = None
        self.some: dict[bytes, Property] | None = None
        self.unplaced: set[bytes] | None = None
        self.by_index: dict[int, list[bytes]] | None = None
        self.parts: dict[int, dict[int, bytes]] | None = None
        self.changed = -1
        self.parent: Node | None = None
        self.children: dict[int, None] | None = None
        self.entries: tuple[int, Told] | None = None
        self.searches: dict[Fact, Told] | None = None
        self.hits: dict[Fact, Hit] | None = None
        self.stale = self.unsure = self.listed = self.gone = False

    def put(self, raw: Raw, now: int) -> None:
        """All its properties."""
        self.raw, self.properties, self.some, self.firsts = raw, None, None, None
        self.by_index = self.parts = self.unplaced = None
        self.stale = False
        self.changed = now

    def named(self) -> list[Property] | None:
        """All properties in order, where their names are known."""
        if self.properties is None and self.raw is not None:
            self.properties, self.raw = decoded(self.raw), None
        return self.properties

    def has_list(self) -> bool:
        """Whether the names of all properties are known, and nothing made them doubtful."""
        return (self.raw is not None or self.properties is not None) and not self.stale

    def knows_properties(self) -> bool:
        """Whether anything is known of its properties."""
        return self.raw is not None or self.properties is not None or bool(self.some)

    def known(self) -> list[Property]:
        """The properties that are known. What is only looked at is not kept decoded."""
        if self.raw is not None:
            return decoded(self.raw)
        if self.properties is None:
            return list((self.some or {}).values())
        if not self.parts:
            return self.properties
        return [self._with_parts(index, each) for index, each in enumerate(self.properties)]

    def sure(self) -> dict[bytes, Property]:
        """The first property of each name, of those of which it is known that they are the first."""
        firsts = {each.name: each for each in reversed(self.known())}
        for name in self.unplaced or ():
            firsts.pop(name, None)
        return firsts

    def kept(self) -> Sequence[Property]:
        """The properties that are known, as they are now, whatever becomes of them; not read, where nobody did."""
        return list(self.known()) if self.raw is None else Sent(self.raw)

    def _with_parts(self, index: int, known: Property) -> Property:
        """A property with what single reads told of its values."""
        parts = (self.parts or {}).get(index)
        if known.values is not None or not parts:
            return known
        return Property(known.name, [value for _, value in sorted(parts.items())], whole=False)

    def whole(self) -> bool:
        """Whether all properties are known with their values."""
        if not self.has_list():
            return False
        return self.raw is not None or all(each.values is not None and each.whole for each in self.properties or ())

    def property_count(self) -> int:
        """How many properties are known."""
        if self.raw is not None:
            body, offset = self.raw
            return words.u32(body, offset)
        return len(self.properties or self.some or ())
