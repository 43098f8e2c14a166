"""Calls and replies -> who answers whom.

A reply names no procedure; it has its call's xid. The rules:

* A call is remembered under its client endpoint, transport and xid, for each server
  endpoint (on TCP: each connection) apart. A call with other bytes, or any on TCP,
  takes the place of an earlier one; a UDP call equal byte for byte is a
  retransmission, and the reply still answers the first.
* A reply comes from where its call was sent to. On UDP the answer to a CALLIT may come from
  anywhere, and that to a call sent to many from another address at the same port: then it
  answers the client's latest such call with that xid.
* An answered call is remembered for duplicate replies and retransmissions: for
  `Limits.answered_ns` of capture time, and the latest `Limits.answered_calls` of a client
  endpoint, as long as there is room. What comes later is no duplicate. A call without an
  answer is remembered until there are too many; then the oldest goes, and is counted.

This stands in capture/, not in analysis/, because answers of portmap and nibind, paired
with their calls, teach which endpoints are NetInfo.
"""

from __future__ import annotations

from collections import OrderedDict

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import is_message


def is_sent_to_many(address: bytes) -> bool:
    """Whether an address is a multicast one, or looks like a broadcast one (its last byte is 255)."""
    if len(address) == 16:
        return address[0] == 0xFF
    return address[3] == 0xFF or 0xE0 <= address[0] <= 0xEF


_Key = tuple[Transport, Endpoint, Endpoint | None]
"""Whose calls are kept together: those of a client endpoint on UDP, of a connection on TCP."""


def _key(flow: Flow) -> _Key:
    """The key of a call that travels on a flow."""
    return flow.transport, flow.source, flow.target if flow.transport is Transport.TCP else None


def _cost(call: Message) -> int:
    """Bytes that a remembered call costs, about."""
    return len(call.record.data) + 1_000


class _Client:
    """The remembered calls of one client endpoint.

    calls: xid -> server -> call, and answered: oldest first. anywhere: xid -> the latest
    call that something else than its server may answer.
    """

    __slots__ = ("answered", "anywhere", "calls")

    def __init__(self) -> None:
        self.calls: OrderedDict[int, dict[Endpoint, Message]] = OrderedDict()
        self.anywhere: dict[int, Message] = {}
        self.answered: OrderedDict[Message, None] = OrderedDict()


class Pairing:
    """Gives replies their calls.

    evicted: calls without an answer that were forgotten because there were too many.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self._clients: OrderedDict[_Key, _Client] = OrderedDict()
        self._answered: OrderedDict[Message, int] = OrderedDict()  # and when, in nanoseconds
        self._size = 0
        self._bytes = 0

    def call(self, message: Message) -> None:
        """Remember a call; sets its `first` where it is a retransmission."""
        self._expire(message.record.at.time_ns)
        flow = message.record.flow
        client = self._clients.setdefault(_key(flow), _Client())
        self._clients.move_to_end(_key(flow))
        earlier = client.calls.get(message.xid, {}).get(flow.target)
        if earlier is not None:
            if flow.transport is Transport.UDP and earlier.record.data == message.record.data:
                message.first = earlier
                return
            self._forget(client, earlier)
        client.calls.setdefault(message.xid, {})[flow.target] = message
        if flow.transport is Transport.UDP and (_forwards(message) or is_sent_to_many(flow.target.address)):
            client.anywhere[message.xid] = message
        self._size += 1
        self._bytes += _cost(message)
        while self._size > self.limits.pending_calls or self._bytes > self.limits.pending_bytes:
            self._evict()

    def reply(self, message: Message) -> None:
        """Give a reply its call, where that was seen; sets `duplicate` on a further reply."""
        now_ns = message.record.at.time_ns
        self._expire(now_ns)
        call = self._find(message.record.flow, message.xid)
        if call is None:
            return
        message.call = call
        if message.record.incomplete:
            return
        if call in self._answered:
            message.duplicate = True
            return
        self._answered[call] = now_ns
        client = self._clients[_key(call.record.flow)]
        client.answered[call] = None
        if len(client.answered) > self.limits.answered_calls:
            self._forget(client, next(iter(client.answered)))

    def _find(self, flow: Flow, xid: int) -> Message | None:
        client = self._clients.get(_key(flow.back))
        if client is None:
            return None
        call = client.calls.get(xid, {}).get(flow.source)
        if call is None:
            call = client.anywhere.get(xid)
            if call is not None and not _forwards(call) and call.server.port != flow.source.port:
                return None
        return call

    def expects_forwarded(self, client: Endpoint, payload: bytes) -> bool:
        """Whether a UDP payload from anywhere answers a CALLIT that a client endpoint sent."""
        known = self._clients.get((Transport.UDP, client, None))
        if known is None or not is_message(payload) or payload[7] != rpc.REPLY:
            return False
        call = known.anywhere.get(int.from_bytes(payload[:4], "big"))
        return call is not None and _forwards(call)

    def close(self, flow: Flow) -> None:
        """A TCP connection has ended: nothing answers its calls any more. flow: either direction."""
        for key in (_key(flow), _key(flow.back)):
            client = self._clients.get(key)
            if client is not None:
                for servers in list(client.calls.values()):
                    for call in list(servers.values()):
                        self._forget(client, call)
                del self._clients[key]

    def _forget(self, client: _Client, call: Message) -> None:
        servers = client.calls[call.xid]
        del servers[call.record.flow.target]
        if not servers:
            del client.calls[call.xid]
        if client.anywhere.get(call.xid) is call:
            del client.anywhere[call.xid]
        self._size -= 1
        self._bytes -= _cost(call)
        if call in self._answered:
            del self._answered[call]
            del client.answered[call]

    def _expire(self, now_ns: int) -> None:
        """Forget the calls that were answered long ago."""
        while self._answered:
            call, time_ns = next(iter(self._answered.items()))
            if now_ns - time_ns <= self.limits.answered_ns:
                return
            self._forget_whole(call)

    def _forget_whole(self, call: Message) -> None:
        """Forget a call, and its client if that was the last."""
        key = _key(call.record.flow)
        client = self._clients[key]
        self._forget(client, call)
        if not client.calls:
            del self._clients[key]

    def _evict(self) -> None:
        """Make room: an answered call goes first, then the oldest of the client that was quiet longest."""
        if self._answered:
            self._forget_whole(next(iter(self._answered)))
            return
        client = next(iter(self._clients.values()))
        servers = next(iter(client.calls.values()))
        self._forget_whole(next(iter(servers.values())))
        self.evicted += 1


def _forwards(call: Message) -> bool:
    return call.row is not None and call.row.forwards
