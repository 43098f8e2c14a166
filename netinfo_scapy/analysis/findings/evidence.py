"""Evidence: what a detector noted of one server and client, as far as it tells it apart, added up.

Its parts are sums, least and most. So it is the same in any order, and however the input is divided.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import Any, TypeAlias

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef

MOST_FRAMES = 20
"""Frames noted for one row, the first ones."""
_MOST_FRAMES = MOST_FRAMES

_BITS = 63
"""Shares of which each has a bit in a number."""
_FAR_NS = 1 << 62
"""Times from here on are none to reckon with."""

Key: TypeAlias = tuple[Any, ...]
"""Made of None, whole numbers, bytes, text, `Secret`, and tuples of these."""


class Evidence:
    """What one client showed of one server, as far as a detector tells it apart.

    server: the endpoint asked. client: packed address. count: clues. first_ns, last_ns: the earliest and
    latest time of one. frames: the first of them, in capture order. shares: the earliest time of each.
    """

    __slots__ = (
        "_end_capture",
        "_end_number",
        "_far",
        "_first",
        "_last",
        "_shares_from",
        "_shares_seen",
        "_timed",
        "client",
        "count",
        "frames",
        "key",
        "server",
        "shares",
        "transport",
    )

    def __init__(self, transport: Transport, server: Endpoint, client: bytes, key: Key) -> None:
        self.transport = transport
        self.server = server
        self.client = client
        self.key = key
        self.count = 0
        # Times as `FrameRef.ns`, which is quick; both once more as they are where one of them is far away.
        self._timed = False
        self._first = 0
        self._last = 0
        self._far: tuple[int, int] | None = None
        self.frames: list[FrameRef] = []
        # The last of the frames, once there are enough: what is later is none of them.
        self._end_capture = -1
        self._end_number = 0
        self.shares: dict[int, int] | None = None
        # A bit for each of the first shares that is there, and the latest time of any: from then on nothing is earlier.
        self._shares_seen = 0
        self._shares_from = 0

    @property
    def first_ns(self) -> int | None:
        """The earliest time; None where there is no clue."""
        if self._far is not None:
            return self._far[0]
        return self._first if self._timed else None

    @property
    def last_ns(self) -> int | None:
        """The latest time; None where there is no clue."""
        if self._far is not None:
            return self._far[1]
        return self._last if self._timed else None

    def add(self, at: FrameRef, share: int = -1) -> None:
        """Take one clue. share: of which it is, -1 where there are none."""
        self.count += 1
        if at._exact is None and self._far is None:
            self._span(at.ns)
        else:
            self._span_far(at.time_ns)
        self._frame(at)
        if share >= 0 and (
            share >= _BITS or not self._shares_seen >> share & 1 or at._exact is not None or at.ns < self._shares_from
        ):
            self._share(share, at.time_ns)

    def _share(self, share: int, time_ns: int) -> None:
        if self.shares is None:
            self.shares = {}
        first = self.shares.get(share)
        if first is None or time_ns < first:
            self.shares[share] = time_ns
            if share < _BITS and -_FAR_NS < time_ns < _FAR_NS:
                self._shares_from = max(self._shares_from, time_ns) if self._shares_seen else time_ns
                self._shares_seen |= 1 << share

    def add_unplaced(self, count: int, times_ns: Iterable[int | None]) -> None:
        """Take so many clues whose frames are not known. times_ns: the earliest and the latest of theirs, if known."""
        self.count += count
        for time_ns in times_ns:
            if time_ns is not None:
                self._span_far(time_ns)

    def merge(self, other: Evidence) -> None:
        """Take all of another's."""
        self.count += other.count
        for time_ns in (other.first_ns, other.last_ns):
            if time_ns is not None:
                self._span_far(time_ns)
        self._join(other.frames)
        for share, first_ns in (other.shares or {}).items():
            self._share(share, first_ns)

    def _span(self, ns: int) -> None:
        if not self._timed:
            self._timed = True
            self._first = self._last = ns
        elif ns < self._first:
            self._first = ns
        elif ns > self._last:
            self._last = ns

    def _span_far(self, time_ns: int) -> None:
        """Take a time that may be anywhere."""
        first, last = self.first_ns, self.last_ns
        self._far = (
            time_ns if first is None else min(first, time_ns),
            time_ns if last is None else max(last, time_ns),
        )

    def _join(self, others: list[FrameRef]) -> None:
        """Take another's frames, which are in order as these are."""
        joined: list[FrameRef] = []
        place, count = 0, len(others)
        for at in self.frames:
            while place < count and at.is_later(others[place]):
                joined.append(others[place])
                place += 1
            if place < count and not others[place].is_later(at):
                place += 1  # the same one
            joined.append(at)
        joined += others[place:]
        del joined[_MOST_FRAMES:]
        self.frames = joined
        self._fill()

    def _frame(self, at: FrameRef) -> None:
        if self._end_capture >= 0 and (
            at.capture > self._end_capture or (at.capture == self._end_capture and at.number > self._end_number)
        ):
            return
        self._add_frame(at)
        self._fill()

    def _fill(self) -> None:
        """See whether there are enough frames."""
        if len(self.frames) == _MOST_FRAMES:
            self._end_capture = self.frames[-1].capture
            self._end_number = self.frames[-1].number

    def _add_frame(self, at: FrameRef) -> None:
        frames = self.frames
        if frames:
            last = frames[-1]
            if at.is_later(last):
                if len(frames) < _MOST_FRAMES:
                    frames.append(at)
                return
            if at == last:
                return
            if at < last:
                if at in frames:
                    return
                insort(frames, at)
                del frames[_MOST_FRAMES:]
                return
        frames.append(at)
