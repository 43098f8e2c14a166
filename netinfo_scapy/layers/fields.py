"""A family of Scapy fields for XDR (RFC 4506): lengths and padding are written by themselves.

What is written otherwise is said by the value (`XDRBytes`), by a list's count, by an
optional's flag, or by Scapy's `RawVal` in the place of any value.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address
from random import randint
from struct import pack, unpack_from
from typing import TYPE_CHECKING, Any

from scapy.fields import AnyField, Field, FieldListField, IntEnumField, IntField, PacketField
from scapy.packet import Packet, fuzz
from scapy.volatile import RandBin, RandIP, RandNum, VolatileValue

from netinfo_scapy.layers.values import XDRBytes, announced, padding
from netinfo_scapy.protocol.codec import walk
from netinfo_scapy.protocol.wire import XdrError, take_flag, take_octets, take_opaque

if TYPE_CHECKING:
    from netinfo_scapy.layers.structs import XDRPacket

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


class RandomList(VolatileValue[list[Any]]):
    """A short list of random elements. make: gives one."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        self.make = make

    def _fix(self) -> list[Any]:
        return [self.make() for _ in range(randint(0, 4))]


class XDRElementsField(FieldListField):
    """An array of numbers or strings."""

    def __init__(self, name: str, default: list[Any], field: AnyField, count: Callable[[Packet], int]) -> None:
        # Scapy takes a list of more than 100 for an attack; here the bytes there are limit it.
        super().__init__(name, default, field, count_from=count, max_count=1 << 32)

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """A lone element is a list of one; None is no list (a missing optional)."""
        if isinstance(x, tuple | set | frozenset):
            x = list(x)
        return x if x is None or isinstance(x, VolatileValue) else super().any2i(pkt, x)

    def i2count(self, pkt: Packet | None, val: Any) -> int:
        """Elements; none where there is no list."""
        return 0 if val is None else len(_fixed(val))

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        """The elements."""
        return super().i2repr(pkt, x) if isinstance(x, list) else repr(x)

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append each element."""
        return s + b"".join(self.field.addfield(pkt, b"", each) for each in _fixed(val or []))

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, list[Any]]:
        """Read as many as the count says, in time linear in their bytes. Raises XdrError."""
        assert self.count_from is not None
        count = self.count_from(pkt)
        if not isinstance(self.field, XDRStringField):
            if 4 * count > len(s):
                raise XdrError(f"{count} elements announced, {len(s)} bytes left", 0)
            return s[4 * count :], list(unpack_from(f">{count}{self.field.fmt[-1]}", s))
        values, at = [], 0
        for _ in range(count):
            value, end = take_opaque(s, at, len(s), 0xFFFFFFFF, set())
            pad = s[at + 4 + len(value) : end]
            values.append(XDRBytes(value, pad=pad) if any(pad) else value)
            at = end
        return s[at:], values

    def randval(self) -> Any:
        """A short list of random elements."""
        return RandomList(lambda: _fixed(self.field.randval()))


def _fixed(value: Any) -> Any:
    return value._fix() if isinstance(value, VolatileValue) else value


def packet_of(field: Any, x: Any) -> Any:
    """What was given for a struct, as a packet of the field's class.

    A dict has its fields by name, a tuple in order, a number or string is its first field:
    `id=0`, `id=(17, 5)`, `id={"object": 17}` and `id=NI_Id(object=17)`.
    """
    if x is None or isinstance(x, Packet):
        return x
    cls = field.cls
    if isinstance(x, dict):
        return cls(**x)
    if isinstance(x, bool | int | str | bytes):
        x = (x,)
    if isinstance(x, tuple):
        names = [field.name for field in cls.fields_desc if field.default is not None]
        if len(x) > len(names):
            raise ValueError(f"{cls.__name__} has {len(names)} fields, not {len(x)}: {', '.join(names)}")
        return cls(**dict(zip(names, x, strict=False)))
    return x


class XDRStructField(PacketField):
    """A struct or union inside another."""

    cls: Any

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """See `packet_of`."""
        return super().any2i(pkt, packet_of(self, x))

    def i2m(self, pkt: Packet | None, i: Any) -> bytes:
        """Its bytes; the class's defaults where there is none."""
        return bytes(self.cls() if i is None else i)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Read as many bytes as the type takes. Raises XdrError."""
        end = _extent(self.cls, s, 0)
        return s[end:], self.m2i(pkt, s[:end])


def _extent(cls: type[XDRPacket], data: bytes, at: int) -> int:
    """Where a value of the class's type that begins at an offset ends. Raises XdrError."""
    assert cls.xdr is not None
    return walk(cls.xdr, data, at)


class XDRListField(PacketField):
    """An array of structs.

    It is no PacketListField, of which Scapy's fuzz() leaves an empty one empty.
    count: gives how many, when read.
    """

    __slots__ = ["count"]
    islist = 1
    cls: Any

    def __init__(
        self, name: str, default: list[Any], cls: type[XDRPacket], count: Callable[[Packet], int] | None
    ) -> None:
        super().__init__(name, default, cls)  # type: ignore[arg-type]  # a list of what Scapy thinks is one
        self.count = count

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """A dict is a list of its pairs, as {"name": ["users"], "uid": ["0"]}; a lone element a list of one."""
        if x is None or isinstance(x, VolatileValue):
            return x
        if isinstance(x, dict):
            x = list(x.items())
        elif isinstance(x, bytes | str | Packet) or not hasattr(x, "__iter__"):
            x = [x]
        made = [packet_of(self, each) for each in x]
        for each in made:
            if pkt is not None and isinstance(each, Packet):
                each.add_parent(pkt)
        return made

    def i2count(self, pkt: Packet | None, val: Any) -> int:
        """Elements."""
        return 0 if val is None else len(_fixed(val))

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append each element."""
        return s + b"".join(bytes(each) for each in _fixed(val or []))

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Read as many as the count says, in time linear in their bytes. Raises XdrError."""
        assert self.count is not None
        values, at = [], 0
        for _ in range(self.count(pkt)):
            end = _extent(self.cls, s, at)
            values.append(self.m2i(pkt, s[at:end]))
            at = end
        return s[at:], values

    def randval(self) -> Any:
        """A short list of random elements."""
        return RandomList(lambda: next(iter(fuzz(self.cls()))))


class XDRChainField(XDRListField):
    """A linked list (RFC 4506, 4.19): each element has a flag of 1 before it.

    What ends it, normally 0, is a field of its own, so that it can be left open.
    """

    def __init__(self, name: str, cls: type[XDRPacket]) -> None:
        super().__init__(name, [], cls, None)

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append a flag and each element."""
        return s + b"".join(b"\0\0\0\1" + bytes(each) for each in _fixed(val or []))

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Read up to the flag 0, which is left. Raises XdrError."""
        values, at = [], 0
        while take_flag(s, at, len(s), set()):
            end = _extent(self.cls, s, at + 4)
            values.append(self.m2i(pkt, s[at + 4 : end]))
            at = end
        return s[at:], values
