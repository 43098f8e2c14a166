"""Records on a TCP stream, as sockets give and take them (RFC 5531, 11)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

_LAST, _LENGTH = 0x80000000, 0x7FFFFFFF

MOST_BYTES = 64 << 20
"""Of a record: some hundred thousand directories at once."""

_MOST_EMPTY = 1024
"""Fragments without a byte in one record."""


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

    fragments: sizes of the fragments of the record given last.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._data = bytearray()
        self._at = 0  # in _data: what stands before was taken
        self._body: list[bytes] = []
        self._size = self._empty = 0
        self._sizes: list[int] = []
        self._whole: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self.fragments: tuple[int, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether a record has begun and is not whole."""
        return bool(self._body or self._sizes or len(self._data) > self._at)

    def feed(self, data: bytes) -> None:
        """Further bytes of the stream. Raises RecordError where they make no record."""
        self._data += data
        while len(self._data) - self._at >= 4:
            mark = int.from_bytes(self._data[self._at : self._at + 4], "big")
            length = mark & _LENGTH
            if self._size + length > self._most:
                raise RecordError(f"a record of more than {self._most:,} bytes")
            if len(self._data) - self._at - 4 < length:
                break
            self._body.append(bytes(self._data[self._at + 4 : self._at + 4 + length]))
            self._at += 4 + length
            self._size += length
            self._sizes.append(length)
            self._empty += not length
            if self._empty > _MOST_EMPTY:
                raise RecordError(f"a record of more than {_MOST_EMPTY:,} empty fragments")
            if mark & _LAST:
                self._whole.append((b"".join(self._body), tuple(self._sizes)))
                self._body, self._sizes = [], []
                self._size = self._empty = 0
        if self._at:
            del self._data[: self._at]
            self._at = 0

    def take(self) -> bytes | None:
        """The next whole record, without marks; None where there is none yet."""
        if not self._whole:
            return None
        record, self.fragments = self._whole.popleft()
        return record
