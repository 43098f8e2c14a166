"""Clues: what detectors noted of single messages, added up.

A clue is a key: a tuple of what the detector wants to tell apart. Clues with the same server
endpoint, client address and key are one `Evidence`, whose parts are sums, least and most. So the
evidence is the same in any order, and however the input is divided.

Where there are too many rows, those with the least keys are kept: the same ones in any order of
adding, with the same counts. What was let go is counted.
"""

from __future__ import annotations

from bisect import insort
from typing import Any, TypeAlias

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol.secret import Secret

MOST_FRAMES = 20
"""Frames noted for one row, the first ones."""

MOST_ROWS = 16_384
"""Rows kept of one detector, those with the least keys."""

Key: TypeAlias = tuple[Any, ...]
"""Made of None, whole numbers, bytes, text, `Secret`, and tuples of these."""


class Evidence:
    """What one client showed of one server, as far as a detector tells it apart.

    server: the endpoint asked. client: packed address. count: clues. first_ns, last_ns: the earliest and
    latest time of one. frames: the first of them, in capture order.
    """

    __slots__ = ("client", "count", "first_ns", "frames", "key", "last_ns", "server", "transport")

    def __init__(self, transport: Transport, server: Endpoint, client: bytes, key: Key) -> None:
        self.transport = transport
        self.server = server
        self.client = client
        self.key = key
        self.count = 0
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.frames: list[FrameRef] = []

    def add(self, at: FrameRef) -> None:
        """Take one clue."""
        self.count += 1
        self._span(at.time_ns)
        self._frame(at)

    def merge(self, other: Evidence) -> None:
        """Take all of another's."""
        self.count += other.count
        self._span(other.first_ns)
        self._span(other.last_ns)
        for at in other.frames:
            self._frame(at)

    def _span(self, time_ns: int | None) -> None:
        if time_ns is None:
            return
        if self.first_ns is None or time_ns < self.first_ns:
            self.first_ns = time_ns
        if self.last_ns is None or time_ns > self.last_ns:
            self.last_ns = time_ns

    def _frame(self, at: FrameRef) -> None:
        frames = self.frames
        if frames:
            last = frames[-1]
            if at == last or (len(frames) >= MOST_FRAMES and last < at):
                return
            if at < last:
                if at in frames:
                    return
                insort(frames, at)
                del frames[MOST_FRAMES:]
                return
        frames.append(at)


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


class Clues:
    """The evidence of all detectors, by their ids."""

    __slots__ = ("tables",)

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}

    def add(self, detector: str, transport: Transport, server: Endpoint, client: bytes, key: Key, at: FrameRef) -> None:
        """Take one clue."""
        table = self.tables.get(detector)
        if table is None:
            table = self.tables[detector] = Table()
        table.fed += 1
        table.row(transport, server, client, key).add(at)

    def merge(self, other: Clues) -> None:
        """Take all of another's, and share nothing with it."""
        for detector, table in other.tables.items():
            self.tables.setdefault(detector, Table()).merge(table)

    def of(self, detector: str) -> list[Evidence]:
        """The evidence of a detector, in order of servers, clients and keys."""
        table = self.tables.get(detector)
        if table is None:
            return []
        table.trim()
        return [table.rows[key] for _, key in sorted((order_of(key), key) for key in table.rows)]

    @property
    def evicted(self) -> int:
        """Clues that were let go for lack of room."""
        for table in self.tables.values():
            table.trim()
        return sum(table.fed - sum(row.count for row in table.rows.values()) for table in self.tables.values())


def order_of(value: Any) -> tuple[Any, ...]:
    """What a key is sorted by: its parts can be of different kinds."""
    if isinstance(value, tuple):
        return (5, *map(order_of, value))
    if isinstance(value, Secret):
        return 4, value.reveal()
    if isinstance(value, str):
        return 3, value
    if isinstance(value, bytes):
        return 2, value
    return (0,) if value is None else (1, value)
