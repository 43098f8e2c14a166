"""Pieces that wait, held against a table of single bytes."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef, Packet
from netinfo_scapy.capture.pieces import COST, Piece, difference, make_chunk, make_piece, put_among, without_first

LANE = Lane(True, bytes(range(12)))
PIECES = st.lists(st.tuples(st.integers(0, 20), st.binary(min_size=1, max_size=9), st.booleans()), max_size=12)


class Byte(NamedTuple):
    value: int
    tentative: bool


def piece_of(start: int, data: bytes, tentative: bool) -> Piece:
    return make_piece(start, Packet(FrameRef(0, 1, 0), LANE, data, len(data), 64, b"", 0, 0), tentative)


@settings(max_examples=150)
@given(PIECES)
def test_the_first_bytes_win_unless_they_are_tentative(segments: list[tuple[int, bytes, bool]]) -> None:
    waiting: list[Piece] = []
    table: dict[int, Byte] = {}
    differed: set[int] = set()
    cost, ever = 0, False
    for start, data, tentative in segments:
        cost += put_among(waiting, piece_of(start, data, tentative))
        for at, value in enumerate(data, start):
            held = table.get(at)
            sure = held is not None and held.tentative and not tentative
            if held is not None and held.value != value:
                differed.add(at)
                ever = True
            if held is None or sure:
                table[at] = Byte(value, tentative)
    assert all(one.end <= other.start for one, other in pairwise(waiting))
    assert all(each.start + len(each.data) == each.end > each.start for each in waiting)
    found = [(at, Byte(value, each.tentative)) for each in waiting for at, value in enumerate(each.data, each.start)]
    assert dict(found) == table
    disputed = {at for each in waiting if each.conflict for at in range(each.start, each.end)}
    assert differed <= disputed
    assert ever or not disputed
    assert cost == sum(len(each.data) + COST for each in waiting)


@given(st.binary(max_size=12), st.data())
def test_the_difference_goes_from_the_first_to_the_last(one: bytes, draw: st.DataObject) -> None:
    other = draw.draw(st.binary(min_size=len(one), max_size=len(one)))
    differing = [at for at in range(len(one)) if one[at] != other[at]]
    assert difference(one, other) == ((differing[0], differing[-1] + 1) if differing else (0, 0))


@given(st.lists(st.binary(max_size=4), max_size=5), st.integers(0, 20))
def test_chunks_lose_their_first_bytes(parts: list[bytes], size: int) -> None:
    left = without_first([make_chunk(part, FrameRef(0, 1, 0), False) for part in parts], size)
    assert b"".join(each.data for each in left) == b"".join(parts)[size:]
    assert not left or left[0].data
