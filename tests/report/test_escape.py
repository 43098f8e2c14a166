from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.report.escape import printable, printable_bytes, shown


@given(st.text())
def test_nothing_that_moves_the_cursor_or_turns_the_text_is_left(text: str) -> None:
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in printable(text))


def test_what_is_printable_stays() -> None:
    assert printable("root's Übung [x] \\") == "root's Übung [x] \\"
    assert printable("\x1b[2Jroot\n\u202e") == "\\x1b[2Jroot\\n\\u202e"
    assert shown({"hex": "c3"}) == "0xc3"


@given(st.binary())
def test_bytes_are_shown_alike(data: bytes) -> None:
    assert printable_bytes(data).decode().isprintable()
    assert printable_bytes("root's Übung".encode()) == "root's Übung".encode()
    assert printable_bytes(b"\x1b\xff") == b"\\x1b\\xff"
