"""What a stream handed on can be disputed: bytes that come again and differ, until the peer has acknowledged them.

Bytes are kept after they were handed on, so that a later segment with other bytes is noticed.
What the peer has acknowledged is beyond dispute; only then the record is settled that they belong to.
"""

from __future__ import annotations

from bisect import bisect_right

from netinfo_scapy.capture.events import Placed
from netinfo_scapy.capture.pieces import COST, Piece, difference, end_of
from netinfo_scapy.protocol.anomalies import Anomaly

REMEMBERED = 1 << 18
"""Bytes kept for comparison where nothing is acknowledged."""

_COST, _REMEMBERED = COST, REMEMBERED
_CONFLICT = frozenset({Anomaly.OVERLAP_CONFLICT})


class Disputes:
    """What of one stream can be disputed: pieces, and the records in them, in order.

    records: those that are not settled; what is handed on is appended.
    settle_ns: a record so old may have been handed out, and then stays as it is.
    size: what the pieces cost, in bytes.
    """

    __slots__ = ("_pieces", "_settle_ns", "records", "size")

    def __init__(self, settle_ns: int) -> None:
        self._settle_ns = settle_ns
        self._pieces: list[Piece] = []
        self.records: list[Placed] = []
        self.size = 0

    def keep(self, piece: Piece) -> None:
        """Keep a piece that is handed on; where that is too much, the older half is settled."""
        self._pieces.append(piece)
        self.size += len(piece.data) + _COST
        if self.size > _REMEMBERED:
            self.settle(self._pieces[len(self._pieces) // 2].start)

    def compare(self, piece: Piece) -> tuple[int, int]:
        """Bytes came again: mark the records that hold such as differ.

        Gives the end of the last that differ, 0 where none do, and for how many records it was too late.
        """
        kept = self._pieces
        disputed = late = 0
        for index in range(bisect_right(kept, piece.start, key=end_of), len(kept)):
            held = kept[index]
            start, end = max(held.start, piece.start), min(held.end, piece.end)
            if start >= end:
                break
            first, last = difference(held.cut(start, end).data, piece.cut(start, end).data)
            if first < last:
                disputed = start + last
                late += self._mark(start + first, disputed, piece.ref.ns)
        return disputed, late

    def _mark(self, start: int, end: int, now_ns: int) -> int:
        """Mark the records that hold bytes which differ; how many were settled, for lack of room."""
        records = self.records
        late = 0
        for index in range(bisect_right(records, start, key=_end_of_record), len(records)):
            placed = records[index]
            record = placed.record
            if placed.start >= end or record is None:
                break
            if -self._settle_ns < now_ns - record.at.ns < self._settle_ns:
                if record.settled:
                    late += 1
                else:
                    record.anomalies |= _CONFLICT
        return late

    def settle(self, position: int) -> None:
        """What is before a position, acknowledged or kept no longer, is beyond dispute."""
        records, pieces = self.records, self._pieces
        count = 0
        while count < len(records):
            placed = records[count]
            if placed.end > position:
                break
            if placed.record is not None:
                placed.record.settled = True
            count += 1
        if count == len(records):
            records.clear()
        elif count:
            del records[:count]
        count = 0
        while count < len(pieces):
            piece = pieces[count]
            if piece.end > position:
                break
            self.size -= len(piece.data) + _COST
            count += 1
        if count == len(pieces):
            pieces.clear()
        elif count:
            del pieces[:count]


def _end_of_record(placed: Placed) -> int:
    return placed.end
