"""JSON that can be shown: the same to its readers, and nothing in it acts on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.report.json_text import json_line, json_page, json_pieces

VALUES = st.recursive(
    st.none() | st.integers(0, 99) | st.text() | st.text('\x7f\x9b\u202e\u2028\ufeff\U000e0001\U0001f480"\\ab'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(VALUES)
def test_readers_see_the_same_and_terminals_nothing_else(value: object) -> None:
    for text in (json_line(value), json_page(value)):
        assert json.loads(text) == value
        assert all(line.isprintable() for line in text.decode().split("\n"))
    assert json_line(value).count(b"\n") == 1


class Inner(msgspec.Struct):
    """A row with rows."""

    text: str
    rows: Iterable[int]


class Outer(msgspec.Struct):
    """A document."""

    first: Inner
    inner: list[Inner]
    rows: Iterable[dict[str, list[int]]]
    empty: list[int]


def outer(count: int, rows: type) -> Outer:
    def made(number: int) -> Inner:
        return Inner("\x7f\n", rows(range(number)))

    many = rows({"a": [each], "b": []} for each in range(count))
    return Outer(made(2), [made(0), made(count), made(1)], many, [])


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1_000])
def test_what_is_written_piece_by_piece_is_the_whole(count: int) -> None:
    """Lists and what is made on the way, within each other, as msgspec writes them at once."""
    value = outer(count, list)
    whole = msgspec.json.format(msgspec.json.encode(value), indent=2).replace(b"\x7f", b"\\u007f") + b"\n"
    assert json_page(value) == whole
    pieces = [*json_pieces(outer(count, lambda values: (each for each in values)))]
    assert b"".join(pieces) == whole
    assert max(map(len, pieces)) < 20_000
    assert json_page(value.inner) == b"".join(
        (msgspec.json.format(msgspec.json.encode(value.inner), indent=2).replace(b"\x7f", b"\\u007f"), b"\n")
    )
