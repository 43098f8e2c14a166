"""Records on a TCP stream, as sockets give and take them (RFC 5531, 11)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

_LAST, _LENGTH = 0x80000000, 0x7FFFFFFF

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
        self._at = 0  # in _data: what stands before was taken
        self._body = bytearray()
        self._marks = self._empty = 0
        self._sizes: list[int] = []
        self._whole: deque[tuple[bytes, tuple[int, ...], int]] = deque()
        self.fragments: tuple[int, ...] = ()
        self.span = 0

    @property
    def begun(self) -> bool:
        """Whether a record has begun and is not whole."""
        return bool(self._marks or len(self._data) > self._at)

    def feed(self, data: bytes) -> None:
        """Further bytes of the stream. Raises RecordError where they make no record."""
        self._data += data
        while len(self._data) - self._at >= 4:
            mark = int.from_bytes(self._data[self._at : self._at + 4], "big")
            length = mark & _LENGTH
            if len(self._body) + length > self._most:
                raise RecordError(f"a record of more than {self._most:,} bytes")
            if len(self._data) - self._at - 4 < length:
                break
            self._body += self._data[self._at + 4 : self._at + 4 + length]
            self._at += 4 + length
            self._marks += 1
            if len(self._sizes) < _MOST_SIZES:
                self._sizes.append(length)
            self._empty += not length
            if self._empty > _MOST_EMPTY:
                raise RecordError(f"a record of more than {_MOST_EMPTY:,} empty fragments")
            if mark & _LAST:
                span = len(self._body) + 4 * self._marks
                self._whole.append((bytes(self._body), tuple(self._sizes), span))
                self._body, self._sizes = bytearray(), []
                self._marks = self._empty = 0
        if self._at:
            del self._data[: self._at]
            self._at = 0

    def take(self) -> bytes | None:
        """The next whole record, without marks; None where there is none yet."""
        if not self._whole:
            return None
        record, self.fragments, self.span = self._whole.popleft()
        return record
