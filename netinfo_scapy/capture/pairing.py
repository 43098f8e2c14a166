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

from netinfo_scapy.capture.events import NOTHING
from netinfo_scapy.capture.flows import BUCKETS, Lane
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
from netinfo_scapy.capture.remembered import CALL_COST, Bucket, Client, WaitingCalls
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.message import is_message

_COST = CALL_COST


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
        self._clients: dict[bytes, Client] = {}
        self._buckets: list[Bucket | None] = [None] * BUCKETS
        self._numbers = 0
        self._waiting = WaitingCalls()
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
        if record.anomalies is not NOTHING and record.incomplete:
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

    def _client_of(self, lane: Lane) -> Client | None:
        """The client whose calls travel on a lane, if anything is remembered of it."""
        client: Client | None = lane.asking
        if client is None or client.home is not self:
            client = lane.asking = self._clients.get(lane.asks)
        return client

    def _answered_client(self, lane: Lane) -> Client | None:
        """The client that the replies on a lane are for."""
        client: Client | None = lane.answered
        if client is None or client.home is not self:
            client = lane.answered = self._clients.get(lane.answers)
        return client

    def _new_client(self, lane: Lane) -> Client:
        bucket = self._buckets[lane.asks_bucket]
        if bucket is None:
            bucket = self._buckets[lane.asks_bucket] = Bucket(self._bucket_calls)
        self._numbers += _STEP
        client = self._clients[lane.asks] = lane.asking = Client(self, bucket, self._numbers & _NUMBERS)
        return client

    def _keep(self, client: Client, call: Message) -> None:
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

    def _make_room(self, bucket: Bucket, place: int) -> None:
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

    def _find(self, client: Client, lane: Lane, xid: int) -> Message | None:
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
        self._waiting = WaitingCalls()
        self._waiting_calls = self._waiting_bytes = 0

    def _forget(self, client: Client, call: Message) -> None:
        call.remembered = False
        if client.anywhere is not None and client.anywhere.get(call.xid) is call:
            del client.anywhere[call.xid]
        if call.answered:
            client.bucket.clear(call.place)
        else:
            client.take(call)
            self._waiting_calls -= 1
            self._waiting_bytes -= call.cost

    def _forget_whole(self, client: Client, call: Message) -> None:
        """Forget a call, and its client if that was the last."""
        self._forget(client, call)
        self._let_go(client, call.record.lane.asks)

    def _let_go(self, client: Client, key: bytes) -> None:
        """Forget a client of which nothing is remembered, unless another one has its place."""
        if not client.waiting and not client.answered and self._clients.get(key) is client:
            del self._clients[key]
            client.home = None


_STEP, _NUMBERS = 0x9E3779B1, 0xFFFFFFFF
"""Numbers of clients are far apart, as their xids are mostly in a row."""


def _forwards(call: Message) -> bool:
    walks = call._walks
    return walks is not None and walks.forwards
