import io
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.pcapng_writer import PcapngWriter
from tests.capture.making import BASE_NS, frame, read, tool, tshark
from tests.support.captures import SMALL, parse_pcap, recording

APPLICATION = "netinfo-scapy test"


def written(frames, digits=6, comments=None) -> bytes:
    out = io.BytesIO()
    writer = PcapngWriter(out, APPLICATION)
    for each in frames:
        writer.write(each, digits, (comments or {}).get(each.ref.number, ()))
    return out.getvalue()


def recorded(name: str) -> list[Frame]:
    return [frame(each.data, number, each.link, each.time) for number, each in enumerate(recording(name), 1)]


FRAMES = st.lists(
    st.builds(
        lambda time_ns, link, data, cut: frame(data, 1, link, time_ns, len(data) + cut),
        st.integers(-(1 << 63) * 10**9, (1 << 63) * 10**9 - 1) | st.integers(0, 1 << 61).map(lambda n: n * 1000),
        st.integers(0, 65535),
        st.binary(max_size=40),
        st.integers(0, 100_000),
    ),
    max_size=20,
)


def renumbered(each, number):
    return Frame(FrameRef(each.ref.capture, number, each.ref.time_ns), each.link, each.wire_length, each.data)


def shifted(each, shift_ns):
    ref = FrameRef(each.ref.capture, each.ref.number, each.ref.time_ns + shift_ns)
    return Frame(ref, each.link, each.wire_length, each.data)


@given(FRAMES, st.sampled_from([6, 9]))
def test_whatever_is_written_is_read_again(frames, digits):
    content = written(frames, digits, {1: ["one", "two, longer"]})
    found, tally, failure = read(content)
    expected = [renumbered(each, n) for n, each in enumerate(frames, 1)]
    assert (found, failure) == (expected, None)
    assert not frames or tally.digits == (9 if digits == 9 or any(f.ref.time_ns % 1000 for f in frames) else 6)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("digits", [6, 9])
def test_other_programs_read_the_same_bytes_and_times(name, digits, tmp_path):
    shift = 7 if digits == 9 else 0
    frames = [shifted(each, shift) for each in recorded(name)]
    out, plain = tmp_path / "out.pcapng", tmp_path / "plain.pcap"
    out.write_bytes(written(frames, digits))
    subprocess.run([tool("editcap"), "-F", "nsecpcap", str(out), str(plain)], check=True, capture_output=True)
    converted = parse_pcap(plain.read_bytes())
    assert converted == [(each.ref.time_ns, each.link, each.data) for each in frames]
    said = subprocess.run([tool("capinfos"), str(out)], check=True, capture_output=True, text=True).stdout
    assert f"Capture application: {APPLICATION}" in said
    assert f"precision:  {'nanoseconds (9)' if digits == 9 else 'microseconds (6)'}" in said


def test_frames_of_several_links_cut_short(tmp_path):
    frames = [frame(bytes(60), 1, 1, BASE_NS, wire=1500), frame(b"E" * 33, 2, 101, BASE_NS + 1001), frame(b"", 3)]
    rows = tshark(written(frames), ["frame.cap_len", "frame.len", "frame.time_epoch", "frame.encap_type"], tmp_path)
    assert [row[:3] for row in rows] == [
        ["60", "1500", "1700000000.000000000"],
        ["33", "33", "1700000000.000001001"],
        ["0", "0", "1700000000.000000000"],
    ]
    assert rows[0][3] == rows[2][3] != rows[1][3]


def test_tshark_shows_the_comments(tmp_path):
    comments = {1: ["netinfo-scapy: first", "grüße, second"], 3: ["last"]}
    content = written([frame(bytes(60), n) for n in (1, 2, 3)], comments=comments)
    path = tmp_path / "commented.pcapng"
    path.write_bytes(content)
    command = [tool("tshark"), "-r", str(path), "-T", "fields", "-E", "separator=|", "-e", "frame.number"]
    done = subprocess.run([*command, "-e", "frame.comment"], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["1|netinfo-scapy: first,grüße, second", "2|", "3|last"]


@pytest.mark.parametrize("text", ["x" * 70_000, "é" * 40_000, "lone \udc80 surrogate", "", "line\nline"])
def test_any_text_is_a_comment(text, tmp_path):
    content = written([frame(b"before", 1), frame(b"after", 2)], comments={1: [text, "next"]})
    frames, _, failure = read(content)
    assert failure is None and [each.data for each in frames] == [b"before", b"after"]
    rows = tshark(content, ["frame.number", "frame.comment"], tmp_path)
    assert rows[-1][0] == "2"
    assert content.count(b"next") == 1


def test_more_interfaces_than_a_section_can_have():
    era = (1 << 33) * 10**9
    frames = [frame(b"x", n, time_ns=n * era) for n in range(65_537)]
    found, _, failure = read(written(frames))
    assert failure is None and [each.ref.time_ns for each in found] == [each.ref.time_ns for each in frames]


def test_times_beyond_all_that_can_be_written():
    frames, _, failure = read(written([Frame(FrameRef(0, 1, 1 << 100), 1, 1, b"x")]))
    assert failure is None and frames[0].ref.time_ns // 10**9 > 1 << 62


def test_nothing_but_a_section_is_a_capture(tmp_path):
    assert read(written([]))[0] == []
    path = tmp_path / "empty.pcapng"
    path.write_bytes(written([]))
    done = subprocess.run([tool("tshark"), "-r", str(path)], capture_output=True, check=True, text=True)
    assert done.stdout == ""
