"""Scapy fields for what XDR makes of several values (RFC 4506): structs, arrays, linked lists."""

from __future__ import annotations

from collections.abc import Callable
from random import randint
from struct import unpack_from
from typing import TYPE_CHECKING, Any

from scapy.fields import AnyField, FieldListField, PacketField
from scapy.packet import Packet, fuzz
from scapy.volatile import VolatileValue

from netinfo_scapy.layers.fields import XDRStringField
from netinfo_scapy.layers.values import XDRBytes
from netinfo_scapy.protocol.codec import walk
from netinfo_scapy.protocol.wire import XdrError, take_flag, take_opaque

if TYPE_CHECKING:
    from netinfo_scapy.layers.structs import XDRPacket


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
