"""Calls and refusals by time, in bins: few enough to keep and to draw, and the same however the input is divided.

A bin is 2**level nanoseconds long and begins at a multiple of that since 1970. Where more than `MOST_BINS` would be
filled, the level rises until they fit, each two neighbors becoming one. The level in the end is the least at which the
bins of all times fit, whatever the order: a part of the times never fills more bins than all of them, so no part
rises further; and a part that overfilled a level shows that all of them do. Joining neighbors gives the very counts
that the higher level would have given from the start, because bins of a level never straddle those of the next.
"""

from __future__ import annotations

from netinfo_scapy.protocol.walks import STATUS_NAMES

MOST_BINS = 256
"""Bins that are filled, at the most."""

LEAST_LEVEL = 20
"""Bins are 2**20 ns, about a millisecond, at the least."""

REFUSALS = frozenset({"NI_PERM", "NI_AUTHERROR", "NI_NOUSER", "NI_RDONLY", "AUTH_ERROR"})
"""Statuses of a reply that refuses for want of rights."""

REFUSAL_NUMBERS = frozenset(number for number, name in STATUS_NAMES.items() if name in REFUSALS)
"""Those of them that are NetInfo's own."""

_MOST_BINS = MOST_BINS


class Timeline:
    """Counts of calls and of refusing replies. bins: each filled one, its start >> level, with the two counts."""

    __slots__ = ("_bin", "_calls", "_refused", "bins", "level")

    def __init__(self) -> None:
        self.level = LEAST_LEVEL
        self.bins: dict[int, list[int]] = {}
        # What was counted in the latest bin, and is not among the above yet.
        self._bin = 0
        self._calls = 0
        self._refused = 0

    def add_call(self, ns: int) -> None:
        """Count a call, by its time in nanoseconds since 1970, of 63 bits."""
        if ns >> self.level != self._bin:
            self._turn(ns)
        self._calls += 1

    def add_refusal(self, ns: int) -> None:
        """Count a reply that refuses."""
        if ns >> self.level != self._bin:
            self._turn(ns)
        self._refused += 1

    def settle(self) -> None:
        """Bring what was counted lately into `bins`."""
        if self._calls or self._refused:
            self._add(self._bin, self._calls, self._refused)
            self._calls = self._refused = 0

    def merge(self, other: Timeline) -> None:
        """Add another's counts; the two share nothing."""
        self.settle()
        other.settle()
        if self.level < other.level:
            self._raise(other.level)
        for number, (calls, refused) in other.bins.items():
            # Adding may raise the level on the way.
            self._add(number >> self.level - other.level, calls, refused)

    def _add(self, number: int, calls: int, refused: int) -> None:
        """Count in a bin."""
        found = self.bins.get(number)
        if found is not None:
            found[0] += calls
            found[1] += refused
            return
        self.bins[number] = [calls, refused]
        while len(self.bins) > _MOST_BINS:
            self._raise(self.level + 1)

    def _turn(self, ns: int) -> None:
        """Go to the bin of another time."""
        self.settle()
        self._bin = ns >> self.level

    def _raise(self, level: int) -> None:
        """Join bins until each is 2**level ns long."""
        up = level - self.level
        joined: dict[int, list[int]] = {}
        for number, (calls, refused) in self.bins.items():
            whole = joined.setdefault(number >> up, [0, 0])
            whole[0] += calls
            whole[1] += refused
        self.bins = joined
        self._bin >>= up
        self.level = level
