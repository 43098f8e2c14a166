"""The bounded primitives under the generated codec: XDR (RFC 4506), section by section.

A length is compared with what is left before anything is allocated or looped over.
Every function takes the buffer, an offset, and the end that must not be passed. Those
that read return the value and the new offset; those that skip return the new offset
and find the same anomalies. The only exception is `XdrError`.
"""

from __future__ import annotations

from struct import Struct

from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.anomalies import Anomaly

UNBOUNDED = 0xFFFFFFFF
"""The maximum of a variable-length type that gives none (RFC 4506, 4.10)."""

_pack_word = Struct(">I").pack
_ZEROS = (b"", b"\0", b"\0\0", b"\0\0\0")


class XdrError(ValueError):
    """Bytes do not hold the type that is read, or a value does not fit the type that is written.

    offset: where in the buffer (or in the output so far).
    over_limit: the bytes are there but exceed the type's maximum; otherwise they end too soon.
    """

    def __init__(self, reason: str, offset: int, over_limit: bool = False) -> None:
        super().__init__(f"{reason} at offset {offset}")
        self.reason = reason
        self.offset = offset
        self.over_limit = over_limit


def need(offset: int, end: int, size: int) -> None:
    """Raise `XdrError` unless `size` bytes are left."""
    if end - offset < size:
        raise XdrError(f"{size} bytes needed, {max(end - offset, 0)} left", offset)


def take_word(buffer: bytes, offset: int, end: int) -> int:
    """Read an unsigned integer (RFC 4506, 4.2); the caller advances by 4."""
    if end - offset < 4:
        raise XdrError(f"4 bytes needed, {max(end - offset, 0)} left", offset)
    return words.u32(buffer, offset)


def take_count(buffer: bytes, offset: int, end: int, maximum: int, smallest: int) -> int:
    """Read the count of an array (RFC 4506, 4.13) whose elements take `smallest` bytes or more each."""
    count = take_word(buffer, offset, end)
    if count * smallest > end - offset - 4:
        raise XdrError(f"{count} elements announced, {end - offset - 4} bytes left", offset)
    if count > maximum:
        raise XdrError(f"{count} elements, at most {maximum} allowed", offset, over_limit=True)
    return count


def take_flag(buffer: bytes, offset: int, end: int, found: set[Anomaly]) -> bool:
    """Read the flag of an optional (RFC 4506, 4.19); other than 0 and 1 counts as 1, and is found."""
    flag = take_word(buffer, offset, end)
    if flag > 1:
        found.add(Anomaly.OPTIONAL_FLAG)
    return flag != 0


def skip_opaque(buffer: bytes, offset: int, end: int, maximum: int, found: set[Anomaly]) -> int:
    """Walk over variable-length opaque data (RFC 4506, 4.10): its length and padding are checked."""
    if end - offset < 4:
        raise XdrError(f"4 bytes needed, {max(end - offset, 0)} left", offset)
    length = words.u32(buffer, offset)
    start = offset + 4
    if length > end - start:
        raise XdrError(f"{length} bytes announced, {end - start} left", offset)
    if length > maximum:
        raise XdrError(f"{length} bytes, at most {maximum} allowed", offset, over_limit=True)
    stop = start + length
    padding = -length & 3
    if padding:
        if padding > end - stop:
            raise XdrError(f"{padding} bytes of padding needed, {end - stop} left", stop)
        if not words.is_zero(buffer, stop, stop + padding):
            found.add(Anomaly.NONZERO_PADDING)
    return stop + padding


def take_opaque(buffer: bytes, offset: int, end: int, maximum: int, found: set[Anomaly]) -> tuple[bytes, int]:
    """Read variable-length opaque data."""
    after = skip_opaque(buffer, offset, end, maximum, found)
    return buffer[offset + 4 : offset + 4 + words.u32(buffer, offset)], after


def skip_string(buffer: bytes, offset: int, end: int, maximum: int, found: set[Anomaly]) -> int:
    """Walk over a string (RFC 4506, 4.11); an inner NUL is found."""
    after = skip_opaque(buffer, offset, end, maximum, found)
    if words.has_zero(buffer, offset + 4, offset + 4 + words.u32(buffer, offset)):
        found.add(Anomaly.INNER_NUL)
    return after


def take_string(buffer: bytes, offset: int, end: int, maximum: int, found: set[Anomaly]) -> tuple[bytes, int]:
    """Read a string as bytes; an inner NUL is kept."""
    after = skip_string(buffer, offset, end, maximum, found)
    return buffer[offset + 4 : offset + 4 + words.u32(buffer, offset)], after


def take_octets(buffer: bytes, offset: int, end: int, found: set[Anomaly]) -> int:
    """Read four words of one address octet each, sign-extended or not (bootparam), as one number; advance by 16."""
    need(offset, end, 16)
    number = 0
    for at in range(offset, offset + 16, 4):
        word = words.u32(buffer, at)
        if 0xFF < word < 0xFFFFFF80:
            found.add(Anomaly.ODD_OCTET)
        number = number << 8 | word & 0xFF
    return number


def put_opaque(value: bytes, maximum: int, out: bytearray) -> None:
    """Write variable-length opaque data or a string, padded with zeros."""
    length = len(value)
    if length > maximum:
        raise XdrError(f"{length} bytes, at most {maximum} allowed", len(out), over_limit=True)
    out += _pack_word(length)
    out += value
    out += _ZEROS[-length & 3]


def put_count(count: int, maximum: int, out: bytearray) -> None:
    """Write the count of an array."""
    if count > maximum:
        raise XdrError(f"{count} elements, at most {maximum} allowed", len(out), over_limit=True)
    out += _pack_word(count)


def put_octets(number: int, out: bytearray) -> None:
    """Write an IPv4 address as bootparam does: a word for each octet, sign-extended."""
    for octet in number.to_bytes(4, "big"):
        out += _pack_word(octet if octet < 0x80 else 0xFFFFFF00 | octet)
