"""The bytes of a stream, in chunks, decompressed where they are gzip or zstd.

The magic bytes decide, never the name. Nothing is sought: a pipe will do. A small piece
of input is decompressed at a time, so that what a damaged or hostile stream can make us
hold stays small, and so that nearly all that precedes the damage is handed out.

gzip is RFC 1952, zstd is RFC 8878; both allow several members (frames) in a row.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple, Protocol

from netinfo_scapy.capture.errors import CaptureError, Truncated

CHUNK = 1 << 18
"""Bytes handed on at a time. Fits a processor's cache."""

_FIRST_CHUNK = 4096
"""Bytes read first. Most files of a directory are opened only to see what they are."""

_PIECE = 512
"""Compressed bytes taken at a time: deflate makes at most 0.5 MiB of them, zstd 16 MiB."""

_LARGEST_WINDOW = 1 << 27
"""Bytes a zstd frame may ask for; `zstd --long` uses as much."""

_MAGIC_BYTES = 4


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Codec(NamedTuple):
    """check_bytes: length of the check sum that ends a stream. failure: gives the exception for damage."""

    name: str
    check_bytes: int
    start: Callable[[], _Decoder]
    failure: Callable[[], type[Exception]]


def _start_zstd() -> _Decoder:
    import zstandard  # noqa: PLC0415 - few captures are compressed so, and it costs as much as reading many of them

    decoder: _Decoder = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
    return decoder


def _zstd_failure() -> type[Exception]:
    import zstandard  # noqa: PLC0415 - as above

    return zstandard.ZstdError


_GZIP = _Codec("gzip", 8, lambda: zlib.decompressobj(wbits=31), lambda: zlib.error)
_ZSTD = _Codec("zstd", 4, _start_zstd, _zstd_failure)
_CODECS = {b"\x1f\x8b\x08": _GZIP, b"\x28\xb5\x2f\xfd": _ZSTD}
# pzstd begins with a skippable frame, whose magic has 16 forms.
_CODECS |= {bytes([low, 0x2A, 0x4D, 0x18]): _ZSTD for low in range(0x50, 0x60)}


def _codec(head: bytes) -> _Codec | None:
    return _CODECS.get(head[:4]) or _CODECS.get(head[:3])


class Chunks:
    """The bytes of a binary stream, from where it stands to its end, decompressed.

    compression: "gzip", "zstd" or None. `read` and `peek` of a damaged compressed stream
    give first what could be decompressed; then `read` raises `CaptureError`, or
    `Truncated` if the stream merely ends too early. OSError passes through.
    taken: bytes read from the stream so far.
    failure: the exception that waits for its turn behind what was peeked at.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._held = b""
        self.taken = 0
        self.failure: CaptureError | None = None
        self._parts = self._raw_chunks(raw)
        self._raw: Any = None
        codec = _codec(self.peek(_MAGIC_BYTES))
        self.compression = codec.name if codec else None
        if codec:
            self._parts = _gather(_decompress(_chain(self._held, self._parts), codec))
            self._held = b""
        elif isinstance(raw, io.BufferedReader):
            self._raw = raw

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, without taking them; fewer where the stream ends."""
        while len(self._held) < size and self.failure is None:
            try:
                part = next(self._parts, b"")
            except CaptureError as error:
                self.failure = error
                break
            if not part:
                break
            self._held += part
        return self._held[:size]

    def read(self) -> bytes:
        """The next bytes, as many as come at a time; empty at the end."""
        if self._held:
            held, self._held = self._held, b""
            return held
        if self.failure:
            raise self.failure
        return next(self._parts, b"")

    def refill(self, window: bytearray, start: int, end: int, needed: int) -> int:
        """Move what is left of a window, from `start` to `end`, to its front, and read on behind it.

        Gives the end of what is there then: at least `needed` bytes in all, fewer only where the
        stream ends, and some more than before. The window grows where that is more than it holds.
        """
        have = end - start
        window[:have] = window[start:end]
        while True:
            if self._raw is not None and not self._held and have < len(window):
                size = self._raw.readinto1(memoryview(window)[have:]) or 0
                self.taken += size
            else:
                part = self.read()
                size = len(part)
                window[have : have + size] = part
            have += size
            if have >= needed or not size:
                return have
            if have == len(window):
                window.extend(bytes(min(len(window), needed - have)))

    def fill(self, rest: bytes, size: int) -> bytes:
        """`rest` and what follows it: at least `size` bytes, fewer only at the end."""
        parts, have = [rest], len(rest)
        # What a header claims is not allocated, only what comes.
        while have < size:
            part = self.read()
            if not part:
                break
            parts.append(part)
            have += len(part)
        return b"".join(parts)

    def _raw_chunks(self, raw: IO[bytes]) -> Iterator[bytes]:
        # read1 gives what a pipe has, without waiting for a whole chunk.
        read: Callable[[int], Any] = getattr(raw, "read1", raw.read)
        size = _FIRST_CHUNK
        while chunk := read(size):
            if not isinstance(chunk, (bytes, bytearray, memoryview)):
                raise TypeError("a capture is read from a binary stream, not from text")
            self.taken += len(chunk)
            yield bytes(chunk)
            size = CHUNK


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pieces(chunks: Iterable[bytes], last: int) -> Iterator[bytes]:
    """Small pieces; the stream's last `last` bytes come apart.

    A wrong check sum at the end then spoils nothing: all it covers was handed out.
    """
    held = b""
    for chunk in chunks:
        held += chunk
        size = max(len(held) - last, 0)
        for at in range(0, size, _PIECE):
            yield held[at : min(at + _PIECE, size)]
        held = held[size:]
    if held:
        yield held


def _decompress(chunks: Iterable[bytes], codec: _Codec) -> Iterator[bytes]:
    decoder: _Decoder | None = codec.start()
    rest = b""  # behind a member's end, too short to tell what it is
    for piece in _pieces(chunks, codec.check_bytes):
        rest += piece
        while rest:
            if decoder is None:
                rest = rest.lstrip(b"\0")  # gzip files from tapes are padded
                if len(rest) < _MAGIC_BYTES:
                    break
                if _codec(rest) is not codec:
                    raise Truncated(f"bytes that are not {codec.name} follow the compressed data; they are ignored")
                decoder = codec.start()
            try:
                output = decoder.decompress(rest)
            except codec.failure() as error:
                raise CaptureError(f"the {codec.name} data is corrupt ({error}); what precedes it was read") from error
            if output:
                yield output
            rest = b""
            if decoder.eof:
                rest, decoder = decoder.unused_data, None
    if decoder is not None:
        raise Truncated(f"the {codec.name} data ends too early; what is there was read")


def _gather(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks of the usual size. Before an error is raised, all that precedes it is given."""
    held: list[bytes] = []
    size = 0
    failure: CaptureError | OSError | None = None
    try:
        for part in parts:
            held.append(part)
            size += len(part)
            if size >= CHUNK:
                yield from _slices(b"".join(held))
                held, size = [], 0
    except (CaptureError, OSError) as error:
        failure = error
    if held:
        yield b"".join(held)
    if failure:
        raise failure


def _slices(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]
