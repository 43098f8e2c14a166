"""Text that came from the network, made safe to show."""

from __future__ import annotations

from typing import Any


def printable(text: str) -> str:
    r"""The text with every character that is not printable (controls, bidi marks, line ends) as \xNN, \uNNNN."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def printable_bytes(data: bytes) -> bytes:
    r"""The same of bytes: UTF-8 stays, and what is none is \xNN, too."""
    return printable(data.decode("utf-8", "backslashreplace")).encode()


def shown(text: str | dict[str, Any]) -> str:
    """A text value as the outputs hold it (text, or {"hex": "…"}), for people."""
    return f"0x{text['hex']}" if isinstance(text, dict) else printable(text)
