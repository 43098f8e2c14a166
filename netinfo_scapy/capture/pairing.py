"""Calls and replies -> who answers whom.

A reply names no procedure; it has its call's xid. The rules:

* A call is remembered under its client endpoint, transport and xid, for each server
  endpoint (on TCP: each connection) apart. A call with other bytes, or any on TCP,
  takes the place of an earlier one; a UDP call equal byte for byte is a
  retransmission, and the reply still answers the first.
* A reply comes from where its call was sent to. On UDP the answer to a CALLIT may come from
  anywhere, and that to a call sent to many from another address at the same port: then it
  answers the client's latest such call with that xid.
* An answered call is remembered for duplicate replies and retransmissions, if they come
  within `Limits.answered_ns` of capture time, and as long as there is room: at least for
  the latest answer. What comes later is no duplicate.
* A call without an answer is remembered until there are too many; then the oldest goes, and
  is counted.

The room for answered calls is divided among fixed buckets of client endpoints
(`Lane.asks_bucket`), and nobody's time counts but that of the messages of the endpoint
itself: so it makes no difference who else's messages are read beside.

This stands in capture/, not in analysis/, because answers of portmap and nibind, paired
with their calls, teach which endpoints are NetInfo.
"""

from __future__ import annotations

from array import array

from netinfo_scapy.capture.events import make_record
from netinfo_scapy.capture.flows import BUCKETS, Lane, is_same_lane, turned
from netinfo_scapy.capture.frames import make_ref
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message, read_message
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.message import is_message

_COST = 1_000
"""Bytes that a remembered call costs beside its data, about."""


class _Waiting:
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


class _Client:
    """The remembered calls of one client endpoint on UDP, of one direction of a connection on TCP.

    Most have one call that waits for its answer, `only`; the rest is made for more.
    calls: of further such calls, by xid. elsewhere: of yet further ones with an xid, to other servers, by xid
    and lane. anywhere: xid -> the latest call that something else than its server may answer, answered or not.
    waiting: how many calls wait. answered: how many are in the bucket. number: tells it from others.
    home: whose client it is; None when it is forgotten.
    """

    __slots__ = ("answered", "anywhere", "bucket", "calls", "elsewhere", "home", "number", "only", "waiting")

    def __init__(self, home: Pairing, bucket: _Bucket, number: int) -> None:
        self.home: Pairing | None = home
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


class _Bucket:
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
        self.clients: list[_Client | None] = [None] * room
        self.lanes: list[Lane | None] = [None] * room
        self.data: list[bytes] = [b""] * room
        self.rows = array("q", [-1]) * (_COLUMNS * room)
        self.heads = array("q", [-1]) * (2 * room)

    def put(self, client: _Client, call: Message, whole: bool) -> None:
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

    def find(self, client: _Client, xid: int, lane: Lane, answers: bool) -> Message | None:
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


_COLUMNS = 8
"""Numbers that are kept of an answered call: a line of a processor's cache."""

_XID, _BEFORE, _ANSWERED, _NS, _NUMBER, _CAPTURE, _START = range(7)
"""Its xid; the number of the call before it in its chain; when it was answered; its frame; as in `Record`."""


class Pairing:
    """Gives replies their calls.

    evicted: calls without an answer that were forgotten because there were too many.
    """

    def __init__(self, limits: Limits) -> None:
        self.evicted = 0
        self._most_calls, self._most_bytes = limits.pending_calls, limits.pending_bytes
        self._answered_ns = limits.answered_ns
        self._bucket_calls = max(1, limits.answered_calls_in_all // BUCKETS)
        self._bucket_bytes = limits.answered_bytes // BUCKETS
        self._clients: dict[bytes, _Client] = {}
        self._buckets: list[_Bucket | None] = [None] * BUCKETS
        self._numbers = 0
        self._waiting = _Waiting()
        self._waiting_calls = 0
        self._waiting_bytes = 0

    def call(self, message: Message) -> None:
        """Remember a call; sets its `first` where it is a retransmission."""
        record = message.record
        lane = record.lane
        xid = message.xid
        client = self._client_of(lane)
        if client is None:
            client = self._new_client(lane)
        else:
            earlier = client.sent(lane, xid)
            if earlier is None and client.answered:
                earlier = client.bucket.find(client, xid, lane, False)
            if earlier is not None:
                if not lane.is_tcp and earlier.record.data == record.data and self._holds(earlier, record.at.ns):
                    message.first = earlier
                    return
                self._forget(client, earlier)
        client.put(message)
        if not lane.is_tcp and (lane.to_many or _forwards(message)):
            if client.anywhere is None:
                client.anywhere = {}
            client.anywhere[xid] = message
        message.remembered = True
        message.cost = len(record.data) + _COST
        self._waiting_calls += 1
        self._waiting_bytes += message.cost
        self._waiting.push(message, self._waiting_calls)
        while self._waiting_calls > self._most_calls or self._waiting_bytes > self._most_bytes:
            self.evicted += 1
            oldest = self._waiting.first()
            self._forget_whole(self._clients[oldest.record.lane.asks], oldest)

    def reply(self, message: Message) -> None:
        """Give a reply its call, where that was seen; sets `duplicate` on a further reply."""
        record = message.record
        now_ns = record.at.ns
        client = self._answered_client(record.lane)
        if client is None:
            return
        call = self._find(client, record.lane, message.xid)
        while call is not None and not self._holds(call, now_ns):
            self._forget(client, call)
            call = self._find(client, record.lane, message.xid)
        if call is None:
            self._let_go(client, record.lane.answers)
            return
        message.call = call
        if record.anomalies and record.incomplete:
            return
        if call.answered:
            message.duplicate = True
            return
        call.answered = True
        call.answered_ns = now_ns
        client.take(call)
        self._waiting_calls -= 1
        self._waiting_bytes -= call.cost
        self._keep(client, call)

    def _client_of(self, lane: Lane) -> _Client | None:
        """The client whose calls travel on a lane, if anything is remembered of it."""
        client: _Client | None = lane.asking
        if client is None or client.home is not self:
            client = lane.asking = self._clients.get(lane.asks)
        return client

    def _answered_client(self, lane: Lane) -> _Client | None:
        """The client that the replies on a lane are for."""
        client: _Client | None = lane.answered
        if client is None or client.home is not self:
            client = lane.answered = self._clients.get(lane.answers)
        return client

    def _new_client(self, lane: Lane) -> _Client:
        bucket = self._buckets[lane.asks_bucket]
        if bucket is None:
            bucket = self._buckets[lane.asks_bucket] = _Bucket(self._bucket_calls)
        self._numbers += _STEP
        client = self._clients[lane.asks] = lane.asking = _Client(self, bucket, self._numbers & _NUMBERS)
        return client

    def _keep(self, client: _Client, call: Message) -> None:
        """Remember an answered call; the oldest of its bucket goes."""
        bucket, record = client.bucket, call.record
        self._make_room(bucket, bucket.count & (bucket.room - 1))
        whole = (
            not call.plain
            or not record.settled
            or bool(record.anomalies)
            or record.fragments != 1
            or record.at._exact is not None
            or client.anywhere is not None
        )
        bucket.put(client, call, whole)
        number = bucket.count
        while bucket.size > self._bucket_bytes and number < bucket.count + bucket.room:
            self._make_room(bucket, number & (bucket.room - 1))
            number += 1

    def _make_room(self, bucket: _Bucket, place: int) -> None:
        """Forget the call in a place, if one is there, and its client if that was the last."""
        client, lane = bucket.clients[place], bucket.lanes[place]
        if client is None or lane is None:
            return
        call = bucket.calls[place]
        if call is None:
            bucket.clear(place)
        else:
            self._forget(client, call)
        if not client.answered and not client.waiting:
            self._let_go(client, lane.asks)

    def _holds(self, call: Message, now_ns: int) -> bool:
        """Whether a call is still to be remembered."""
        return not call.answered or now_ns - call.answered_ns <= self._answered_ns

    def _find(self, client: _Client, lane: Lane, xid: int) -> Message | None:
        call = client.asked(lane, xid)
        if call is None and client.answered:
            call = client.bucket.find(client, xid, lane, True)
        if call is None and client.anywhere is not None:
            call = client.anywhere.get(xid)
            if call is not None and not _forwards(call) and call.record.lane.target_port != lane.source_port:
                return None
        return call

    def expects_forwarded(self, lane: Lane, payload: bytes) -> bool:
        """Whether a UDP payload from anywhere answers a CALLIT that the client endpoint it goes to sent."""
        client = self._answered_client(lane)
        if client is None or client.anywhere is None or not is_message(payload) or payload[7] != rpc.REPLY:
            return False
        call = client.anywhere.get(words.u32(payload, 0))
        return call is not None and _forwards(call)

    def close(self, lane: Lane) -> None:
        """A TCP connection has ended: nothing answers its calls any more. lane: either direction."""
        for key in (lane.asks, lane.answers):
            client = self._clients.pop(key, None)
            if client is not None:
                client.home = None
                for call in client.all():
                    self._forget(client, call)

    def finish(self) -> None:
        """Let all calls go, at the end of the input.

        The collector does not see a circle that leads through a message (`words.untrack`), and a call's lane knows
        the client that knows the call: without this, none of them would ever be freed.
        """
        for client in self._clients.values():
            client.only = client.calls = client.elsewhere = client.anywhere = client.home = None
        for bucket in self._buckets:
            if bucket is not None:
                bucket.calls = []
        self._clients = {}
        self._buckets = [None] * BUCKETS
        self._waiting = _Waiting()
        self._waiting_calls = self._waiting_bytes = 0

    def _forget(self, client: _Client, call: Message) -> None:
        call.remembered = False
        if client.anywhere is not None and client.anywhere.get(call.xid) is call:
            del client.anywhere[call.xid]
        if call.answered:
            client.bucket.clear(call.place)
        else:
            client.take(call)
            self._waiting_calls -= 1
            self._waiting_bytes -= call.cost

    def _forget_whole(self, client: _Client, call: Message) -> None:
        """Forget a call, and its client if that was the last."""
        self._forget(client, call)
        self._let_go(client, call.record.lane.asks)

    def _let_go(self, client: _Client, key: bytes) -> None:
        """Forget a client of which nothing is remembered, unless another one has its place."""
        if not client.waiting and not client.answered and self._clients.get(key) is client:
            del self._clients[key]
            client.home = None


_STEP, _NUMBERS = 0x9E3779B1, 0xFFFFFFFF
"""Numbers of clients are far apart, as their xids are mostly in a row."""

_SLACK = 16
"""Calls that wait no longer and may stay in the queue, beside as many as there are others."""


def _forwards(call: Message) -> bool:
    walks = call._walks
    return walks is not None and walks.forwards
