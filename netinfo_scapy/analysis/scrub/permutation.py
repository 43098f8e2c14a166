"""A keyed permutation of digit strings: how every replacement is chosen.

What is to be replaced is written as digits, each with a radix of its own: letters, decimal
digits, parts of an address. A Feistel network over the two halves (as in NIST SP 800-38G, with
keyed BLAKE2 as its round function) turns it into another string of the same digits. So two
different texts never become the same one, nothing needs to be remembered, and the same key
gives the same result in every capture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct, pack

SMALLEST_KEY = 32
"""Bytes of a key at the least."""

_ROUNDS = 8
_MOST_BEGUN = 512
"""Keyed hashes that are remembered, by round and number of digits: making one takes as long as using it."""

_MOST_REMEMBERED, _LONGEST_REMEMBERED = 1 << 14, 64
"""Results of the round function that are kept, and for how many bytes: a network of 254 hosts takes 436 in all."""


class Key:
    """A secret key. Raises ValueError for fewer than `SMALLEST_KEY` bytes."""

    __slots__ = ("_begun", "_key", "_remembered")

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SMALLEST_KEY:
            raise ValueError(f"a key has {SMALLEST_KEY} bytes or more, this one {len(secret)}")
        self._key = hashlib.blake2b(secret, person=b"netinfo-scrub").digest()
        self._begun = lru_cache(_MOST_BEGUN)(self._begin)
        self._remembered: dict[tuple[int, int, bytes], tuple[int, ...]] = {}

    def permuted(self, context: bytes, digits: Sequence[int], radices: Sequence[int]) -> list[int]:
        """Other digits with the same radices. context: what they are part of; each has a permutation of its own."""
        middle = len(digits) // 2
        changing, other = list(digits[middle:]), list(digits[:middle])
        bounds, others = radices[middle:], radices[:middle]
        size = pack(">Q", len(context))
        for number in range(_ROUNDS):
            if changing:
                data = size + _words(len(other)).pack(*other) + context
                stream = self._stream(number, data, len(other), len(changing))
                changing = [(digit + word) % radix for digit, word, radix in zip(changing, stream, bounds, strict=True)]
            changing, other, bounds, others = other, changing, others, bounds
        return other + changing

    def walked(
        self, context: bytes, digits: Sequence[int], radices: Sequence[int], fits: Callable[[list[int]], bool]
    ) -> list[int]:
        """The same among those digit strings that fit, of which this must be one (cycle walking)."""
        found = self.permuted(context, digits, radices)
        while not fits(found):
            found = self.permuted(context, found, radices)
        return found

    def _stream(self, number: int, data: bytes, size: int, count: int) -> tuple[int, ...]:
        """As many words as asked for, for a round, from what one half of so many digits says."""
        remembered = self._remembered
        found = remembered.get((number, count, data))
        if found is None:
            seed = self._begun(number, size).copy()
            seed.update(data)
            found = _words(count).unpack(hashlib.shake_256(seed.digest()).digest(4 * count))
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            if len(data) <= _LONGEST_REMEMBERED:
                remembered[number, count, data] = found
        return found

    def _begin(self, number: int, size: int) -> hashlib.blake2b:
        return hashlib.blake2b(key=self._key, salt=pack(">IQ", number, size))


@lru_cache(256)
def _words(count: int) -> Struct:
    return Struct(f">{count}I")
