"""A domain's directory as a tree: what every source gives, and what every format is written from.

Nothing in it is invented: what is not known is marked, not filled in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from netinfo_scapy.analysis.directory.arguments import Values, arguments_of, instance_of, place_of
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef


class Property(Struct, gc=False):
    """A property. There are many of them, and none is ever part of a circle.

    values: None where only the name is known. whole: whether these are all its values, in the server's order; a
        LOOKUP or a READNAME tells but one.
    """

    name: bytes
    values: list[bytes] | None
    whole: bool = True


def values_of(properties: Iterable[Property] | None, name: bytes) -> list[bytes] | None:
    """The values of the first property of a name; None where there is none, or it has no known values."""
    for each in properties or ():
        if each.name == name:
            return each.values
    return None


def numbered(properties: Iterable[Property]) -> dict[tuple[bytes, int], Property]:
    """Properties by name, and which of that name each is, from 0."""
    times: Counter[bytes] = Counter()
    found: dict[tuple[bytes, int], Property] = {}
    for each in properties:
        found[each.name, times[each.name]] = each
        times[each.name] += 1
    return found


class Directory(Struct):
    """One directory.

    object, instance: its NetInfo id; None where that is not known, or the source has none.
    properties: those known, in the server's order. Names may repeat; the first counts.
    whole: whether these are all its properties, each with its values.
    children: those known, in the server's order. all_children: whether these are all.
    learned: the frame that last told something about it; None where the source is no capture.
    outdated: it was written since, and that was not seen: what is not whole here is what it was before.
    """

    object: int | None = None
    instance: int | None = None
    properties: list[Property] = []
    whole: bool = True
    children: list[Directory] = []
    all_children: bool = True
    learned: FrameRef | None = None
    outdated: bool = False

    def values(self, name: bytes) -> list[bytes] | None:
        """The values of the first property of a name; None where there is none, or it has no known values."""
        return values_of(self.properties, name)

    def first(self, name: bytes) -> bytes | None:
        """The first value of the first property of a name."""
        values = self.values(name)
        return values[0] if values else None

    def walk(self) -> Iterator[Directory]:
        """The directory and all below it, a parent before its children. Without recursion: trees can be deep."""
        left = [self]
        while left:
            directory = left.pop()
            yield directory
            left.extend(reversed(directory.children))

    @property
    def complete(self) -> bool:
        """Whether everything in it and below it is known."""
        return all(each.whole and each.all_children for each in self.walk())


class Change(Struct):
    """One successful write, and what it did.

    at: the frame of the reply that confirmed it; call_at: that of the call.
    client: who asked for it; uid: of the call's AUTH_SYS credential, None for AUTH_NONE and others.
    server: the endpoint that was asked.
    procedure: as `CREATE`. object: of the directory changed, made or destroyed. path: of that directory at the time, as
        far as it is known, else None.
    before, after: its properties, None where they are not known or the directory is not there. created, destroyed:
        the directory begins or ends with it.
    sent: the arguments as they were sent; empty where the source is no capture.
    """

    at: FrameRef
    call_at: FrameRef
    client: Endpoint
    server: Endpoint
    transport: Transport
    uid: int | None
    procedure: str
    object: int | None
    path: bytes | None
    before: Sequence[Property] | None
    after: Sequence[Property] | None
    created: bool = False
    destroyed: bool = False
    sent: bytes = b""

    @property
    def place(self) -> int | None:
        """Of the property that the arguments name by its place; None where they do not."""
        return place_of(self.procedure, self.sent) if self.sent else None

    @property
    def instance(self) -> int | None:
        """Of the directory, as the arguments name it; None where they name but the one above."""
        return instance_of(self.procedure, self.sent) if self.sent else None

    @property
    def asked(self) -> Values:
        """The arguments as the codec gives them, strings as the server took them. Read anew each time."""
        return arguments_of(self.procedure, self.sent) if self.sent else {}


class Domain(Struct):
    """What one server address is known to serve under one tag.

    address: packed, of the server; None where the source is no capture and no server.
    tag: None where no answer of nibind named it; then `endpoints` tells the domain.
    endpoints: at which it was asked.
    root: the root directory; loose: directories whose parent is not known, in order of their objects.
    changes: every successful write, in order. evicted: pieces of knowledge that were let go for lack of room.
    """

    address: bytes | None = None
    tag: bytes | None = None
    endpoints: list[tuple[Transport, Endpoint]] = []
    root: Directory | None = None
    loose: list[Directory] = []
    changes: list[Change] = []
    evicted: int = 0

    def directories(self) -> Iterator[Directory]:
        """All that are known, a parent before its children."""
        for each in ([self.root] if self.root else []) + self.loose:
            yield from each.walk()
