import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.capture.errors import CaptureError, Truncated
from tests.capture.making import BASE_NS, MICROSECOND, NANOSECOND, pcap_file, read, tool, tshark
from tests.support.captures import SMALL, capture_path, parse_pcap

FRAMES = [(BASE_NS + number * 1_001_000, bytes([number]) * (number * 7)) for number in range(1, 9)]


@pytest.mark.parametrize("name", SMALL)
def test_recordings_as_an_independent_reader_sees_them(name):
    content = capture_path(name).read_bytes()
    frames, tally, failure = read(content)
    assert failure is None
    assert [(f.ref.time_ns, f.link, f.data) for f in frames] == [tuple(each) for each in parse_pcap(content)]
    assert [f.ref.number for f in frames] == list(range(1, len(frames) + 1))
    assert tally.frames == len(frames) and tally.bytes == sum(len(f.data) for f in frames)
    assert tally.first_ns == min(f.ref.time_ns for f in frames)
    assert tally.last_ns == max(f.ref.time_ns for f in frames)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "digits"), [(MICROSECOND, 6), (NANOSECOND, 9)])
def test_byte_orders_and_resolutions(order, magic, digits):
    shift = 7 if digits == 9 else 0
    wanted = [(time + shift, data) for time, data in FRAMES]
    frames, tally, failure = read(pcap_file(wanted, order, magic))
    assert [(f.ref.time_ns, f.data) for f in frames] == wanted
    assert failure is None and tally.digits == digits


@pytest.mark.parametrize("kind", ["pcap", "nsecpcap", "modpcap"])
def test_what_editcap_writes(kind, tmp_path):
    import subprocess

    out = tmp_path / "out"
    subprocess.run(
        [tool("editcap"), "-F", kind, str(capture_path(SMALL[0])), str(out)], check=True, capture_output=True
    )
    frames, _, failure = read(out.read_bytes())
    original, _, _ = read(capture_path(SMALL[0]).read_bytes())
    assert failure is None and frames == original


def test_fcs_bits_above_the_link_type_are_masked():
    frames, tally, _ = read(pcap_file(FRAMES, link=1 | 1 << 26 | 2 << 29))
    assert {f.link for f in frames} == {1} and tally.links == {1}


def test_wire_length_and_snap_length():
    content = pcap_file([]) + struct.pack("<IIII", 5, 6, 3, 900) + b"abc"
    (only,), _, _ = read(content)
    assert (only.wire_length, only.data, only.ref.time_ns) == (900, b"abc", 5_000_006_000)


def test_old_versions_have_the_lengths_the_other_way_round():
    swapped = struct.pack("<IIII", 5, 6, 900, 3) + b"abc"
    for minor in (2, 3):
        (only,), _, _ = read(pcap_file([], minor=minor) + swapped)
        assert (only.wire_length, only.data) == (900, b"abc")


def test_absurd_times_are_taken_as_they_are():
    content = pcap_file([]) + struct.pack("<IIII", 0xFFFFFFFF, 0xFFFFFFFF, 0, 0)
    (only,), _, _ = read(content)
    assert only.ref.time_ns == 0xFFFFFFFF * 10**9 + 0xFFFFFFFF * 1000


@pytest.mark.parametrize("magic", [MICROSECOND, NANOSECOND])
def test_cut_anywhere_gives_the_whole_frames_before_the_cut(magic):
    content = pcap_file(FRAMES, magic=magic)
    ends = [24]
    for _, data in FRAMES:
        ends.append(ends[-1] + 16 + len(data))
    whole, _, _ = read(content)
    for cut in range(4, len(content)):
        frames, _, failure = read(content[:cut])
        assert frames == whole[: max(sum(end <= cut for end in ends) - 1, 0)]
        assert failure is None if cut in ends else isinstance(failure, Truncated)


def test_a_frame_that_claims_too_much_is_damage():
    content = pcap_file(FRAMES) + struct.pack("<IIII", 1, 1, (1 << 24) + 1, 5)
    frames, _, failure = read(content)
    assert len(frames) == len(FRAMES)
    assert type(failure) is CaptureError
    assert f"frame {len(FRAMES) + 1} at offset {len(content) - 16}" in str(failure)


def test_frames_across_chunks_and_larger_than_one():
    wanted = [(BASE_NS, bytes([n % 256]) * size) for n, size in enumerate([60] * 9000 + [700_000, 1, 300_000] * 3)]
    frames, _, failure = read(pcap_file(wanted))
    assert failure is None and [f.data for f in frames] == [data for _, data in wanted]


def test_only_counting_gives_the_same_counts():
    import io

    from netinfo_scapy.capture import pcap
    from netinfo_scapy.capture.compression import Chunks

    tally = pcap.Tally()
    assert not any(pcap.batches(Chunks(io.BytesIO(pcap_file(FRAMES))), tally, keep=False))
    assert (tally.frames, tally.first_ns, tally.last_ns) == (8, FRAMES[0][0], FRAMES[-1][0])


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_but_a_capture_error(data):
    read(pcap_file([]) + data)
    read(b"\xa1\xb2\x3c\x4d" + data)


def test_tshark_agrees_on_times(tmp_path):
    content = pcap_file([(BASE_NS + 123456789, bytes(60)), (7, bytes(60))], ">", NANOSECOND)
    rows = tshark(content, ["frame.number", "frame.time_epoch"], tmp_path)
    frames, _, _ = read(content)
    assert rows == [[str(f.ref.number), f"{f.ref.time_ns // 10**9}.{f.ref.time_ns % 10**9:09}"] for f in frames]
