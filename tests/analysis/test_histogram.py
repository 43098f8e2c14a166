"""Durations in bins: quantiles within a percent, and the same however they are added up."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.histogram import Durations, Tally

NANOSECONDS = st.lists(st.integers(0, 10**13), min_size=1, max_size=60)


def filled(values: list[int]) -> Durations:
    durations = Durations()
    for value in values:
        durations.add(value)
    return durations


@given(NANOSECONDS, st.sampled_from([0.5, 0.95]))
def test_quantiles_are_within_one_percent(values: list[int], share: float) -> None:
    exact = sorted(values)[max(0, math.ceil(round(share * 1000) * len(values) / 1000) - 1)]
    assert abs(filled(values).quantile(share) - exact) <= exact / 100


@given(NANOSECONDS, NANOSECONDS)
def test_a_merge_is_the_same_as_all_at_once(one: list[int], other: list[int]) -> None:
    merged = filled(one)
    merged.merge(filled(other))
    whole = filled(one + other)
    assert (merged.bins, merged.count, merged.least, merged.most) == (whole.bins, whole.count, whole.least, whole.most)


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(-2, 300), max_size=60))
def test_a_tally_comes_to_the_same(values: list[int]) -> None:
    tally, whole = Tally(), filled(values)
    for value in values:
        tally.add(value)
    found = tally.durations()
    assert (found.bins, found.count, found.least, found.most) == (whole.bins, whole.count, whole.least, whole.most)


@given(NANOSECONDS)
def test_the_coarse_distribution_has_each_duration_where_it_belongs(values: list[int]) -> None:
    bins = filled(values).coarse()
    for low, high, count in bins:
        assert count == sum(low <= value < high for value in values)
        assert high - low <= max(32, low / 4)
    assert sum(count for *_, count in bins) == len(values)
    assert bins == sorted(bins)
    merged = filled(values)
    merged.merge(filled(values))
    assert merged.coarse() == [(low, high, 2 * count) for low, high, count in bins]


def test_a_clock_that_was_set_back_is_counted() -> None:
    durations = filled([-5, 10])
    assert (durations.count, durations.least, durations.most) == (2, -5, 10)
    assert durations.quantile(0.5) == 0
