r"""What the commands print as JSON: characters that act on a terminal, or break a line, are escaped in it.

JSON itself has only controls below a space escaped. The others, bidi marks and line separators are written \uNNNN
here, which every reader of JSON takes for the same.

What is indented is made some rows at a time: a summary can have a hundred thousand, a directory as many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import GeneratorType
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_DELETE = b"\x7f"


def json_line(value: Any) -> bytes:
    """A value in one line, with its end."""
    return _safe(_encode(value)) + b"\n"


def json_page(value: Any) -> bytes:
    """A value in lines, indented, with their ends."""
    return b"".join(json_pieces(value))


def json_pieces(value: Any) -> Iterator[bytes]:
    """The same, piece by piece. A generator in a struct is written as a list, and made as it is written."""
    for piece in _pieces(value, b"\n"):
        yield _safe(piece)
    yield b"\n"


_ROWS = 256
_MOST_PARTS = 2_048
"""Rows that are made at a time, and elements of lists in them, after which no more are."""


def _pieces(value: Any, line: bytes) -> Iterator[bytes]:
    """line: the end of a line and what the next one begins with."""
    if isinstance(value, msgspec.Struct):
        yield from _fields(value, line)
    elif isinstance(value, list | GeneratorType):
        yield from _rows(value, line)
    else:
        yield _indented(value, line)


def _fields(value: msgspec.Struct, line: bytes) -> Iterator[bytes]:
    before = b"{"
    for name in value.__struct_encode_fields__:
        yield before + line + b"  " + _encode(name) + b": "
        yield from _pieces(getattr(value, name), line + b"  ")
        before = b","
    yield line + b"}"


def _rows(values: Iterable[Any], line: bytes) -> Iterator[bytes]:
    begun = False
    for rows in _batches(values):
        if any(map(_has_rows, rows)):
            for each in rows:
                yield (b"," if begun else b"[") + line + b"  "
                yield from _pieces(each, line + b"  ")
                begun = True
        else:
            # All of them at once takes a fraction of the time. The list's own brackets go.
            yield (b"," if begun else b"[") + _indented(rows, line)[1 : -len(line) - 1]
            begun = True
    yield line + b"]" if begun else b"[]"


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """So many rows at a time that no text of them is long."""
    rows: list[Any] = []
    parts = 0
    for each in values:
        rows.append(each)
        parts += sum([len(field) for field in _fields_of(each) if type(field) is list])
        if len(rows) >= _ROWS or parts >= _MOST_PARTS:
            yield rows
            rows, parts = [], 0
    if rows:
        yield rows


def _has_rows(value: Any) -> bool:
    """Whether something in a row is made as it is written."""
    return GeneratorType in map(type, _fields_of(value))


def _fields_of(value: Any) -> tuple[Any, ...]:
    return msgspec.structs.astuple(value) if isinstance(value, msgspec.Struct) else ()


def _indented(value: Any, line: bytes) -> bytes:
    # There are no ends of lines within the strings of JSON.
    return msgspec.json.format(_encode(value), indent=2).replace(b"\n", line)


def _safe(data: bytes) -> bytes:
    if data.isascii() and _DELETE not in data:
        return data
    text = data.decode()
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text).encode()


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
