"""The types of XDR (RFC 4506) as values.

A wire format is written once, as a value built from these; the codec, the Scapy layers,
the responder and the documentation are all read off it. What a decoded value looks like
in Python stands with each type.
"""

from __future__ import annotations

from typing import TypeAlias

from netinfo_scapy.protocol.value import Value
from netinfo_scapy.protocol.wire import UNBOUNDED


class UInt(Value):
    """Unsigned integer, 4 bytes: int."""


class Address(UInt):
    """An IPv4 address as an unsigned integer: int. For the layers, which show it as one."""


class Int(Value):
    """Signed integer, 4 bytes: int."""


class Bool(Value):
    """Boolean, 4 bytes: bool; any number but 0 is true."""


class Enum(Value):
    """Enumeration, 4 bytes: int, known or not.

    prefix: what an unknown number is named with: NI_ and 57 give NI_57.
    """

    name: str
    prefix: str
    members: tuple[tuple[int, str], ...]

    def label(self, number: int) -> str:
        """The name of a number, unknown ones included."""
        return dict(self.members).get(number) or f"{self.prefix}{number}"


class Octets(Value):
    """An IPv4 address in four words, one octet each (bootparam): int."""


class String(Value):
    """Counted bytes meant as text: bytes."""

    maximum: int = UNBOUNDED


class Opaque(Value):
    """Counted bytes: bytes."""

    maximum: int = UNBOUNDED


class FixedOpaque(Value):
    """A fixed number of bytes, a multiple of 4: bytes."""

    size: int


class Array(Value):
    """A counted array: list."""

    element: Type
    maximum: int = UNBOUNDED


class FixedArray(Value):
    """A fixed number of elements: list."""

    element: Type
    count: int


class Optional(Value):
    """A flag, then the value where the flag is not 0: the value or None."""

    element: Type


class Chain(Value):
    """A linked list: flag 1 before each element, flag 0 at the end: list."""

    element: Type


class Struct(Value):
    """Named fields in order: dict."""

    name: str
    fields: tuple[tuple[str, Type], ...]


class Union(Value):
    """A discriminant that decides what follows: dict of the discriminant and the arm's fields.

    arms: number -> the struct that follows; a number that is not there is followed by nothing.
    """

    name: str
    discriminant: str
    tag: Enum | UInt
    arms: tuple[tuple[int, Struct], ...]


Type: TypeAlias = (
    UInt | Int | Bool | Enum | Octets | String | Opaque | FixedOpaque | Array | FixedArray | Optional | Chain
    | Struct | Union
)  # fmt: skip


def struct(name: str, /, **fields: Type) -> Struct:
    """A `Struct` of the fields given, in their order."""
    return Struct(name, tuple(fields.items()))


def parts(xdr: Type) -> tuple[Type, ...]:
    """The types that a type is made of, one level down."""
    match xdr:
        case Array(element) | FixedArray(element) | Optional(element) | Chain(element):
            return (element,)
        case Struct(_, fields):
            return tuple(each for _, each in fields)
        case Union(_, _, _, arms):
            return tuple(each for _, each in arms)
        case _:
            return ()


def smallest(xdr: Type) -> int:
    """The least number of bytes that a value of the type takes on the wire."""
    match xdr:
        case FixedOpaque(size):
            return size
        case Octets():
            return 16
        case FixedArray(element, count):
            return count * smallest(element)
        case Struct(_, fields):
            return sum(smallest(each) for _, each in fields)
        case _:
            return 4


def notation(xdr: Type) -> str:
    """A type in the notation of RFC 4506, for the documentation; struct and union by name."""
    match xdr:
        case UInt():
            return "unsigned int"
        case Int():
            return "int"
        case Bool():
            return "bool"
        case Octets():
            return "int[4]"
        case Enum(name) | Struct(name) | Union(name):
            return name
        case String(maximum):
            return f"string<{_bound(maximum)}>"
        case Opaque(maximum):
            return f"opaque<{_bound(maximum)}>"
        case FixedOpaque(size):
            return f"opaque[{size}]"
        case Array(element, maximum):
            return f"{notation(element)}<{_bound(maximum)}>"
        case FixedArray(element, count):
            return f"{notation(element)}[{count}]"
        case Optional(element):
            return f"optional {notation(element)}"
        case Chain(element):
            return f"linked list of {notation(element)}"


def _bound(maximum: int) -> str:
    return "" if maximum == UNBOUNDED else str(maximum)
