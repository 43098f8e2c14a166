"""TCP segments -> connections: which segments belong together, and how each connection fared.

A connection is two `Stream`s. A SYN with another initial sequence number begins a new
connection on the same ports: at once where the old one is closed or has carried
nothing; otherwise only when the peer answers that SYN or the client goes on from it,
because a SYN that nobody answers changes nothing for the two ends. A closed connection
is remembered for as long as there is room, so that late copies of its segments are
known for what they are.

What a side sends can answer all that it has acknowledged. So a record is handed out only
after the other direction's records that its segment acknowledges: where those wait for a
hole, the answers behind them wait, too, and find their calls.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator

from netinfo_scapy.capture.flows import Endpoint, Flow
from netinfo_scapy.capture.frames import Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Connection, Gap, NotRpc, Record
from netinfo_scapy.capture.streams import ACK, FARTHEST, RST, SYN, Placed, Stream

StreamEvent = Record | Gap | NotRpc | Connection
_RESET_WINDOW = 1 << 20
"""Bytes around the expected position within which a reset is believed."""


class _TcpConnection:
    """Both directions of one connection. `initiator`: index of the side that sent the SYN."""

    def __init__(self, flow: Flow, limits: Limits) -> None:
        self.streams = (Stream(flow, limits), Stream(flow.back, limits))
        self.initiator: int | None = None
        self.syn: Packet | None = None
        self.accepted = False
        self.refused = False
        self.closed = False
        self.successor: Packet | None = None
        self.bad_checksums = 0
        self._queues: tuple[deque[Placed], deque[Placed]] = (deque(), deque())
        self._queued_bytes = 0

    @property
    def buffered(self) -> int:
        return self.streams[0].buffered + self.streams[1].buffered + self._queued_bytes

    @property
    def has_data(self) -> bool:
        return bool(self.streams[0].sent or self.streams[1].sent)

    def side(self, packet: Packet) -> int:
        return 0 if packet.source == self.streams[0].flow.source else 1

    def is_new_connection(self, packet: Packet) -> bool:
        """Whether a segment shows that the ports are used again (see the top of this file)."""
        side = self.side(packet)
        stream, peer = self.streams[side], self.streams[1 - side]
        if packet.flags & SYN:
            if self.closed and not packet.flags & ACK:
                return True
            if stream.next is None or stream.initial == packet.sequence:
                return False
            if packet.flags & ACK:
                syn = self.successor.sequence if self.successor else peer.initial
                answers = syn is not None and packet.acknowledgment == (syn + 1) % (1 << 32)
                # With no new SYN in the capture, an answer to another SYN than the known one tells the same.
                return answers if self.successor else not answers
            if not self.has_data:
                return True
            self.successor = packet
            return False
        if self.successor and packet.source == self.successor.source:
            return packet.sequence == (self.successor.sequence + 1) % (1 << 32)
        if self.closed and packet.length:
            distance = stream.distance(packet.sequence)
            return distance is None or distance + packet.length > 0
        return False

    @property
    def server(self) -> Endpoint | None:
        """The side that the connection was made to, where its SYN was seen."""
        return None if self.initiator is None else self.streams[self.initiator].flow.target

    def _queue(self, side: int, events: Iterator[Placed]) -> None:
        """Put a stream's events in its queue."""
        for placed in events:
            self._queues[side].append(placed)
            self._queued_bytes += placed.size

    def _release(self, whatever: bool = False) -> Iterator[StreamEvent]:
        """Hand out what answers nothing that is still to come; in the end, whatever is left."""
        queues = self._queues
        while queues[0] or queues[1]:
            ready = [side for side in (0, 1) if queues[side] and self._may_go(side)]
            if not ready and not whatever:
                return
            placed = queues[ready[0] if ready else 0 if queues[0] else 1].popleft()
            self._queued_bytes -= placed.size
            event = placed.event
            yield event if isinstance(event, Record) else event._replace(server=self.server)

    def _may_go(self, side: int) -> bool:
        """Whether all that the first event of a queue can answer has been handed out."""
        acknowledges, peer, waiting = self._queues[side][0].acknowledges, self.streams[1 - side], self._queues[1 - side]
        if acknowledges is None or peer.next is None:
            return True
        position = peer.unwrap(acknowledges)
        if waiting and waiting[0].end <= position:
            return False
        return peer.finished or peer.next >= position or position - peer.next > FARTHEST

    def feed(self, packet: Packet) -> Iterator[StreamEvent]:
        """Take a segment of either direction."""
        side = self.side(packet)
        stream, peer = self.streams[side], self.streams[1 - side]
        if self.closed:
            return
        if stream.judge_checksums and checksum_ok(packet) is False:
            self.bad_checksums += 1
            return
        usual = stream.is_usual(packet.ttl)
        if packet.flags & RST:
            if usual and self._is_credible_reset(packet, stream, peer):
                self.refused = self.initiator == 1 - side and not self.accepted
                yield from self.finish(closed=True)
            return
        if packet.flags & SYN and stream.next is None:
            self._open(packet, side)
        if packet.flags & ACK and usual:
            self._queue(1 - side, peer.acknowledge(packet.acknowledgment, packet.ref.time_ns))
        for each in self.streams:
            each.passed(len(packet.payload))
        self._queue(side, stream.segment(packet))
        yield from self._release()
        if stream.finished and peer.finished:
            yield from self.finish(closed=True)

    def _open(self, packet: Packet, side: int) -> None:
        if packet.flags & ACK:
            self.accepted = True
            self.initiator = 1 - side if self.initiator is None else self.initiator
        else:
            self.initiator = side
            self.syn = packet
        self.streams[side].open(packet.sequence, checksum_ok(packet) is True)

    def _is_credible_reset(self, packet: Packet, stream: Stream, peer: Stream) -> bool:
        """Whether the receiver would take the reset (RFC 9293, 3.10.7)."""
        distance = stream.distance(packet.sequence)
        if distance is not None:
            return abs(distance) <= _RESET_WINDOW
        return peer.initial is None or packet.acknowledgment == (peer.initial + 1) % (1 << 32)

    def finish(self, closed: bool) -> Iterator[StreamEvent]:
        """Both directions end here."""
        if self.closed:
            return
        self.closed = True
        for side, stream in enumerate(self.streams):
            self._queue(side, stream.finish())
        yield from self._release(whatever=True)
        if self.syn is not None and self.initiator is not None:
            client, server = self.streams[self.initiator], self.streams[1 - self.initiator]
            yield Connection(client.flow, self.syn.ref, self.refused, self.accepted, closed, client.sent, server.sent)


class Connections:
    """Follows TCP connections, within limits.

    evicted: connections let go before their end, and the count of what was in them.
    bad_checksums: segments dropped because their checksum was wrong and their flow's SYN had a right one.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self.bad_checksums = 0
        self._open: OrderedDict[tuple[Endpoint, Endpoint], _TcpConnection] = OrderedDict()
        self._closed: OrderedDict[tuple[Endpoint, Endpoint], _TcpConnection] = OrderedDict()
        self._holding: OrderedDict[tuple[Endpoint, Endpoint], int] = OrderedDict()
        self._held = 0

    def feed(self, packet: Packet) -> Iterator[StreamEvent]:
        """Take a TCP segment."""
        key = (packet.source, packet.target) if packet.source <= packet.target else (packet.target, packet.source)
        connection = self._open.get(key) or self._closed.get(key)
        if connection is not None and connection.is_new_connection(packet):
            yield from connection.finish(closed=connection.closed)
            syn, connection = connection.successor, None
            if syn is not None and syn is not packet and not packet.flags & RST:
                connection = self._begin(key, syn)
                yield from connection.feed(syn)
        if connection is None:
            if not packet.length and not packet.flags & (SYN | ACK):
                return
            connection = self._begin(key, packet)
        yield from connection.feed(packet)
        yield from self._keep_account(key, connection)

    def follows(self, packet: Packet) -> bool:
        """Whether a segment's connection is followed already."""
        key = (packet.source, packet.target) if packet.source <= packet.target else (packet.target, packet.source)
        return key in self._open

    def _begin(self, key: tuple[Endpoint, Endpoint], packet: Packet) -> _TcpConnection:
        connection = _TcpConnection(Flow(packet.transport, packet.source, packet.target), self.limits)
        self._open.pop(key, None)
        self._closed.pop(key, None)
        self._open[key] = connection
        return connection

    def _keep_account(self, key: tuple[Endpoint, Endpoint], connection: _TcpConnection) -> Iterator[StreamEvent]:
        """Note what the connection holds; let the oldest go where it is too much."""
        self.bad_checksums += connection.bad_checksums
        connection.bad_checksums = 0
        self._held -= self._holding.pop(key, 0)
        if connection.closed:
            self._open.pop(key, None)
            self._closed[key] = connection
            if len(self._closed) > self.limits.connections:
                self._closed.popitem(last=False)
        else:
            self._open.move_to_end(key)
            if buffered := connection.buffered:
                self._holding[key] = buffered
                self._held += buffered
        while self._held > self.limits.buffered_bytes:
            yield from self._evict(next(iter(self._holding)))
        while len(self._open) > self.limits.connections:
            yield from self._evict(next(iter(self._open)))

    def _evict(self, key: tuple[Endpoint, Endpoint]) -> Iterator[StreamEvent]:
        self.evicted += 1
        self._held -= self._holding.pop(key, 0)
        yield from self._open.pop(key).finish(closed=False)

    def finish(self) -> Iterator[StreamEvent]:
        """The input ends."""
        for connection in self._open.values():
            yield from connection.finish(closed=False)
        self._open.clear()
        self._closed.clear()
        self._holding.clear()
        self._held = 0
