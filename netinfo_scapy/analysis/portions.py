"""What is handed over to another process, a little at a time: so that there is never much of it twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

_AT_ONCE = 1_024
"""Rows of one portion, at the most."""

_Row = TypeVar("_Row")


def few(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows in order, no more than a portion's at once."""
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some


class Portion:
    """What is made of some values by the process that unpickles it."""

    __slots__ = ("_make", "_of")

    def __init__(self, make: Callable[..., Any], *of: Any) -> None:
        self._make = make
        self._of = of

    def __reduce__(self) -> tuple[Any, ...]:
        return self._make, self._of
