"""Write pcap files, a frame at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

Timed: TypeAlias = tuple[int, bytes]
"""Microseconds since the capture began, and a frame."""

_BEGIN_SECONDS = 1_000_000_000
_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
_RECORD = struct.Struct("<IIII")
_AT_ONCE = 4_096


class Written(NamedTuple):
    """What went into a file: frames, and their bytes without the headers of pcap."""

    frames: int
    bytes: int


def write(path: Path, frames: Iterable[Timed]) -> Written:
    """Write frames that come in order of time."""
    count = size = 0
    pack, iterator = _RECORD.pack, iter(frames)
    with path.open("wb") as file:
        file.write(_FILE_HEADER)
        while batch := list(islice(iterator, _AT_ONCE)):
            parts: list[bytes] = []
            for time, frame in batch:
                seconds, microseconds = divmod(time, 1_000_000)
                length = len(frame)
                size += length
                parts += (pack(_BEGIN_SECONDS + seconds, microseconds, length, length), frame)
            count += len(batch)
            file.write(b"".join(parts))
    return Written(count, size)


def _records(file: BinaryIO) -> Iterator[bytes]:
    """The records of a file that `write` made, each with its header."""
    file.read(len(_FILE_HEADER))
    while header := file.read(_RECORD.size):
        yield header + file.read(_RECORD.unpack(header)[2])


def copy(path: Path, into: Iterable[tuple[Path, int]]) -> None:
    """Copy a file's frames into others: the first so many into the first, those behind them into the next."""
    with path.open("rb") as file:
        rest = _records(file)
        for each, count in into:
            each.parent.mkdir(parents=True, exist_ok=True)
            with each.open("wb") as out:
                out.write(_FILE_HEADER)
                out.writelines(islice(rest, count))
