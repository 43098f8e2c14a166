"""XDR structs and unions as Scapy packets: what a layer's class statement needs.

A class names its type and lets `fields_of` (table.py) make its fields:

    class NI_Id(XDRPacket):
        xdr = NI_ID
        fields_desc = fields_of(NI_ID)

Bytes that do not hold the type are never read into it: the class gives a `Raw` instead, as
Scapy does where a dissector fails. The codec decides that, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any, ClassVar

from scapy.config import conf
from scapy.packet import Packet

from netinfo_scapy.layers.table import CLASSES, class_of, field_name, is_there
from netinfo_scapy.protocol.codec import XdrError, walk
from netinfo_scapy.protocol.xdr import (
    Address,
    Array,
    Bool,
    Chain,
    Enum,
    FixedArray,
    FixedOpaque,
    Int,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    UInt,
    Union,
)


class XDRPacket(Packet):
    """A struct or union of XDR (RFC 4506).

    xdr: its type; None is void.
    """

    xdr: ClassVar[Struct | Union | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Scapy looks for a dispatch_hook in the class itself, not in its bases.
        if "dispatch_hook" not in cls.__dict__:
            cls.dispatch_hook = classmethod(_raw_unless_it_fits)  # type: ignore[attr-defined]

    def init_fields(self, for_dissect_only: bool = False) -> None:
        """As any packet; but structs and lists that are defaults stay defaults, or fuzz() would take them as given."""
        super().init_fields(for_dissect_only)
        own, self.fields = self.fields, {}
        if own:
            self.default_fields = {**self.default_fields, **own}

    def _command(self, json: bool = False) -> list[tuple[str, Any]]:
        """What was changed inside a default belongs to the command, too."""
        for field in self.fields_desc:
            value = self.default_fields.get(field.name)
            if field.name not in self.fields and isinstance(value, list | Packet) and value != field.default:
                self.fields[field.name] = value
        return super()._command(json)

    @classmethod
    def holds(cls, data: bytes) -> int | None:
        """How many of the bytes the type takes; None where they do not hold it."""
        if cls.xdr is None:
            return 0
        try:
            return walk(cls.xdr, data)
        except XdrError:
            return None

    def decoded(self) -> dict[str, Any] | None:
        """The value as the codec makes it: dict, list, int, bytes; None for void."""
        return None if self.xdr is None else _value(self.xdr, self)

    @classmethod
    def made_of(cls, value: dict[str, Any]) -> XDRPacket:
        """A packet of a value as the codec makes it."""
        assert cls.xdr is not None
        made = cls(**{each: _given(part, value[name]) for name, each, part in _flat(cls.xdr) if name in value})
        if isinstance(cls.xdr, Union):
            made.setfieldval(cls.xdr.discriminant, value[cls.xdr.discriminant])
        return made


def _raw_unless_it_fits(cls: type[XDRPacket], _pkt: bytes = b"", *_args: Any, **_kwargs: Any) -> type[Packet]:
    if _pkt and cls.holds(bytes(_pkt)) is None:
        raw: type[Packet] = conf.raw_layer
        return raw
    return cls


class XDRStruct(XDRPacket):
    """A struct or union that is part of another: nothing is its payload."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.xdr is not None:
            CLASSES[cls.xdr.name] = cls

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """All that follows belongs to the packet this is part of."""
        return b"", s


def _flat(xdr: Struct | Union) -> Iterable[tuple[str, str, Type]]:
    """The parts that become fields: their name, their name in a layer, their type."""
    if isinstance(xdr, Struct):
        return [(name, field_name(name), part) for name, part in xdr.fields]
    return [(name, field_name(name), part) for _, arm in xdr.arms for name, part in arm.fields]


def _value(xdr: Struct | Union, packet: Packet) -> dict[str, Any]:
    if isinstance(xdr, Struct):
        return {name: _part(part, packet, field_name(name)) for name, part in xdr.fields}
    number = int(packet.getfieldval(field_name(xdr.discriminant)))
    arm = dict(xdr.arms).get(number)
    return {xdr.discriminant: number, **(_value(arm, packet) if arm else {})}


def _part(xdr: Type, packet: Packet, own: str) -> Any:
    """A part's value as the codec makes it."""
    value = packet.getfieldval(own)
    match xdr:
        case Address() | Octets():
            return int(IPv4Address(str(value)))
        case Bool():
            return bool(value)
        case UInt() | Int() | Enum():
            return int(value)
        case Opaque() if isinstance(value, Packet):
            return _of_packet(value)  # a forwarded call or its result
        case String() | Opaque() | FixedOpaque():
            return bytes(value)
        case Struct() | Union():
            return _of_packet(value)
        case Optional(element):
            return _part(element, packet, own) if is_there(f"{own}_flag", own)(packet) else None
        case Array(element) | FixedArray(element) | Chain(element):
            return [_of_element(element, each) for each in value or ()]


def _of_packet(packet: Packet) -> Any:
    return packet.decoded() if isinstance(packet, XDRPacket) else None


def _of_element(xdr: Type, value: Any) -> Any:
    if isinstance(value, XDRPacket):
        fields = value.decoded()
        return fields if isinstance(xdr, Struct | Union) or fields is None else next(iter(fields.values()))
    return bytes(value) if isinstance(value, bytes) else int(value)


def _given(xdr: Type, value: Any) -> Any:
    """A codec's value as a layer's field takes it."""
    match xdr:
        case _ if value is None:
            return None
        case Address() | Octets():
            return str(IPv4Address(value))
        case Struct() | Union():
            return CLASSES[xdr.name].made_of(value)
        case Optional(element):
            return _given(element, value)
        case Array(element) | FixedArray(element) | Chain(element):
            return [_given_element(element, each) for each in value]
        case _:
            return value


def _given_element(xdr: Type, value: Any) -> Any:
    if isinstance(xdr, Array):
        cls = class_of(xdr)
        assert isinstance(cls.xdr, Struct)
        return cls.made_of({cls.xdr.fields[0][0]: value})
    return _given(xdr, value)
