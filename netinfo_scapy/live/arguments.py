"""What a caller gives, as the protocol's types have it: one function over the types of `protocol/xdr.py`.

Text is taken for its UTF-8, {"hex": ...} for its bytes, an object's number for its id, a dict of names for a list of
properties, a text for an address or for a list of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from netinfo_scapy.analysis.values import bytes_of
from netinfo_scapy.protocol.netinfo import NI_ID, NI_PROPERTY
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.xdr import (
    Address,
    Array,
    Chain,
    FixedArray,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    Union,
)


def arguments_of(row: Procedure, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """A procedure's arguments, in wire order or by name. An optional one that is missing is not there.

    Raises TypeError, ValueError.
    """
    fields = row.arguments.fields if row.arguments else ()
    names = [name for name, _ in fields]
    if len(given) > len(names) or not named.keys() <= set(names[len(given) :]):
        raise TypeError(f"{row.name} takes {', '.join(names) or 'no arguments'}")
    values = {**dict(zip(names, given, strict=False)), **named}
    values = {**{name: None for name, part in fields if isinstance(part, Optional)}, **values}
    missing = [name for name in names if name not in values]
    if missing:
        raise TypeError(f"{row.name} needs {', '.join(missing)}")
    return {name: value_of(part, values[name]) for name, part in fields}


def value_of(xdr: Type, given: Any) -> Any:
    """A value as the codec takes it. Raises TypeError, ValueError."""
    match xdr:
        case String() | Opaque() if isinstance(given, Mapping):
            return bytes_of(dict(given))
        case String() | Opaque():
            return given.encode("utf-8", "surrogateescape") if isinstance(given, str) else bytes(memoryview(given))
        case Address() | Octets() if isinstance(given, str):
            try:
                return int(IPv4Address(given))
            except AddressValueError:
                raise ValueError(f"{given!r} is no IPv4 address") from None
        case Optional(element):
            return None if given is None else value_of(element, given)
        case Array(element) | FixedArray(element) | Chain(element):
            return [value_of(element, each) for each in _several(element, given)]
        case Struct():
            return _struct(xdr, given)
        case Union(_, discriminant, _, arms):
            number = int(given[discriminant])
            arm = dict(arms).get(number)
            return {discriminant: number, **(_struct(arm, given) if arm else {})}
        case _:
            return given if isinstance(given, int) else int(given)


def _several(element: Type, given: Any) -> Iterable[Any]:
    if isinstance(given, str | bytes) or (isinstance(element, String) and isinstance(given, Mapping)):
        return [given]
    return given.items() if isinstance(given, Mapping) else given


def _struct(xdr: Struct, given: Any) -> dict[str, Any]:
    if xdr is NI_ID and isinstance(given, int):
        given = {"object": given, "instance": 0}
    names = [name for name, _ in xdr.fields]
    if xdr is NI_PROPERTY and not isinstance(given, Mapping | tuple | list):
        given = (given.name, given.values or [])
    if not isinstance(given, Mapping):
        given = dict(zip(names, given, strict=True))
    return {name: value_of(part, given[name]) for name, part in xdr.fields}
