r"""What the commands print as JSON: characters that act on a terminal, or break a line, are escaped in it.

JSON itself has only controls below a space escaped. The others, bidi marks and line separators are written \uNNNN
here, which every reader of JSON takes for the same.
"""

from __future__ import annotations

from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_DELETE = b"\x7f"


def json_line(value: Any) -> bytes:
    """A value in one line, with its end."""
    return _safe(_encode(value)) + b"\n"


def json_page(value: Any) -> bytes:
    """A value in lines, indented, with their ends."""
    return _safe(msgspec.json.format(_encode(value), indent=2)) + b"\n"


def _safe(data: bytes) -> bytes:
    if data.isascii() and _DELETE not in data:
        return data
    text = data.decode()
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text).encode()


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
