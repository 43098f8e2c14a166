"""The looks at raw bytes, in Python and, through the modules that are compiled, in C."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netinfo_scapy
from netinfo_scapy.analysis.histogram import bin_of
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef, Packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.protocol import wire, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.wire import XdrError
from tests.support.packets import TCP, UDP, transport_checksum, with_checksum

HOUSE = Path(netinfo_scapy.__file__).parent
BYTES = st.one_of(
    st.binary(min_size=16, max_size=80),
    st.lists(st.sampled_from([0, 0, 0, 1, 0x7F, 0x80, 0xFF]), min_size=16, max_size=64).map(bytes),
)
PLACES = st.integers(0, 90)


@given(BYTES, PLACES, st.booleans())
def test_numbers(data: bytes, at: int, little: bool) -> None:
    at %= len(data) - 15
    assert words.u32(data, at) == int.from_bytes(data[at : at + 4], "big")
    assert words.u16(data, at) == int.from_bytes(data[at : at + 2], "big")
    assert words.two_u16(data, at) == struct.unpack(">2H", data[at : at + 4])
    assert words.four_u32(data, at, little) == struct.unpack("<4I" if little else ">4I", data[at : at + 16])


@given(BYTES, PLACES, PLACES)
def test_ranges(data: bytes, start: int, stop: int) -> None:
    start, stop = min(start, len(data)), min(stop, len(data))
    there = [data[at] for at in range(start, stop)]
    assert words.has_zero(data, start, stop) == (0 in there)
    assert words.is_zero(data, start, stop) == (set(there) <= {0})
    assert words.cut(data, start, stop) == bytes(there)
    pairs = there + [0] * (len(there) % 2)
    assert words.sum_of_words(data, start, stop) == (sum(pairs[::2]) * 256 + sum(pairs[1::2])) % 65535


@given(BYTES, BYTES, PLACES, PLACES, st.integers(0, 8))
def test_equal_ranges(one: bytes, other: bytes, at: int, other_at: int, size: int) -> None:
    at, other_at = at % 8, other_at % 8
    for second in (other, one):
        expected = list(one)[at : at + size] == list(second)[other_at : other_at + size]
        assert words.is_same(one, at, second, other_at, size) == expected


# through callers


@given(BYTES, PLACES, PLACES)
def test_words_and_counts(data: bytes, at: int, end: int) -> None:
    end = min(end, len(data))
    left = end - at
    if left < 4:
        with pytest.raises(XdrError):
            wire.take_word(data, at, end)
        return
    (word,) = struct.unpack(">I", data[at : at + 4])
    assert wire.take_word(data, at, end) == word
    found: set[Anomaly] = set()
    assert bool(wire.take_flag(data, at, end, found)) == (word != 0)
    assert found == ({Anomaly.OPTIONAL_FLAG} if word > 1 else set())
    for smallest in (1, 4, 40, 2**31):
        if word * smallest <= left - 4 and word <= 16:
            assert wire.take_count(data, at, end, 16, smallest) == word
        else:
            with pytest.raises(XdrError) as caught:
                wire.take_count(data, at, end, 16, smallest)
            assert caught.value.over_limit == (word * smallest <= left - 4)


@given(st.integers(0, 24) | st.integers(0, 2**32 - 1), BYTES, st.integers(0, 3), st.sampled_from([0, 5, 2**32 - 1]))
def test_opaque_data_and_strings(length: int, rest: bytes, before: int, maximum: int) -> None:
    data = bytes(before) + struct.pack(">I", length) + rest
    start, stop = before + 4, before + 4 + length
    after = stop + -length % 4
    whole = after <= len(data)
    found: set[Anomaly] = set()
    if stop > len(data) or length > maximum or not whole:
        with pytest.raises(XdrError) as caught:
            wire.skip_string(data, before, len(data), maximum, found)
        assert caught.value.over_limit == (stop <= len(data) and length > maximum)
        return
    assert wire.skip_opaque(data, before, len(data), maximum, found) == after
    padding = {Anomaly.NONZERO_PADDING} if any(data[stop:after]) else set()
    assert found == padding
    assert wire.take_opaque(data, before, len(data), maximum, set()) == (data[start:stop], after)
    assert wire.skip_string(data, before, len(data), maximum, found) == after
    assert found == padding | ({Anomaly.INNER_NUL} if 0 in data[start:stop] else set())
    assert wire.take_string(data, before, len(data), maximum, set()) == (data[start:stop], after)


@given(
    st.lists(
        st.integers(0, 2**32 - 1) | st.integers(0, 255) | st.integers(2**32 - 130, 2**32 - 1), min_size=4, max_size=4
    )
)
def test_octets(octets: list[int]) -> None:
    found: set[Anomaly] = set()
    number = wire.take_octets(struct.pack(">4I", *octets), 0, 16, found)
    assert number == int.from_bytes(bytes(each & 0xFF for each in octets), "big")
    signed = [struct.unpack(">i", struct.pack(">I", each))[0] for each in octets]
    assert found == ({Anomaly.ODD_OCTET} if any(not -128 <= each <= 255 for each in signed) else set())


@given(st.sampled_from([4, 16]), st.booleans(), st.binary(min_size=36), st.binary(max_size=61), st.integers(0, 3))
def test_check_sums(size: int, is_tcp: bool, addresses: bytes, payload: bytes, wrong: int) -> None:
    source, target = addresses[:size], addresses[size : 2 * size].ljust(size, b"\1")
    protocol, header = (TCP, 20) if is_tcp else (UDP, 8)
    head = bytearray(header)
    head[:4] = b"\x12\x34\x03\xc1"
    if is_tcp:
        head[12] = 0x50
    else:
        head[4:6] = struct.pack(">H", 8 + len(payload))
    segment = bytearray(with_checksum(source, target, protocol, bytes(head) + payload))
    segment[-1] ^= wrong
    lane = Lane(is_tcp, source + target + bytes(segment[:4]))
    around = b"before" + bytes(segment) + b"behind"
    packet = Packet(FrameRef(0, 1, 0), lane, payload, len(payload), 64, around, 6, 6 + len(segment))
    at = 16 if is_tcp else 6
    bare = bytes(segment[:at]) + bytes(2) + bytes(segment[at + 2 :])
    announced = struct.unpack_from(">H", segment, at)[0]
    expected = announced % 65535 == transport_checksum(source, target, protocol, bare) % 65535
    assert checksum_ok(packet) == expected
    if not wrong:
        assert checksum_ok(packet)


@given(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 2000))
def test_bins(value: int) -> None:
    value = max(value, 0)
    power = max(value.bit_length() - 8, 0)
    assert bin_of(value) == (value >> power) + 128 * power


# which form is in use

COMPILED = sorted(
    path.with_suffix("")
    for path in HOUSE.rglob("*.py")
    if path.with_suffix(".pxd").exists() and path.name != "words.py"
)
SHOW = """
import importlib, json, sys
print(json.dumps({name: importlib.import_module(name).__file__ for name in sys.argv[1:]}))
"""


def files(pure: bool) -> dict[str, str]:
    """The file of each module that can be compiled."""
    names = [".".join(each.relative_to(HOUSE.parent).parts) for each in COMPILED]
    surroundings = {**os.environ, "PYTHONPATH": str(HOUSE.parent), "NETINFO_SCAPY_PURE": "1" if pure else ""}
    words = [sys.executable, "-c", SHOW, *names, "netinfo_scapy.protocol.words"]
    found: dict[str, str] = json.loads(subprocess.run(words, check=True, capture_output=True, env=surroundings).stdout)
    return found


def test_the_pure_form_uses_sources_only() -> None:
    assert len(COMPILED) > 15
    assert {Path(each).suffix for each in files(pure=True).values()} == {".py"}


def test_the_compiled_form_uses_what_is_compiled() -> None:
    """All of it, or, without a compiler, nothing: a module left out slows down the others, or is not found by them."""
    there = {each for each in COMPILED if list(each.parent.glob(f"{each.name}.*.so"))}
    assert there in (set(), set(COMPILED))
    found = files(pure=False)
    assert Path(found.pop("netinfo_scapy.protocol.words")).suffix == ".py"
    for name, file in found.items():
        compiled = HOUSE.parent.joinpath(*name.split(".")) in there
        assert (Path(file).suffix == ".so") == compiled, name


def test_the_form_of_this_process() -> None:
    """Guards the tests above against running the one form twice."""
    pure = bool(os.environ.get("NETINFO_SCAPY_PURE"))
    compiled = bool(list(HOUSE.glob("protocol/wire.*.so")))
    assert (Path(str(wire.__file__)).suffix == ".so") == (compiled and not pure)
