"""Things in the order in which they were last used: as an `OrderedDict` is, for where each use has to be cheap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Place:
    """Where a thing stands in a `Line`; in none where it has no neighbors. Each thing has its own, made once."""

    __slots__ = ("after", "before", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.before: Place | None = None
        self.after: Place | None = None


class Line:
    """Places, that of the thing used last at the end."""

    __slots__ = ("_end",)

    def __init__(self) -> None:
        # A ring, closed by a place of no thing: the first comes after it, the last before.
        self._end = Place(None)
        self._end.before = self._end.after = self._end

    def put_last(self, place: Place) -> None:
        """Put a place at the end, wherever it was."""
        end = self._end
        last = end.before
        if last is place or last is None:
            return
        if place.after is not None:
            self.remove(place)
            last = end.before
        place.before, place.after = last, end
        if last is not None:
            last.after = place
        end.before = place

    def remove(self, place: Place) -> None:
        """Take a place out, if it is in."""
        before, after = place.before, place.after
        if before is not None and after is not None:
            before.after, after.before = after, before
        place.before = place.after = None

    def first(self) -> Any:
        """The thing that was not used for the longest time; None where there is none."""
        place = self._end.after
        return None if place is None else place.thing

    def all(self) -> Iterator[Any]:
        """The things in order; the line has to stay as it is meanwhile."""
        place = self._end.after
        while place is not None and place is not self._end:
            yield place.thing
            place = place.after

    def clear(self) -> None:
        """Take all out."""
        place = self._end.after
        while place is not None and place is not self._end:
            following = place.after
            place.before = place.after = None
            place = following
        self._end.before = self._end.after = self._end
