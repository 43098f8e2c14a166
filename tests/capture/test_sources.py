import gzip
import io
import os
import random
import sys
from collections import Counter

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.capture.errors import CaptureError, UnknownFormat
from netinfo_scapy.capture.sources import natural_key, open_captures, order, sensors
from tests.capture.making import BASE_NS, interface, pcap_file, section
from tests.support.captures import SMALL, capture_path

S = 10**9


def span_file(first: float, last: float, middle: int = 0) -> bytes:
    times = [first] + [first + (last - first) * n / (middle + 1) for n in range(1, middle + 1)] + [last]
    return pcap_file([(BASE_NS + int(time * S), b"x") for time in times])


def write(tmp_path, **files):
    for name, content in files.items():
        path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(captures, tmp_path):
    return [os.path.relpath(capture.name, tmp_path) for capture in captures]


def test_a_directory_means_every_capture_in_it(tmp_path):
    whole = span_file(0, 1)
    write(
        tmp_path,
        t10_dot_pcap=whole,
        t9_dot_pcap_dot_gz=gzip.compress(whole),
        sub__deep__x=zstandard.compress(whole),
        sub__y=section() + interface(),
        notes_dot_txt=b"no capture",
        empty_dot_dat=b"",
        packed_dot_gz=gzip.compress(b"no capture either"),
        old_dot_snoop=b"snoop\0\0\0\0\0\0\2",
    )
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    captures = open_captures(tmp_path)
    assert names(captures, tmp_path) == ["old.snoop", "sub/deep/x", "sub/y", "t9.pcap.gz", "t10.pcap"]
    assert [capture.compression for capture in captures] == [None, "zstd", None, "gzip", None]
    assert [capture.format for capture in captures] == [None, "pcap", "pcapng", "pcap", "pcap"]
    assert [capture.unreadable for capture in captures] == [True, False, False, False, False]
    assert [capture.index for capture in captures] == [0, 1, 2, 3, 4]


def test_a_directory_without_captures(tmp_path):
    (capture,) = open_captures(str(tmp_path))
    assert capture.unreadable and capture.name == str(tmp_path) and list(capture.frames()) == []


def test_names_stay_as_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, a=span_file(0, 1), d__b=span_file(0, 1), c=span_file(0, 1))
    assert [capture.name for capture in open_captures(["./a", "d", tmp_path / "c"])] == [
        "./a",
        "d/b",
        str(tmp_path / "c"),
    ]


def test_a_file_given_twice_is_read_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, a=span_file(0, 1), b=span_file(0, 1))
    captures = open_captures(["a", tmp_path / "a", ".", "b"])
    assert [(capture.name, capture.repeated) for capture in captures] == [("a", True), ("b", True)]


def test_what_cannot_be_read_is_an_entry_of_its_own(tmp_path):
    write(
        tmp_path, empty=b"", text=b"hello, world\n", good=span_file(0, 1), zip=gzip.compress(b""), cut=b"\xd4\xc3\xb2"
    )
    entries = ["empty", "text", "good", "zip", "cut"]
    captures = open_captures([tmp_path / name for name in entries])
    assert [capture.unreadable for capture in captures] == [True, True, False, True, True]
    assert [capture.error and capture.error.split(";")[0] for capture in captures] == [
        "it is empty",
        "it is no pcap or pcapng",
        None,
        "it is empty",
        "it is no pcap or pcapng",
    ]
    assert isinstance(captures[1].failure, UnknownFormat)
    assert "editcap -F pcapng" in captures[1].error
    assert all(list(capture.frames()) == [] for capture in captures if capture.unreadable)
    assert next(capture.name for capture in order(captures)) == str(tmp_path / "good")


def test_a_path_that_does_not_exist(tmp_path):
    write(tmp_path, good=span_file(0, 1))
    for path in (tmp_path / "missing", tmp_path / "good" / "under", "nul\0"):
        with pytest.raises(FileNotFoundError):
            open_captures([tmp_path / "good", path])


def test_no_permission_goes_on_with_the_rest(tmp_path, monkeypatch):
    write(tmp_path, a=span_file(0, 1), b=span_file(0, 1))
    real = open

    def refusing(path, *rest, **more):
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **more)

    monkeypatch.setattr("builtins.open", refusing)
    for source in ([tmp_path / "a", tmp_path / "b"], tmp_path):
        a, b = open_captures(source)
        assert a.unreadable and a.error == "Permission denied" and not b.unreadable


def test_standard_input(monkeypatch, tmp_path):
    class Input:
        buffer = io.BufferedReader(io.BytesIO(span_file(0, 1)))

    monkeypatch.setattr(sys, "stdin", Input)
    (capture,) = open_captures("-")
    assert capture.name == "-" and len(list(capture.frames())) == 2


@pytest.mark.parametrize("source", [b"bytes", bytearray(b"x"), 7, None, io.StringIO("text")])
def test_what_is_no_source(source):
    with pytest.raises(TypeError):
        open_captures(source)


def test_nothing_at_all():
    assert open_captures([]) == [] and order([]) == [] and sensors([]) == []


def test_order_is_by_first_frame_then_natural_name(tmp_path):
    write(tmp_path, a=span_file(5, 6), b10=span_file(1, 2), b9=span_file(1, 2), z=span_file(0, 9), none=pcap_file([]))
    captures = order(open_captures(tmp_path))
    assert names(captures, tmp_path) == ["z", "b9", "b10", "a", "none"]
    assert [capture.index for capture in captures] == [0, 1, 2, 3, 4]
    assert [next(capture.frames()).ref.capture for capture in captures[:4]] == [0, 1, 2, 3]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8)))
def test_natural_keys_compare(texts):
    assert Counter(sorted(texts, key=natural_key)) == Counter(texts)


def test_natural_order():
    texts = ["b1", "a10", "b0", "a\u0661", "a2", "a010b", "a1", "2b", "a"]
    assert sorted(texts, key=natural_key) == ["2b", "a", "a1", "a2", "a10", "a010b", "a\u0661", "b0", "b1"]


def grouped(tmp_path, mode="auto"):
    return [names(group, tmp_path) for group in sensors(order(open_captures(tmp_path)), mode)]


def test_files_that_follow_each_other_are_one_sensor(tmp_path):
    write(tmp_path, t1=span_file(0, 10), t2=span_file(10, 20), t3=span_file(25, 30), none=pcap_file([]))
    assert grouped(tmp_path) == [["t1", "t2", "t3", "none"]]
    assert grouped(tmp_path, "each") == [["t1"], ["t2"], ["t3"], ["none"]]


def test_files_that_overlap_are_different_sensors(tmp_path):
    write(
        tmp_path,
        a1=span_file(0, 10),
        b1=span_file(1, 12),
        a2=span_file(12, 20),
        b2=span_file(12, 21),
        b3=span_file(30, 40),
        a3=span_file(31, 40),
    )
    assert grouped(tmp_path) == [["a1", "a2", "a3"], ["b1", "b2", "b3"]]
    assert len(grouped(tmp_path, "one")) == 1


def test_the_same_directory_is_preferred(tmp_path):
    write(
        tmp_path,
        s1__t1=span_file(0, 10),
        s2__t1=span_file(1, 11),
        s2__t2=span_file(20, 30),
        s1__t2_dot_gz=gzip.compress(span_file(21, 31)),
    )
    assert grouped(tmp_path) == [["s1/t1", "s1/t2.gz"], ["s2/t1", "s2/t2"]]


def test_spans_count_times_that_jump_back(tmp_path):
    jumping = pcap_file([(BASE_NS + 5 * S, b"x"), (BASE_NS, b"x"), (BASE_NS + 9 * S, b"x")])
    write(tmp_path, a=jumping, b=span_file(1, 2))
    assert grouped(tmp_path) == [["b"], ["a"]]


def test_moments(tmp_path):
    write(tmp_path, a=span_file(0, 10), b=span_file(0, 0), c=span_file(10, 10), d=span_file(5, 5))
    assert grouped(tmp_path) == [["a", "b", "c"], ["d"]]


def test_a_stream_stands_alone(tmp_path):
    write(tmp_path, a=span_file(0, 10))
    captures = order(open_captures(tmp_path) + open_captures(iter([(1, 1, b"x")])))
    assert sorted(len(group) for group in sensors(captures)) == [1, 1]


def test_sensors_against_a_plain_check(tmp_path):
    chance = random.Random(1)
    for number in range(30):
        first = chance.randrange(40)
        write(tmp_path, **{f"f{number}": span_file(first, first + chance.randrange(8))})
    groups = sensors(order(open_captures(tmp_path)))
    for group in groups:
        spans = [capture.span() for capture in group]
        for at, (first, last) in enumerate(spans):
            assert not any(first < end and begin < last for begin, end in spans[at + 1 :])
    assert groups == sensors(order([capture for group in groups for capture in group]))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_files_cut_at_every_byte(pack):
    content = pack(capture_path(SMALL[0]).read_bytes()[:1500])
    (whole,) = open_captures(io.BytesIO(content))
    frames = list(whole.frames())
    assert len(frames) > 5
    for cut in range(len(content)):
        (capture,) = open_captures(io.BytesIO(content[:cut]))
        assert list(capture.frames()) == frames[: capture.frames_read]
        assert capture.error is None or capture.unreadable
        assert capture.failure is None or isinstance(capture.failure, CaptureError)


def test_a_file_in_a_directory_that_is_named_like_a_capture_is_told(tmp_path):
    write(tmp_path, good=span_file(0, 1))
    for name in ("notes.pcap", "empty.pcapng", "README.md", "old.cap.gz", "a.pcap3"):
        (tmp_path / name).write_bytes(b"" if name.startswith("empty") else b"no capture")
    captures = open_captures(str(tmp_path))
    assert {capture.name.rsplit("/", 1)[1] for capture in captures if capture.unreadable} == {
        "notes.pcap",
        "empty.pcapng",
        "old.cap.gz",
        "a.pcap3",
    }
