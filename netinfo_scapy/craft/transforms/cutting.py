"""Lengths cut into sizes."""

from __future__ import annotations

from collections.abc import Sequence


def cut(length: int, sizes: Sequence[int], repeat: bool) -> list[int]:
    """The sizes of the parts of a length. repeat: the sizes come again and again; else the rest is one part.

    A size of 0 is an empty part. The sum of the parts is the length.
    """
    parts: list[int] = []
    left = length
    while left:
        for size in sizes:
            parts.append(min(size, left))
            left -= parts[-1]
            if not left:
                return parts
        if not repeat:
            parts.append(left)
            return parts
    return parts or [0]


def check_sizes(sizes: Sequence[int], least: int, step: int = 1) -> None:
    """Raises ValueError where sizes cannot cut anything."""
    if not sizes or not any(sizes):
        raise ValueError("sizes: give at least one size that is not 0")
    for size in sizes:
        if size < least or size % step:
            raise ValueError(f"sizes: {size} is not {f'a multiple of {step}' if size % step else f'{least} or more'}")
