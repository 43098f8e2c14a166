"""TCP segments of one direction -> the stream's bytes in order, gaps known (RFC 9293, 3.4 and 3.10).

Theory of operation. Positions are 64-bit: the 32-bit sequence number is unwrapped against
`next`, the first position not yet handed to the record reader. Pieces beyond it wait in
`_waiting`, sorted and never overlapping. Where a new segment overlaps what is there, the
first bytes win, unless they came with an unusual TTL and the new ones with the usual one;
if the bytes differ, both the piece and the record that holds it are in dispute. A piece
with an unusual TTL is tentative: it waits like one behind a hole until the peer
acknowledges it, a piece with the usual TTL takes its place, or the stream ends.

Bytes that the peer has acknowledged are beyond dispute. Until then they are kept after
they were handed on, so that a later segment with other bytes is noticed; the record they
belong to is settled only then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef, Packet
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Gap, NotRpc, Record
from netinfo_scapy.capture.records import Chunk, RecordReader
from netinfo_scapy.protocol.anomalies import Anomaly

_WRAP = 1 << 32
FARTHEST = 1 << 26
"""Bytes: what is farther from `next` than any window in use is not of this stream."""

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
"""Flags (RFC 9293, 3.1)."""

_REMEMBERED = 1 << 18
"""Bytes kept for comparison where nothing is acknowledged."""


class Placed(NamedTuple):
    """What a stream brought forth, and where.

    end: the stream's position behind it. acknowledges: the acknowledgment number of the
    segment that completed it, None without one.
    """

    event: Record | Gap | NotRpc
    end: int
    acknowledges: int | None

    @property
    def size(self) -> int:
        """Bytes it holds."""
        return len(self.event.data) if isinstance(self.event, Record) else 0


class _Piece:
    """Bytes at a position that wait for their turn. acknowledges: as in `Placed`."""

    __slots__ = ("acknowledges", "conflict", "data", "ref", "start", "tentative")

    def __init__(
        self, start: int, data: bytes, ref: FrameRef, *, acknowledges: int | None, conflict: bool, tentative: bool
    ) -> None:
        self.start = start
        self.acknowledges = acknowledges
        self.data = data
        self.ref = ref
        self.conflict = conflict
        self.tentative = tentative

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    def cut(self, start: int, end: int) -> _Piece:
        """The part between two positions."""
        return _Piece(
            start,
            self.data[start - self.start : end - self.start],
            self.ref,
            acknowledges=self.acknowledges,
            conflict=self.conflict,
            tentative=self.tentative,
        )


class Stream:
    """One direction of a connection."""

    def __init__(self, flow: Flow, limits: Limits) -> None:
        self.flow = flow
        self.limits = limits
        self.initial: int | None = None
        self.next: int | None = None
        self.judge_checksums = False
        self.finished = False
        self._base = 0
        self._fin: int | None = None
        self._acknowledged: int | None = None  # by the peer; still 32-bit while `next` is unknown
        self._reader: RecordReader | None = None
        self._waiting: list[_Piece] = []
        self._waiting_bytes = 0
        self._kept: list[_Piece] = []  # handed on, not acknowledged
        self._kept_bytes = 0
        self._ttls: Counter[int] = Counter()
        self._hole_at: int | None = None  # the position where bytes are missing, if they are known to
        self._hole_since = 0
        self._hole_bytes = 0
        self._record_start = 0
        self._unsettled: deque[tuple[int, int, Record]] = deque()

    @property
    def buffered(self) -> int:
        """Bytes held in memory for this direction."""
        return self._waiting_bytes + self._kept_bytes + (self._reader.buffered if self._reader else 0)

    @property
    def sent(self) -> int:
        """Bytes of payload this side is known to have sent since the capture or the connection began."""
        if self.next is None:
            return 0
        return max(self.next, self._waiting[-1].end if self._waiting else 0) - self._base

    # where the stream begins

    def open(self, sequence: int, judge_checksums: bool) -> None:
        """A SYN was seen: the stream begins behind it."""
        self.initial = sequence
        self.judge_checksums = judge_checksums
        self._begin(sequence + 1, anchored=True)

    def _begin(self, sequence: int, anchored: bool) -> None:
        # One turn up, so that positions before the start are not negative.
        self.next = self._base = self._record_start = sequence % _WRAP + _WRAP
        self._reader = RecordReader(self.flow, self.limits.record_bytes, anchored, self.next)
        if self._acknowledged is not None:
            self._acknowledged = self.unwrap(self._acknowledged)

    def _begin_without_syn(self, sequence: int) -> None:
        """Begin where the peer's acknowledgments stand, if that is just before this segment; else at it."""
        behind = None if self._acknowledged is None else (sequence - self._acknowledged) % _WRAP
        near = behind is not None and behind < _REMEMBERED
        self._begin(sequence - behind if near and behind else sequence, anchored=False)

    def unwrap(self, sequence: int) -> int:
        """The position of a sequence number near `next`."""
        position = self.next or 0
        delta = (sequence - position) % _WRAP
        return position + (delta if delta < _WRAP // 2 else delta - _WRAP)

    def distance(self, sequence: int) -> int | None:
        """How far a sequence number lies beyond what was handed on; None where that is unknown."""
        return None if self.next is None else self.unwrap(sequence) - self.next

    def is_usual(self, ttl: int) -> bool:
        """Whether a TTL is the one that most segments of this direction came with."""
        return not self._ttls or self._ttls[ttl] == max(self._ttls.values())

    # segments

    def segment(self, packet: Packet) -> Iterator[Placed]:
        """Take a segment of this direction."""
        usual = self.is_usual(packet.ttl)
        self._ttls[packet.ttl] += 1
        if len(self._ttls) > 8:
            self._ttls = Counter(dict(self._ttls.most_common(4)))
        sequence = packet.sequence + (1 if packet.flags & SYN else 0)
        if self.next is None and packet.length:
            self._begin_without_syn(sequence)
        if self.next is None or self.finished:
            return
        start = self.unwrap(sequence)
        if abs(start - self.next) > FARTHEST:
            return
        if packet.payload:
            piece = _Piece(
                start,
                packet.payload,
                packet.ref,
                acknowledges=packet.acknowledgment if packet.flags & ACK else None,
                conflict=packet.conflict,
                tentative=not usual,
            )
            if start == self.next and usual and not self._waiting:
                yield from self._hand_on(piece)
            else:
                self._add(piece)
                yield from self._advance()
        if packet.flags & FIN and usual:
            self._fin = start + packet.length
        if self._fin is not None and self.next >= self._fin:
            yield from self.finish()
        else:
            yield from self._mind_hole(packet.ref.time_ns)

    def acknowledge(self, number: int, time_ns: int) -> Iterator[Placed]:
        """The peer acknowledges all bytes before `number`."""
        if self.next is None:
            self._acknowledged = number
            return
        position = self.unwrap(number)
        if position - self.next > FARTHEST or self.finished:
            return
        if self._acknowledged is None or position > self._acknowledged:
            self._acknowledged = position
            self._settle(position)
        if self._waiting:
            yield from self._advance()
        yield from self._mind_hole(time_ns)

    def passed(self, size: int) -> None:
        """Bytes of payload went by, in either direction of the connection."""
        if self._hole_at is not None:
            self._hole_bytes += size

    def finish(self) -> Iterator[Placed]:
        """The direction is closed, or the capture ends: what still waits is read, holes are given up."""
        if self.finished:
            return
        self.finished = True
        if self._reader is None or self.next is None:
            return
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for piece in waiting:
            if piece.start > self.next:
                yield from self._gap(piece.start)
            yield from self._hand_on(piece)
        end = self._fin if self._fin is not None else self._acknowledged
        if end is not None and end > self.next:
            yield from self._gap(end)
        for event in self._reader.close():
            yield Placed(event, self.next, None)
        self._settle(self.next)
        self._kept, self._kept_bytes = [], 0
        self._reader = None

    # holes

    def _advance(self) -> Iterator[Placed]:
        """Hand on the waiting pieces that are next."""
        position, ready = self.next or 0, 0
        for piece in self._waiting:
            if piece.start > position or (piece.tentative and (self._acknowledged or 0) < piece.end):
                break
            position = piece.end
            ready += 1
        pieces = self._waiting[:ready]
        del self._waiting[:ready]
        for piece in pieces:
            self._waiting_bytes -= len(piece.data)
            yield from self._hand_on(piece)

    def _hole_end(self) -> int | None:
        """The first position behind a hole that begins at `next`; None where there is no hole."""
        position = self.next or 0
        if self._waiting:
            start = self._waiting[0].start
            return start if start > position else None
        acknowledged = self._acknowledged or 0
        # The last number acknowledged can be that of a FIN.
        return acknowledged if acknowledged > position and acknowledged - 1 != self._fin else None

    def _mind_hole(self, time_ns: int) -> Iterator[Placed]:
        """Give a hole up when the peer has what the capture has not, and enough has passed since."""
        end = self._hole_end()
        if end is None:
            self._hole_at = None
        elif self._hole_at != self.next:
            self._hole_at, self._hole_since, self._hole_bytes = self.next, time_ns, 0
        elif (self._acknowledged or 0) >= end and (
            self._hole_bytes >= self.limits.hole_bytes or time_ns - self._hole_since >= self.limits.hole_ns
        ):
            self._hole_at = None
            yield from self._gap(end)
            yield from self._advance()

    def _gap(self, position: int) -> Iterator[Placed]:
        """The bytes up to a position are not in the capture."""
        if self._reader is not None and self.next is not None:
            events = self._reader.gap(position - self.next)
            self.next = position
            for event in events:
                yield Placed(event, self._reader.position, None)
            self._record_start = self._reader.position

    def _hand_on(self, piece: _Piece) -> Iterator[Placed]:
        """Give the reader its next bytes; keep them while they can be disputed."""
        if self._reader is None:
            return
        self.next = piece.end
        if self._acknowledged is None or self._acknowledged < piece.end:
            self._kept.append(piece)
            self._kept_bytes += len(piece.data)
            if self._kept_bytes > _REMEMBERED:
                self._forget(self._kept[len(self._kept) // 2].start)
        for event in self._reader.feed(Chunk(piece.data, piece.ref, piece.conflict)):
            if isinstance(event, Record):
                if self._acknowledged is not None and self._reader.position <= self._acknowledged:
                    event.settled = True
                else:
                    self._unsettled.append((self._record_start, self._reader.position, event))
            self._record_start = self._reader.position
            yield Placed(event, self._reader.position, piece.acknowledges)

    # overlaps

    def _add(self, piece: _Piece) -> None:
        """Put a piece among the waiting ones; where it overlaps, see the top of this file."""
        position = self.next or 0
        if piece.start < position:
            self._compare(piece)
            if piece.end <= position:
                return
            piece = piece.cut(position, piece.end)
        waiting = self._waiting
        low = bisect_right(waiting, piece.start, key=_end_of)
        high = low
        merged: list[_Piece] = []
        at = piece.start
        while high < len(waiting) and waiting[high].start < piece.end:
            held = waiting[high]
            high += 1
            start, end = max(held.start, piece.start), min(held.end, piece.end)
            old, new = held.cut(start, end), piece.cut(start, end)
            old.conflict = new.conflict = old.conflict or new.conflict or old.data != new.data
            merged += [
                each
                for each in (
                    piece.cut(at, start),
                    held.cut(held.start, start),
                    new if held.tentative and not piece.tentative else old,
                    held.cut(end, held.end),
                )
                if each.data
            ]
            at = end
        if at < piece.end:
            merged.append(piece.cut(at, piece.end))
        self._waiting_bytes += sum(len(each.data) for each in merged)
        self._waiting_bytes -= sum(len(each.data) for each in waiting[low:high])
        waiting[low:high] = merged

    def _compare(self, piece: _Piece) -> None:
        """Bytes came again that were handed on: are they the same?"""
        kept = self._kept
        for held in kept[bisect_right(kept, piece.start, key=_end_of) :]:
            start, end = max(held.start, piece.start), min(held.end, piece.end)
            if start >= end:
                break
            if held.cut(start, end).data != piece.cut(start, end).data:
                self._dispute(start, end)

    def _dispute(self, start: int, end: int) -> None:
        for record_start, record_end, record in self._unsettled:
            if record_start < end and start < record_end:
                record.anomalies |= {Anomaly.OVERLAP_CONFLICT}
        if self._reader is not None and end > self._record_start:
            self._reader.dispute()

    def _settle(self, position: int) -> None:
        """What the peer acknowledged is beyond dispute."""
        while self._unsettled and self._unsettled[0][1] <= position:
            self._unsettled.popleft()[2].settled = True
        self._forget(position)

    def _forget(self, position: int) -> None:
        """Drop the kept pieces before a position."""
        count = bisect_right(self._kept, position, key=_end_of)
        self._kept_bytes -= sum(len(piece.data) for piece in self._kept[:count])
        del self._kept[:count]


def _end_of(piece: _Piece) -> int:
    return piece.end
