"""Clues: what detectors noted of single messages, added up.

A clue is a key: a tuple of what the detector wants to tell apart. Clues with the same server
endpoint, client address and key are one `Evidence`, whose parts are sums, least and most. So the
evidence is the same in any order, and however the input is divided.

Of some things only some parts are told apart, and of these the earliest clue alone counts: that makes no rows of their
own, but a `Share` at the end of a key.

Where there are too many rows, those with the least keys are kept: the same ones in any order of
adding, with the same counts. What was let go is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.portions import Portion, few
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef, ref_at
from netinfo_scapy.protocol.secret import Secret

MOST_ROWS = 16_384
"""Rows kept of one detector, those with the least keys."""

MOST_BYTES = 256
"""Of a name or tag in a key, where it need not be whole."""


class Share(int):
    """The end of a key: one of a few parts of what the rest names. Keys that differ in nothing else are one row."""


def split(key: Key) -> tuple[Key, int]:
    """A row's key, and the share that a clue is of; -1 where it is of none."""
    if key and isinstance(key[-1], Share):
        return key[:-1], int(key[-1])
    return key, -1


class Table:
    """The evidence of one detector. fed: clues it was given in all."""

    __slots__ = ("_beyond", "fed", "rows")

    def __init__(self) -> None:
        self.rows: dict[Key, Evidence] = {}
        self.fed = 0
        self._beyond: Key | None = None  # the order of the least row that found no room

    def row(self, transport: Transport, server: Endpoint, client: bytes, key: Key) -> Evidence:
        """The row of a key, made where it is new; one that is not kept, where there is no room."""
        whole = (transport, server, client, key)
        row = self.rows.get(whole)
        if row is None:
            row = Evidence(transport, server, client, key)
            if self._beyond is None or order_of(whole) < self._beyond:
                self.rows[whole] = row
                # Not each time one is too many: that would sort them again and again.
                if len(self.rows) > 2 * MOST_ROWS:
                    self.trim()
        return row

    def trim(self) -> None:
        """Keep no more rows than there is room for."""
        if len(self.rows) > MOST_ROWS:
            ordered = sorted((order_of(key), key) for key in self.rows)
            self._beyond = ordered[MOST_ROWS][0]
            self.rows = {key: self.rows[key] for _, key in ordered[:MOST_ROWS]}

    def merge(self, other: Table) -> None:
        """Take all of another's, and share nothing with it."""
        self.fed += other.fed
        for row in other.rows.values():
            self.row(row.transport, row.server, row.client, row.key).merge(row)
        if other._beyond is not None and (self._beyond is None or other._beyond < self._beyond):
            # What the other let go of these is not all there.
            self._beyond = other._beyond
            self.rows = {key: row for key, row in self.rows.items() if order_of(key) < other._beyond}

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process go the plain values."""
        return _unpacked, (self.fed, self._beyond, *_packed(list(self.rows.values())))

    def portions(self) -> Iterator[Any]:
        """What other processes unpickle as tables, a few rows each: merged, they are this one."""
        for some in few(self.rows.values()):
            yield Portion(_unpacked, 0, None, *_packed(some))
        # Last, as it says what of these was let go.
        yield Portion(_unpacked, self.fed, self._beyond, [], [])


def _packed(rows: list[Evidence]) -> tuple[list[tuple[Any, ...]], list[int]]:
    """The plain values of rows, and three numbers of each of their frames."""
    same: dict[Endpoint, Endpoint] = {}
    packed: list[tuple[Any, ...]] = []
    frames: list[int] = []
    for row in rows:
        whole = row.transport, same.setdefault(row.server, row.server), row.client, row.key
        packed.append((*whole, row.count, row.first_ns, row.last_ns, row.shares, len(row.frames)))
        for at in row.frames:
            frames.append(at.capture)
            frames.append(at.number)
            frames.append(at.ns if at._exact is None else at.time_ns)
    return packed, frames


def _unpacked(fed: int, beyond: Key | None, rows: list[tuple[Any, ...]], frames: list[int]) -> Table:
    """The table of what `_packed` told."""
    table = Table()
    table.fed, table._beyond = fed, beyond
    place = 0
    for transport, server, client, key, count, first_ns, last_ns, shares, size in rows:
        row = Evidence(transport, server, client, key)
        row.add_unplaced(count, (first_ns, last_ns))
        row.shares = shares
        for _ in range(size):
            row._frame(ref_at(frames[place], frames[place + 1], frames[place + 2]))
            place += 3
        table.rows[transport, server, client, key] = row
    return table


class Counter:
    """Where the clues of one row are counted, found once for as many as there are.

    A row that was let go of its table is one that never gets room again, so a counter of it stays good.
    share: that of the clues, where one who holds this knows it.
    """

    __slots__ = ("_row", "_table", "share")

    def __init__(self, table: Table, row: Evidence) -> None:
        self._table = table
        self._row = row
        self.share = -1

    def add(self, at: FrameRef, share: int = -1) -> None:
        """Take one clue. share: as in `Evidence.add`."""
        self._table.fed += 1
        self._row.add(at, share)


class Clues:
    """The evidence of all detectors, by their ids. unread: pieces of answers that were too long to be read."""

    __slots__ = ("tables", "unread")

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.unread = 0

    def counter(self, detector: str, transport: Transport, server: Endpoint, client: bytes, key: Key) -> Counter:
        """Where clues that are alike are added."""
        table = self.tables.get(detector)
        if table is None:
            table = self.tables[detector] = Table()
        return Counter(table, table.row(transport, server, client, key))

    def add(self, detector: str, transport: Transport, server: Endpoint, client: bytes, key: Key, at: FrameRef) -> None:
        """Take one clue."""
        whole, share = split(key)
        self.counter(detector, transport, server, client, whole).add(at, share)

    def merge(self, other: Clues) -> None:
        """Take all of another's, and share nothing with it."""
        self.unread += other.unread
        for detector, table in other.tables.items():
            self.tables.setdefault(detector, Table()).merge(table)

    def portions(self) -> Iterator[Clues]:
        """The same, a few rows each: pickled and merged in this order, they are these."""
        some = Clues()
        some.unread = self.unread
        yield some
        for detector, table in self.tables.items():
            for portion in table.portions():
                some = Clues()
                some.tables[detector] = portion
                yield some

    def of(self, detector: str) -> list[Evidence]:
        """The evidence of a detector, in order of servers, clients and keys."""
        table = self.tables.get(detector)
        if table is None:
            return []
        table.trim()
        rows = list(table.rows.values())
        # There are few servers, and many rows to be compared.
        ends = {end: place for place, end in enumerate(sorted({(row.transport, row.server) for row in rows}))}
        return sorted(rows, key=lambda row: (ends[row.transport, row.server], row.client, order_of(row.key)))

    @property
    def evicted(self) -> int:
        """Clues that were let go for lack of room, and what was not looked at."""
        for table in self.tables.values():
            table.trim()
        return self.unread + sum(
            table.fed - sum(row.count for row in table.rows.values()) for table in self.tables.values()
        )


def clipped(value: bytes) -> bytes:
    """A name or tag as a key holds it: names can be of 65,535 bytes."""
    return value[:MOST_BYTES]


def order_of(value: Any) -> tuple[Any, ...]:
    """What a key is sorted by: its parts can be of different kinds."""
    if isinstance(value, tuple):
        return (5, *[order_of(each) for each in value])
    if isinstance(value, str):
        return 3, value
    if isinstance(value, bytes):
        return 2, value
    if isinstance(value, Secret):
        return 4, value.reveal()
    return (0,) if value is None else (1, value)
