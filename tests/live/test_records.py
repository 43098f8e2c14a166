"""Record marks on a socket's stream: any cut, any fragments; what is no record."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.live.records import RecordError, Records, marked
from tests.support import rpc

MESSAGES = st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.lists(st.integers(0, 9), max_size=5)), max_size=5)


def taken(records: Records) -> list[bytes]:
    return list(iter(records.take, None))


@given(MESSAGES, st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_any_cut_and_any_fragments(messages: list[tuple[bytes, list[int]]], cuts: list[int]) -> None:
    stream = b"".join(
        rpc.record(message, *[size for size in sizes if sum(sizes) <= len(message)]) for message, sizes in messages
    )
    records, got, at = Records(), [], 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        records.feed(stream[at : at + size])
        at += size
        got += taken(records)
    assert got == [message for message, _ in messages]
    assert not records.begun


@given(st.binary(max_size=300), st.integers(1, 100))
def test_what_is_marked_is_read_again(message: bytes, fragment: int) -> None:
    records = Records()
    records.feed(marked(message, fragment))
    assert taken(records) == [message]
    assert max(records.fragments) <= fragment


@pytest.mark.parametrize(
    "data", [b"HTTP", b"\x7f\xff\xff\xff", bytes(4) * 1100, rpc.words(600) + bytes(600) + rpc.words(600)]
)
def test_what_is_no_record(data: bytes) -> None:
    with pytest.raises(RecordError, match="a record of more than"):
        Records(most=1000).feed(data)


@pytest.mark.parametrize("size", [1, 2])
def test_many_small_fragments_take_no_more_room_than_their_bytes(size: int) -> None:
    count = 40_000
    stream = (rpc.words(size) + b"a" * size) * (count // 100)
    records = Records()
    tracemalloc.start()
    for _ in range(100):
        records.feed(stream)
    held = tracemalloc.get_traced_memory()[0]
    records.feed(rpc.record(b"z"))
    assert records.take() == b"a" * size * count + b"z"
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert records.span == (4 + size) * count + 5
    assert held < 2 * size * count + 20_000
    assert left < 20_000
