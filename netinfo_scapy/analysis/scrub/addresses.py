"""Addresses -> others of the same network structure, in every notation as long as they were.

An address is permuted part by part (octets of IPv4 and of a MAC, groups of IPv6), each in a way
that depends on the parts before it: two addresses that share their first parts do so afterwards. A
part keeps its number of digits, so that an address in a text is the same one as in a header and
the text keeps its length. What that costs: 10.x becomes one of 90 networks, not of 256, and
networks are kept apart at whole octets (/8, /16, /24), not in between.

What addresses mean stays: 0/8, 127/8, multicast and what is above it, a last octet of 0 or 255; of IPv6
loopback, multicast and fe80; groups of 0; of MAC addresses those of a group, and whether they are given by a vendor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from netinfo_scapy.analysis.scrub.permutation import Key

_V4_MAPPED = bytes(10) + b"\xff\xff"


class Addresses:
    """The replacements of addresses."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self.ip = lru_cache(1 << 16)(self._ip)
        self.mac = lru_cache(1 << 16)(self._mac)
        self._octet = lru_cache(1 << 14)(self._any_octet)

    def number(self, number: int) -> int:
        """Of an IPv4 address as a number."""
        return int.from_bytes(self.ip(number.to_bytes(4, "big")), "big")

    def octets(self, parts: list[int]) -> list[int]:
        """Of the first octets of an IPv4 address, as many as there are."""
        if parts[0] in (0, 127) or parts[0] >= 224:
            return parts
        # Of a whole address the last one is hardly ever asked for again, and would push out what is.
        found = [self._octet(*parts[: place + 1]) for place in range(min(len(parts), 3))]
        return [*found, self._any_octet(*parts)] if len(parts) == 4 else found

    def _any_octet(self, *parts: int) -> int:
        """Of the last of some octets, which those before it decide on: neighbors have these in common."""
        *before, part = parts
        fits = _OCTETS.get(len(before), _is_octet)
        return self._part(b"ipv4", before, part, 10, fits) if fits(part) else part

    def _ip(self, address: bytes) -> bytes:
        """Of 4 or 16 bytes."""
        if len(address) == 4:
            return bytes(self.octets(list(address)))
        if address[:12] == _V4_MAPPED:
            return _V4_MAPPED + self._ip(address[12:])
        parts = [int.from_bytes(address[at : at + 2], "big") for at in range(0, 16, 2)]
        if address[:15] == bytes(15) or address[0] == 0xFF:
            return address
        found = []
        for place, part in enumerate(parts):
            fits = _is_group if place else _is_first_group
            found.append(self._part(b"ipv6", parts[:place], part, 16, fits) if fits(part) else part)
        return b"".join(part.to_bytes(2, "big") for part in found)

    def _mac(self, address: bytes) -> bytes:
        """Of 6 bytes, or of a beginning of them."""
        if not any(address) or address[0] & 1:
            return address
        kind = address[0] & 3
        found = []
        for place, part in enumerate(address):
            fits: Callable[[int], bool] = (lambda each: each & 3 == kind) if not place else _is_octet
            found.append(self._part(b"mac", list(address[:place]), part, 16, fits))
        return bytes(found)

    def _part(self, kind: bytes, before: list[int], part: int, base: int, fits: Callable[[int], bool]) -> int:
        """A part as another with the same number of digits."""
        digits: list[int] = []
        rest = part
        while rest or not digits:
            rest, digit = divmod(rest, base)
            digits.insert(0, digit)
        # The first of several digits is not 0.
        lead = 1 if len(digits) > 1 else 0
        context = b"".join((kind, bytes((len(digits),)), *(each.to_bytes(2, "big") for each in before)))
        radices = [base - lead] + [base] * (len(digits) - 1)

        def value(found: list[int]) -> int:
            number = 0
            for digit in (found[0] + lead, *found[1:]):
                number = number * base + digit
            return number

        shifted = [digits[0] - lead, *digits[1:]]
        return value(self._key.walked(context, shifted, radices, lambda found: fits(value(found))))


def _is_octet(part: int) -> bool:
    return part <= 255


def _is_group(part: int) -> bool:
    return part > 0


def _is_first_group(part: int) -> bool:
    return 0 < part < 0xFF00 and part != 0xFE80


_OCTETS: dict[int, Callable[[int], bool]] = {
    0: lambda part: 0 < part < 224 and part != 127,
    3: lambda part: 0 < part < 255,
}
"""Place in an address -> which octets change there, among themselves."""
