"""The codec: every type of the protocol; decoding and walking agree, and what was read is written the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fuzz import seeds
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.protocol import codegen
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode, encode, prefix, walk
from netinfo_scapy.protocol.message import CallHeader, ReplyHeader, read_header
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.xdr import Octets, Struct, Type, Union, parts

TYPES = sorted((each for each in codegen.composites() if isinstance(each, Struct | Union)), key=lambda each: each.name)
_NUMBERS = {each: number for number, each in enumerate(TYPES)}
_LOSSY = {Anomaly.NONZERO_PADDING, Anomaly.OPTIONAL_FLAG, Anomaly.ODD_OCTET, Anomaly.ODD_BOOLEAN}
"""What is read and not kept: these bytes are written as they should have been."""


def _has_octets(xdr: Type) -> bool:
    return isinstance(xdr, Octets) or any(_has_octets(each) for each in parts(xdr))


_TWO_WAYS = {each.name for each in TYPES if _has_octets(each)}
"""Types with bytes that are sign-extended or not."""


def _outcome(way: Any, xdr: Struct | Union, data: bytes) -> tuple[object, ...]:
    found: set[Anomaly] = set()
    try:
        got = way(xdr, data, 0, found)
    except XdrError as error:
        return "error", error.offset, error.over_limit, error.reason, sorted(found)
    return "read", got, sorted(found)


def run(data: bytes) -> Any:
    """Read the type that the first byte names."""
    number, data = unmarked(data)
    xdr = TYPES[number % len(TYPES)]
    walked, decoded = _outcome(walk, xdr, data), _outcome(decode, xdr, data)
    if isinstance(xdr, Struct):
        assert set(prefix(xdr, data)) <= {name for name, _ in xdr.fields}
    if decoded[0] == "error":
        assert walked == decoded
        return decoded
    got: Any = decoded[1]
    value, end = got
    assert walked == ("read", end, decoded[2])
    assert 0 <= end <= len(data)
    written = encode(xdr, value)
    assert len(written) == end
    if xdr.name not in _TWO_WAYS and not _LOSSY.intersection(decoded[2]):  # type: ignore[arg-type] # anomalies
        assert written == data[:end]
    assert decode(xdr, written) == (value, end)
    return decoded


def inputs() -> Iterator[bytes]:
    """Arguments and results of the captures, each behind the number of its type; and nothing of each type."""
    for call, reply in seeds.exchanges():
        asked, answered = read_header(call), read_header(reply)
        assert isinstance(asked, CallHeader)
        assert isinstance(answered, ReplyHeader)
        row = find_procedure(asked.program or 0, asked.version or 0, asked.procedure or 0)
        if row is None:
            continue
        for xdr, message, header in ((row.arguments, call, asked), (row.result, reply, answered)):
            if xdr is not None:
                yield bytes([_NUMBERS[xdr]]) + message[header.end :]
    for number in range(len(TYPES)):
        yield bytes([number]) + bytes(64)


TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=("protocol._codec", "protocol.codec", "protocol.wire"),
    words=(b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x7f\xff\xff\xff"),
)
