"""The few looks at raw bytes that everything on the fast way is made of.

words.pxd holds the same as C, for the modules that are compiled; a test holds the two
together. Neither looks at bounds: that is the caller's part, before the call.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

_word = Struct(">I").unpack_from
_half = Struct(">H").unpack_from
_two_halves = Struct(">HH").unpack_from
_four = (Struct(">IIII").unpack_from, Struct("<IIII").unpack_from)


def u32(buffer: bytes, offset: int) -> int:
    """An unsigned number of four bytes, most significant first."""
    word: int = _word(buffer, offset)[0]
    return word


def u16(buffer: bytes, offset: int) -> int:
    """An unsigned number of two bytes, most significant first."""
    half: int = _half(buffer, offset)[0]
    return half


def has_zero(buffer: bytes, start: int, stop: int) -> bool:
    """Whether any byte of a range is 0."""
    return buffer.find(b"\0", start, stop) >= 0


def is_zero(buffer: bytes, start: int, stop: int) -> bool:
    """Whether all bytes of a range are 0."""
    return not any(buffer[start:stop])


def two_u16(buffer: bytes, offset: int) -> tuple[int, int]:
    """Two numbers of two bytes each."""
    first, second = _two_halves(buffer, offset)
    return first, second


def four_u32(buffer: bytes, offset: int, little: bool) -> tuple[int, int, int, int]:
    """Four numbers of four bytes each; little: least significant byte first."""
    first, second, third, fourth = _four[little](buffer, offset)
    return first, second, third, fourth


def cut(buffer: bytes, start: int, stop: int) -> bytes:
    """The bytes of a range that lies within the buffer."""
    return bytes(buffer[start:stop])


def sum_of_words(buffer: bytes, start: int, stop: int) -> int:
    """The sum of the 16-bit words of a range, modulo 0xffff; a last odd byte counts as the high one of a word."""
    total = int.from_bytes(buffer[start:stop], "big") << (8 if (stop - start) & 1 else 0)
    # 2**16 is 1 modulo 0xffff: the remainder of the whole number is the sum of its words.
    return total % 0xFFFF


def is_same(buffer: bytes, at: int, other: bytes, other_at: int, size: int) -> bool:
    """Whether two ranges of `size` bytes are equal."""
    return buffer[at : at + size] == other[other_at : other_at + size]


def mix(buffer: bytes, start: int, stop: int, number: int) -> int:
    """A number of 24 bits in which all bits of a number and of a range of whole words count."""
    for at in range(start, stop, 4):
        number = ((number ^ u32(buffer, at)) * _FACTOR) & _WORD
    return number >> 8


def untrack(thing: object) -> None:
    """Tell the garbage collector of a new object that it will never be part of a circle. Nothing else changes.

    Where objects come and go by the million, what the collector keeps of them costs more than they do.
    """


def address_of(capsule: Any) -> int:
    """Where a compiled function is that its module exports; 0 where there is none, as here."""
    del capsule
    return 0


def walk(address: int, walker: Callable[..., int], buffer: bytes, offset: int, end: int, found: set[Any]) -> int:
    """Call a walker of `_codec.py`; as compiled code by its address, where it has one."""
    del address
    return walker(buffer, offset, end, found)


_FACTOR, _WORD = 0x9E3779B1, 0xFFFFFFFF
