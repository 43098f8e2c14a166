r"""nidump's raw form: the whole of a tree, for people and for niload.

As release 208 of nidump writes it, but for its fault with bytes over 127: those are a backslash and three octal
digits here, as are control bytes that C has no letter for. A backslash is not escaped, so a value that has one
before such letters or digits cannot be told from one with the byte they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netinfo_scapy.analysis.directory.tree import Directory, Property

_LETTERS = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"'}
_ESCAPES = [_LETTERS.get(each) or (chr(each) if 32 <= each < 127 else f"\\{each:03o}") for each in range(256)]
_ASCII = {each: _ESCAPES[each] for each in range(256) if _ESCAPES[each] != chr(each)}
_TEXT = {each: text for each, text in _ASCII.items() if each < 128}
_EXTENDED, _APART = re.compile(rb"(?<=[\xff\x1f])7(?=7777)"), rb"\\067"
"""A byte before such digits looks like one that release 208 extended by its sign: the first digit is octal, too."""
_SURROGATES = re.compile("[\udc80-\udcff]")

_INDENTED = 64
"""Directories within each other that are indented; deeper ones stand as far in, or lines would be all spaces."""


def raw(directory: Directory, utf8: bool = False) -> Iterator[bytes]:
    """The lines of a tree, each with its end. utf8: text that is valid UTF-8 as it is, not in octal.

    A property whose values are not known is left out.
    """
    # Directories that are open: how many spaces they stand behind, and those of their children that are left.
    opened: list[tuple[int, Iterator[Directory], int]] = []
    entered: Directory | None = directory
    while True:
        if entered is not None:
            depth = 4 * min(len(opened), _INDENTED)
            yield from _head(entered, b" " * depth, utf8)
            opened.append((depth, iter(entered.children), len(entered.children)))
        depth, rest, left = opened[-1]
        entered = next(rest, None)
        if entered is not None:
            opened[-1] = (depth, rest, left - 1)
            continue
        opened.pop()
        more = bool(opened) and opened[-1][2] > 0
        yield from _tail(b" " * depth, more)
        if not opened:
            return
        if not more:
            yield b" " * (opened[-1][0] + 2) + b")\n"


def _head(directory: Directory, indent: bytes, utf8: bool) -> Iterator[bytes]:
    yield indent + b"{\n"
    for each in directory.properties:
        if each.values is not None:
            yield indent + b"  " + raw_property(each, utf8) + b"\n"
    if directory.children:
        yield indent + b"  CHILDREN = (\n"


def _tail(indent: bytes, more: bool) -> Iterator[bytes]:
    yield indent + (b"},\n" if more else b"}\n")


def raw_property(each: Property, utf8: bool = False) -> bytes:
    """A property as it stands there: `"name" = ( "v1", "v2" );`."""
    name = _quoted(each.name, utf8)
    values = ", ".join(_quoted(value, utf8) for value in each.values or [])
    return f"{name} = ( {values}{' ' if values else ''});".encode()


def readable_property(each: Property) -> bytes:
    """The same for people: UTF-8 as it is, unless something in it is not printable."""
    text = raw_property(each, utf8=True)
    return text if text.decode().isprintable() else raw_property(each)


def _quoted(text: bytes, utf8: bool) -> str:
    if b"77777" in text:
        text = _EXTENDED.sub(_APART, text)
    if not utf8:
        return f'"{text.decode("latin-1").translate(_ASCII)}"'
    shown = text.decode("utf-8", "surrogateescape").translate(_TEXT)
    return f'"{_SURROGATES.sub(_octal, shown)}"'


def _octal(found: re.Match[str]) -> str:
    return f"\\{ord(found[0]) - 0xDC00:03o}"
