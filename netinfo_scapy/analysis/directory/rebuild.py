"""Sightings -> domains: everything that was told, gone through again in the order in which it was told.

All endpoints of one address that serve one tag are one domain. An endpoint whose tag nobody named is a domain of
its own, and so is one of which several tags were named: it served one after another, and nothing says which when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from netinfo_scapy.analysis.directory.answers import ANSWERS, tells_all
from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Node
from netinfo_scapy.analysis.directory.paths import NAME, Step, print_path, step_to
from netinfo_scapy.analysis.directory.planting import Planting
from netinfo_scapy.analysis.directory.sightings import Sighting, Sightings, Table, Write
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.analysis.directory.writes import EFFECTS, Written
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest

MOST_DIRECTORIES = 4_000_000
"""Of a domain, where they are made into a tree."""
_MOST_SNAPSHOTS = 4_000_000
"""Properties kept as what was before a write and after it, of a domain."""
_DEEPEST = 64
"""Directories of a path that is noted with a change."""

_ROOT, _WHOLE = "ROOT", "READALL"
"""Which object is the root; all objects."""

Key = tuple[bytes, bytes | None, Transport | None, int]
"""What tells domains apart: address and tag; where there is no tag, transport and port."""


class Source(Struct):
    """One domain's sightings, not gone through yet. evicted: what was let go of them."""

    address: bytes
    tag: bytes | None
    endpoints: list[tuple[Transport, Endpoint]] = []
    tables: list[Table] = []
    writes: list[Write] = []

    @property
    def evicted(self) -> int:
        """What was let go of them."""
        return sum(table.evicted for table in self.tables)

    def events(self) -> Iterator[tuple[FrameRef, Sighting | Write]]:
        """The first and the last time of each sighting, and the writes, in order."""
        return iter(_in_order(self.tables, self.writes))


def _in_order(tables: list[Table], writes: list[Write]) -> list[tuple[FrameRef, Sighting | Write]]:
    """All times of them, by capture, frame and order; where these are the same, as they come."""
    events: list[tuple[FrameRef, Sighting | Write]] = []
    places: list[tuple[int, int, int, int]] = []
    # Apart, as the first times are nearly in order.
    again: list[tuple[int, int, int, int]] = []
    for table in tables:
        for each in table.seen.values():
            at = each.first
            places.append((at.capture, at.number, each.first_order, len(events)))
            events.append((at, each))
            last = each.last
            if each.last_order != each.first_order or (last is not at and last != at):
                again.append((last.capture, last.number, each.last_order, len(events)))
                events.append((last, each))
    for write in writes:
        at = write.at
        places.append((at.capture, at.number, write.order, len(events)))
        events.append((at, write))
    places += again
    places.sort()
    return [events[place[3]] for place in places]


def sources(sightings: Sightings, interest: Interest) -> list[Source]:
    """The domains that sightings are of, in order of address, tag and endpoint."""
    found: dict[Key, Source] = {}
    of: dict[tuple[Transport, Endpoint], Source] = {}

    def source_of(table: Table) -> Source:
        where = table.transport, table.endpoint
        if where not in of:
            tags = interest.tags_of(*where)
            tag = next(iter(tags)) if len(tags) == 1 else None
            address, port = table.endpoint
            key: Key = (address, tag, None, 0) if tag is not None else (address, None, table.transport, port)
            of[where] = found.setdefault(key, Source(address, tag))
            of[where].endpoints.append(where)
        return of[where]

    for table in sightings.tables.values():
        if table.seen or table.evicted:
            source_of(table).tables.append(table)
    for write in sightings.writes:
        source_of(write.table).writes.append(write)
    for source in found.values():
        source.endpoints.sort()
    return sorted(found.values(), key=lambda each: (each.address, each.tag is None, each.tag or b"", each.endpoints))


class Replay:
    """Goes through a domain's events.

    most: objects kept at the most. changes: whether to note what writes did. change: what the event at hand did.
    """

    def __init__(self, source: Source, most: int = MOST_DIRECTORIES, changes: bool = True) -> None:
        self.source = source
        self.knowledge = Knowledge(most)
        self.changes: list[Change] = []
        self.change: Change | None = None
        self._notes = changes
        self._snapshots = 0

    def events(self) -> Iterator[FrameRef]:
        """Go on to the next event, and the next; gives where each was told."""
        for at, event in self.source.events():
            self._take(at, event)
            yield at

    def run(self) -> Replay:
        """Go through all, to see what there is at the end, and what writes did."""
        events = list(self.source.events())
        knowledge = self.knowledge
        for (at, event), forgotten in zip(events, _forgotten(self.source.tables, events), strict=True):
            # Whether all instances were 1 outlives what is forgotten.
            if forgotten and not knowledge.only_ones:
                knowledge.begin(at)
            else:
                self._take(at, event)
        return self

    def _take(self, at: FrameRef, event: Sighting | Write) -> None:
        self.knowledge.begin(at)
        self.change = None
        if isinstance(event, Write):
            self._write(event)
            return
        sighting = event
        if sighting.table is not None:
            ANSWERS[sighting.table.row.name](self.knowledge, sighting.body)

    def _write(self, write: Write) -> None:
        table = write.table
        written = Written(table.row, write.asked, write.told)
        effect = EFFECTS[written.name]
        if not self._notes:
            effect(self.knowledge, written)
            return
        nodes, number = self.knowledge.nodes, written.object
        created, destroyed = written.name == "CREATE", written.name == "DESTROY"
        before, path = (None, None) if created else (self._snapshot(nodes.get(number)), self._path(number))
        effect(self.knowledge, written)
        self.change = Change(
            at=write.at,
            call_at=write.call_at,
            client=write.client,
            server=table.endpoint,
            transport=table.transport,
            uid=write.uid,
            procedure=written.name,
            object=number,
            path=self._path(number) if path is None else path,
            before=before,
            after=None if destroyed else self._snapshot(nodes.get(number)),
            created=created,
            destroyed=destroyed,
            sent=write.asked,
        )
        self.changes.append(self.change)

    def _snapshot(self, node: Node | None) -> Sequence[Property] | None:
        """All properties of an object, where their names are known for certain."""
        if node is None or not node.has_list():
            return None
        self._snapshots += node.property_count()
        if self._snapshots > _MOST_SNAPSHOTS:
            self.knowledge.evicted += 1
            return None
        return node.kept()

    def _path(self, number: int) -> bytes | None:
        """Where an object is, if that is known up to the root."""
        node = self.knowledge.nodes.get(number)
        steps: list[Step] = []
        above = [] if node is None else self.knowledge.up(node, _DEEPEST)
        if not above or above[-1].object != self.knowledge.root:
            return None
        for each in above[:-1]:
            name = self.knowledge.first(each, NAME)
            step = Step(NAME, name.values[0]) if name and name.values else step_to(Directory(properties=each.known()))
            if step is None:
                return None
            steps.append(step)
        return print_path(reversed(steps))


def _forgotten(tables: list[Table], events: list[tuple[FrameRef, Sighting | Write]]) -> list[bool]:
    """Of each event, whether a later READALL tells all of it anew before a write has to know it."""
    if all(table.row.name != _WHOLE for table in tables):
        return [False] * len(events)
    forgotten: list[bool] = []
    anew = False
    for _, event in reversed(events):
        if isinstance(event, Write):
            anew = False
            forgotten.append(False)
            continue
        sighting = event
        name = None if sighting.table is None else sighting.table.row.name
        # Which object is the root is never told anew.
        forgotten.append(anew and name != _ROOT)
        anew = anew or (name == _WHOLE and tells_all(sighting.body))
    forgotten.reverse()
    return forgotten


def domain_of(replay: Replay) -> Domain:
    """The domain as it is known at this point of a replay."""
    source = replay.source
    root, loose = Planting(replay.knowledge).trees()
    return Domain(
        address=source.address,
        tag=source.tag,
        endpoints=source.endpoints,
        root=root,
        loose=loose,
        changes=replay.changes,
        evicted=source.evicted + replay.knowledge.evicted,
    )


def rebuild(sightings: Sightings, interest: Interest, most: int = MOST_DIRECTORIES) -> list[Domain]:
    """Every domain, as it is known at the end of the sightings, in order of address, tag and endpoint.

    most: directories kept of a domain at the most.
    """
    return [domain_of(Replay(source, most).run()) for source in sources(sightings, interest)]
