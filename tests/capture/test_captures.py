import io
import os
import threading
from decimal import Decimal

import pytest

from netinfo_scapy.capture.captures import nanoseconds
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.sources import open_captures, order
from tests.capture.making import BASE_NS, NANOSECOND, enhanced, interface, option, pcap_file, section

FRAMES = [(BASE_NS + number * 10**9, bytes([number]) * 60) for number in range(5)]


def test_reading_again_counts_anew(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_file(FRAMES))
    (capture,) = open_captures(path)
    for _ in range(2):
        frames = list(capture.frames())
        assert [(f.ref.time_ns, f.data) for f in frames] == FRAMES
        assert (capture.frames_read, capture.bytes_read) == (5, 300)
        assert (capture.first_ns, capture.last_ns) == (FRAMES[0][0], FRAMES[-1][0])
        assert (capture.warning, capture.error, capture.link_types) == (None, None, {"ETHERNET"})
    assert capture.span() == (FRAMES[0][0], FRAMES[-1][0])


def test_digits_are_known_as_early_as_can_be():
    (nano,) = open_captures(io.BytesIO(pcap_file(FRAMES, magic=NANOSECOND)))
    assert nano.digits == 9
    fine = section() + interface(options=option(9, b"\x09")) + enhanced(b"x")
    (capture,) = open_captures(io.BytesIO(fine))
    next(capture.frames())
    assert capture.digits == 9
    capture.frames()
    assert capture.digits == 9


def test_a_cut_end_is_a_warning_and_damage_an_error():
    content = pcap_file(FRAMES)
    (cut,) = open_captures(io.BytesIO(content[:-1]))
    assert len(list(cut.frames())) == 4 and cut.error is None and cut.warning
    (bad,) = open_captures(io.BytesIO(content + b"\xff" * 16))
    assert len(list(bad.frames())) == 5 and bad.warning is None and "frame 6 at offset" in bad.error
    assert not bad.unreadable and len(list(bad.frames())) == 5


class Breaking(io.BytesIO):
    """A disk that fails."""

    def read1(self, size=-1):
        if self.tell() >= 100:
            raise OSError(5, "Input/output error")
        return super().read1(100)


def test_a_failing_disk_is_an_error():
    (capture,) = open_captures(Breaking(pcap_file(FRAMES)))
    assert len(list(capture.frames())) == 1
    assert "Input/output error" in capture.error


def test_a_pipe_is_read_once_and_as_it_comes():
    read_end, write_end = os.pipe()
    content = pcap_file(FRAMES)
    os.write(write_end, content[: 24 + 76])
    with os.fdopen(read_end, "rb") as stream:
        (capture,) = open_captures(stream)
        assert not capture.rereadable
        frames = capture.frames()
        assert next(frames).ref.number == 1  # though the writer has not closed its end
        os.write(write_end, content[24 + 76 :])
        os.close(write_end)
        assert len(list(frames)) == 4
        with pytest.raises(CaptureError, match="only once"):
            list(capture.frames())


def test_a_named_pipe(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(pcap_file(FRAMES)))
    writer.start()
    (capture,) = order(open_captures(path))
    assert not capture.rereadable and capture.span() is None
    assert len(list(capture.frames())) == 5
    writer.join()


def test_an_open_file_is_read_from_where_it_stood(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"something before" + pcap_file(FRAMES))
    with path.open("rb") as stream:
        stream.seek(16)
        (capture,) = open_captures(stream)
        assert capture.rereadable and capture.name == str(path)
        assert list(capture.frames()) == list(capture.frames()) and capture.frames_read == 5


def test_ordering_looks_at_the_first_frame_without_losing_it():
    late = iter([(50, 1, b"late"), (51, 1, b"later")])
    captures = open_captures([io.BytesIO(pcap_file(FRAMES))]) + open_captures(late)
    captures = order(captures[::-1])
    assert [capture.format for capture in captures] == ["packets", "pcap"]
    late_ones = list(captures[0].frames())
    assert [(f.ref.capture, f.ref.number, f.data) for f in late_ones] == [(0, 1, b"late"), (0, 2, b"later")]
    assert captures[0].frames_read == 2
    assert {f.ref.capture for f in captures[1].frames()} == {1}


def test_a_stream_takes_its_place_after_it_was_looked_at():
    early, late = iter([(5, 1, b"a"), (6, 1, b"b")]), iter([(7, 1, b"c"), (8, 1, b"d")])
    first, second = order(open_captures(late) + open_captures(early))
    assert [(f.ref.capture, f.data) for f in first.frames()] == [(0, b"a"), (0, b"b")]
    assert [(f.ref.capture, f.data) for f in second.frames()] == [(1, b"c"), (1, b"d")]


def test_packets_in_memory():
    packets = [(1, 1, b"a"), (2.5, 101, bytearray(b"b")), (Decimal("3.000000001"), 1, memoryview(b"c"))]
    (capture,) = open_captures(packets)
    assert capture.rereadable and capture.digits == 6
    for _ in range(2):
        found = [(f.ref.number, f.ref.time_ns, f.link, f.data, f.wire_length) for f in capture.frames()]
        assert found == [
            (1, 10**9, 1, b"a", 1),
            (2, 2_500_000_000, 101, b"b", 1),
            (3, 3_000_000_001, 1, b"c", 1),
        ]
    assert capture.digits == 9 and capture.link_types == {"ETHERNET", "RAW"}
    (once,) = open_captures(iter(packets))
    assert not once.rereadable and len(list(once.frames())) == 3


def test_packets_from_an_iterator_are_handed_on_at_once():
    taken = []

    def live():
        for number in range(3):
            taken.append(number)
            yield number, 1, b"x"

    (capture,) = open_captures(live())
    next(capture.frames())
    assert taken == [0]


@pytest.mark.parametrize(
    "bad", [[(1, 1)], [("now", 1, b"")], [(float("nan"), 1, b"")], [(1, 1, "text")], [(1, "x", b"")]]
)
def test_what_is_no_packet_says_so(bad):
    (capture,) = open_captures(bad)
    with pytest.raises(TypeError, match="packet 1"):
        list(capture.frames())


def test_times():
    from scapy.utils import EDecimal

    assert nanoseconds(1700000000.123456) == 1_700_000_000_123_456_000
    assert nanoseconds(EDecimal("1700000000.123456789")) == 1_700_000_000_123_456_789
    assert nanoseconds(Decimal("1e9") + Decimal("0.1")) == 10**18 + 10**8
    assert nanoseconds(-1.5) == -1_500_000_000
