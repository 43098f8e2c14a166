import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.capture.errors import CaptureError, Truncated
from tests.capture.making import block, enhanced, interface, option, read, section, tool, tshark
from tests.support.captures import SMALL, capture_path


@pytest.mark.parametrize("name", SMALL)
def test_converted_recordings_read_like_the_originals(name, tmp_path):
    out = tmp_path / "out"
    subprocess.run(
        [tool("editcap"), "-F", "pcapng", str(capture_path(name)), str(out)], check=True, capture_output=True
    )
    frames, tally, failure = read(out.read_bytes())
    original, counted, _ = read(capture_path(name).read_bytes())
    assert failure is None and frames == original
    assert (tally.frames, tally.bytes, tally.digits) == (counted.frames, counted.bytes, 6)


def test_nanoseconds_survive_conversion(tmp_path):
    nano, out = tmp_path / "nano", tmp_path / "out"
    for kind, source, target in (("nsecpcap", capture_path(SMALL[0]), nano), ("pcapng", nano, out)):
        command = [tool("editcap"), "-t", "0.000000001", "-F", kind, str(source), str(target)]
        subprocess.run(command, check=True, capture_output=True)
    frames, tally, _ = read(out.read_bytes())
    original, _, _ = read(capture_path(SMALL[0]).read_bytes())
    assert tally.digits == 9
    assert [f.ref.time_ns - 2 for f in frames] == [f.ref.time_ns for f in original]


def test_sections_interfaces_and_byte_orders():
    content = b""
    for order, link in (("<", 1), (">", 113)):
        content += section(order) + interface(order, link) + interface(order, 101)
        content += enhanced(b"first", 5, 0, order) + enhanced(b"second", 6, 1, order)
    frames, tally, failure = read(content)
    assert failure is None
    assert [(f.ref.number, f.link, f.data, f.ref.time_ns) for f in frames] == [
        (1, 1, b"first", 5000),
        (2, 101, b"second", 6000),
        (3, 113, b"first", 5000),
        (4, 101, b"second", 6000),
    ]
    assert tally.links == {1, 101, 113}


def time_of(value: bytes, ticks: int, offset: int = 0) -> tuple[int, int]:
    options = option(9, value) + option(14, struct.pack("<q", offset)) + option(0, b"")
    (only,), tally, _ = read(section() + interface(options=options) + enhanced(b"x", ticks))
    return only.ref.time_ns, tally.digits


@pytest.mark.parametrize(
    ("value", "ticks", "wanted"),
    [
        (b"\x06", 1_234_567, (1_234_567_000, 6)),
        (b"\x09", 1_234_567, (1_234_567, 9)),
        (b"\x03", 7, (7_000_000, 6)),
        (b"\x0c", 1_999, (1, 9)),
        (b"\x80", 3, (3_000_000_000, 6)),
        (b"\x94", 1 << 19, (500_000_000, 9)),
        (b"\x8a", 512, (500_000_000, 6)),
        (b"\xff", 1 << 63, (0, 9)),
        (b"\x7f", (1 << 64) - 1, (0, 9)),
        (b"\x00", (1 << 64) - 1, (((1 << 64) - 1) * 10**9, 6)),
    ],
)
def test_clock_resolutions(value, ticks, wanted):
    assert time_of(value, ticks) == wanted


def test_clock_offsets():
    assert time_of(b"\x06", 5, 1_700_000_000)[0] == 1_700_000_000 * 10**9 + 5000
    assert time_of(b"\x06", 5, -3)[0] == -3 * 10**9 + 5000


def test_big_endian_options():
    options = option(9, b"\x09", ">") + option(14, struct.pack(">q", 2), ">")
    (only,), _, _ = read(section(">") + interface(">", options=options) + enhanced(b"x", 3, order=">"))
    assert only.ref.time_ns == 2 * 10**9 + 3


def test_simple_and_obsolete_packets():
    simple = block(3, struct.pack("<I", 100) + b"abcdefgh")
    old = block(2, struct.pack("<HHIIII", 0, 9, 0, 4, 3, 60) + b"xyz")
    frames, _, failure = read(section() + interface(snap=6) + simple + old)
    assert failure is None
    assert [(f.data, f.wire_length, f.ref.time_ns) for f in frames] == [(b"abcdef", 100, 0), (b"xyz", 60, 4000)]


CLOCKS = [(b"\x06", 0), (b"\x09", 0), (b"\x94", 0), (b"\x06", 1_000_000_000), (b"\x03", -7)]
PACKETS = st.tuples(
    st.integers(0, len(CLOCKS) - 1), st.integers(0, 1 << 60) | st.integers(0, (1 << 64) - 1), st.integers(0, 3000)
)


@given(st.lists(PACKETS | st.sampled_from([4, 9]), max_size=80), st.sampled_from("<>"))
def test_packets_of_all_clocks_in_turn(blocks, order):
    """Common packets and others, more of them than one window holds."""
    content, expected, number = section(order), [], 0
    for resolution, offset in CLOCKS:
        options = option(9, resolution, order) + option(14, struct.pack(order + "q", offset), order)
        content += interface(order, options=options)
    for each in blocks:
        if isinstance(each, int):
            number += each == 9  # a journal entry has a number, a list of names has none
            content += block(each, bytes(8), order)
            continue
        index, ticks, size = each
        number += 1
        resolution, offset = CLOCKS[index]
        units = (2 if resolution[0] & 0x80 else 10) ** (resolution[0] & 0x7F)
        time_ns = ticks * 10**9 // units + offset * 10**9
        data = bytes([number % 256]) * size
        content += enhanced(data, ticks, index, order)
        expected.append((number, time_ns, data))
    frames, tally, failure = read(content)
    assert failure is None
    assert [(f.ref.number, f.ref.time_ns, f.data) for f in frames] == expected
    assert (tally.frames, tally.bytes) == (number, sum(len(data) for *_, data in expected))
    times = [time_ns for _, time_ns, _ in expected]
    assert (tally.first_ns, tally.last_ns) == (min(times, default=None), max(times, default=None))


def test_frames_are_numbered_as_wireshark_does(tmp_path):
    kinds = [4, 5, 7, 9, 10, 0xBAD, 0x40000BAD, 0x204, 0x208, 0x216, 0x221, 0x7777]
    bodies = {
        4: bytes(4),
        9: b"__REALTIME_TIMESTAMP=1\n",
        10: struct.pack("<II", 0x544C534B, 4) + b"abcd",
        0xBAD: struct.pack("<I", 99) + b"hello",
        0x40000BAD: struct.pack("<I", 99) + b"hello",
    }
    call = struct.pack("<HQQIHI", 0, 1, 2, 26, 3, 0)
    content = section() + interface()
    for kind in kinds:
        body = bodies.get(kind, call if kind in (0x204, 0x216, 0x221) else bytes(32))
        content += block(kind, body) + enhanced(bytes(60) + bytes([kind & 255]), 1)
    frames, tally, failure = read(content)
    assert failure is None and len(frames) == len(kinds)
    rows = tshark(content, ["frame.number", "frame.len"], tmp_path)
    assert [f.ref.number for f in frames] == [int(number) for number, length in rows if length == "61"]
    assert tally.frames == int(rows[-1][0])


def test_cut_anywhere_gives_the_whole_frames_before_the_cut():
    content = section() + interface() + enhanced(b"one", 1) + block(5, bytes(20)) + enhanced(b"two" * 9, 2)
    content += section(">") + interface(">") + enhanced(b"three", 3, order=">")
    whole, _, _ = read(content)
    assert len(whole) == 3
    counts = []
    for cut in range(4, len(content)):
        frames, _, failure = read(content[:cut])
        assert frames == whole[: len(frames)]
        assert failure is None or isinstance(failure, Truncated)
        counts.append(len(frames))
    assert counts == sorted(counts) and set(counts) == {0, 1, 2}


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (struct.pack("<III", 6, 8, 8), "cannot be 8 bytes"),
        (struct.pack("<III", 6, 35, 0), "cannot be 35 bytes"),
        (struct.pack("<III", 0x7777, 1 << 31, 0), "cannot be 2147483648 bytes"),
        (struct.pack("<III", 0x7777, 16, 0) + struct.pack("<I", 12), "lengths of a block differ"),
        (enhanced(b"x", index=1), "interface 1 is not described"),
        (block(6, struct.pack("<IIIII", 0, 0, 0, 5, 5) + b"abc"), "5 bytes in a block of 36"),
        (block(0x0A0D0D0A, b"whatever" * 2), "byte-order mark"),
        (block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 2, 0, -1)), "version 2.0"),
    ],
)
def test_damage_ends_the_reading_after_the_frames_before_it(bad, text):
    frames, _, failure = read(section() + interface() + enhanced(b"good") + bad + enhanced(b"never"))
    assert [f.data for f in frames] == [b"good"]
    assert type(failure) is CaptureError and text in str(failure)
    assert "offset" in str(failure) and "frame 2" in str(failure)


def test_a_block_that_claims_much_and_has_little_allocates_little():
    frames, _, failure = read(section() + interface() + enhanced(b"good") + struct.pack("<III", 5, 1 << 26, 0))
    assert len(frames) == 1 and isinstance(failure, Truncated)


def test_too_many_interfaces():
    _, tally, failure = read(section() + interface() * 65_537)
    assert failure is not None and "interfaces" in str(failure) and tally.frames == 0


@given(st.binary(max_size=120))
def test_any_bytes_raise_nothing_but_a_capture_error(data):
    read(section() + interface() + data)
    read(section(">") + data)
    for kind in (1, 2, 3, 6, 0x0A0D0D0A):
        read(section() + interface() + block(kind, data))
    read(section() + interface(options=data))
