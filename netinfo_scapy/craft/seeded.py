"""Numbers and bytes from a seed: the same on every machine and with every Python, which `random` does not promise."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

_Item = TypeVar("_Item")


class Seeded:
    """A stream of numbers made of a seed and the names of what they are for (SHA-256 in counter mode)."""

    def __init__(self, seed: int, *names: object) -> None:
        self._key = "/".join(map(str, (seed, *names))).encode()
        self._count = 0

    def _next(self) -> bytes:
        self._count += 1
        return sha256(self._key + b"#%d" % self._count).digest()

    def number(self, least: int, most: int) -> int:
        """A number from least to most, both included."""
        return least + int.from_bytes(self._next(), "big") % (most - least + 1)

    def bytes(self, count: int) -> bytes:
        """So many bytes."""
        made = bytearray()
        while len(made) < count:
            made += self._next()
        return bytes(made[:count])

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        """The items in another order."""
        left = list(items)
        return [left.pop(self.number(0, len(left) - 1)) for _ in items]
