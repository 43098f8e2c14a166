"""Plain values -> the bytes of arguments and results, and where in them each string and each count stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from netinfo_scapy.live.arguments import value_of
from netinfo_scapy.protocol.codec import XdrError, encode
from netinfo_scapy.protocol.netinfo import DEFAULTS, NI_ID
from netinfo_scapy.protocol.xdr import (
    Array,
    Chain,
    FixedArray,
    FixedOpaque,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    Union,
    notation,
)


class Place(NamedTuple):
    """Where something stands in the bytes of a body.

    what: the path of a value, as `props[0].name`. kind: `string` or `opaque` for its bytes, without length and padding;
    `count` for the word before an array; `length` for the word before a string.
    """

    what: str
    kind: str
    start: int
    length: int


def filled(xdr: Struct, given: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The values of a struct as the codec takes them; what is not given is 0, empty or missing.

    title: what it is called in errors. Raises ValueError.
    """
    names = [name for name, _ in xdr.fields]
    for name in given:
        if name not in names:
            has = f"it has {', '.join(names)}" if names else "it has none"
            raise ValueError(f"{title}: no {name!r} there; {has}")
    values = {}
    for name, part in xdr.fields:
        if name not in given:
            values[name] = _default(name, part)
            continue
        try:
            values[name] = value_of(part, given[name])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{title}: {name}: {given[name]!r} is no {notation(part)}") from error
    return values


def encoded(xdr: Struct | Union, values: dict[str, Any], title: str) -> bytes:
    """The bytes of values that are complete. Raises ValueError."""
    try:
        return encode(xdr, values)
    except XdrError as error:
        raise ValueError(f"{title}: it cannot be written: {error}") from error


def _default(name: str, xdr: Type) -> Any:
    match xdr:
        case String() | Opaque():
            return b""
        case FixedOpaque(size):
            return bytes(size)
        case Array() | Chain():
            return []
        case FixedArray(element, count):
            return [_default(name, element)] * count
        case Optional():
            return None
        case Struct(_, fields):
            return {each: _default(each, part) for each, part in fields}
        case Union(_, discriminant):
            return {discriminant: 0}
        case _:
            return DEFAULTS.get(name, 0)


def with_instance(xdr: Type, value: Any, instance: int) -> Any:
    """A value in which every id has an instance."""
    match xdr:
        case Struct() if xdr is NI_ID:
            return {**value, "instance": instance}
        case Struct(_, fields):
            return {name: with_instance(part, value[name], instance) for name, part in fields}
        case Array(element) | FixedArray(element) | Chain(element):
            return [with_instance(element, each, instance) for each in value]
        case _:
            return value


def places(xdr: Type | None, value: Any, start: int = 0) -> list[Place]:
    """Where the strings and counts of a value stand, in order. start: the offset of the value's first byte."""
    found: list[Place] = []
    if xdr is not None:
        _walk(xdr, value, start, "", found)
    return found


def _walk(xdr: Type, value: Any, at: int, path: str, found: list[Place]) -> int:
    """Note the places of a value; the offset after it."""
    match xdr:
        case String() | Opaque():
            kind = "string" if isinstance(xdr, String) else "opaque"
            found += [Place(path, "length", at, 4), Place(path, kind, at + 4, len(value))]
            return at + 4 + len(value) + (-len(value) & 3)
        case FixedOpaque(size):
            return at + size
        case Octets():
            return at + 16
        case Array(element):
            found.append(Place(path, "count", at, 4))
            return _walk_all(element, value, at + 4, path, found, 0)
        case FixedArray(element):
            return _walk_all(element, value, at, path, found, 0)
        case Chain(element):
            return _walk_all(element, value, at, path, found, 4) + 4
        case Optional(element):
            return at + 4 if value is None else _walk(element, value, at + 4, path, found)
        case Struct(_, fields):
            for name, part in fields:
                at = _walk(part, value[name], at, f"{path}.{name}" if path else name, found)
            return at
        case Union(_, discriminant, _, arms):
            arm = dict(arms).get(value[discriminant])
            return at + 4 if arm is None else _walk(arm, value, at + 4, path, found)
        case _:
            return at + 4


def _walk_all(element: Type, values: list[Any], at: int, path: str, found: list[Place], flag: int) -> int:
    for number, each in enumerate(values):
        at = _walk(element, each, at + flag, f"{path}[{number}]", found)
    return at
