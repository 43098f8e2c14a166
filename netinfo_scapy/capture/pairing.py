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
  within `Limits.answered_ns` of capture time and before `Limits.answered_calls` further
  answers to that client endpoint, as long as there is room. What comes later is no duplicate.
* A call without an answer is remembered until there are too many; then the oldest goes, and
  is counted.

The room for answered calls is divided among fixed buckets of client endpoints
(`Lane.asks_bucket`), and nobody's time counts but that of the messages of the endpoint
itself: so it makes no difference who else's messages are read beside.

This stands in capture/, not in analysis/, because answers of portmap and nibind, paired
with their calls, teach which endpoints are NetInfo.
"""

from __future__ import annotations

from netinfo_scapy.capture.flows import BUCKETS, Lane, turned
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
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
        self._calls: list[Message] = []
        self._head = 0

    def push(self, call: Message, count: int) -> None:
        """Put a call in. count: how many calls, it included, wait."""
        self._calls.append(call)
        if len(self._calls) - self._head > 2 * count + _SLACK:
            calls = self._calls[self._head :]
            self._calls = [each for each in calls if each.remembered and not each.answered]
            self._head = 0

    def first(self) -> Message:
        """The first call that waits; there has to be one."""
        while self._head < len(self._calls):
            call = self._calls[self._head]
            if call.remembered and not call.answered:
                return call
            self._head += 1
            if self._head > _SLACK and 2 * self._head > len(self._calls):
                del self._calls[: self._head]
                self._head = 0
        raise IndexError("no call waits")


class _Bucket:
    """The latest answered calls of some client endpoints, in a ring; None where one was forgotten.

    at: the place of the next, which is that of the oldest. size: what all of them cost.
    """

    __slots__ = ("at", "calls", "size")

    def __init__(self, room: int) -> None:
        self.calls: list[Message | None] = [None] * room
        self.at = 0
        self.size = 0


class _Client:
    """The remembered calls of one client endpoint on UDP, of one direction of a connection on TCP.

    Most have one call only, `only`; the rest is made for more.
    calls: xid -> call. elsewhere: of further calls with an xid, to other servers, by xid and lane.
    anywhere: xid -> the latest call that something else than its server may answer.
    answers: how many calls were answered. remembered: how many are here.
    """

    __slots__ = ("answers", "anywhere", "bucket", "calls", "elsewhere", "only", "remembered")

    def __init__(self, bucket: _Bucket) -> None:
        self.bucket = bucket
        self.only: Message | None = None
        self.calls: dict[int, Message] | None = None
        self.elsewhere: dict[tuple[int, bytes], Message] | None = None
        self.anywhere: dict[int, Message] | None = None
        self.answers = 0
        self.remembered = 0

    def with_xid(self, xid: int) -> Message | None:
        """A call with an xid, if there is any that is not in `elsewhere`."""
        if self.calls is not None:
            return self.calls.get(xid)
        only = self.only
        return only if only is not None and only.xid == xid else None

    def put(self, call: Message) -> None:
        """Take a call in. There is none with its xid on its lane."""
        xid = call.xid
        if self.calls is None:
            if self.only is None:
                self.only = call
                return
            self.calls = {self.only.xid: self.only}
            self.only = None
        if self.calls.setdefault(xid, call) is not call:
            if self.elsewhere is None:
                self.elsewhere = {}
            self.elsewhere[xid, call.record.lane.key] = call

    def take(self, call: Message) -> None:
        """A call is no longer here."""
        xid = call.xid
        if self.only is call:
            self.only = None
        elif self.calls is not None and self.calls.get(xid) is call:
            del self.calls[xid]
        elif self.elsewhere is not None:
            del self.elsewhere[xid, call.record.lane.key]

    def all(self) -> list[Message]:
        """All calls."""
        if self.calls is None:
            return [] if self.only is None else [self.only]
        return [*self.calls.values(), *(self.elsewhere or {}).values()]


class Pairing:
    """Gives replies their calls.

    evicted: calls without an answer that were forgotten because there were too many.
    """

    def __init__(self, limits: Limits) -> None:
        self.evicted = 0
        self._most_calls, self._most_bytes = limits.pending_calls, limits.pending_bytes
        self._most_of_client, self._answered_ns = limits.answered_calls, limits.answered_ns
        self._bucket_calls = max(1, limits.answered_calls_in_all // BUCKETS)
        self._bucket_bytes = limits.answered_bytes // BUCKETS
        self._clients: dict[bytes, _Client] = {}
        self._buckets = [_Bucket(self._bucket_calls) for _ in range(BUCKETS)]
        self._waiting = _Waiting()
        self._waiting_calls = 0
        self._waiting_bytes = 0

    def call(self, message: Message) -> None:
        """Remember a call; sets its `first` where it is a retransmission."""
        record = message.record
        lane = record.lane
        xid = message.xid
        client = self._clients.get(lane.asks)
        if client is None:
            client = self._clients[lane.asks] = _Client(self._buckets[lane.asks_bucket])
        else:
            earlier = client.with_xid(xid)
            if earlier is not None and earlier.record.lane is not lane and earlier.record.lane.key != lane.key:
                earlier = None
            if earlier is None and client.elsewhere is not None:
                earlier = client.elsewhere.get((xid, lane.key))
            if earlier is not None:
                if (
                    not lane.is_tcp
                    and earlier.record.data == record.data
                    and self._holds(client, earlier, record.at.ns)
                ):
                    message.first = earlier
                    return
                self._forget(client, earlier)
        client.put(message)
        if not lane.is_tcp and (lane.to_many or _forwards(message)):
            if client.anywhere is None:
                client.anywhere = {}
            client.anywhere[xid] = message
        message.remembered = True
        client.remembered += 1
        self._waiting_calls += 1
        self._waiting.push(message, self._waiting_calls)
        message.kept_by = client
        message.cost = len(record.data) + _COST
        self._waiting_bytes += message.cost
        while self._waiting_calls > self._most_calls or self._waiting_bytes > self._most_bytes:
            self.evicted += 1
            self._forget_whole(self._waiting.first())

    def reply(self, message: Message) -> None:
        """Give a reply its call, where that was seen; sets `duplicate` on a further reply."""
        record = message.record
        now_ns = record.at.ns
        client = self._clients.get(record.lane.answers)
        if client is None:
            return
        call = self._find(client, record.lane, message.xid)
        while call is not None and not self._holds(client, call, now_ns):
            self._forget(client, call)
            call = self._find(client, record.lane, message.xid)
        if call is None:
            if not client.remembered:
                del self._clients[record.lane.answers]
            return
        message.call = call
        if record.anomalies and record.incomplete:
            return
        if call.answered:
            message.duplicate = True
            return
        call.answered = True
        call.answered_ns = now_ns
        client.answers += 1
        call.answers = client.answers
        self._waiting_calls -= 1
        self._waiting_bytes -= call.cost
        self._keep(client.bucket, call)

    def _keep(self, bucket: _Bucket, call: Message) -> None:
        """Remember an answered call; the oldest of the bucket goes."""
        at = bucket.at
        old = bucket.calls[at]
        if old is not None:
            self._forget_whole(old)
        bucket.calls[at] = call
        call.place = at
        at += 1
        bucket.at = 0 if at == self._bucket_calls else at
        bucket.size += call.cost
        if bucket.size > self._bucket_bytes:
            for old in [*bucket.calls[bucket.at :], *bucket.calls[: bucket.at]]:
                if old is not None and bucket.size > self._bucket_bytes:
                    self._forget_whole(old)

    def _holds(self, client: _Client, call: Message, now_ns: int) -> bool:
        """Whether a call is still to be remembered."""
        return not call.answered or (
            now_ns - call.answered_ns <= self._answered_ns and client.answers - call.answers < self._most_of_client
        )

    def _find(self, client: _Client, lane: Lane, xid: int) -> Message | None:
        call = client.with_xid(xid)
        if call is not None and not lane.is_back_of(call.record.lane):
            call = None
        if call is None and client.elsewhere is not None:
            call = client.elsewhere.get((xid, turned(lane.key)))
        if call is None and client.anywhere is not None:
            call = client.anywhere.get(xid)
            if call is not None and not _forwards(call) and call.record.lane.target_port != lane.source_port:
                return None
        return call

    def expects_forwarded(self, lane: Lane, payload: bytes) -> bool:
        """Whether a UDP payload from anywhere answers a CALLIT that the client endpoint it goes to sent."""
        client = self._clients.get(lane.answers)
        if client is None or client.anywhere is None or not is_message(payload) or payload[7] != rpc.REPLY:
            return False
        call = client.anywhere.get(words.u32(payload, 0))
        return call is not None and _forwards(call)

    def close(self, lane: Lane) -> None:
        """A TCP connection has ended: nothing answers its calls any more. lane: either direction."""
        for key in (lane.asks, lane.answers):
            client = self._clients.pop(key, None)
            if client is not None:
                for call in client.all():
                    self._forget(client, call)

    def _forget(self, client: _Client, call: Message) -> None:
        xid = call.xid
        client.take(call)
        if client.anywhere is not None and client.anywhere.get(xid) is call:
            del client.anywhere[xid]
        call.remembered = False
        call.kept_by = None
        client.remembered -= 1
        if call.answered:
            bucket = client.bucket
            bucket.calls[call.place] = None
            bucket.size -= call.cost
        else:
            self._waiting_calls -= 1
            self._waiting_bytes -= call.cost

    def _forget_whole(self, call: Message) -> None:
        """Forget a call, and its client if that was the last."""
        client = call.kept_by
        self._forget(client, call)
        if not client.remembered:
            del self._clients[call.record.lane.asks]


_SLACK = 16
"""Calls that wait no longer and may stay in the queue, beside as many as there are others."""


def _forwards(call: Message) -> bool:
    walks = call._walks
    return walks is not None and walks.forwards
