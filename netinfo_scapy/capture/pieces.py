"""Pieces of a TCP stream: bytes at a position, and where two of them differ; chunks, once they are in order."""

from __future__ import annotations

from bisect import bisect_right

from netinfo_scapy.capture.frames import ACK, FrameRef, Packet
from netinfo_scapy.protocol import words

COST = 200
"""Bytes that a piece costs beside its data."""

_ACK = ACK


class Piece:
    """Bytes at a position that wait for their turn. acknowledges: as in `records.Placed`."""

    __slots__ = ("acknowledges", "conflict", "data", "end", "ref", "start", "tentative", "ttl")

    start: int
    end: int
    data: bytes
    ref: FrameRef
    acknowledges: int
    conflict: bool
    ttl: int
    tentative: bool

    def cut(self, start: int, end: int) -> Piece:
        """The part between two positions; as much of it as there is."""
        piece = Piece.__new__(Piece)
        piece.data = self.data[start - self.start : end - self.start] if end > start else b""
        piece.start = start
        piece.end = start + len(piece.data)
        piece.ref = self.ref
        piece.acknowledges = self.acknowledges
        piece.conflict = self.conflict
        piece.ttl = self.ttl
        piece.tentative = self.tentative
        return piece


def make_piece(start: int, packet: Packet, tentative: bool) -> Piece:
    """A segment's payload at its position."""
    piece = Piece.__new__(Piece)
    words.untrack(piece)
    piece.start = start
    piece.end = start + len(packet.payload)
    piece.data = packet.payload
    piece.ref = packet.ref
    piece.acknowledges = packet.acknowledgment if packet.flags & _ACK else -1
    piece.conflict = packet.conflict
    piece.ttl = packet.ttl
    piece.tentative = tentative
    return piece


def end_of(piece: Piece) -> int:
    """The position behind a piece, as a key to search by."""
    return piece.end


def difference(one: bytes, other: bytes) -> tuple[int, int]:
    """From where to where two strings of one length differ; (0, 0) where they are equal."""
    if one == other:
        return 0, 0
    bits = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    lowest = (bits & -bits).bit_length() - 1
    return len(one) - (bits.bit_length() + 7) // 8, len(one) - lowest // 8


def put_among(waiting: list[Piece], piece: Piece) -> int:
    """Put a piece among those that wait, sorted and never overlapping; how many bytes more they cost.

    Where it overlaps another, the first bytes win, unless those are tentative and the new ones are not. Bytes that
    differ are in conflict.
    """
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
        overlap = [better.cut(start, start + first), disputed, better.cut(start + last, end)]
        for each in overlap:
            # What differed before stays in dispute, whichever bytes are taken.
            each.conflict = each.conflict or held.conflict
        parts += overlap
        parts.append(held.cut(end, held.end))
        merged += [each for each in parts if each.data]
        at = end
    if at < piece.end:
        merged.append(piece.cut(at, piece.end))
    more = _cost(merged) - _cost(waiting[low:high])
    waiting[low:high] = merged
    return more


def _cost(pieces: list[Piece]) -> int:
    return sum([len(each.data) + COST for each in pieces])


class Chunk:
    """Contiguous bytes of a stream, in its order, and the frame that first delivered them."""

    __slots__ = ("conflict", "data", "ref")

    data: bytes
    ref: FrameRef
    conflict: bool


def make_chunk(data: bytes, ref: FrameRef, conflict: bool) -> Chunk:
    """A chunk."""
    chunk = Chunk.__new__(Chunk)
    chunk.data = data
    chunk.ref = ref
    chunk.conflict = conflict
    return chunk


def without_first(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The chunks without their first `size` bytes."""
    for index, chunk in enumerate(chunks):
        if size < len(chunk.data):
            return [make_chunk(chunk.data[size:], chunk.ref, chunk.conflict), *chunks[index + 1 :]]
        size -= len(chunk.data)
    return []
