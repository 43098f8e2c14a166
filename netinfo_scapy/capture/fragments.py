"""IP fragments that wait for the rest of their datagram. A hole is never filled."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from netinfo_scapy.capture.frames import FrameRef

Key: TypeAlias = tuple[bytes, bytes, int, int]
"""Source, target, protocol (44 for IPv6, whose fragments are not told apart by it), identification."""

PATIENCE_NS = 60 * 10**9
"""A fragment that comes later than this after the first one is of another datagram (RFC 8200, 4.5)."""

_PIECE_COST = 256
"""Bytes of memory that a fragment takes beside its data."""


class _Piece(NamedTuple):
    start: int
    data: bytes
    ref: FrameRef

    @property
    def end(self) -> int:
        return self.start + len(self.data)


class Datagram:
    """One datagram in the making: pieces in order, none overlapping another; the first to bring a byte wins.

    began_ns: time of the fragment that came first. head: what the owner notes of the fragment at 0.
    held: bytes of it that are here. conflict: fragments disagreed.
    """

    __slots__ = ("_extent", "_pieces", "_total", "began_ns", "conflict", "cost", "head", "held", "key")

    def __init__(self, key: Key, began_ns: int) -> None:
        self.key = key
        self.began_ns = began_ns
        self.head: Any = None
        self.held = 0
        self.cost = _PIECE_COST
        self.conflict = False
        self._total: int | None = None  # known from the last fragment
        self._extent = 0  # the farthest end that any fragment announced
        self._pieces: list[_Piece] = []

    @property
    def is_complete(self) -> bool:
        """Whether every byte is there."""
        return self._total is not None and self.held == self._total

    @property
    def length(self) -> int:
        """Bytes of the whole, as far as known."""
        return self._extent if self._total is None else self._total

    def add(self, ref: FrameRef, start: int, more: bool, data: bytes, length: int) -> None:
        """Take a fragment. length: what it announces; `data` is shorter where the frame was cut."""
        end = start + length
        if not more and self._total is None:
            self._total = end
            if self._extent > end:
                self.conflict = True
                self._trim(end)
        elif self._total is not None and (end > self._total if more else end != self._total):
            self.conflict = True
        self._extent = max(self._extent, end)
        if self._total is not None:
            data = data[: max(self._total - start, 0)]
        self._insert(start, data, ref)

    def _insert(self, start: int, data: bytes, ref: FrameRef) -> None:
        pieces, at, end = self._pieces, start, start + len(data)
        index = low = bisect_right(pieces, start, key=_end)
        merged: list[_Piece] = []
        while index < len(pieces) and pieces[index].start < end:
            piece = pieces[index]
            index += 1
            if at < piece.start:
                merged.append(_Piece(at, data[at - start : piece.start - start], ref))
            first, last = max(at, piece.start), min(end, piece.end)
            if piece.data[first - piece.start : last - piece.start] != data[first - start : last - start]:
                self.conflict = True
            merged.append(piece)
            at = piece.end
        if at < end:
            merged.append(_Piece(at, data[at - start :], ref))
        new = len(merged) - (index - low)
        if new:
            before = sum(len(piece.data) for piece in pieces[low:index])
            pieces[low:index] = merged
            added = sum(len(piece.data) for piece in merged) - before
            self.held += added
            self.cost += added + new * _PIECE_COST

    def _trim(self, end: int) -> None:
        """Drop what lies beyond the end."""
        kept = [piece._replace(data=piece.data[: end - piece.start]) for piece in self._pieces if piece.start < end]
        self._pieces = kept
        self.held = sum(len(piece.data) for piece in kept)
        self.cost = self.held + (len(kept) + 1) * _PIECE_COST

    def bytes_from_start(self) -> bytes:
        """The bytes before the first hole."""
        parts, at = [], 0
        for piece in self._pieces:
            if piece.start != at:
                break
            parts.append(piece.data)
            at = piece.end
        return b"".join(parts)

    def ref_of(self, size: int) -> FrameRef:
        """The highest-numbered frame among those that delivered the first `size` bytes, of which there is one."""
        return max(piece.ref for piece in self._pieces if piece.start < size)


class Datagrams:
    """The datagrams in the making, oldest first. evicted: those let go for lack of room."""

    def __init__(self, max_datagrams: int, max_bytes: int) -> None:
        self.evicted = 0
        self._max_datagrams = max_datagrams
        self._max_bytes = max_bytes
        self._cost = 0
        self._waiting: OrderedDict[Key, Datagram] = OrderedDict()

    def overdue(self, key: Key, now_ns: int) -> Datagram | None:
        """Take out the datagram of a key, if it has waited too long."""
        datagram = self._waiting.get(key)
        if datagram is None or abs(now_ns - datagram.began_ns) <= PATIENCE_NS:
            return None
        self.remove(datagram)
        return datagram

    def add(self, key: Key, ref: FrameRef, start: int, more: bool, data: bytes, length: int) -> Datagram:
        """Add a fragment to the datagram of its key."""
        datagram = self._waiting.get(key)
        if datagram is None:
            datagram = self._waiting[key] = Datagram(key, ref.time_ns)
            self._cost += datagram.cost
        cost = datagram.cost
        datagram.add(ref, start, more, data, length)
        self._cost += datagram.cost - cost
        return datagram

    def remove(self, datagram: Datagram) -> None:
        """Take a datagram out."""
        del self._waiting[datagram.key]
        self._cost -= datagram.cost

    def evict(self) -> Iterator[Datagram]:
        """Take out the oldest until what remains is within bounds."""
        while self._waiting and (len(self._waiting) > self._max_datagrams or self._cost > self._max_bytes):
            datagram = next(iter(self._waiting.values()))
            self.remove(datagram)
            self.evicted += 1
            yield datagram

    def drain(self) -> Iterator[Datagram]:
        """Take out all, oldest first."""
        while self._waiting:
            datagram = next(iter(self._waiting.values()))
            self.remove(datagram)
            yield datagram


def _end(piece: _Piece) -> int:
    return piece.end
