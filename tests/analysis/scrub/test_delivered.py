"""What a segment has to carry instead: by its place, and by what it carried."""

import tracemalloc
from collections.abc import Callable

import pytest

from netinfo_scapy.analysis.scrub.delivered import Delivered
from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.frames import FrameRef

FLOW = Flow(Transport.TCP, Endpoint(bytes(4), 1), Endpoint(bytes(4), 2))
WRAP = 1 << 32
FILL = b"\xff"


def at(number: int) -> FrameRef:
    return FrameRef(0, number, 0)


def delivered(start: int = 1000) -> Delivered:
    """A record of two fragments, `abc` and `defg`, that becomes ABCDEFG."""
    made = Delivered()
    made.add_marks(FLOW, at(5), ((start, 3), (start + 7, 0x80000004)), b"abcdefg", b"ABCDEFG")
    return made


BEFORE = b"\0\0\0\x03abc\x80\0\0\x04defg"
AFTER = b"\0\0\0\x03ABC\x80\0\0\x04DEFG"


def test_any_cut_gives_the_same_bytes() -> None:
    for start in (1000, WRAP + 1000, WRAP - 7, 2 * WRAP - 3):
        made = delivered(start)
        for size in range(1, len(BEFORE) + 1):
            parts = [
                made.segment(FLOW, at(3), (start + offset) % WRAP, BEFORE[offset : offset + size])
                for offset in range(0, len(BEFORE), size)
            ]
            assert b"".join(parts) == AFTER


def test_what_belongs_to_no_record_is_filler() -> None:
    made = delivered()
    assert made.segment(FLOW, at(3), 990, b"0123456789" + BEFORE + b"rest") == FILL * 10 + AFTER + FILL * 4
    assert made.segment(FLOW, at(3), 50_000, b"other") == FILL * 5
    assert made.segment(Flow(*FLOW[::2], FLOW.source), at(3), 1000, BEFORE) == FILL * len(BEFORE)


def test_other_bytes_for_the_same_place_differ_there_and_are_not_copied() -> None:
    found = delivered().segment(FLOW, at(3), 1004, b"aXc")
    assert (found[:1], found[2:]) == (b"A", b"C")
    assert found[1:2] not in (b"B", b"X")


def test_ports_used_again_with_the_same_numbers() -> None:
    made = delivered()
    made.add_marks(FLOW, at(50), ((1000, 0x80000003),), b"xyz", b"XYZ")
    assert made.segment(FLOW, at(4), 1000, BEFORE) == AFTER
    assert made.segment(FLOW, at(49), 1000, b"\x80\0\0\x03xyz") == b"\x80\0\0\x03XYZ"
    assert made.segment(FLOW, at(60), 1000, BEFORE) == AFTER


def test_marks_of_a_record_with_a_hole_stay() -> None:
    made = Delivered()
    made.add_marks(FLOW, at(5), ((1000, 8), (1012, 0x80000004)), b"ab", b"AB")
    assert made.segment(FLOW, at(5), 1000, b"\0\0\0\x08ab") == b"\0\0\0\x08AB"
    assert made.segment(FLOW, at(5), 1010, b"gh\x80\0\0\x04ijkl") == FILL * 2 + b"\x80\0\0\x04" + FILL * 4


def test_datagrams() -> None:
    made = Delivered()
    made.add_datagram(at(7), b"ABC")
    assert made.datagram(at(7), b"abcd") == b"ABC\xff"
    assert made.datagram(at(8), b"abc") == FILL * 3


def _datagrams(made: Delivered, number: int) -> None:
    made.add_datagram(at(number + 1000), b"%08d" % number * 5)


def _one_flow(made: Delivered, number: int) -> None:
    made.add_marks(FLOW, at(number + 1000), ((48 * number, 0x8000002C),), b"%04d" % number * 11, b"%04d" % number * 11)


def _flows(made: Delivered, number: int) -> None:
    flow = Flow(Transport.TCP, Endpoint(number.to_bytes(4, "big"), 4000), Endpoint(bytes(4), 2))
    made.add_marks(flow, at(number + 1000), ((1000, 0x80000028),), b"%08d" % number * 5, b"%08d" % number * 5)


@pytest.mark.parametrize("add", [_datagrams, _one_flow, _flows])
def test_what_is_held_takes_no_more_than_is_counted(add: Callable[[Delivered, int], None]) -> None:
    """Else a capture of small messages is not refused before it has taken a multiple of the bound."""
    made = Delivered()
    tracemalloc.start()
    try:
        for number in range(5_000):
            add(made, number)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < made.held < 3 * taken


def test_many_marks_of_one_record_cost_what_they_are() -> None:
    """Half a million: joined one by one, they would be copied for minutes."""
    made, count = Delivered(), 500_000
    made.add_marks(FLOW, at(5), tuple((1000 + 4 * each, 0) for each in range(count)))
    assert made.segment(FLOW, at(5), 1000 + 4 * count - 8, bytes(12)) == bytes(8) + FILL * 4
