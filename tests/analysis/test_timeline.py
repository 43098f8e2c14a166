"""Calls and refusals by time: the same however the times are divided and ordered."""

from __future__ import annotations

import itertools
import pickle
from collections import Counter
from datetime import datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netinfo_scapy
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.timeline import LEAST_LEVEL, MOST_BINS, REFUSALS, Timeline
from tests.support.captures import NAMES, RECORDED

FARTHEST = 2**62
# A time and whether it is that of a call; near each other, spread over years, and at the ends of what there can be.
TIMES = (
    st.integers(-FARTHEST, FARTHEST)
    | st.integers(10**18, 10**18 + 10**12)
    | st.integers(10**18, 10**18 + 10**9)
    | st.integers(0, 600).map(lambda number: number << 33)
)
EVENTS = st.lists(st.tuples(TIMES, st.booleans()), max_size=700)
MANY = st.lists(st.tuples(st.integers(0, 2**45), st.booleans()), min_size=MOST_BINS, max_size=900)


def counted(events: list[tuple[int, bool]]) -> Timeline:
    timeline = Timeline()
    for time, is_call in events:
        (timeline.add_call if is_call else timeline.add_refusal)(time)
    timeline.settle()
    return timeline


def plain(timeline: Timeline) -> object:
    return timeline.level, timeline.bins


def expected(events: list[tuple[int, bool]]) -> object:
    """The least level at which the bins of all times fit, tried one after the other."""
    level = LEAST_LEVEL
    while len({time // 2**level for time, _ in events}) > MOST_BINS:
        level += 1
    bins: dict[int, list[int]] = {}
    for time, is_call in events:
        bins.setdefault(time // 2**level, [0, 0])[not is_call] += 1
    return level, bins


@given(EVENTS | MANY)
@settings(max_examples=40, deadline=None)
def test_the_level_is_the_least_at_which_all_times_fit(events: list[tuple[int, bool]]) -> None:
    assert plain(counted(events)) == expected(events)


@given(EVENTS | MANY, st.lists(st.floats(0, 1), max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_division_and_any_order(events: list[tuple[int, bool]], cuts: list[float], chance: object) -> None:
    whole = plain(counted(events))
    chance.shuffle(events)
    ends = [0, *sorted(int(each * len(events)) for each in cuts), len(events)]
    parts = [counted(events[start:end]) for start, end in itertools.pairwise(ends)]
    before = [(part.level, {number: list(counts) for number, counts in part.bins.items()}) for part in parts]
    merged = Timeline()
    for part in parts:
        merged.merge(part)
    assert plain(merged) == whole
    assert [plain(part) for part in parts] == before
    backwards = Timeline()
    for part in reversed(parts):
        backwards.merge(pickle.loads(pickle.dumps(part)))
    assert plain(backwards) == whole


def test_it_can_be_looked_at_in_between() -> None:
    timeline = Timeline()
    for number in range(2_000):
        timeline.add_call(number << 21)
        if not number % 100:
            timeline.settle()
        if not number % 3:
            timeline.add_refusal((number << 21) + 5)
    timeline.settle()
    events = [(number << 21, True) for number in range(2_000)] + [
        (number << 21, False) for number in range(0, 2_000, 3)
    ]
    assert plain(timeline) == expected(events)


@cache
def messages(name: str) -> list[dict[str, object]]:
    return list(netinfo_scapy.messages(RECORDED / f"{name}.pcap"))


@pytest.mark.parametrize("name", NAMES)
def test_recordings(name: str) -> None:
    """Each bin holds the calls and refusals that `messages` has in its time."""
    reading = Reading([RECORDED / f"{name}.pcap"])
    summary = conclude(reading.facts(), reading.captures, reading.interest, "0")
    timeline = summary.timeline
    assert 0 < len(timeline.bins) <= MOST_BINS
    assert sum(each.calls for each in timeline.bins) == summary.totals.calls
    statuses = Counter[str]()
    for row in summary.conversations:
        statuses.update(row.statuses)
    assert sum(each.refused for each in timeline.bins) == sum(statuses[status] for status in REFUSALS)
    length = round(timeline.bin_seconds * 10**9)
    expected = Counter[tuple[int, str]]()
    for message in messages(name):
        status = message["status"] or message["accept_status"] or message["reject_status"]
        for kind, is_one in (("calls", message["type"] == "call"), ("refused", status in REFUSALS)):
            if is_one:
                expected[nanoseconds(str(message["time"])) // length, kind] += 1
    # A bin's start is shown without its last three decimals.
    found = {(nanoseconds(each.time) + 999) // length: each for each in timeline.bins}
    assert dict(expected) == {
        (number, kind): getattr(each, kind)
        for number, each in found.items()
        for kind in ("calls", "refused")
        if getattr(each, kind)
    }


def nanoseconds(time: str) -> int:
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(f"{seconds}+00:00").timestamp()) * 10**9 + int(fraction.ljust(9, "0"))
