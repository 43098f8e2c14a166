"""Records on a TCP stream, as sockets give and take them (RFC 5531, 11)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from struct import Struct

_LAST, _LENGTH = 0x80000000, 0x7FFFFFFF
_MARK_BYTES = 4
_mark = Struct(">I").unpack_from

MOST_BYTES = 64 << 20
"""Of a record: some hundred thousand directories at once."""

_MOST_EMPTY = 1024
"""Fragments without a byte in one record."""

_MOST_SIZES = 1024
"""Fragments of which the size is kept: a record can come in millions of them, a byte each."""


class RecordError(ValueError):
    """The bytes are no record, or one that is too long."""


def marked(message: bytes, fragment: int) -> bytes:
    """A message as a record. fragment: bytes of each fragment but the last."""
    return b"".join(pieces(message, fragment))


def pieces(message: bytes, fragment: int) -> Iterator[bytes]:
    """A message as a record, mark and data by turns, so that a long one is never there twice."""
    view, size = memoryview(message), len(message)
    for at in range(0, max(size, 1), fragment):
        end = min(at + fragment, size)
        yield ((_LAST if end == size else 0) | end - at).to_bytes(4, "big")
        yield bytes(view[at:end])


class Records:
    """Takes the bytes of a stream as they come, and gives whole records. most: bytes of the longest one taken.

    fragments: sizes of the fragments of the record given last, the first of them. span: bytes of the stream that it
    took, marks included.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._data = bytearray()
        self._body = bytearray()
        self._marks = self._empty = 0
        self._sizes: list[int] = []
        self._whole: deque[tuple[bytes, tuple[int, ...], int]] = deque()
        self.fragments: tuple[int, ...] = ()
        self.span = 0

    @property
    def begun(self) -> bool:
        """Whether a record has begun and is not whole."""
        return bool(self._marks or self._data)

    def feed(self, data: bytes) -> None:
        """Further bytes of the stream. Raises RecordError where they make no record."""
        # Somebody may send a record a byte a fragment: what is done here for each is little.
        buffer, body, most, sizes = self._data, self._body, self._most, self._sizes
        buffer += data
        at, size, held = 0, len(buffer), len(body)
        while size - at >= _MARK_BYTES:
            (mark,) = _mark(buffer, at)
            length = mark & _LENGTH
            if held + length > most:
                raise RecordError(f"a record of more than {most:,} bytes")
            start = at + _MARK_BYTES
            if size - start < length:
                break
            at = start + length
            self._marks += 1
            if len(sizes) < _MOST_SIZES:
                sizes.append(length)
            if not length:
                self._empty += 1
                if self._empty > _MOST_EMPTY:
                    raise RecordError(f"a record of more than {_MOST_EMPTY:,} empty fragments")
            if mark & _LAST and not held:
                self._end(bytes(memoryview(buffer)[start:at]))
                continue
            body += memoryview(buffer)[start:at]
            held += length
            if mark & _LAST:
                self._end(bytes(body))
                body.clear()
                held = 0
        if at:
            del buffer[:at]

    def _end(self, record: bytes) -> None:
        self._whole.append((record, tuple(self._sizes), len(record) + _MARK_BYTES * self._marks))
        self._sizes.clear()
        self._marks = self._empty = 0

    def take(self) -> bytes | None:
        """The next whole record, without marks; None where there is none yet."""
        if not self._whole:
            return None
        record, self.fragments, self.span = self._whole.popleft()
        return record
