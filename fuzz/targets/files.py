"""The readers of capture files: pcap, pcapng, gzip, zstd. What is told of a file is what is in it, however it comes.

Input: a byte that says whether the rest is compressed by us, then a file.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import Any

import zstandard

from fuzz import seeds
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.pcapng_writer import PcapngWriter
from netinfo_scapy.capture.sources import open_captures

_PACK = (bytes, lambda data: gzip.compress(data, 1, mtime=0), zstandard.ZstdCompressor(level=1).compress)


class _Pipe(io.RawIOBase):
    """Gives a file a few bytes at a time, and cannot go back."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._at, self._size = data, 0, size

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        end = self._at + (min(size, self._size) if size >= 0 else self._size)
        piece, self._at = self._data[self._at : end], end
        return piece

    def readable(self) -> bool:
        """Yes."""
        return True


def _told(capture: Capture) -> tuple[list[Frame], tuple[object, ...]]:
    frames = list(capture.frames())
    said = (capture.format, capture.compression, capture.frames_read, capture.bytes_read, capture.error)
    return frames, (*said, capture.warning, capture.first_ns, capture.last_ns, sorted(capture.link_types))


def _opened(stream: Any) -> Capture:
    (capture,) = open_captures(stream)
    return capture


def run(data: bytes) -> Any:
    """Read the file whole, again, and through a pipe."""
    choice, content = unmarked(data)
    file = _PACK[choice % 3](content)
    capture = _opened(io.BytesIO(file))
    frames, told = _told(capture)
    if capture.unreadable:
        assert not frames
        return told
    assert _told(capture) == (frames, told)
    assert _told(_opened(_Pipe(file, 1 + choice // 3))) == (frames, told)
    span = _opened(io.BytesIO(file)).span()
    assert span == ((told[6], told[7]) if frames else None)
    # Blocks of other kinds have numbers, as in Wireshark.
    assert len(frames) <= capture.frames_read
    assert sum(len(each.data) for each in frames) == capture.bytes_read
    numbers = [each.ref.number for each in frames]
    assert numbers == sorted(set(numbers))
    if choice % 3 or not capture.compression:
        assert all(each.data in content for each in frames)
        assert capture.bytes_read <= len(content)
    return told, [(each.ref.number, each.ref.time_ns, each.link, each.wire_length, each.data) for each in frames]


def _pcap(frames: list[Frame], order: Any, magic: int) -> bytes:
    def words(*numbers: int, size: int = 4) -> bytes:
        return b"".join(each.to_bytes(size, order) for each in numbers)

    head = words(magic) + words(2, 4, size=2) + words(0, 0, 262144, frames[0].link)
    for each in frames:
        ticks = each.ref.time_ns % 10**9 // (1 if magic & 0xFF == 0x4D else 1000)
        head += words(each.ref.time_ns // 10**9 & 0xFFFFFFFF, ticks, len(each.data), each.wire_length) + each.data
    return head


def _pcapng(frames: list[Frame]) -> bytes:
    stream = io.BytesIO()
    writer = PcapngWriter(stream, "fuzz")
    for each in frames:
        writer.write(each, 6, ["a comment"])
    return stream.getvalue()


def inputs() -> Iterator[bytes]:
    """The first frames of the captures in every format there is."""
    for number, path in enumerate(seeds.capture_paths()):
        frames = [each for each, _ in zip(seeds.frames(path), range(6), strict=False) if len(each.data) < 300]
        if not frames:
            continue
        files = (_pcapng(frames), _pcap(frames, "little", 0xA1B2C3D4), _pcap(frames, "big", 0xA1B23C4D))
        for file in files:
            yield b"\0" + file
            yield bytes([1 + number % 2 + 3 * number]) + file
        yield b"\0" + _PACK[1](files[number % 3])
        yield b"\0" + _PACK[2](files[number % 3])
    yield b"\0snoop\0\0\0" + bytes(16)
    interface = bytes.fromhex("0100000014000000010000000000000014000000")
    section = bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000")
    simple = bytes.fromhex("03000000140000000400000061626364") + bytes.fromhex("14000000")
    old = bytes.fromhex("0200000024000000000000000000000001000000040000000400000061626364") + bytes.fromhex("24000000")
    yield b"\0" + section + interface + simple + old + section + interface + old
    yield b"\1" + section + interface + old + simple


TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=tuple(f"capture.{each}" for each in ("captures", "compression", "pcap", "pcapng", "recognition")),
    words=(
        b"\x0a\x0d\x0d\x0a",
        b"\x4d\x3c\x2b\x1a",
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\x6c\0\0\0",
        b"\x09\0\1\0",
    ),
)
