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
from struct import pack

SMALLEST_KEY = 32
"""Bytes of a key at the least."""

_ROUNDS = 8


class Key:
    """A secret key. Raises ValueError for fewer than `SMALLEST_KEY` bytes."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SMALLEST_KEY:
            raise ValueError(f"a key has {SMALLEST_KEY} bytes or more, this one {len(secret)}")
        self._key = hashlib.blake2b(secret, person=b"netinfo-scrub").digest()

    def permuted(self, context: bytes, digits: Sequence[int], radices: Sequence[int]) -> list[int]:
        """Other digits with the same radices. context: what they are part of; each has a permutation of its own."""
        middle = len(digits) // 2
        halves = [list(digits[:middle]), list(digits[middle:])]
        bounds = [radices[:middle], radices[middle:]]
        for number in range(_ROUNDS):
            side = 1 - number % 2
            if halves[side]:
                stream = self._stream(context, number, halves[1 - side], len(halves[side]))
                halves[side] = [
                    (digit + word) % radix
                    for digit, word, radix in zip(halves[side], stream, bounds[side], strict=True)
                ]
        return halves[0] + halves[1]

    def walked(
        self, context: bytes, digits: Sequence[int], radices: Sequence[int], fits: Callable[[list[int]], bool]
    ) -> list[int]:
        """The same among those digit strings that fit, of which this must be one (cycle walking)."""
        found = self.permuted(context, digits, radices)
        while not fits(found):
            found = self.permuted(context, found, radices)
        return found

    def _stream(self, context: bytes, number: int, half: list[int], count: int) -> list[int]:
        """As many words as asked for, from one half of the digits."""
        seed = hashlib.blake2b(key=self._key, salt=pack(">IQ", number, len(half)))
        seed.update(pack(f">Q{len(half)}I", len(context), *half) + context)
        data = hashlib.shake_256(seed.digest()).digest(4 * count)
        return [int.from_bytes(data[at : at + 4], "big") for at in range(0, 4 * count, 4)]
