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
remembered for as long as there is room in its bucket (`Lane.asks_bucket`), so that late
copies of its segments are known for what they are.

What a side sends can answer all that it has acknowledged. So a record is handed out only
after the other direction's records that its segment acknowledges: where those wait for a
hole, the answers behind them wait, too, and find their calls.
"""

from __future__ import annotations

from collections import OrderedDict, deque

from netinfo_scapy.capture.events import Connection, Placed, Record, StreamEvent
from netinfo_scapy.capture.flows import BUCKETS, Endpoint, Lane
from netinfo_scapy.capture.frames import ACK, FIN, RST, SYN, FrameRef, Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.lines import Line, Place
from netinfo_scapy.capture.streams import FARTHEST, Stream

_MOST_STRAYS = 8
"""Stray segments kept of a connection, in case they begin a new one."""

_ACK, _FIN, _RST, _SYN, _FARTHEST = ACK, FIN, RST, SYN, FARTHEST


class _TcpConnection:
    """Both directions of one connection.

    streams: that of its first packet's direction, and the other; `initiator` is the index of the side
    that sent the SYN, -1 where that was not seen; `ended_by` that of the one that first sent FIN or RST.
    held: bytes that `Connections` counts for it. home: whose it is; None when it is forgotten. use, hold: its places
    among those in use, and among those that hold bytes; None before it does. other_lane: the other direction, as it
    came.
    """

    __slots__ = (
        "_ahead",
        "_behind",
        "_queue_ahead",
        "_queue_behind",
        "_queued_bytes",
        "accepted",
        "closed",
        "ended_by",
        "first",
        "held",
        "hold",
        "home",
        "initiator",
        "lane",
        "other_lane",
        "refused",
        "stray_count",
        "strays",
        "successor",
        "syn",
        "use",
    )

    def __init__(self, home: Connections, lane: Lane, first: FrameRef, limits: Limits) -> None:
        self.home: Connections | None = home
        self.use = Place(self)
        self.hold: Place | None = None
        self.other_lane: Lane | None = None
        self.first = first
        self.lane = lane
        self.held = 0
        self.initiator = self.ended_by = -1
        self.syn: Packet | None = None
        self.accepted = False
        self.refused = False
        self.closed = False
        self.successor: Packet | None = None
        self.strays: list[Packet] = []
        self.stray_count = 0  # not yet told
        self._ahead, self._behind = Stream(lane, limits), Stream(lane.back(), limits)
        # One queue a side, made with the first event.
        self._queue_ahead: deque[Placed] | None = None
        self._queue_behind: deque[Placed] | None = None
        self._queued_bytes = 0

    def leave(self) -> None:
        """It is forgotten, and nothing leads to it any more: break the circles that it is part of.

        The collector does not see one that leads through a packet (`words.untrack`).
        """
        self.home = self.use.thing = None
        if self.hold is not None:
            self.hold.thing = None
        for lane in (self.lane, self.other_lane):
            if lane is not None and lane.connection is self:
                lane.connection = None

    def stream(self, side: int) -> Stream:
        """The direction of a side."""
        return self._behind if side else self._ahead

    def buffered(self) -> int:
        return self._ahead.buffered() + self._behind.buffered() + self._queued_bytes

    def unnoticed(self) -> int:
        """Conflicts that came too late, each told once."""
        count = self._ahead.unnoticed + self._behind.unnoticed
        if count:
            self._ahead.unnoticed = self._behind.unnoticed = 0
        return count

    def has_data(self) -> bool:
        return bool(self._ahead.sent() or self._behind.sent())

    def side(self, packet: Packet) -> int:
        return 0 if packet.lane is self.lane or packet.lane.key == self.lane.key else 1

    def is_forged(self, packet: Packet) -> bool:
        """Whether a segment's checksum is wrong on a flow where they are right."""
        return self.stream(self.side(packet)).judge_checksums and checksum_ok(packet) is False

    def is_new_connection(self, packet: Packet) -> bool:
        """Whether a segment shows that the ports are used again (see the top of this file)."""
        stream = self.stream(self.side(packet))
        if not stream.is_usual(packet.ttl):
            return False
        if packet.flags & _SYN:
            return self._is_new_syn(packet, stream)
        if self.successor is not None and packet.lane.key == self.successor.lane.key:
            return packet.sequence == _next_number(self.successor.sequence)
        if not packet.length:
            return False
        if self.closed:
            return stream.next < 0 or stream.unwrap(packet.sequence) - stream.next + packet.length > 0
        if stream.next < 0 or abs(stream.unwrap(packet.sequence) - stream.next) <= _FARTHEST:
            return False
        mine = [stray for stray in self.strays if stray.lane.key == packet.lane.key]
        if mine and packet.sequence == (mine[-1].sequence + mine[-1].length) % (1 << 32):
            return True
        self.strays = [*self.strays, packet][-_MOST_STRAYS:]
        self.stray_count += 1
        return False

    def leads_to(self, packet: Packet) -> list[Packet]:
        """The earlier segments that belong to the new connection which a segment shows."""
        if packet.flags & _SYN and not packet.flags & _ACK:
            return []
        return [self.successor] if self.successor is not None else self.strays

    def _is_new_syn(self, packet: Packet, stream: Stream) -> bool:
        if packet.flags & _ACK:
            return self.successor is not None and packet.acknowledgment == _next_number(self.successor.sequence)
        if self.closed:
            return True
        if stream.next < 0 or stream.initial == packet.sequence:
            return False
        if not self.accepted and not self.has_data():
            return True
        self.successor = packet
        return False

    @property
    def server(self) -> Endpoint | None:
        """The side that the connection was made to, where its SYN was seen."""
        return None if self.initiator < 0 else self.stream(self.initiator).lane.target

    def _queue(self, side: int, events: list[Placed]) -> None:
        """Put a stream's events in its queue."""
        if self._queue_ahead is None or self._queue_behind is None:
            self._queue_ahead, self._queue_behind = deque(), deque()
        queue = self._queue_behind if side else self._queue_ahead
        for placed in events:
            queue.append(placed)
            self._queued_bytes += placed.size

    def _release(self, out: list[StreamEvent], whatever: bool = False) -> None:
        """Hand out what answers nothing that is still to come; in the end, whatever is left."""
        if self._queue_ahead is None or self._queue_behind is None:
            return
        queues = (self._queue_ahead, self._queue_behind)
        while queues[0] or queues[1]:
            ready = [side for side in (0, 1) if queues[side] and self._may_go(side)]
            if not ready:
                if not whatever and not (self._is_blocked(0) and self._is_blocked(1)):
                    return
                # The end; or each waits for the other, as where a call was sent again after its answer.
                ready = [side for side in (0, 1) if queues[side]]
                if len(ready) == 2 and _rank(queues[1][0]) < _rank(queues[0][0]):
                    ready = [1]
            placed = queues[ready[0]].popleft()
            self._queued_bytes -= placed.size
            self._hand_out(placed, out)

    def _hand_out(self, placed: Placed, out: list[StreamEvent]) -> None:
        if placed.record is not None:
            out.append(placed.record)
        elif not isinstance(placed.event, Record):
            out.append(placed.event._replace(server=self.server))

    def _give(self, side: int, events: list[Placed], out: list[StreamEvent]) -> None:
        """Hand a stream's new events out, at once where nothing waits and nothing holds them back."""
        waits = self._queued_bytes > 0
        if not waits:
            for placed in events:
                acknowledges = placed.acknowledges
                if not (acknowledges < 0 or self._has_read(side, acknowledges)):
                    waits = True
                    break
        if not waits:
            for placed in events:
                self._hand_out(placed, out)
            return
        self._queue(side, events)
        self._release(out)

    def _may_go(self, side: int) -> bool:
        """Whether all that the first event of a queue can answer has been handed out."""
        mine, waiting = self._queue_ahead, self._queue_behind
        if side:
            mine, waiting = waiting, mine
        if mine is None:
            return True
        peer = self.stream(1 - side)
        acknowledges = mine[0].acknowledges
        if acknowledges < 0 or peer.next < 0:
            return True
        if waiting and waiting[0].end <= peer.unwrap(acknowledges):
            return False
        return self._has_read(side, acknowledges)

    def _is_read_up_to(self, side: int) -> bool:
        """Whether the other direction is read as far as the first event of a queue acknowledges."""
        queue = self._queue_behind if side else self._queue_ahead
        return queue is None or queue[0].acknowledges < 0 or self._has_read(side, queue[0].acknowledges)

    def _is_blocked(self, side: int) -> bool:
        """Whether a queue's first event waits only for what the other side has yet to hand out."""
        queue = self._queue_behind if side else self._queue_ahead
        return bool(queue) and self._is_read_up_to(side)

    def _has_read(self, side: int, acknowledges: int) -> bool:
        """Whether the other direction is read as far as a number that this side acknowledged."""
        peer = self._ahead if side else self._behind
        if peer.next < 0 or peer.finished:
            return True
        distance = peer.unwrap(acknowledges) - peer.next
        return distance <= 0 or distance > _FARTHEST

    def feed(self, packet: Packet, events: list[Placed], out: list[StreamEvent]) -> None:
        """Take a segment of either direction. events: a list to be used, empty."""
        if self.closed:
            return
        side = self.side(packet)
        stream, peer = self.stream(side), self.stream(1 - side)
        flags = packet.flags
        usual = stream.is_usual(packet.ttl)
        if flags & _RST:
            if usual and self._is_credible_reset(packet, stream, peer):
                self.refused = self.initiator == 1 - side and not self.accepted
                self.ended_by = side if self.ended_by < 0 else self.ended_by
                self.finish(True, out)
            return
        if flags & _FIN and usual and self.ended_by < 0:
            self.ended_by = side
        if flags & _SYN:
            self._open(packet, side)
        if flags & _ACK:
            peer.acknowledge(packet.acknowledgment, packet.ref.ns, usual, events)
            if events:
                self._queue(1 - side, events)
                events.clear()
        size = len(packet.payload)
        if size:
            stream.passed(size)
            peer.passed(size)
        stream.segment(packet, events)
        if events:
            self._give(side, events, out)
            events.clear()
        elif self._queued_bytes:
            self._release(out)
        if (stream.finished or stream.is_over()) and (peer.finished or peer.is_over()):
            self.finish(True, out)

    def _open(self, packet: Packet, side: int) -> None:
        """Take a SYN that belongs to this connection: the first, or a copy of it."""
        stream = self.stream(side)
        right = checksum_ok(packet) is True
        if stream.next < 0:
            stream.open(packet.sequence, right)
        elif stream.initial == packet.sequence:
            stream.judge_checksums = stream.judge_checksums or right
        else:
            return
        if packet.flags & _ACK:
            self.accepted = True
            self.initiator = 1 - side if self.initiator < 0 else self.initiator
        elif self.syn is None:
            self.initiator = side
            self.syn = packet

    def _is_credible_reset(self, packet: Packet, stream: Stream, peer: Stream) -> bool:
        """Whether the receiver would take the reset (RFC 9293, 3.10.7)."""
        if stream.next >= 0:
            return stream.may_end_at(packet.sequence)
        # Nothing is known of this side: it refuses a SYN, or answers what was sent to it.
        return bool(packet.flags & _ACK) and peer.next >= 0 and peer.unwrap(packet.acknowledgment) == peer.next

    def finish(self, closed: bool, out: list[StreamEvent]) -> None:
        """Both directions end here."""
        if self.closed:
            return
        self.closed = True
        for side in (0, 1):
            events: list[Placed] = []
            self.stream(side).finish(events)
            if events:
                self._queue(side, events)
        self._release(out, True)
        initiator = max(self.initiator, 0)
        client, server = self.stream(initiator), self.stream(1 - initiator)
        opened = self.syn is not None
        at = self.syn.ref if self.syn is not None else self.first
        by_server = self.ended_by == 1 - initiator
        flow, sent = client.lane.flow, server.sent()
        out.append(Connection(flow, at, opened, self.refused, self.accepted, closed, sent, by_server))


def _next_number(sequence: int) -> int:
    return (sequence + 1) % (1 << 32)


def _rank(placed: Placed) -> tuple[bool, FrameRef]:
    """Which of two comes first that wait for each other: a call, then what came earlier."""
    is_call = placed.record is not None and placed.record.data[7:8] == b"\0"
    return not is_call, placed.event.at


class Connections:
    """Follows TCP connections, within limits.

    evicted: connections let go before their end, and conflicts that came after their record had to be handed out.
    bad_checksums: segments dropped because their checksum was wrong and their flow's SYN had a right one.
    stray_segments: segments that fit nowhere in their connection.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.evicted = 0
        self.bad_checksums = 0
        self.stray_segments = 0
        self._most, self._most_bytes = limits.connections, limits.buffered_bytes
        self._open: dict[bytes, _TcpConnection] = {}
        self._used = Line()
        self._events: list[Placed] = []  # used for each segment anew
        self._closed: list[OrderedDict[bytes, _TcpConnection]] = [OrderedDict() for _ in range(BUCKETS)]
        self._most_closed = max(1, limits.connections // BUCKETS)
        self._holding = Line()
        self._held = 0

    def feed(self, packet: Packet) -> list[StreamEvent]:
        """Take a TCP segment; what it completes."""
        out: list[StreamEvent] = []
        events = self._events
        events.clear()
        connection = self._find(packet.lane)
        if connection is not None:
            if connection.is_forged(packet):
                self.bad_checksums += 1
                return out
            if connection.is_new_connection(packet):
                connection.finish(connection.closed, out)
                earlier = connection.leads_to(packet)
                self._count_strays(connection, sum([each in connection.strays for each in earlier]))
                connection = self._begin(packet, connection)
                for each in earlier:
                    connection.feed(each, events, out)
        if connection is None:
            if not packet.length and not packet.flags & (_SYN | _ACK):
                return out
            connection = self._begin(packet, None)
        connection.feed(packet, events, out)
        self._keep_account(connection, out)
        return out

    def _find(self, lane: Lane) -> _TcpConnection | None:
        """The connection of which a lane is a direction, if it is known."""
        connection: _TcpConnection | None = lane.connection
        if connection is None or connection.home is not self:
            key = lane.pair()
            connection = self._open.get(key)
            if connection is None:
                connection = self._closed[lane.asks_bucket].get(key)
            if connection is not None:
                lane.connection = connection
                if connection.lane is not lane:
                    connection.other_lane = lane
        return connection

    def follows(self, lane: Lane) -> bool:
        """Whether a segment's connection is followed already."""
        return lane.pair() in self._open

    def _begin(self, packet: Packet, old: _TcpConnection | None) -> _TcpConnection:
        lane = packet.lane
        key = lane.pair()
        connection = _TcpConnection(self, lane, packet.ref, self.limits)
        if old is not None:
            self._closed[lane.asks_bucket].pop(key, None)
            self._hold(old, 0)
            self._forget(old)
        self._open[key] = lane.connection = connection
        self._used.put_last(connection.use)
        return connection

    def _forget(self, connection: _TcpConnection) -> None:
        """Nothing leads to a connection any more."""
        self._used.remove(connection.use)
        connection.leave()

    def _hold(self, connection: _TcpConnection, size: int) -> None:
        """Note how many bytes a connection holds."""
        self._held += size - connection.held
        connection.held = size
        hold = connection.hold
        if size:
            if hold is None:
                hold = connection.hold = Place(connection)
            self._holding.put_last(hold)
        elif hold is not None:
            self._holding.remove(hold)

    def _keep_account(self, connection: _TcpConnection, out: list[StreamEvent]) -> None:
        """Note what the connection holds; let the oldest go where it is too much."""
        if connection.stray_count:
            self._count_strays(connection, 0)
        self.evicted += connection.unnoticed()
        buffered = 0
        if connection.closed:
            self._keep_closed(connection)
        else:
            buffered = connection.buffered()
            self._used.put_last(connection.use)
        if buffered or connection.held:
            self._hold(connection, buffered)
        while self._held > self._most_bytes:
            self._evict(self._holding.first(), out)
        while len(self._open) > self._most:
            self._evict(self._used.first(), out)

    def _keep_closed(self, connection: _TcpConnection) -> None:
        """Remember a closed connection, as one of its bucket."""
        lane = connection.lane
        key = lane.pair()
        if self._open.pop(key, None) is not None:
            self._used.remove(connection.use)
        closed = self._closed[lane.asks_bucket]
        closed[key] = connection
        if len(closed) > self._most_closed:
            self._forget(closed.popitem(last=False)[1])

    def _count_strays(self, connection: _TcpConnection, found_home: int) -> None:
        self.stray_segments += connection.stray_count - found_home
        connection.stray_count = 0

    def _evict(self, connection: _TcpConnection, out: list[StreamEvent]) -> None:
        self.evicted += 1
        del self._open[connection.lane.pair()]
        self._hold(connection, 0)
        self._forget(connection)
        connection.finish(False, out)

    def finish(self) -> list[StreamEvent]:
        """The input ends."""
        out: list[StreamEvent] = []
        for connection in self._used.all():
            connection.finish(False, out)
            connection.leave()
        self._open.clear()
        self._used.clear()
        for closed in self._closed:
            for connection in closed.values():
                connection.leave()
            closed.clear()
        self._holding.clear()
        self._held = 0
        return out
