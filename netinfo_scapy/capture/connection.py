"""One TCP connection: what its segments say of both directions, how it ended, and whether another one began.

A connection is two `Stream`s. What begins a new connection on the same ports:

* a SYN with another initial sequence number, at once where the old connection is closed
  or was never answered, else only when the peer answers that SYN or the client goes on
  from it: a SYN that nobody answers changes nothing for the two ends;
* two segments with data that continue one another and are nowhere near the old
  connection (its end and the new SYN were not captured, or the capture paused). A single
  such segment is a stray, and counted.

Segments with an unusual TTL begin nothing and end nothing.
"""

from __future__ import annotations

from netinfo_scapy.capture.events import Connection, Placed, StreamEvent
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import ACK, FIN, RST, SYN, FrameRef, Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.lines import Place
from netinfo_scapy.capture.streams import FARTHEST, Stream
from netinfo_scapy.capture.turns import Turns

_MOST_STRAYS = 8
"""Stray segments kept of a connection, in case they begin a new one."""

_ACK, _FIN, _RST, _SYN, _FARTHEST = ACK, FIN, RST, SYN, FARTHEST


class TcpConnection:
    """Both directions of one connection.

    lane: the direction of its first packet, side 0. other_lane: the other direction, as it came.
    initiator: the side that sent the SYN; ended_by: the one that first sent FIN or RST; -1 where that was not seen.
    syn: the SYN. accepted: it was answered. refused: by a reset. closed: nothing more is taken.
    successor: a SYN that may begin a new connection. strays: segments that may; stray_count: those not counted yet.
    held: bytes that `Connections` counts for it. home: whose it is; None when it is forgotten.
    use, hold: its places among those in use, and among those that hold bytes; None before it does.
    """

    __slots__ = (
        "_ahead",
        "_behind",
        "_turns",
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

    def __init__(self, home: object, lane: Lane, first: FrameRef, limits: Limits) -> None:
        self.home: object = home
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
        self._turns = Turns(self._ahead, self._behind)

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
        """Bytes held in memory for it."""
        return self._ahead.buffered() + self._behind.buffered() + self._turns.size

    def unnoticed(self) -> int:
        """Conflicts that came too late, each told once."""
        count = self._ahead.unnoticed + self._behind.unnoticed
        if count:
            self._ahead.unnoticed = self._behind.unnoticed = 0
        return count

    def has_data(self) -> bool:
        """Whether either side has sent anything."""
        return bool(self._ahead.sent() or self._behind.sent())

    def side(self, packet: Packet) -> int:
        """The side that a segment comes from: 0 is that of the first packet."""
        return 0 if packet.lane is self.lane or packet.lane.key == self.lane.key else 1

    def is_new_connection(self, packet: Packet, stream: Stream) -> bool:
        """Whether a segment, of this stream, shows that the ports are used again (see the top of this file)."""
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

    def feed(self, packet: Packet, side: int, events: list[Placed], out: list[StreamEvent]) -> None:
        """Take a segment of a side. events: a list to be used, empty."""
        if self.closed:
            return
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
                self._turns.keep(1 - side, events)
                events.clear()
        size = len(packet.payload)
        if size:
            stream.passed(size)
            peer.passed(size)
        stream.segment(packet, events)
        if events:
            self._turns.give(side, events, out)
            events.clear()
        elif self._turns.size:
            self._turns.release(out)
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
        self._turns.to_server = self.stream(self.initiator).lane

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
                self._turns.keep(side, events)
        self._turns.release(out, True)
        initiator = max(self.initiator, 0)
        client, server = self.stream(initiator), self.stream(1 - initiator)
        opened = self.syn is not None
        at = self.syn.ref if self.syn is not None else self.first
        by_server = self.ended_by == 1 - initiator
        flow, sent = client.lane.flow, server.sent()
        out.append(Connection(flow, at, opened, self.refused, self.accepted, closed, sent, by_server))


def _next_number(sequence: int) -> int:
    return (sequence + 1) % (1 << 32)
