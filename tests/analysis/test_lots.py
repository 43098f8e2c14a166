"""What falls to each process: everything once, and to each about as much as to any other."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis import lots
from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.flows import BUCKETS


def sized(size: int) -> Capture:
    capture = Capture(str(size))
    capture.size = size
    return capture


@given(st.integers(2, 200), st.integers(0, 1 << 40), st.booleans())
def test_every_bucket_is_dealt_out_once(jobs: int, size: int, joins: bool) -> None:
    dealt = [each.buckets for each in lots.by_conversation([[sized(size)]], jobs, joins)]
    assert [bucket for each in dealt for bucket in range(*each)] == list(range(BUCKETS))
    assert len(dealt) == jobs or jobs > BUCKETS // 2
    sizes = [beyond - first for first, beyond in dealt]
    assert max(sizes[1:]) - min(sizes[1:]) <= 1
    assert sizes[0] >= max(sizes[1:]) - 1


def test_the_process_that_is_there_already_gets_more_of_what_is_short() -> None:
    def first(size: int, jobs: int) -> int:
        return lots.by_conversation([[sized(size)]], jobs, joins=True)[0].buckets.beyond

    assert first(1 << 10, 2) > first(48 << 20, 2) > first(10 << 30, 2) == BUCKETS // 2
    assert first(1 << 10, 4) < BUCKETS // 2


def test_whole_sensors_are_dealt_out_evenly() -> None:
    def dealt(sizes: Sequence[int], jobs: int) -> list[list[int | None]]:
        groups = [[sized(size)] for size in sizes]
        return [[capture.size for group in lot.groups for capture in group] for lot in lots.by_sensor(groups, jobs)]

    assert dealt([70, 40, 30, 60], 2) == [[70, 30], [40, 60]]
    assert dealt([5, 5, 5], 3) == [[5], [5], [5]]
    assert dealt([90, 5, 5], 2) == []
    assert dealt([5, 5], 3) == []
    assert dealt([], 2) == []
