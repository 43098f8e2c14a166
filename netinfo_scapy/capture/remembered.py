"""Calls that are remembered for their replies: those that wait, by client, and the latest answered ones.

Who remembers what, and for how long, is pairing.py's; here is how it is kept and found.
"""

from __future__ import annotations

from array import array

from netinfo_scapy.capture.events import make_record
from netinfo_scapy.capture.flows import Lane, is_same_lane, turned
from netinfo_scapy.capture.frames import make_ref
from netinfo_scapy.capture.message import Message, read_message

CALL_COST = 1_000
"""Bytes that a remembered call costs beside its data, about."""

_SLACK = 16
"""Calls that wait no longer and may stay in the queue, beside as many as there are others."""

_COLUMNS = 8
"""Numbers that are kept of an answered call: a line of a processor's cache."""

_XID, _BEFORE, _ANSWERED, _NS, _NUMBER, _CAPTURE, _START = range(7)
"""Its xid; the number of the call before it in its chain; when it was answered; its frame; as in `Record`."""

_COST = CALL_COST


class WaitingCalls:
    """Calls without an answer, first in, first out.

    A call may be answered or forgotten before it comes to the front; it goes when it comes
    there, or when too many like it are here.
    """

    __slots__ = ("_calls", "_head")

    def __init__(self) -> None:
        self._calls: list[Message | None] = []  # from `_head` on none is None
        self._head = 0

    def push(self, call: Message, count: int) -> None:
        """Put a call in. count: how many calls, it included, wait."""
        self._calls.append(call)
        if len(self._calls) - self._head > 2 * count + _SLACK:
            calls = self._calls[self._head :]
            self._calls = [each for each in calls if each is not None and each.remembered and not each.answered]
            self._head = 0

    def first(self) -> Message:
        """The first call that waits; there has to be one."""
        while self._head < len(self._calls):
            call = self._calls[self._head]
            if call is not None and call.remembered and not call.answered:
                return call
            self._calls[self._head] = None
            self._head += 1
            if self._head > _SLACK and 2 * self._head > len(self._calls):
                del self._calls[: self._head]
                self._head = 0
        raise IndexError("no call waits")


class Client:
    """The remembered calls of one client endpoint on UDP, of one direction of a connection on TCP.

    Most have one call that waits for its answer, `only`; the rest is made for more.
    calls: of further such calls, by xid. elsewhere: of yet further ones with an xid, to other servers, by xid
    and lane. anywhere: xid -> the latest call that something else than its server may answer, answered or not.
    waiting: how many calls wait. answered: how many are in the bucket. number: tells it from others.
    home: whose client it is; None when it is forgotten.
    """

    __slots__ = ("answered", "anywhere", "bucket", "calls", "elsewhere", "home", "number", "only", "waiting")

    def __init__(self, home: object, bucket: Bucket, number: int) -> None:
        self.home: object = home
        self.bucket = bucket
        self.number = number
        self.only: Message | None = None
        self.calls: dict[int, Message] | None = None
        self.elsewhere: dict[tuple[int, bytes], Message] | None = None
        self.anywhere: dict[int, Message] | None = None
        self.waiting = 0
        self.answered = 0

    def sent(self, lane: Lane, xid: int) -> Message | None:
        """The call with an xid that was sent on a lane and waits."""
        call = self.only
        if call is not None and call.xid == xid and is_same_lane(call.record.lane, lane):
            return call
        if self.calls is None:
            return None
        call = self.calls.get(xid)
        if call is not None and is_same_lane(call.record.lane, lane):
            return call
        return None if self.elsewhere is None else self.elsewhere.get((xid, lane.key))

    def asked(self, lane: Lane, xid: int) -> Message | None:
        """The call with an xid that waits for an answer on a lane."""
        call = self.only
        if call is not None and call.xid == xid and lane.is_back_of(call.record.lane):
            return call
        if self.calls is None:
            return None
        call = self.calls.get(xid)
        if call is not None and lane.is_back_of(call.record.lane):
            return call
        return None if self.elsewhere is None else self.elsewhere.get((xid, turned(lane.key)))

    def put(self, call: Message) -> None:
        """Take a call in. There is none with its xid on its lane."""
        self.waiting += 1
        if self.only is None:
            self.only = call
            return
        if self.calls is None:
            self.calls = {}
        if self.calls.setdefault(call.xid, call) is not call:
            if self.elsewhere is None:
                self.elsewhere = {}
            self.elsewhere[call.xid, call.record.lane.key] = call

    def take(self, call: Message) -> None:
        """A call waits no longer."""
        self.waiting -= 1
        if self.only is call:
            self.only = None
        elif self.calls is not None and self.calls.get(call.xid) is call:
            del self.calls[call.xid]
        elif self.elsewhere is not None:
            del self.elsewhere[call.xid, call.record.lane.key]

    def all(self) -> list[Message]:
        """All calls that wait."""
        first = [] if self.only is None else [self.only]
        return [*first, *(self.calls or {}).values(), *(self.elsewhere or {}).values()]


class Bucket:
    """The latest answered calls of some client endpoints: a ring, with chains of those that are found together.

    Most calls are never asked for again, so of a plain one only its bytes and some numbers stay, and it is made
    anew when it is asked for. Less memory is touched that way, which is what takes the time.

    room: how many places, a power of two. count: how many calls were put in; the last bits of a call's number
    are its place. clients, lanes, data: of each place; nothing where a call was forgotten. calls: those that are
    kept as they are. rows: of each place `_COLUMNS` numbers. heads: the latest number in each chain.
    size: what all the calls cost.
    """

    __slots__ = ("calls", "chains", "clients", "count", "data", "heads", "lanes", "room", "rows", "size")

    def __init__(self, room: int) -> None:
        room = 1 << room.bit_length() - 1
        self.room = room
        self.count = 0
        self.size = 0
        self.chains = 2 * room - 1
        self.calls: list[Message | None] = [None] * room
        self.clients: list[Client | None] = [None] * room
        self.lanes: list[Lane | None] = [None] * room
        self.data: list[bytes] = [b""] * room
        self.rows = array("q", [-1]) * (_COLUMNS * room)
        self.heads = array("q", [-1]) * (2 * room)

    def put(self, client: Client, call: Message, whole: bool) -> None:
        """Put an answered call in. Its place has to be free. whole: keep it as it is."""
        record = call.record
        place = self.count & (self.room - 1)
        chain = (call.xid + client.number) & self.chains
        row = place * _COLUMNS
        self.clients[place] = client
        self.lanes[place] = record.lane
        self.data[place] = record.data
        self.rows[row + _XID] = call.xid
        self.rows[row + _BEFORE] = self.heads[chain]
        self.rows[row + _ANSWERED] = call.answered_ns
        if whole:
            self.calls[place] = call
        else:
            at = record.at
            self.rows[row + _NS] = at.ns
            self.rows[row + _NUMBER] = at.number
            self.rows[row + _CAPTURE] = at.capture
            self.rows[row + _START] = record._start
        self.heads[chain] = self.count
        self.count += 1
        self.size += call.cost
        call.place = place
        client.answered += 1

    def find(self, client: Client, xid: int, lane: Lane, answers: bool) -> Message | None:
        """A client's call with an xid that was sent on a lane, or that one is to be answered on."""
        number = self.heads[(xid + client.number) & self.chains]
        while number >= 0 and number >= self.count - self.room:
            place = number & (self.room - 1)
            row = place * _COLUMNS
            if self.rows[row + _XID] == xid and self.clients[place] is client:
                other = self.lanes[place]
                if other is not None and (lane.is_back_of(other) if answers else is_same_lane(lane, other)):
                    return self.call(place)
            number = self.rows[row + _BEFORE]
        return None

    def call(self, place: int) -> Message | None:
        """The call in a place, which is not free."""
        call, lane = self.calls[place], self.lanes[place]
        if call is None and lane is not None:
            row = place * _COLUMNS
            at = make_ref(self.rows[row + _CAPTURE], self.rows[row + _NUMBER], self.rows[row + _NS])
            record = make_record(lane, at, self.data[place], True)
            record._start = self.rows[row + _START]
            call = read_message(record)
            if call is not None:
                call.answered = call.remembered = True
                call.answered_ns = self.rows[row + _ANSWERED]
                call.place = place
                call.cost = len(record.data) + _COST
                self.calls[place] = call
        return call

    def clear(self, place: int) -> None:
        """Free a place."""
        client = self.clients[place]
        if client is not None:
            client.answered -= 1
            self.size -= len(self.data[place]) + _COST
            self.calls[place] = self.clients[place] = self.lanes[place] = None
            self.data[place] = b""
