"""Evidence is the same in any order and however it is divided, also where there is too much of it."""

from __future__ import annotations

import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis import portions
from netinfo_scapy.analysis.findings import clues as module
from netinfo_scapy.analysis.findings.clues import Clues, Share, order_of
from netinfo_scapy.analysis.findings.evidence import MOST_FRAMES
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol.secret import Secret

KEYS = st.recursive(
    st.none() | st.integers(-3, 3) | st.binary(max_size=2) | st.text(max_size=2) | st.binary(max_size=2).map(Secret),
    lambda each: st.tuples(each, each),
    max_leaves=4,
).map(lambda key: (key,))
CLUES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(0, 2), KEYS, st.integers(0, 60), st.integers(0, 9)),
    max_size=120,
)


def time_of(capture: int, number: int) -> int:
    return (number * 7919 + capture) % 100


def filled(clues: list[tuple[object, ...]]) -> Clues:
    made = Clues()
    for detector, server, client, key, number, capture in clues:
        end = Endpoint(bytes([192, 0, 2, server]), 961)
        at = FrameRef(capture % 2, number, time_of(capture % 2, number))
        made.add(detector, Transport.TCP, end, bytes([10, 0, 0, client]), key, at)
    return made


def plain(clues: Clues) -> object:
    rows = [
        (each, row.transport, row.server, row.client, row.key, row.count, row.first_ns, row.last_ns, row.frames)
        for each in "ab"
        for row in clues.of(each)
    ]
    return rows, clues.evicted


@given(CLUES, st.integers(1, 4), st.integers(0, 2**32), st.sampled_from([2, 5, 1000]))
@settings(max_examples=300, deadline=None)
def test_any_order_and_any_parts(clues: list[tuple[object, ...]], parts: int, seed: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_ROWS", most)
        expected = plain(filled(clues))
        chance = random.Random(seed)
        dealt: list[list[tuple[object, ...]]] = [[] for _ in range(parts)]
        for each in chance.sample(clues, len(clues)):
            dealt[chance.randrange(parts)].append(each)
        whole = Clues()
        for part in dealt:
            whole.merge(pickle.loads(pickle.dumps(filled(part))))
        assert plain(whole) == expected
        patch.setattr(portions, "_AT_ONCE", 3)
        again = Clues()
        for part in dealt:
            for portion in filled(part).portions():
                again.merge(pickle.loads(pickle.dumps(portion)))
        assert plain(again) == expected


@given(CLUES)
@settings(max_examples=100, deadline=None)
def test_rows_are_a_recount(clues: list[tuple[object, ...]]) -> None:
    rows, evicted = plain(filled(clues))
    assert evicted == 0
    assert sum(row[5] for row in rows) == len(clues)
    for detector, _, server, client, key, count, first_ns, last_ns, frames in rows:
        mine = [
            each
            for each in clues
            if (each[0], each[1], each[2]) == (detector, server.address[3], client[3])
            and order_of(each[3]) == order_of(key)
        ]
        frames_there = sorted({(each[5] % 2, each[4]) for each in mine})
        times = [time_of(*frame) for frame in frames_there]
        assert (count, first_ns, last_ns) == (len(mine), min(times), max(times))
        assert [(at.capture, at.number) for at in frames] == frames_there[:MOST_FRAMES]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(-(2**70), 2**70)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_of_shares_the_earliest_times_are_kept(told: list[tuple[int, int, int]]) -> None:
    """In any order and in any parts; times of any year."""
    end = Endpoint(bytes([192, 0, 2, 1]), 961)
    parts = [Clues(), Clues()]
    for index, (share, number, time_ns) in enumerate(told):
        parts[index % 2].add("a", Transport.UDP, end, b"c", ("k", Share(share)), FrameRef(0, number, time_ns))
    whole = Clues()
    for part in parts:
        whole.merge(pickle.loads(pickle.dumps(part)))
    found = whole.of("a")
    assert len(found) == bool(told)
    for row in found:
        assert (row.key, row.count) == (("k",), len(told))
        assert row.shares == {
            share: min(time_ns for each, _, time_ns in told if each == share) for share in {each for each, *_ in told}
        }
        times = [time_ns for *_, time_ns in told]
        assert (row.first_ns, row.last_ns) == (min(times), max(times))


def test_merging_shares_nothing() -> None:
    one, other = Clues(), filled([("a", 1, 1, ("k",), 5, 0)])
    one.merge(other)
    filled_again = one.of("a")[0]
    filled_again.add(FrameRef(0, 9, 9))
    assert other.of("a")[0].count == 1
    assert len(other.of("a")[0].frames) == 1


def test_what_is_let_go_is_counted() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_ROWS", 10)
        clues = filled([("a", 1, 1, (number,), number, 0) for number in range(100) for _ in range(3)])
        assert [row.key for row in clues.of("a")] == [(number,) for number in range(10)]
        assert [row.count for row in clues.of("a")] == [3] * 10
        assert clues.evicted == 270
