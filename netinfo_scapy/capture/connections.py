"""TCP segments -> connections: which segments belong together, and how each connection fared.

A connection is two `Stream`s. On flows whose SYN has a right checksum a segment with a
wrong one is dropped. What begins a new connection on the same ports:

* a SYN with another initial sequence number, at once where the old connection is closed
  or was never answered, else only when the peer answers that SYN or the client goes on
  from it: a SYN that nobody answers changes nothing for the two ends;
* two segments with data that continue one another and are nowhere near the old
  connection (its end and the new SYN were not captured, or the capture paused). A single
  such segment is a stray, and counted.

Segments with an unusual TTL begin nothing and end nothing. A closed connection is
remembered for as long as there is room, so that late copies of its segments are known
for what they are.

What a side sends can answer all that it has acknowledged. So a record is handed out only
after the other direction's records that its segment acknowledges: where those wait for a
hole, the answers behind them wait, too, and find their calls.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator

from netinfo_scapy.capture.flows import Endpoint, Flow
from netinfo_scapy.capture.frames import ACK, RST, SYN, FrameRef, Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Connection, Gap, NotRpc, Record
from netinfo_scapy.capture.streams import FARTHEST, Placed, Stream

StreamEvent = Record | Gap | NotRpc | Connection
_MOST_STRAYS = 8
"""Stray segments kept of a connection, in case they begin a new one."""


class _TcpConnection:
    """Both directions of one connection. `initiator`: index of the side that sent the SYN."""

    __slots__ = (
        "_queued_bytes",
        "_queues",
        "accepted",
        "closed",
        "first",
        "initiator",
        "refused",
        "stray_count",
        "strays",
        "streams",
        "successor",
        "syn",
    )

    def __init__(self, flow: Flow, first: FrameRef, limits: Limits) -> None:
        self.first = first
        self.streams = (Stream(flow, limits), Stream(flow.back, limits))
        self.initiator: int | None = None
        self.syn: Packet | None = None
        self.accepted = False
        self.refused = False
        self.closed = False
        self.successor: Packet | None = None
        self.strays: list[Packet] = []
        self.stray_count = 0  # not yet told
        self._queues: tuple[deque[Placed], ...] = ()  # one a side, made with the first event
        self._queued_bytes = 0

    @property
    def buffered(self) -> int:
        return self.streams[0].buffered + self.streams[1].buffered + self._queued_bytes

    @property
    def has_data(self) -> bool:
        return bool(self.streams[0].sent or self.streams[1].sent)

    def side(self, packet: Packet) -> int:
        return 0 if packet.source == self.streams[0].flow.source else 1

    def is_forged(self, packet: Packet) -> bool:
        """Whether a segment's checksum is wrong on a flow where they are right."""
        return self.streams[self.side(packet)].judge_checksums and checksum_ok(packet) is False

    def is_new_connection(self, packet: Packet) -> bool:
        """Whether a segment shows that the ports are used again (see the top of this file)."""
        side = self.side(packet)
        stream = self.streams[side]
        if not stream.is_usual(packet.ttl):
            return False
        if packet.flags & SYN:
            return self._is_new_syn(packet, stream)
        if self.successor and packet.source == self.successor.source:
            return packet.sequence == _next_number(self.successor.sequence)
        if not packet.length:
            return False
        distance = stream.distance(packet.sequence)
        if self.closed:
            return distance is None or distance + packet.length > 0
        if distance is None or abs(distance) <= FARTHEST:
            return False
        mine = [stray for stray in self.strays if stray.source == packet.source]
        if mine and packet.sequence == (mine[-1].sequence + mine[-1].length) % (1 << 32):
            return True
        self.strays = [*self.strays, packet][-_MOST_STRAYS:]
        self.stray_count += 1
        return False

    def leads_to(self, packet: Packet) -> list[Packet]:
        """The earlier segments that belong to the new connection which a segment shows."""
        if packet.flags & SYN and not packet.flags & ACK:
            return []
        return [self.successor] if self.successor else self.strays

    def _is_new_syn(self, packet: Packet, stream: Stream) -> bool:
        if packet.flags & ACK:
            return self.successor is not None and packet.acknowledgment == _next_number(self.successor.sequence)
        if self.closed:
            return True
        if stream.next is None or stream.initial == packet.sequence:
            return False
        if not self.accepted and not self.has_data:
            return True
        self.successor = packet
        return False

    @property
    def server(self) -> Endpoint | None:
        """The side that the connection was made to, where its SYN was seen."""
        return None if self.initiator is None else self.streams[self.initiator].flow.target

    def _queue(self, side: int, events: Iterator[Placed]) -> None:
        """Put a stream's events in its queue."""
        for placed in events:
            self._queues = self._queues or (deque(), deque())
            self._queues[side].append(placed)
            self._queued_bytes += placed.size

    def _release(self, whatever: bool = False) -> Iterator[StreamEvent]:
        """Hand out what answers nothing that is still to come; in the end, whatever is left."""
        queues = self._queues
        while any(queues):
            ready = [side for side in (0, 1) if queues[side] and self._may_go(side)]
            if not ready:
                if not whatever and not all(queues[side] and self._is_read_up_to(side) for side in (0, 1)):
                    return
                # The end; or each waits for the other, as where a call was sent again after its answer.
                ready = [side for side in (0, 1) if queues[side]]
                ready.sort(key=lambda side: (not _is_call(queues[side][0]), queues[side][0].event.at))
            placed = queues[ready[0]].popleft()
            self._queued_bytes -= placed.size
            event = placed.event
            yield event if isinstance(event, Record) else event._replace(server=self.server)

    def _may_go(self, side: int) -> bool:
        """Whether all that the first event of a queue can answer has been handed out."""
        acknowledges, peer, waiting = self._queues[side][0].acknowledges, self.streams[1 - side], self._queues[1 - side]
        if acknowledges is None or peer.next is None:
            return True
        if waiting and waiting[0].end <= peer.unwrap(acknowledges):
            return False
        return self._is_read_up_to(side)

    def _is_read_up_to(self, side: int) -> bool:
        """Whether the other direction is read as far as the first event of a queue acknowledges."""
        acknowledges, peer = self._queues[side][0].acknowledges, self.streams[1 - side]
        if acknowledges is None or peer.next is None or peer.finished:
            return True
        distance = peer.unwrap(acknowledges) - peer.next
        return distance <= 0 or distance > FARTHEST

    def feed(self, packet: Packet) -> Iterator[StreamEvent]:
        """Take a segment of either direction."""
        side = self.side(packet)
        stream, peer = self.streams[side], self.streams[1 - side]
        if self.closed:
            return
        usual = stream.is_usual(packet.ttl)
        if packet.flags & RST:
            if usual and self._is_credible_reset(packet, stream, peer):
                self.refused = self.initiator == 1 - side and not self.accepted
                yield from self.finish(closed=True)
            return
        if packet.flags & SYN:
            self._open(packet, side)
        if packet.flags & ACK:
            self._queue(1 - side, peer.acknowledge(packet.acknowledgment, packet.ref.time_ns, usual))
        for each in self.streams:
            each.passed(len(packet.payload))
        self._queue(side, stream.segment(packet))
        yield from self._release()
        if all(each.finished or each.is_over for each in self.streams):
            yield from self.finish(closed=True)

    def _open(self, packet: Packet, side: int) -> None:
        """Take a SYN that belongs to this connection: the first, or a copy of it."""
        stream = self.streams[side]
        right = checksum_ok(packet) is True
        if stream.next is None:
            stream.open(packet.sequence, right)
        elif stream.initial == packet.sequence:
            stream.judge_checksums |= right
        else:
            return
        if packet.flags & ACK:
            self.accepted = True
            self.initiator = 1 - side if self.initiator is None else self.initiator
        elif self.syn is None:
            self.initiator = side
            self.syn = packet

    def _is_credible_reset(self, packet: Packet, stream: Stream, peer: Stream) -> bool:
        """Whether the receiver would take the reset (RFC 9293, 3.10.7)."""
        if stream.next is not None:
            return stream.may_end_at(packet.sequence)
        # Nothing is known of this side: it refuses a SYN, or answers what was sent to it.
        return bool(packet.flags & ACK) and peer.next is not None and peer.distance(packet.acknowledgment) == 0

    def finish(self, closed: bool) -> Iterator[StreamEvent]:
        """Both directions end here."""
        if self.closed:
            return
        self.closed = True
        for side, stream in enumerate(self.streams):
            self._queue(side, stream.finish())
        yield from self._release(whatever=True)
        client = self.streams[self.initiator or 0]
        server = self.streams[1 - (self.initiator or 0)]
        opened = self.syn is not None
        at = self.syn.ref if self.syn else self.first
        yield Connection(client.flow, at, opened, self.refused, self.accepted, closed, server.sent)


def _next_number(sequence: int) -> int:
    return (sequence + 1) % (1 << 32)


def _is_call(placed: Placed) -> bool:
    return isinstance(placed.event, Record) and placed.event.data[7:8] == b"\0"


class Connections:
    """Follows TCP connections, within limits.

    evicted: connections let go before their end, and the count of what was in them.
    bad_checksums: segments dropped because their checksum was wrong and their flow's SYN had a right one.
    stray_segments: segments that fit nowhere in their connection.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self.bad_checksums = 0
        self.stray_segments = 0
        self._open: OrderedDict[tuple[Endpoint, Endpoint], _TcpConnection] = OrderedDict()
        self._closed: OrderedDict[tuple[Endpoint, Endpoint], _TcpConnection] = OrderedDict()
        self._holding: OrderedDict[tuple[Endpoint, Endpoint], int] = OrderedDict()
        self._held = 0

    def feed(self, packet: Packet) -> Iterator[StreamEvent]:
        """Take a TCP segment."""
        key = _key(packet)
        connection = self._open.get(key) or self._closed.get(key)
        if connection is not None and connection.is_forged(packet):
            self.bad_checksums += 1
            return
        if connection is not None and connection.is_new_connection(packet):
            yield from connection.finish(closed=connection.closed)
            earlier = connection.leads_to(packet)
            self._count_strays(connection, found_home=sum(each in connection.strays for each in earlier))
            connection = self._begin(key, packet)
            for each in earlier:
                yield from connection.feed(each)
        if connection is None:
            if not packet.length and not packet.flags & (SYN | ACK):
                return
            connection = self._begin(key, packet)
        yield from connection.feed(packet)
        yield from self._keep_account(key, connection)

    def follows(self, packet: Packet) -> bool:
        """Whether a segment's connection is followed already."""
        return _key(packet) in self._open

    def _begin(self, key: tuple[Endpoint, Endpoint], packet: Packet) -> _TcpConnection:
        connection = _TcpConnection(Flow(packet.transport, packet.source, packet.target), packet.ref, self.limits)
        self._open.pop(key, None)
        self._closed.pop(key, None)
        self._open[key] = connection
        return connection

    def _keep_account(self, key: tuple[Endpoint, Endpoint], connection: _TcpConnection) -> Iterator[StreamEvent]:
        """Note what the connection holds; let the oldest go where it is too much."""
        self._held -= self._holding.pop(key, 0)
        self._count_strays(connection)
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

    def _count_strays(self, connection: _TcpConnection, found_home: int = 0) -> None:
        self.stray_segments += connection.stray_count - found_home
        connection.stray_count = 0

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


def _key(packet: Packet) -> tuple[Endpoint, Endpoint]:
    """The same for both directions."""
    return min(packet.source, packet.target), max(packet.source, packet.target)
