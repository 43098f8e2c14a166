"""Scapy fields for a single value of XDR (RFC 4506): lengths and padding are written by themselves.

What is written otherwise is said by the value (`XDRBytes`), by a list's count, by an
optional's flag, or by Scapy's `RawVal` in the place of any value.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from struct import pack
from typing import Any

from scapy.fields import Field, IntEnumField, IntField
from scapy.packet import Packet
from scapy.volatile import RandBin, RandIP, RandNum, VolatileValue

from netinfo_scapy.layers.values import XDRBytes, announced, padding
from netinfo_scapy.protocol.wire import take_octets, take_opaque

_MOST_RANDOM = 1200
"""Bytes of a random string, as Scapy's own fields have it."""

_AnyFieldT = Field[Any, Any]


class WordField(IntField):
    """An unsigned integer (RFC 4506, 4.2)."""

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Raises ValueError for text, which Scapy would only refuse when the packet is built."""
        if isinstance(x, str | bytes):
            raise ValueError(f"{self.name}={x!r}: a number is wanted")
        return super().any2i(pkt, x)


class NamedWordField(IntEnumField):
    """An unsigned integer whose numbers have names: either may be given."""

    def any2i_one(self, pkt: Packet | None, x: Any) -> Any:
        """Raises ValueError for a name that is none."""
        try:
            return super().any2i_one(pkt, x)
        except KeyError as error:
            names = ", ".join(sorted(map(str, self.s2i or ())))
            raise ValueError(f"{self.name}={x!r}: no such name; a number, or one of {names}") from error


class XDRStringField(_AnyFieldT):
    """A string or variable-length opaque (RFC 4506, 4.10 and 4.11): bytes; text is taken as UTF-8.

    maximum: bytes the protocol allows; only random values keep to it.
    """

    __slots__ = ["maximum"]

    def __init__(self, name: str, default: bytes | None, maximum: int) -> None:
        super().__init__(name, default, "I")
        self.maximum = maximum

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Text as UTF-8; other bytes-like things as bytes. Raises ValueError for a number, which is neither."""
        if isinstance(x, str):
            return x.encode()
        if isinstance(x, int):
            raise ValueError(f"{self.name}={x!r}: text or bytes are wanted, as {str(x)!r}")
        return bytes(x) if isinstance(x, bytearray | memoryview) else x

    def i2len(self, pkt: Packet | None, x: Any) -> int:
        """Bytes of the value."""
        return len(bytes(x or b""))

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append length, bytes, padding."""
        if not isinstance(val, bytes):
            val = b"" if val is None else bytes(val)
        return s + pack(">I", announced(val) & 0xFFFFFFFF) + bytes(val) + padding(val)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, bytes]:
        """Read length, bytes, padding; padding other than zeros is kept. Raises XdrError."""
        value, end = take_opaque(s, 0, len(s), 0xFFFFFFFF, set())
        pad = s[4 + len(value) : end]
        return s[end:], XDRBytes(value, pad=pad) if any(pad) else value

    def randval(self) -> VolatileValue[Any]:
        """Random bytes."""
        return RandBin(RandNum(0, min(self.maximum, _MOST_RANDOM)))


class AddressField(_AnyFieldT):
    """An IPv4 address as one unsigned integer: text, or a number when set."""

    def __init__(self, name: str, default: str) -> None:
        super().__init__(name, default, "4s")

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Raises ValueError for what is no IPv4 address."""
        if isinstance(x, int | str):
            try:
                return str(IPv4Address(x))
            except AddressValueError as error:
                raise ValueError(f"{self.name}={x!r} is no IPv4 address") from error
        return x

    def i2m(self, pkt: Packet | None, x: Any) -> bytes:
        """4 bytes."""
        return IPv4Address(str(x or "0.0.0.0")).packed

    def m2i(self, pkt: Packet | None, x: bytes) -> str:
        """Text."""
        return str(IPv4Address(x))

    def randval(self) -> VolatileValue[Any]:
        """A random address."""
        return RandIP()


class OctetsField(AddressField):
    """An IPv4 address in four signed integers, one octet each (bootparam)."""

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append 16 bytes, each octet sign-extended."""
        return s + pack(">4i", *(octet - 256 if octet > 127 else octet for octet in self.i2m(pkt, val)))

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, str]:
        """Read 16 bytes. Raises XdrError."""
        return s[16:], str(IPv4Address(take_octets(s, 0, len(s), set())))


class XDRFlagField(IntField):
    """The flag of an optional (RFC 4506, 4.19): None writes whether the value is there.

    of: the field that is optional.
    """

    __slots__ = ["of"]

    def __init__(self, name: str, of: str) -> None:
        super().__init__(name, None)
        self.of = of

    def i2m(self, pkt: Packet | None, x: Any) -> int:
        """The flag."""
        if x is not None:
            return int(x)
        return int(pkt is not None and pkt.getfieldval(self.of) is not None)
