"""TCP segments of one direction -> the stream's bytes in order, gaps known (RFC 9293, 3.4 and 3.10).

Theory of operation. Positions are 64-bit: the 32-bit sequence number is unwrapped against
`next`, the first position not yet handed to the record reader. Pieces beyond it wait in
`_waiting`, sorted and never overlapping (`pieces.put_among`). A piece with an unusual TTL is
tentative: it waits like one behind a hole until the peer acknowledges it, a piece with the
usual TTL takes its place, enough time or traffic has passed, or the stream ends. The usual
TTL stays so until another comes twice as often among the latest segments.

What was handed on can be disputed until the peer has acknowledged it (disputes.py).
"""

from __future__ import annotations

from netinfo_scapy.capture.disputes import REMEMBERED, Disputes
from netinfo_scapy.capture.events import Placed
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FIN, SYN, Packet
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.pieces import COST, Piece, make_piece, put_among
from netinfo_scapy.capture.records import RecordReader

_WRAP = 1 << 32
FARTHEST = 1 << 26
"""Bytes: what is farther from `next` than any window in use is not of this stream."""

_CREDIBLE_END = 1 << 20
_CREDIBLE_LOSS = 1 << 24
"""Bytes ahead of `next` at which a FIN is believed, and which an acknowledgment alone can show to be missing."""

_LATEST, _FIRST_WEIGHS = 32, 8
"""Segments among which the usual TTL is counted, about; and for how many the first one stands."""

_FIN, _SYN, _COST, _FARTHEST, _REMEMBERED = FIN, SYN, COST, FARTHEST, REMEMBERED


class Stream:
    """One direction of a connection.

    initial: its initial sequence number; -1 where its SYN was not seen.
    next: the first position not yet handed on; -1 before the stream begins.
    unnoticed: conflicts about a record that had to be handed out before, for lack of room.
    What comes out is appended to the list that each method is given.
    """

    __slots__ = (
        "_acknowledged",
        "_anchored",
        "_base",
        "_disputes",
        "_extent",
        "_fin",
        "_hole_at",
        "_hole_bytes",
        "_hole_since",
        "_made",
        "_read_out",
        "_record_start",
        "_ttl",
        "_ttl_weight",
        "_ttls",
        "_waiting",
        "_waiting_bytes",
        "finished",
        "initial",
        "judge_checksums",
        "lane",
        "limits",
        "next",
        "unnoticed",
    )

    def __init__(self, lane: Lane, limits: Limits) -> None:
        self.lane = lane
        self.limits = limits
        self.initial = -1
        self.next = -1
        self.judge_checksums = False
        self.finished = False
        self.unnoticed = 0
        self._read_out = False
        self._base = 0
        self._fin = -1
        self._acknowledged = -1  # by the peer; still 32-bit while `next` is unknown
        self._anchored = False
        self._made: RecordReader | None = None
        self._disputes: Disputes | None = None  # about what the reader was given
        self._waiting: list[Piece] = []
        self._waiting_bytes = 0
        self._ttl = -1  # the usual one; -1 before the first segment
        self._ttl_weight = 0
        self._ttls: dict[int, int] = {}  # by their weight, where there are several
        self._extent = 0  # the end of all that segments announced, captured or cut off
        self._hole_at = -1  # the position where bytes are missing, if they are known to
        self._hole_since = 0
        self._hole_bytes = 0
        self._record_start = 0

    def _reader(self) -> RecordReader | None:
        """The reader, made when there is something to read; None before the stream begins and after it ended."""
        if self._made is None and self.next >= 0 and not self._read_out:
            self._made = RecordReader(self.lane, self.limits.record_bytes, self._anchored, self.next)
            self._disputes = Disputes(self.limits.settle_ns)
        return self._made

    def buffered(self) -> int:
        """Bytes held in memory for this direction."""
        size = self._waiting_bytes
        if self._made is not None:
            size += self._made.buffered
        if self._disputes is not None:
            size += self._disputes.size
        return size

    def sent(self) -> int:
        """Bytes of payload this side is known to have sent since the capture or the connection began."""
        if self.next < 0:
            return 0
        return max(self.next, self._waiting[-1].end if self._waiting else 0) - self._base

    # where the stream begins

    def open(self, sequence: int, judge_checksums: bool) -> None:
        """A SYN was seen: the stream begins behind it."""
        self.initial = sequence
        self.judge_checksums = judge_checksums
        self._begin(sequence + 1, True)

    def _begin(self, sequence: int, anchored: bool) -> None:
        # One turn up, so that positions before the start are not negative.
        self.next = self._base = self._record_start = sequence % _WRAP + _WRAP
        self._anchored = anchored
        if self._acknowledged >= 0:
            self._acknowledged = self.unwrap(self._acknowledged)

    def _begin_without_syn(self, sequence: int) -> None:
        """Begin where the peer's acknowledgments stand, if that is just before this segment; else at it."""
        behind = (sequence - self._acknowledged) % _WRAP if self._acknowledged >= 0 else _WRAP
        self._begin(sequence - behind if behind < _REMEMBERED else sequence, False)

    def unwrap(self, sequence: int) -> int:
        """The position of a sequence number near `next`."""
        position = max(self.next, 0)
        delta = (sequence - position) % _WRAP
        return position + (delta if delta < _WRAP // 2 else delta - _WRAP)

    def is_usual(self, ttl: int) -> bool:
        """Whether a TTL is the one that most segments of this direction came with."""
        return self._ttl < 0 or ttl == self._ttl

    def _count_ttl(self, ttl: int) -> None:
        if not self._ttls:
            if self._ttl < 0:
                self._ttl, self._ttl_weight = ttl, _FIRST_WEIGHS
                return
            if ttl == self._ttl:
                self._ttl_weight += 1
                if self._ttl_weight > _LATEST:
                    self._ttl_weight //= 2
                return
            self._ttls = {self._ttl: self._ttl_weight}
        counts = self._ttls
        counts[ttl] = counts.get(ttl, 0) + 1
        if sum(counts.values()) > _LATEST:
            counts = self._ttls = {each: count // 2 for each, count in counts.items() if count > 1}
        most = max(counts, key=counts.__getitem__) if counts else -1
        # Where a forger sends a segment for each real one, the two TTLs come equally often.
        if counts.get(most, 0) >= 2 * counts.get(self._ttl, 0):
            self._ttl = most
        if len(counts) < 2:
            self._ttl_weight = counts.get(self._ttl, 0)
            self._ttls = {}

    def is_over(self) -> bool:
        """Whether the peer has acknowledged this side's FIN: it has all there was, captured or not."""
        return self._fin >= 0 and self._acknowledged > self._fin

    def may_end_at(self, sequence: int) -> bool:
        """Whether a reset with this sequence number is one that the peer would take."""
        if self.next < 0:
            return False
        position = self.unwrap(sequence)
        return position in (self.next, self._extent, self._acknowledged)

    # segments

    def segment(self, packet: Packet, out: list[Placed]) -> None:
        """Take a segment of this direction."""
        usual = self.is_usual(packet.ttl)
        self._count_ttl(packet.ttl)
        flags, length = packet.flags, packet.length
        sequence = packet.sequence + (1 if flags & _SYN else 0)
        if self.next < 0 and length:
            self._begin_without_syn(sequence)
        if self.next < 0 or self.finished:
            return
        start = self.unwrap(sequence)
        if abs(start - self.next) > _FARTHEST:
            return
        if length:
            self._extent = max(self._extent, start + length)
            if packet.payload:
                piece = make_piece(start, packet, not usual)
                if start == self.next and usual and not self._waiting:
                    self._hand_on(piece, out)
                else:
                    self._add(piece)
                    self._advance(out)
        if flags & _FIN and usual and 0 <= start + length - self.next <= _CREDIBLE_END:
            self._fin = start + length
        if 0 <= self._fin <= self.next:
            self.finish(out)
        elif self._waiting or self._hole_at >= 0 or self._acknowledged > self.next:
            self._mind_hole(packet.ref.ns, out)

    def acknowledge(self, number: int, time_ns: int, usual: bool, out: list[Placed]) -> None:
        """The peer acknowledges all bytes before `number`.

        usual: its segment came with the usual TTL; else it is believed only for what was sent.
        """
        if self.next < 0:
            self._acknowledged = number if usual else self._acknowledged
            return
        position = self.unwrap(number)
        if position > (self.next + _FARTHEST if usual else max(self.next, self._extent)) or self.finished:
            return
        if position > self._acknowledged:
            self._acknowledged = position
            if self._disputes is not None:
                self._disputes.settle(position)
        if self._waiting:
            self._advance(out)
        if self._waiting or self._hole_at >= 0 or self._acknowledged > self.next:
            self._mind_hole(time_ns, out)

    def passed(self, size: int) -> None:
        """Bytes of payload went by, in either direction of the connection."""
        if self._hole_at >= 0:
            self._hole_bytes += size

    def finish(self, out: list[Placed]) -> None:
        """The direction is closed, or the capture ends: what still waits is read, holes are given up."""
        if self.finished:
            return
        self.finished = True
        if self._reader() is None:
            return
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for piece in waiting:
            if piece.start > self.next:
                self._gap(piece.start, out)
            self._hand_on(piece, out)
        known = self._extent
        if self._fin >= 0:
            known = max(known, self._fin)
        elif self._acknowledged >= 0 and 1 < self._acknowledged - self.next <= _CREDIBLE_LOSS:
            known = max(known, self._acknowledged)
        if known > self.next:
            self._gap(known, out)
        if self._made is not None:
            count = len(out)
            self._made.close(out)
            for placed in out[count:]:
                placed.end = self.next
        if self._disputes is not None:
            self._disputes.settle(self.next)
        self._made, self._read_out = None, True

    # holes

    def _advance(self, out: list[Placed]) -> None:
        """Hand on the waiting pieces that are next."""
        position, ready = max(self.next, 0), 0
        for piece in self._waiting:
            unsure = piece.tentative and not self.is_usual(piece.ttl) and self._acknowledged < piece.end
            if piece.start > position or unsure:
                break
            position = piece.end
            ready += 1
        if not ready:
            return
        pieces = self._waiting[:ready]
        del self._waiting[:ready]
        for piece in pieces:
            self._waiting_bytes -= len(piece.data) + _COST
            self._hand_on(piece, out)

    def _add(self, piece: Piece) -> None:
        """Let a piece wait; what of it was handed on already is compared."""
        position = max(self.next, 0)
        if piece.start < position:
            if self._disputes is not None and self._made is not None:
                disputed, late = self._disputes.compare(piece)
                self.unnoticed += late
                if disputed > self._record_start:
                    self._made.dispute()
            if piece.end <= position:
                return
            piece = piece.cut(position, piece.end)
        self._waiting_bytes += put_among(self._waiting, piece)

    def _hole_end(self) -> int:
        """The first position behind a hole that begins at `next`; -1 where there is no hole."""
        if self._waiting:
            return self._waiting[0].start
        # One number more than the bytes that are there is that of a FIN, captured or not.
        return self._acknowledged if self._acknowledged > max(self.next, 0) + 1 else -1

    def _mind_hole(self, time_ns: int, out: list[Placed]) -> None:
        """Give a hole up when the peer has what the capture has not, and enough has passed since."""
        end = self._hole_end()
        if end < 0:
            self._hole_at = -1
        elif self._hole_at != self.next:
            self._hole_at, self._hole_since, self._hole_bytes = self.next, time_ns, 0
        elif self._acknowledged >= end and (
            self._hole_bytes >= self.limits.hole_bytes or time_ns - self._hole_since >= self.limits.hole_ns
        ):
            self._hole_at = -1
            if end > self.next:
                self._gap(end, out)
            elif self._waiting:
                # No hole, but a tentative piece that nothing has contradicted.
                self._waiting[0].tentative = False
            self._advance(out)

    def _gap(self, position: int, out: list[Placed]) -> None:
        """The bytes up to a position are not in the capture."""
        reader = self._reader()
        if reader is not None:
            reader.gap(position - self.next, out)
            self.next = position
            self._record_start = reader.position

    def _hand_on(self, piece: Piece, out: list[Placed]) -> None:
        """Give the reader its next bytes; keep them while they can be disputed."""
        reader = self._reader()
        if reader is None or self._disputes is None:
            return
        self.next = piece.end
        if self._acknowledged < piece.end:
            self._disputes.keep(piece)
        count = len(out)
        reader.feed(piece.data, piece.ref, piece.conflict, out)
        while count < len(out):
            placed = out[count]
            count += 1
            placed.acknowledges = piece.acknowledges
            if placed.record is not None:
                if placed.end <= self._acknowledged:
                    placed.record.settled = True
                else:
                    placed.start = self._record_start
                    self._disputes.records.append(placed)
            self._record_start = placed.end
