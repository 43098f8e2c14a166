"""XDR structs and unions as Scapy packets: what a layer's class statement needs.

A class names its type and lets `fields_of` make its fields:

    class NI_Id(XDRPacket):
        xdr = NI_ID
        fields_desc = fields_of(NI_ID)

Bytes that do not hold the type are never read into it: the class gives a `Raw` instead, as
Scapy does where a dissector fails. The codec decides that, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from typing import Any, ClassVar

from scapy.config import conf
from scapy.fields import (
    AnyField,
    ConditionalField,
    FieldLenField,
    SignedIntField,
    StrFixedLenField,
)
from scapy.packet import Packet

from netinfo_scapy.layers.fields import (
    AddressField,
    NamedWordField,
    OctetsField,
    WordField,
    XDRChainField,
    XDRElementsField,
    XDRFlagField,
    XDRListField,
    XDRStringField,
    XDRStructField,
)
from netinfo_scapy.protocol.codec import XdrError, walk
from netinfo_scapy.protocol.netinfo import NONE_INDEX
from netinfo_scapy.protocol.programs import PROGRAMS
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

_CLASSES: dict[str, type[XDRPacket]] = {}
"""The packet class of a struct or union, by the type's name, and of the element of a list of lists."""

_NUMBER_NAMES: dict[str, dict[int, str]] = {
    "program": {program.number: program.name for program in PROGRAMS} | {100000: "portmap"},
    "protocol": {6: "tcp", 17: "udp"},
}
"""Fields of plain numbers that have names, for show() and for typing them."""

_DEFAULTS = {"where": NONE_INDEX}
"""Where 0 is not the value that a client sends: a new property or value goes to the end."""


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
            _CLASSES[cls.xdr.name] = cls

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """All that follows belongs to the packet this is part of."""
        return b"", s


def field_name(name: str) -> str:
    """A field's name in a layer: `name_` where a packet has an attribute `name` of its own."""
    return f"{name}_" if hasattr(Packet, name) or name in Packet.__all_slots__ else name


def _flat(xdr: Struct | Union) -> Iterable[tuple[str, str, Type]]:
    """The parts that become fields: their name, their name in a layer, their type."""
    if isinstance(xdr, Struct):
        return [(name, field_name(name), part) for name, part in xdr.fields]
    return [(name, field_name(name), part) for _, arm in xdr.arms for name, part in arm.fields]


def fields_of(xdr: Struct | Union | None) -> list[AnyField]:
    """The fields of a type; none for void."""
    if xdr is None:
        return []
    if isinstance(xdr, Struct):
        return [field for name, part in xdr.fields for field in _fields(name, part)]
    tag = field_name(xdr.discriminant)
    fields = _fields(xdr.discriminant, xdr.tag, next(number for number, _ in xdr.arms))
    for number, arm in xdr.arms:
        for name, part in arm.fields:
            fields += [_only_if(each, _is(tag, number)) for each in _fields(name, part)]
    return fields


def _is(tag: str, number: int) -> Callable[[Packet], bool]:
    return lambda packet: bool(packet.getfieldval(tag) == number)


def _only_if(field: AnyField, condition: Callable[[Packet], bool]) -> AnyField:
    if isinstance(field, ConditionalField):
        inner = field.cond
        return ConditionalField(field.fld, lambda packet: condition(packet) and inner(packet))
    return ConditionalField(field, condition)


def _fields(name: str, xdr: Type, default: int = 0) -> list[AnyField]:
    """The table: the fields that a part of a struct becomes."""
    own = field_name(name)
    match xdr:
        case Address():
            return [AddressField(own, "0.0.0.0")]
        case UInt() if name in _NUMBER_NAMES:
            return [NamedWordField(own, default, _NUMBER_NAMES[name])]
        case UInt():
            return [WordField(own, _DEFAULTS.get(name, default))]
        case Int():
            return [SignedIntField(own, 0)]
        case Bool():
            return [NamedWordField(own, 0, {0: "false", 1: "true"})]
        case Enum(_, _, members):
            return [NamedWordField(own, default, dict(members))]
        case Octets():
            return [OctetsField(own, "0.0.0.0")]
        case String(maximum) | Opaque(maximum):
            return [XDRStringField(own, b"", maximum)]
        case FixedOpaque(size):
            return [StrFixedLenField(own, bytes(size), size)]
        case Struct() | Union():
            cls = _CLASSES[xdr.name]
            return [XDRStructField(own, cls(), cls)]
        case Array(element, _):
            count = f"{own}_count"
            return [
                FieldLenField(count, None, fmt="I", count_of=own),
                _list(own, element, lambda packet: int(packet.getfieldval(count))),
            ]
        case FixedArray(element, size):
            return [_list(own, element, lambda _: size, size)]
        case Chain(element):
            return [XDRChainField(own, _class_of(element)), WordField(f"{own}_end", 0)]
        case Optional(element):
            flag = f"{own}_flag"
            inner = [_absent(each) for each in _fields(name, element)]
            return [XDRFlagField(flag, own), *(_only_if(each, _is_there(flag, own)) for each in inner)]


def _absent(field: Any) -> AnyField:
    field.default = None
    made: AnyField = field
    return made


def _is_there(flag: str, name: str) -> Callable[[Packet], bool]:
    def condition(packet: Packet) -> bool:
        number = packet.getfieldval(flag)
        return bool(packet.getfieldval(name) is not None if number is None else number)

    return condition


def _list(name: str, element: Type, count: Callable[[Packet], int], size: int = 0) -> AnyField:
    match element:
        case UInt():
            return XDRElementsField(name, [0] * size, WordField(name, 0), count)
        case Int():
            return XDRElementsField(name, [0] * size, SignedIntField(name, 0), count)
        case String(maximum):
            return XDRElementsField(name, [], XDRStringField(name, b"", maximum), count)
        case _:
            cls = _class_of(element)
            return XDRListField(name, [cls() for _ in range(size)], cls, count)


def _class_of(element: Type) -> type[XDRPacket]:
    """The class of a list's element; an element that is itself a list has a class with that one field."""
    if isinstance(element, Struct | Union):
        return _CLASSES[element.name]
    return next(cls for cls in _CLASSES.values() if isinstance(cls.xdr, Struct) and _lone(cls.xdr) == element)


def _lone(xdr: Struct) -> Type | None:
    return xdr.fields[0][1] if len(xdr.fields) == 1 else None


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
            return _part(element, packet, own) if _is_there(f"{own}_flag", own)(packet) else None
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
            return _CLASSES[xdr.name].made_of(value)
        case Optional(element):
            return _given(element, value)
        case Array(element) | FixedArray(element) | Chain(element):
            return [_given_element(element, each) for each in value]
        case _:
            return value


def _given_element(xdr: Type, value: Any) -> Any:
    if isinstance(xdr, Array):
        cls = _class_of(xdr)
        assert isinstance(cls.xdr, Struct)
        return cls.made_of({cls.xdr.fields[0][0]: value})
    return _given(xdr, value)
