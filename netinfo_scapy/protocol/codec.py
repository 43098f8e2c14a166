"""Decode, check and encode a struct or union by its type: the way in to the generated codec.

Values are dict, list, int, bool, None and bytes, as xdr.py says for each type.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from netinfo_scapy.protocol._codec import CODEC
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.wire import XdrError, take_flag
from netinfo_scapy.protocol.xdr import Chain, Enum, Struct, UInt, Union

__all__ = ["XdrError", "decode", "each_of", "encode", "prefix", "walk"]


def decode(
    xdr: Struct | Union, data: bytes, offset: int = 0, found: set[Anomaly] | None = None
) -> tuple[dict[str, Any], int]:
    """Read a value; the value and the offset after it.

    found: takes the anomalies met on the way.
    Raises XdrError where the bytes do not hold the type.
    """
    return CODEC[xdr.name][0](data, offset, len(data), set() if found is None else found)


def each_of(chain: Chain, data: bytes, offset: int = 0) -> Iterator[dict[str, Any]]:
    """The elements of a chain of structs, one after the other, so that they are not all there at once.

    Raises XdrError where the bytes do not hold the next one.
    """
    assert isinstance(chain.element, Struct)
    one, end, found = CODEC[chain.element.name][0], len(data), set[Anomaly]()
    while take_flag(data, offset, end, found):
        value, offset = one(data, offset + 4, end, found)
        yield value


def walk(xdr: Struct | Union, data: bytes, offset: int = 0, found: set[Anomaly] | None = None) -> int:
    """Check a value without making it: the same errors and anomalies as `decode`, the offset after it."""
    return CODEC[xdr.name][1](data, offset, len(data), set() if found is None else found)


def encode(xdr: Struct | Union, value: dict[str, Any]) -> bytes:
    """Write a value. Raises XdrError where it does not fit the type."""
    out = bytearray()
    try:
        CODEC[xdr.name][2](value, out)
    except KeyError as error:
        raise XdrError(f"{xdr.name}: no value for {error}", len(out)) from error
    except (struct.error, TypeError, IndexError, OverflowError) as error:
        raise XdrError(f"{xdr.name}: {error}", len(out)) from error
    return bytes(out)


def prefix(xdr: Struct | Union, data: bytes, offset: int = 0) -> dict[str, Any]:
    """The leading fields of an RPC header whose bytes end too soon: those that are there whole, in order."""
    if isinstance(xdr, Union):
        if len(data) - offset < 4:
            return {}
        tag = int.from_bytes(data[offset : offset + 4], "big")
        arm = dict(xdr.arms).get(tag)
        return {xdr.discriminant: tag, **(prefix(arm, data, offset + 4) if arm else {})}
    fields: dict[str, Any] = {}
    for name, part in xdr.fields:
        if isinstance(part, Struct | Union):
            try:
                fields[name], offset = decode(part, data, offset)
            except XdrError:
                fields[name] = prefix(part, data, offset)
                break
        elif isinstance(part, UInt | Enum) and len(data) - offset >= 4:
            fields[name] = int.from_bytes(data[offset : offset + 4], "big")
            offset += 4
        else:
            break
    return fields
