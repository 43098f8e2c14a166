"""What successful exchanges told of directories, before anything is made of it: facts that can be merged.

A reply of a directory server that says something about directories is a *sighting*. What it says is its
`body`: the arguments, in which the first id's instance is 0, because servers ignore it and clients fill it with
garbage, then the result. Equal bodies of one server and procedure are one `Sighting`, of which the first and the last
time are kept: every write gives its object a new instance, which the results name, so a value seen
between two equal ones with something else meanwhile is a body of its own. Writes are kept one by one.

Bodies stay the bytes they were; `rebuild.py` reads them. Merging takes earliest and latest, so it is associative
and commutative, as long as there is room for all. What comes first is let go first, and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.memo import Body
from netinfo_scapy.analysis.naming import user_of
from netinfo_scapy.capture.events import NOTHING
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import codec, words
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind, Procedure
from netinfo_scapy.protocol.walks import Walks
from netinfo_scapy.protocol.xdr import Struct, Union

_TELLS_NOTHING, _TELLS, _TELLS_OF_ID, _WRITES = 0, 1, 2, 3
"""What an exchange is: nothing for us; its result is the body; id first, then the result; a write."""

_NETINFO = NETINFO.number
_READS = ("SELF", "PARENT", "READ", "CHILDREN", "LOOKUP", "LIST", "READPROP", "LISTPROPS", "READNAME", "LISTALL")
_KINDS: dict[str, int] = {
    "ROOT": _TELLS,
    "READALL": _TELLS,  # whose argument is the caller's checksum
    "LOOKUPREAD": _TELLS_OF_ID,
    **dict.fromkeys(_READS, _TELLS_OF_ID),
    **{row.name: _WRITES for row in NETINFO.procedures if row.kind is Kind.WRITE},
}
_NO_INSTANCE = bytes(4)
_RECENT = 16_384
"""Sightings that are found without a look into a dict; a power of two."""
_HEAD = 16
"""Bytes at the beginning of a result in which it differs from most others: a status, an id, a number."""
_MOST_ALIKE = 16
"""Servers of which a body is known to be sighted without another look at it."""
_COST = 320
"""Bytes that a sighting or write costs beside what it holds, about."""
_MOST_TABLES = 16_384
"""Servers times procedures kept apart at the most."""


class Sighting:
    """One body, first and last seen. first_order, last_order: tell apart what one frame brought, later is more."""

    __slots__ = ("body", "first", "first_order", "last", "last_order", "table")

    def __init__(self, table: Table, body: bytes, at: FrameRef, order: int) -> None:
        self.table: Table | None = table
        self.body = body
        self.first = self.last = at
        self.first_order = self.last_order = order


class Table:
    """What one server told by one procedure. evicted: what was let go of it."""

    __slots__ = ("endpoint", "evicted", "kind", "number", "row", "seen", "transport")

    def __init__(self, transport: Transport, endpoint: Endpoint, row: Procedure, number: int) -> None:
        self.transport = transport
        self.endpoint = endpoint
        self.row = row
        self.kind = _KINDS[row.name]
        self.number = number
        self.seen: dict[bytes, Sighting] = {}
        self.evicted = 0


class Write:
    """A successful write. asked, told: the bytes of its arguments and result. uid: of its AUTH_SYS credential."""

    __slots__ = ("asked", "at", "call_at", "client", "order", "table", "told", "uid")

    def __init__(
        self,
        table: Table,
        at: FrameRef,
        order: int,
        call_at: FrameRef,
        client: Endpoint,
        uid: int | None,
        asked: bytes,
        told: bytes,
    ) -> None:
        self.table = table
        self.at = at
        self.order = order
        self.call_at = call_at
        self.client = client
        self.uid = uid
        self.asked = asked
        self.told = told

    def moved(self, table: Table) -> Write:
        """The same write, in another table."""
        return Write(table, self.at, self.order, self.call_at, self.client, self.uid, self.asked, self.told)


class Sightings:
    """Everything that was told of directories.

    most_bytes, most_write_bytes: room for bodies and for writes. until: what is later is not looked at.
    others: those of the same input until something else, fed together with these.
    """

    def __init__(
        self,
        most_bytes: int = 0,
        most_write_bytes: int = 0,
        until: Until | None = None,
        others: Sequence[Sightings] = (),
    ) -> None:
        self.evicted = 0
        self.tables: dict[tuple[Transport, Endpoint, str], Table] = {}
        self.writes: deque[Write] = deque()
        self._most_bytes, self._most_write_bytes = most_bytes, most_write_bytes
        self.others = list(others)
        self._until = until
        self._order = 0
        self._bytes = self._write_bytes = 0
        self._kept: deque[Sighting] = deque()
        self._recent: list[Sighting | None] = []

    def table(self, transport: Transport, endpoint: Endpoint, walks: Walks) -> Table | None:
        """Where the exchanges of a procedure with a server go; None where they tell nothing of directories."""
        if walks.program != _NETINFO or walks.row.name not in _KINDS:
            return None
        return self._place(transport, endpoint, walks.row)

    def _place(self, transport: Transport, endpoint: Endpoint, row: Procedure) -> Table:
        """The table of a server and a procedure; where there are too many, one that is not kept."""
        key = (transport, endpoint, row.name)
        table = self.tables.get(key)
        if table is None:
            table = Table(transport, endpoint, row, len(self.tables))
            if len(self.tables) < _MOST_TABLES:
                self.tables[key] = table
            else:
                table.kind = _TELLS_NOTHING
        return table

    def see(self, table: Table, reply: Message, call: Message, remembered: Body | None) -> None:
        """Take a plain exchange that succeeded. remembered: it has this body."""
        if call._found is not NOTHING:
            self.see_any(reply)
            return
        at = reply.record.at
        for other in self.others:
            other.see_any(reply)
        if self._until is not None and not self._until.covers(at):
            return
        self._order += 1
        if remembered is not None:
            sighting = remembered.sightings.get(table)
            if sighting is not None and sighting.table is table:
                self._again(sighting, at)
                return
        asked, told = call.record.data, reply.record.data
        if table.kind == _TELLS_OF_ID:
            sighting = self._sight(table, at, asked, call.begin, told, reply.begin)
        elif table.kind == _TELLS:
            sighting = self._note(table, told[reply.begin :], at, self._order)
        else:
            self._write(table, reply, call, words.cut(asked, call.begin, len(asked)), told[reply.begin :])
            return
        if remembered is not None:
            if len(remembered.sightings) >= _MOST_ALIKE:
                remembered.sightings.clear()
            remembered.sightings[table] = sighting

    def see_any(self, reply: Message) -> None:
        """Take a message as it comes; what is no whole, successful answer to a whole call tells nothing."""
        for other in self.others:
            other.see_any(reply)
        call, walks = reply.call, reply.walks
        if call is None or walks is None or walks.program != _NETINFO or walks.row.name not in _KINDS:
            return
        if reply.duplicate or not (call.readable and reply.readable) or reply.status != 0:
            return
        if self._until is not None and not self._until.covers(reply.record.at):
            return
        try:
            asked = _extent(walks.row.arguments, call)
            told = _extent(walks.row.result, reply)
        except codec.XdrError:
            return
        # Of a call to many, the one that answers tells.
        lane = reply.record.lane
        table = self.table(lane.flow.transport, lane.source, walks)
        if table is None:
            return
        self._order += 1
        if table.kind == _TELLS_OF_ID:
            self._sight(table, reply.record.at, asked, 0, told, 0)
        elif table.kind == _TELLS:
            self._note(table, told, reply.record.at, self._order)
        else:
            self._write(table, reply, call, asked, told)

    def _sight(self, table: Table, at: FrameRef, asked: bytes, begin: int, told: bytes, start: int) -> Sighting:
        """Note a body of which the arguments begin with an id."""
        rest, size = len(asked) - begin - 8, len(told) - start
        place = words.mix(asked, begin, begin + 4, table.number)
        place = words.mix(asked, begin + 8, begin + 8 + (rest & ~3), place)
        place = words.mix(told, start, start + (min(size, _HEAD) & ~3), place) & (_RECENT - 1)
        if not self._recent:
            self._recent = [None] * _RECENT
        sighting = self._recent[place]
        if (
            sighting is None
            or sighting.table is not table
            or len(sighting.body) != 8 + rest + size
            or not words.is_same(sighting.body, 0, asked, begin, 4)
            or not words.is_same(sighting.body, 8, asked, begin + 8, rest)
            or not words.is_same(sighting.body, 8 + rest, told, start, size)
        ):
            body = words.cut(asked, begin, begin + 4) + _NO_INSTANCE + asked[begin + 8 :] + told[start:]
            sighting = self._recent[place] = self._note(table, body, at, self._order)
        else:
            self._again(sighting, at)
        return sighting

    def _again(self, sighting: Sighting, at: FrameRef) -> None:
        """Note that something was told again."""
        if not sighting.last.is_later(at):  # in one frame, what comes now is later
            sighting.last = at
            sighting.last_order = self._order
        elif sighting.first.is_later(at):
            sighting.first = at
            sighting.first_order = self._order

    def _note(self, table: Table, body: bytes, at: FrameRef, order: int) -> Sighting:
        """Note a body at a time."""
        sighting = table.seen.get(body)
        if sighting is None:
            sighting = table.seen[body] = Sighting(table, body, at, order)
            self._kept.append(sighting)
            self._bytes += len(body) + _COST
            self._make_room()
        else:
            if _is_later(at, order, sighting.last, sighting.last_order):
                sighting.last, sighting.last_order = at, order
            if _is_later(sighting.first, sighting.first_order, at, order):
                sighting.first, sighting.first_order = at, order
        return sighting

    def _make_room(self) -> None:
        while self._bytes > self._most_bytes and self._kept:
            oldest = self._kept.popleft()
            table = oldest.table
            if table is not None:
                del table.seen[oldest.body]
                table.evicted += 1
            oldest.table = None
            self.evicted += 1
            self._bytes -= len(oldest.body) + _COST
            oldest.body = b""  # it may still be found, but not used

    def _write(self, table: Table, reply: Message, call: Message, asked: bytes, told: bytes) -> None:
        """Note a write, where there is room for its table."""
        at = reply.record.at
        if table.kind == _WRITES:
            source, uid = call.record.lane.source, user_of(call)
            self._keep(Write(table, at, self._order, call.record.at, source, uid, asked, told))
        else:
            self.evicted += 1

    def _keep(self, write: Write) -> None:
        self.writes.append(write)
        self._write_bytes += _cost_of(write)
        while self._write_bytes > self._most_write_bytes:
            oldest = self.writes.popleft()
            oldest.table.evicted += 1
            self.evicted += 1
            self._write_bytes -= _cost_of(oldest)

    def merge(self, other: Sightings) -> None:
        """Take another's sightings, which stay as they are."""
        self._most_bytes = max(self._most_bytes, other._most_bytes)
        self._most_write_bytes = max(self._most_write_bytes, other._most_write_bytes)
        self.evicted += other.evicted
        while len(self.others) < len(other.others):
            self.others.append(Sightings())
        for mine_of, theirs_of in zip(self.others, other.others, strict=False):
            mine_of.merge(theirs_of)
        for theirs in other.tables.values():
            mine = self._place(theirs.transport, theirs.endpoint, theirs.row)
            mine.evicted += theirs.evicted
            if mine.kind == _TELLS_NOTHING:
                self.evicted += len(theirs.seen)
                continue
            for each in theirs.seen.values():
                self._note(mine, each.body, each.first, each.first_order)
                self._note(mine, each.body, each.last, each.last_order)
        self._take(
            [
                write.moved(self._place(write.table.transport, write.table.endpoint, write.table.row))
                for write in other.writes
            ]
        )

    def _take(self, writes: list[Write]) -> None:
        """Keep more writes, each at its place: so what is let go is what came first, whoever saw it."""
        later: list[Write] = []
        for write in reversed(writes):
            while self.writes and self.writes[-1].at.is_later(write.at):
                mine = self.writes.pop()
                self._write_bytes -= _cost_of(mine)
                later.append(mine)
            later.append(write)
        for write in reversed(later):
            self._keep(write)

    def leave(self) -> None:
        """Let go of all of it: tables and what was sighted refer to each other, and would stay for the collector."""
        for table in self.tables.values():
            for each in table.seen.values():
                each.table = None
        self.tables.clear()
        self.writes.clear()
        self._kept.clear()
        self._recent = []
        for other in self.others:
            other.leave()

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process go the plain values."""
        from netinfo_scapy.analysis.directory.handing_over import reduced  # noqa: PLC0415 - which makes sightings

        return reduced(self)


def _cost_of(write: Write) -> int:
    """Bytes that a write takes, about."""
    return len(write.asked) + len(write.told) + _COST


def _is_later(at: FrameRef, order: int, other: FrameRef, other_order: int) -> bool:
    return at.is_later(other) or (order > other_order and not other.is_later(at))


def _extent(xdr: Struct | Union | None, message: Message) -> bytes:
    """The bytes of a message that its type takes up. Raises XdrError where it has none there."""
    if xdr is None:
        return b""
    data, begin = message.record.data, message.begin if message.plain else message.header.end
    return data[begin : codec.walk(xdr, data, begin)]
