"""Durations in logarithmic bins: quantiles whose error is bounded, and whose merge is addition."""

from __future__ import annotations

from array import array

_BITS = 7
"""Each power of two is cut into 2**7 bins, so a bin's middle is off by at most 1/256 (0.4 %)."""

_LINEAR = 1 << (_BITS + 1)
"""Numbers below it have a bin each."""

_MOST_BINS = (64 - _BITS) << _BITS
"""More bins than there are for numbers of 63 bits."""

_COARSE = 1 << (_BITS - 2)
"""Bins that make one of `coarse`."""


def bin_of(value: int) -> int:
    """The bin of a whole number of nanoseconds; below 2**8 every number has its own; negative ones go to 0."""
    if value < _LINEAR:
        return max(value, 0)
    shift = 0
    while value >= _LINEAR:
        value >>= 1
        shift += 1
    return (shift << _BITS) + value


def start_of(number: int) -> int:
    """The least duration of a bin."""
    if number < _LINEAR:
        return number
    shift = (number >> _BITS) - 1
    return (number - (shift << _BITS)) << shift


def middle_of(number: int) -> int:
    """The middle of a bin."""
    if number < _LINEAR:
        return number
    return start_of(number) + (1 << (number >> _BITS) - 1) // 2


class Durations:
    """Counts of nanoseconds. count, least and most are exact; quantiles are within 1 %."""

    __slots__ = ("bins", "count", "least", "most")

    def __init__(self) -> None:
        self.bins: dict[int, int] = {}
        self.count = 0
        self.least = 0
        self.most = 0

    def add(self, value: int) -> None:
        """Take one duration."""
        if not self.count or value < self.least:
            self.least = value
        if not self.count or value > self.most:
            self.most = value
        self.count += 1
        number = bin_of(value)
        self.bins[number] = self.bins.get(number, 0) + 1

    def merge(self, other: Durations) -> None:
        """Take all of another's."""
        if not other.count:
            return
        self.least = min(self.least, other.least) if self.count else other.least
        self.most = max(self.most, other.most) if self.count else other.most
        self.count += other.count
        for number, count in other.bins.items():
            self.bins[number] = self.bins.get(number, 0) + count

    def coarse(self) -> list[tuple[int, int, int]]:
        """The distribution in four bins to each power of two: (from, to, count) of those that are not empty."""
        counts: dict[int, int] = {}
        for number, count in self.bins.items():
            wide = number // _COARSE * _COARSE
            counts[wide] = counts.get(wide, 0) + count
        return [(start_of(wide), start_of(wide + _COARSE), counts[wide]) for wide in sorted(counts)]

    def quantile(self, share: float) -> int:
        """The smallest duration that at least this share of all does not exceed; 0 where there is none."""
        rank, passed = max(1, -(-self.count * round(share * 1000) // 1000)), 0
        for number in sorted(self.bins):
            passed += self.bins[number]
            if passed >= rank:
                return min(max(middle_of(number), self.least), self.most)
        return 0


class Tally:
    """Durations of fewer than 63 bits while they come in by the million: the same counts, in one row of numbers."""

    __slots__ = ("_bins", "_count", "_least", "_most")

    def __init__(self) -> None:
        self._bins = array("q", [0]) * _MOST_BINS
        self._count = 0
        self._least = self._most = 0

    def add(self, value: int) -> None:
        """Take one duration."""
        if not self._count:
            self._least = self._most = value
        elif value < self._least:
            self._least = value
        elif value > self._most:
            self._most = value
        self._count += 1
        self._bins[bin_of(value)] += 1

    def durations(self) -> Durations:
        """All of them."""
        all_of_them = Durations()
        for number in range(bin_of(self._least), bin_of(self._most) + 1):
            if self._bins[number]:
                all_of_them.bins[number] = self._bins[number]
        all_of_them.count, all_of_them.least, all_of_them.most = self._count, self._least, self._most
        return all_of_them
