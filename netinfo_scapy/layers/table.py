"""XDR type -> Scapy fields: one table.

The classes of structs are known here by their types' names, so that a field finds that of its own type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scapy.fields import (
    AnyField,
    ConditionalField,
    FieldLenField,
    SignedIntField,
    StrFixedLenField,
)
from scapy.packet import Packet

from netinfo_scapy.layers.compounds import XDRChainField, XDRElementsField, XDRListField, XDRStructField
from netinfo_scapy.layers.fields import (
    AddressField,
    NamedWordField,
    OctetsField,
    WordField,
    XDRFlagField,
    XDRStringField,
)
from netinfo_scapy.protocol.netinfo import DEFAULTS
from netinfo_scapy.protocol.portmap import PORTMAP
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

if TYPE_CHECKING:
    from netinfo_scapy.layers.structs import XDRPacket

CLASSES: dict[str, type[XDRPacket]] = {}
"""The packet class of a struct or union, by the type's name, and of the element of a list of lists."""

PROGRAM_NAMES = {program.number: program.name for program in PROGRAMS} | {PORTMAP.number: PORTMAP.name}
"""What the number of a program is called; versions of one program share it."""

_NUMBER_NAMES: dict[str, dict[int, str]] = {
    "program": PROGRAM_NAMES,
    "protocol": {6: "tcp", 17: "udp"},
}
"""Fields of plain numbers that have names, for show() and for typing them."""


def field_name(name: str) -> str:
    """A field's name in a layer: `name_` where a packet has an attribute `name` of its own."""
    return f"{name}_" if hasattr(Packet, name) or name in Packet.__all_slots__ else name


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
            fields += [_only_if(each, field_is(tag, number)) for each in _fields(name, part)]
    return fields


def field_is(name: str, number: int) -> Callable[[Packet], bool]:
    """Whether a packet's field has a value."""
    return lambda packet: bool(packet.getfieldval(name) == number)


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
            return [WordField(own, DEFAULTS.get(name, default))]
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
            cls = CLASSES[xdr.name]
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
            return [XDRChainField(own, class_of(element)), WordField(f"{own}_end", 0)]
        case Optional(element):
            flag = f"{own}_flag"
            inner = [_absent(each) for each in _fields(name, element)]
            return [XDRFlagField(flag, own), *(_only_if(each, is_there(flag, own)) for each in inner)]


def _absent(field: Any) -> AnyField:
    field.default = None
    made: AnyField = field
    return made


def is_there(flag: str, name: str) -> Callable[[Packet], bool]:
    """Whether the value of an optional field of a packet is there. flag: its flag, which decides where it is given."""

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
            cls = class_of(element)
            return XDRListField(name, [cls() for _ in range(size)], cls, count)


def class_of(element: Type) -> type[XDRPacket]:
    """The class of a list's element; an element that is itself a list has a class with that one field."""
    if isinstance(element, Struct | Union):
        return CLASSES[element.name]
    return next(cls for cls in CLASSES.values() if isinstance(cls.xdr, Struct) and _lone(cls.xdr) == element)


def _lone(xdr: Struct) -> Type | None:
    return xdr.fields[0][1] if len(xdr.fields) == 1 else None
