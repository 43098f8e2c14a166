"""The codec: inverse, and two ways over the same bytes that must agree."""

from __future__ import annotations

import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.protocol import codegen, rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode, encode, prefix, walk
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.xdr import Struct, Union
from tests.support.xdr_values import WORDS, values

TYPES = [each for each in codegen.composites() if isinstance(each, Struct | Union)]
READALL = next(row for row in NETINFO.procedures if row.name == "READALL").result
assert isinstance(READALL, Union)


def by_name(xdr: Struct | Union) -> str:
    return xdr.name


def outcome(way: Any, xdr: Struct | Union, data: bytes) -> tuple[object, ...]:
    """What a way over the bytes comes to: end and anomalies, or the error."""
    found: set[Anomaly] = set()
    try:
        end = way(xdr, data, 0, found)
    except XdrError as error:
        return ("error", error.offset, error.over_limit, error.reason, found)
    return ("read", end, found)


def decode_end(xdr: Struct | Union, data: bytes, offset: int, found: set[Anomaly]) -> int:
    return decode(xdr, data, offset, found)[1]


def agree(xdr: Struct | Union, data: bytes) -> None:
    assert outcome(walk, xdr, data) == outcome(decode_end, xdr, data)


@pytest.mark.parametrize("xdr", TYPES, ids=by_name)
def test_decode_is_the_inverse_of_encode(xdr: Struct | Union) -> None:
    @settings(max_examples=40, deadline=None)
    @given(values(xdr))
    def check(value: dict[str, Any]) -> None:
        data = encode(xdr, value)
        found: set[Anomaly] = set()
        assert decode(xdr, data, 0, found) == (value, len(data))
        assert not found - {Anomaly.INNER_NUL}
        agree(xdr, data)

    check()


@pytest.mark.parametrize("xdr", TYPES, ids=by_name)
def test_walk_accepts_exactly_what_decode_accepts(xdr: Struct | Union) -> None:
    """On bytes that nearly hold a value: cut, with words changed, or words at random."""

    @settings(max_examples=60, deadline=None)
    @given(values(xdr), st.data())
    def check(value: dict[str, Any], data: st.DataObject) -> None:
        good = encode(xdr, value)
        agree(xdr, good[: data.draw(st.integers(0, len(good)))])
        changed = bytearray(good)
        for at, word in data.draw(st.lists(st.tuples(st.integers(0, len(good) // 4), WORDS), max_size=3)):
            changed[4 * at : 4 * at + 4] = struct.pack(">I", word)
        agree(xdr, bytes(changed))
        agree(xdr, struct.pack(">8I", *data.draw(st.lists(WORDS, min_size=8, max_size=8))))

    check()


@pytest.mark.parametrize("xdr", TYPES, ids=by_name)
def test_a_length_of_all_ones_costs_nothing(xdr: Struct | Union) -> None:
    for data in (b"\xff" * 64, b"\0" * 4 + b"\xff" * 60, b"\0" * 8 + b"\xff" * 56, b"\0\0\0\1" + b"\xff" * 60):
        tracemalloc.start()
        agree(xdr, data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 100_000


def test_a_chain_of_100_000_objects_needs_no_recursion() -> None:
    one = struct.pack(">7I", 1, 7, 0, 0, 3, 0, 0)[: 4 * 6]
    data = struct.pack(">3I", 0, 5, 100_000) + one * 100_000 + struct.pack(">I", 0)
    value, end = decode(READALL, data)
    assert end == len(data)
    assert len(value["objects"]) == 100_000
    assert walk(READALL, data) == end
    assert encode(READALL, value) == data


def test_the_generated_codec_is_current() -> None:
    assert codegen.TARGET.read_text() == codegen.source(), "run: python -m netinfo_scapy.protocol.codegen"


LOOKUP = NETINFO.procedures[10].arguments
assert LOOKUP is not None


@pytest.mark.parametrize(
    ("data", "anomalies"),
    [
        (struct.pack(">2I", 1, 2) + b"\0\0\0\1a\0\0\0" + b"\0\0\0\1b\0\0\0", set()),
        (struct.pack(">2I", 1, 2) + b"\0\0\0\1a\0\0\1" + b"\0\0\0\1b\0\0\0", {Anomaly.NONZERO_PADDING}),
        (struct.pack(">2I", 1, 2) + b"\0\0\0\3a\0b\0" + b"\0\0\0\1b\0\0\0", {Anomaly.INNER_NUL}),
    ],
)
def test_odd_strings_are_read_and_found(data: bytes, anomalies: set[Anomaly]) -> None:
    found: set[Anomaly] = set()
    decode(LOOKUP, data, 0, found)
    assert found == anomalies


@pytest.mark.parametrize("length", [65535, 65536])
def test_a_name_has_at_most_65535_bytes(length: int) -> None:
    """docs/specification.md, 4."""
    data = struct.pack(">3I", 1, 2, length) + bytes(length + (-length & 3)) + bytes(4)
    if length == 65535:
        assert decode(LOOKUP, data)[1] == len(data)
        return
    with pytest.raises(XdrError) as caught:
        decode(LOOKUP, data)
    assert caught.value.over_limit
    assert caught.value.offset == 8


@pytest.mark.parametrize("bad", [{}, {"id": None}, {"id": {"object": -1, "instance": 0}, "key": b"", "value": b""}])
def test_what_does_not_fit_is_not_encoded(bad: dict[str, Any]) -> None:
    with pytest.raises(XdrError):
        encode(LOOKUP, bad)


@pytest.mark.parametrize("xdr", [rpc.RPC_CALL, rpc.RPC_REPLY], ids=by_name)
def test_a_prefix_has_the_fields_that_are_there(xdr: Struct) -> None:
    @settings(max_examples=50, deadline=None)
    @given(values(xdr))
    def check(value: dict[str, Any]) -> None:
        data = encode(xdr, value)
        for length in range(len(data) + 1):
            assert is_part(prefix(xdr, data[:length]), value)
        assert prefix(xdr, data) == value

    check()


def is_part(some: dict[str, Any], whole: dict[str, Any]) -> bool:
    return all(
        is_part(each, whole[key]) if isinstance(each, dict) else each == whole[key] for key, each in some.items()
    )
