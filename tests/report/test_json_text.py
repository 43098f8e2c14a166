"""JSON that can be shown: the same to its readers, and nothing in it acts on a terminal."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.report.json_text import json_line, json_page

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
