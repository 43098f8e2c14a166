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
  endpoint. What comes later is no duplicate. A call without an answer is remembered until
  there are too many calls; then the oldest goes, and is counted.

This stands in capture/, not in analysis/, because answers of portmap and nibind, paired
with their calls, teach which endpoints are NetInfo.
"""

from __future__ import annotations

from collections import OrderedDict, deque

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


class _Client:
    """The remembered calls of one client endpoint: xid -> server -> call, oldest server first."""

    __slots__ = ("answered", "calls")

    def __init__(self) -> None:
        self.calls: dict[int, dict[Endpoint, Message]] = {}
        self.answered: deque[Message] = deque()


class Pairing:
    """Gives replies their calls.

    evicted: calls forgotten because there were too many.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self._clients: OrderedDict[tuple[Transport, Endpoint], _Client] = OrderedDict()
        self._answered: OrderedDict[Message, int] = OrderedDict()  # and when, in nanoseconds
        self._size = 0

    def call(self, message: Message) -> None:
        """Remember a call; sets its `first` where it is a retransmission."""
        self._expire(message.record.at.time_ns)
        flow = message.record.flow
        key = (flow.transport, flow.source)
        client = self._clients.get(key)
        if client is None:
            client = self._clients[key] = _Client()
        self._clients.move_to_end(key)
        servers = client.calls.setdefault(message.xid, {})
        earlier = servers.get(flow.target)
        if earlier is not None:
            if flow.transport is Transport.UDP and earlier.record.data == message.record.data:
                message.first = earlier
                return
            self._forget(client, earlier)
        servers = client.calls.setdefault(message.xid, {})
        servers[flow.target] = message
        self._size += 1
        while self._size > self.limits.pending_calls:
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
        client = self._clients[(call.record.flow.transport, call.record.flow.source)]
        client.answered.append(call)
        if len(client.answered) > self.limits.answered_calls:
            self._forget(client, client.answered[0])

    def _find(self, flow: Flow, xid: int) -> Message | None:
        client = self._clients.get((flow.transport, flow.target))
        servers = client.calls.get(xid) if client else None
        if not servers:
            return None
        if flow.source in servers:
            return servers[flow.source]
        if flow.transport is not Transport.UDP:
            return None
        for server, call in reversed(servers.items()):
            if call.row is not None and call.row.forwards:
                return call
            if server.port == flow.source.port and is_sent_to_many(server.address):
                return call
        return None

    def expects_forwarded(self, client: Endpoint, payload: bytes) -> bool:
        """Whether a UDP payload from anywhere answers a CALLIT that a client endpoint sent."""
        known = self._clients.get((Transport.UDP, client))
        if known is None or not is_message(payload) or payload[7] != rpc.REPLY:
            return False
        servers = known.calls.get(int.from_bytes(payload[:4], "big"), {})
        return any(call.row is not None and call.row.forwards for call in servers.values())

    def close(self, flow: Flow) -> None:
        """A TCP connection has ended: nothing answers its calls any more. flow: either direction."""
        for client_end, server_end in ((flow.source, flow.target), (flow.target, flow.source)):
            key = (flow.transport, client_end)
            client = self._clients.get(key)
            if client is None:
                continue
            for servers in list(client.calls.values()):
                if server_end in servers:
                    self._forget(client, servers[server_end])
            if not client.calls:
                del self._clients[key]

    def _forget(self, client: _Client, call: Message) -> None:
        servers = client.calls.get(call.xid, {})
        server = call.record.flow.target
        if servers.get(server) is call:
            del servers[server]
            if not servers:
                del client.calls[call.xid]
            self._size -= 1
        if call in self._answered:
            del self._answered[call]
            client.answered.remove(call)

    def _expire(self, now_ns: int) -> None:
        """Forget the calls that were answered long ago."""
        while self._answered:
            call, time_ns = next(iter(self._answered.items()))
            if now_ns - time_ns <= self.limits.answered_ns:
                return
            flow = call.record.flow
            key = (flow.transport, flow.source)
            client = self._clients[key]
            self._forget(client, call)
            if not client.calls:
                del self._clients[key]

    def _evict(self) -> None:
        """Forget the oldest call of the client that was quiet longest."""
        key, client = next(iter(self._clients.items()))
        for servers in client.calls.values():
            self._forget(client, next(iter(servers.values())))
            self.evicted += 1
            break
        if not client.calls:
            del self._clients[key]
