"""TCP segments of one direction -> the stream's bytes in order, gaps known (RFC 9293, 3.4 and 3.10).

Theory of operation. Positions are 64-bit: the 32-bit sequence number is unwrapped against
`next`, the first position not yet handed to the record reader. Pieces beyond it wait in
`_waiting`, sorted and never overlapping. Where a new segment overlaps what is there, the
first bytes win, unless they came with an unusual TTL and the new ones with the usual one;
if the bytes differ, both the piece and the record that holds it are in dispute. A piece
with an unusual TTL is tentative: it waits like one behind a hole until the peer
acknowledges it, a piece with the usual TTL takes its place, enough time or traffic has
passed, or the stream ends. The usual TTL is that of most of the latest segments.

Bytes that the peer has acknowledged are beyond dispute. Until then they are kept after
they were handed on, so that a later segment with other bytes is noticed; the record they
belong to is settled only then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FIN, SYN, Packet
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Gap, NotRpc, Record
from netinfo_scapy.capture.pieces import COST, Piece, difference, end_of
from netinfo_scapy.capture.records import Chunk, RecordReader
from netinfo_scapy.protocol.anomalies import Anomaly

_WRAP = 1 << 32
FARTHEST = 1 << 26
"""Bytes: what is farther from `next` than any window in use is not of this stream."""

_CREDIBLE_END = 1 << 20
_CREDIBLE_LOSS = 1 << 24
"""Bytes ahead of `next` at which a FIN is believed, and which an acknowledgment alone can show to be missing."""

_LATEST, _FIRST_WEIGHS = 32, 8
"""Segments among which the usual TTL is counted, about; and for how many the first one stands."""

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
        """Bytes it costs."""
        return COST + (len(self.event.data) if isinstance(self.event, Record) else 0)


class Stream:
    """One direction of a connection."""

    __slots__ = (
        "_acknowledged",
        "_anchored",
        "_base",
        "_extent",
        "_fin",
        "_hole_at",
        "_hole_bytes",
        "_hole_since",
        "_kept",
        "_kept_bytes",
        "_made",
        "_read_out",
        "_record_start",
        "_ttls",
        "_unsettled",
        "_waiting",
        "_waiting_bytes",
        "finished",
        "flow",
        "initial",
        "judge_checksums",
        "limits",
        "next",
    )

    def __init__(self, flow: Flow, limits: Limits) -> None:
        self.flow = flow
        self.limits = limits
        self.initial: int | None = None
        self.next: int | None = None
        self.judge_checksums = False
        self.finished = False
        self._read_out = False
        self._base = 0
        self._fin: int | None = None
        self._acknowledged: int | None = None  # by the peer; still 32-bit while `next` is unknown
        self._anchored = False
        self._made: RecordReader | None = None
        self._waiting: list[Piece] = []
        self._waiting_bytes = 0
        self._kept: list[Piece] = []  # handed on, not acknowledged
        self._kept_bytes = 0
        self._ttls: dict[int, int] = {}
        self._extent = 0  # the end of all that segments announced, captured or cut off
        self._hole_at: int | None = None  # the position where bytes are missing, if they are known to
        self._hole_since = 0
        self._hole_bytes = 0
        self._record_start = 0
        self._unsettled: list[tuple[int, int, Record]] = []

    @property
    def _reader(self) -> RecordReader | None:
        """The reader, made when there is something to read; None before the stream begins and after it ended."""
        if self._made is None and self.next is not None and not self._read_out:
            self._made = RecordReader(self.flow, self.limits.record_bytes, self._anchored, self.next)
        return self._made

    @property
    def buffered(self) -> int:
        """Bytes held in memory for this direction."""
        return self._waiting_bytes + self._kept_bytes + (self._made.buffered if self._made else 0)

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
        self._anchored = anchored
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
        return not self._ttls or ttl == max(self._ttls, key=self._ttls.__getitem__)

    def _count_ttl(self, ttl: int) -> None:
        counts = self._ttls
        counts[ttl] = counts.get(ttl, 0) + (1 if counts else _FIRST_WEIGHS)
        if sum(counts.values()) > _LATEST:
            self._ttls = {each: count // 2 for each, count in counts.items() if count > 1}

    @property
    def is_over(self) -> bool:
        """Whether the peer has acknowledged this side's FIN: it has all there was, captured or not."""
        return self._fin is not None and self._acknowledged is not None and self._acknowledged > self._fin

    def may_end_at(self, sequence: int) -> bool:
        """Whether a reset with this sequence number is one that the peer would take."""
        if self.next is None:
            return False
        position = self.unwrap(sequence)
        return position in (self.next, self._extent) or position == self._acknowledged

    # segments

    def segment(self, packet: Packet) -> Iterator[Placed]:
        """Take a segment of this direction."""
        usual = self.is_usual(packet.ttl)
        self._count_ttl(packet.ttl)
        sequence = packet.sequence + (1 if packet.flags & SYN else 0)
        if self.next is None and packet.length:
            self._begin_without_syn(sequence)
        if self.next is None or self.finished:
            return
        start = self.unwrap(sequence)
        if abs(start - self.next) > FARTHEST:
            return
        if packet.length:
            self._extent = max(self._extent, start + packet.length)
        if packet.payload:
            piece = Piece(start, packet.payload, packet, tentative=not usual)
            if start == self.next and usual and not self._waiting:
                yield from self._hand_on(piece)
            else:
                self._add(piece)
                yield from self._advance()
        if packet.flags & FIN and usual and 0 <= start + packet.length - self.next <= _CREDIBLE_END:
            self._fin = start + packet.length
        if self._fin is not None and self.next >= self._fin:
            yield from self.finish()
        else:
            yield from self._mind_hole(packet.ref.time_ns)

    def acknowledge(self, number: int, time_ns: int, usual: bool) -> Iterator[Placed]:
        """The peer acknowledges all bytes before `number`.

        usual: its segment came with the usual TTL; else it is believed only for what was sent.
        """
        if self.next is None:
            self._acknowledged = number if usual else self._acknowledged
            return
        position = self.unwrap(number)
        if position > (self.next + FARTHEST if usual else max(self.next, self._extent)) or self.finished:
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
        known = [self._extent]
        if self._fin is not None:
            known.append(self._fin)
        elif self._acknowledged is not None and 1 < self._acknowledged - self.next <= _CREDIBLE_LOSS:
            known.append(self._acknowledged)
        if max(known) > self.next:
            yield from self._gap(max(known))
        if self._made is not None:
            for event in self._made.close():
                yield Placed(event, self.next, None)
        self._settle(self.next)
        self._kept, self._kept_bytes = [], 0
        self._made, self._read_out = None, True

    # holes

    def _advance(self) -> Iterator[Placed]:
        """Hand on the waiting pieces that are next."""
        position, ready = self.next or 0, 0
        for piece in self._waiting:
            unsure = piece.tentative and not self.is_usual(piece.ttl) and (self._acknowledged or 0) < piece.end
            if piece.start > position or unsure:
                break
            position = piece.end
            ready += 1
        pieces = self._waiting[:ready]
        del self._waiting[:ready]
        for piece in pieces:
            self._waiting_bytes -= len(piece.data) + COST
            yield from self._hand_on(piece)

    def _hole_end(self) -> int | None:
        """The first position behind a hole that begins at `next`; None where there is no hole."""
        position = self.next or 0
        if self._waiting:
            return self._waiting[0].start
        acknowledged = self._acknowledged or 0
        # One number more than the bytes that are there is that of a FIN, captured or not.
        return acknowledged if acknowledged > position + 1 else None

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
            if end > (self.next or 0):
                yield from self._gap(end)
            elif self._waiting:
                # No hole, but a tentative piece that nothing has contradicted.
                self._waiting[0].tentative = False
            yield from self._advance()

    def _gap(self, position: int) -> Iterator[Placed]:
        """The bytes up to a position are not in the capture."""
        if self._reader is not None and self.next is not None:
            events = self._reader.gap(position - self.next)
            self.next = position
            for event in events:
                yield Placed(event, self._reader.position, None)
            self._record_start = self._reader.position

    def _hand_on(self, piece: Piece) -> Iterator[Placed]:
        """Give the reader its next bytes; keep them while they can be disputed."""
        if self._reader is None:
            return
        self.next = piece.end
        if self._acknowledged is None or self._acknowledged < piece.end:
            self._kept.append(piece)
            self._kept_bytes += len(piece.data) + COST
            if self._kept_bytes > _REMEMBERED:
                self._settle(self._kept[len(self._kept) // 2].start)
        for event in self._reader.feed(Chunk(piece.data, piece.ref, piece.conflict)):
            if isinstance(event, Record):
                if self._acknowledged is not None and self._reader.position <= self._acknowledged:
                    event.settled = True
                else:
                    self._unsettled.append((self._record_start, self._reader.position, event))
            self._record_start = self._reader.position
            yield Placed(event, self._reader.position, piece.acknowledges)

    # overlaps

    def _add(self, piece: Piece) -> None:
        """Put a piece among the waiting ones; where it overlaps, see the top of this file."""
        position = self.next or 0
        if piece.start < position:
            self._compare(piece)
            if piece.end <= position:
                return
            piece = piece.cut(position, piece.end)
        waiting = self._waiting
        low = bisect_right(waiting, piece.start, key=end_of)
        high = low
        merged: list[Piece] = []
        at = piece.start
        while high < len(waiting) and waiting[high].start < piece.end:
            held = waiting[high]
            high += 1
            start, end = max(held.start, piece.start), min(held.end, piece.end)
            better = piece if held.tentative and not piece.tentative else held
            parts = [piece.cut(at, start), held.cut(held.start, start)]
            # Where the bytes differ is disputed, and only there.
            first, last = difference(held.cut(start, end).data, piece.cut(start, end).data)
            disputed = better.cut(start + first, start + last)
            disputed.conflict = True
            parts += [better.cut(start, start + first), disputed, better.cut(start + last, end)]
            parts.append(held.cut(end, held.end))
            merged += [each for each in parts if each.data]
            at = end
        if at < piece.end:
            merged.append(piece.cut(at, piece.end))
        self._waiting_bytes += sum(len(each.data) + COST for each in merged)
        self._waiting_bytes -= sum(len(each.data) + COST for each in waiting[low:high])
        waiting[low:high] = merged

    def _compare(self, piece: Piece) -> None:
        """Bytes came again that were handed on: are they the same?"""
        kept = self._kept
        for index in range(bisect_right(kept, piece.start, key=end_of), len(kept)):
            held = kept[index]
            start, end = max(held.start, piece.start), min(held.end, piece.end)
            if start >= end:
                break
            first, last = difference(held.cut(start, end).data, piece.cut(start, end).data)
            if first < last:
                self._dispute(start + first, start + last)

    def _dispute(self, start: int, end: int) -> None:
        unsettled = self._unsettled
        for index in range(bisect_right(unsettled, start, key=_end_of_record), len(unsettled)):
            record_start, _, record = unsettled[index]
            if record_start >= end:
                break
            record.anomalies |= {Anomaly.OVERLAP_CONFLICT}
        if self._reader is not None and end > self._record_start:
            self._reader.dispute()

    def _settle(self, position: int) -> None:
        """What is before a position, acknowledged or kept no longer, is beyond dispute."""
        count = bisect_right(self._unsettled, position, key=_end_of_record)
        for _, _, record in self._unsettled[:count]:
            record.settled = True
        del self._unsettled[:count]
        count = bisect_right(self._kept, position, key=end_of)
        self._kept_bytes -= sum(len(piece.data) + COST for piece in self._kept[:count])
        del self._kept[:count]


def _end_of_record(placed: tuple[int, int, Record]) -> int:
    return placed[1]
