"""Captures made to exhaust who reads them: each function writes one, as large as is wanted."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import zstandard

from tests.support import adversary, rpc
from tests.support.directory_server import call_of
from tests.support.wire import Wire

_PCAP = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_PING = Wire().open().send(0, rpc.record(rpc.ping(1))).frames[-1].data
_EMPTY = bytes(60_000)


def _records(frames: Iterable[bytes]) -> Iterator[bytes]:
    for number, data in enumerate(frames):
        yield struct.pack("<IIII", 1_000_000_000 + number // 1000, number % 1000 * 1000, len(data), len(data)) + data


def _write(path: Path, frames: Iterable[bytes]) -> None:
    with path.open("wb") as stream:
        stream.write(_PCAP)
        stream.writelines(_records(frames))


def _bomb(stream: IO[bytes], count: int) -> None:
    stream.write(_PCAP)
    for record in _records([_PING]):
        stream.write(record)
    record = next(_records([_EMPTY]))
    for _ in range(count):
        stream.write(record)


def gzip_bomb(path: Path, count: int) -> None:
    """A message, then so many frames of 60,000 zeros."""
    with gzip.open(path, "wb", 6) as stream:
        _bomb(stream, count)


def zstd_bomb(path: Path, count: int) -> None:
    """The same."""
    with path.open("wb") as out, zstandard.ZstdCompressor(level=3).stream_writer(out) as stream:
        _bomb(stream, count)


def nested_gzip(path: Path, count: int) -> None:
    """The same, compressed once more."""
    gzip_bomb(path, count)
    path.write_bytes(gzip.compress(path.read_bytes()))


def _interface(offset: int = 0) -> bytes:
    options = struct.pack("<HHB3xHHqI", 9, 1, 6, 14, 8, offset, 0)
    return struct.pack("<IIHHI", 1, 20 + len(options), 1, 0, 0) + options + struct.pack("<I", 20 + len(options))


def _packet(interface: int, ticks: int, data: bytes) -> bytes:
    padded = data + bytes(-len(data) % 4)
    size = 32 + len(padded)
    head = struct.pack("<IIIIIII", 6, size, interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return head + padded + struct.pack("<I", size)


def claiming_block(path: Path, count: int) -> None:
    """A message, then a pcapng block that claims nearly 4 GB; some of it is there."""
    head = _SECTION + _interface() + _packet(0, 10**15, _PING) + struct.pack("<II", 0xBAD, 0xFFFFFFF0)
    path.write_bytes(head + bytes(count))


def largest_blocks(path: Path, count: int) -> None:
    """pcapng blocks as large as they are believed, in a bomb, then a message."""
    size = 1 << 26
    block = struct.pack("<II", 0xBAD, size) + bytes(size - 12) + struct.pack("<I", size)
    with gzip.open(path, "wb", 1) as stream:
        stream.write(_SECTION + _interface())
        for _ in range(count):
            stream.write(block)
        stream.write(_packet(0, 10**15, _PING))


def claiming_frame(path: Path, count: int) -> None:
    """A message, then a pcap record that claims 2 GB; some of it is there."""
    records = b"".join(_records([_PING]))
    path.write_bytes(_PCAP + records + struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF) + bytes(count))


def jumping_times(path: Path, count: int) -> None:
    """Messages in the year 1, in 2554, today, at the ends of what the format has, and back."""
    offsets = (0, -62_135_596_800, 18_446_744_073, 253_402_300_800, -(1 << 63), (1 << 63) - 1, 1_700_000_000)
    with path.open("wb") as stream:
        stream.write(_SECTION + b"".join(map(_interface, offsets)))
        for number in range(count):
            call = next(adversary.pending_of_one(1)) if number % 2 else _PING
            stream.write(_packet(number % len(offsets), number * 977 % 10**6 * (number % 5), call))
            stream.write(_packet(number % len(offsets), (1 << 64) - 1 - number, call))


def tiny_flows(path: Path, count: int) -> None:
    """So many clients with one call each."""
    _write(path, adversary.clients(count))


def tiny_connections(path: Path, count: int) -> None:
    """So many connections with a call and half of another."""
    _write(path, adversary.client_ports(count))


def half_open(path: Path, count: int) -> None:
    """So many connections that nobody answers."""
    _write(path, adversary.half_open(count))


def conflicts(path: Path, count: int) -> None:
    """Records that nobody acknowledges, again and again with other bytes."""
    _write(path, adversary.disputed(count))


def fragments(path: Path, count: int) -> None:
    """Fragments of datagrams that are never complete."""
    _write(path, adversary.fragments(count))


def unending_record(path: Path, count: int) -> None:
    """A record whose fragments never end, in so many full segments."""
    piece = rpc.words(1456) + rpc.ping(1).ljust(1456, b"\0")
    _write(path, adversary.streamed(piece * count, b""))


def marks_of_2_gb(path: Path, count: int) -> None:
    """Record marks that claim 2 GB, each behind a message."""
    wire = Wire().open().send(0, rpc.record(rpc.ping(1)))
    for _ in range(count):
        wire.send(0, b"\x7f\xff\xff\xff" + bytes(60))
    _write(path, (frame.data for frame in wire.frames))


def _exchange(path: Path, call: bytes, result: bytes) -> None:
    _write(path, adversary.streamed(rpc.record(call), rpc.record(rpc.accepted(1, result))))


def many_values(path: Path, count: int) -> None:
    """A directory with a property of so many values."""
    props = rpc.array([rpc.opaque("members") + rpc.names(b"v%d" % number for number in range(count))])
    _exchange(path, rpc.read(1), rpc.words(0) + rpc.ni_id(0, 1) + props)


def many_properties(path: Path, count: int) -> None:
    """A directory of so many properties, one of which is a password hash."""
    props = [rpc.opaque(f"a{number:05}") + rpc.names([b"v"]) for number in range(count)]
    props.append(rpc.opaque("passwd") + rpc.names([b"ab01JZkHBJ4iE"]))
    _exchange(path, rpc.read(1), rpc.words(0) + rpc.ni_id(0, 1) + rpc.array(props))


def _whole(path: Path, objects: Iterable[tuple[int, int, list[int]]], count: int) -> None:
    """READALL of objects: number, parent, children."""
    links = b"".join(
        rpc.words(1, number, 1, 0, parent) + rpc.array(map(rpc.words, children)) for number, parent, children in objects
    )
    _exchange(path, call_of(1, "READALL", rpc.words(0)), rpc.words(0, 9, count) + links + rpc.words(0))


def deep_tree(path: Path, count: int) -> None:
    """A domain whose directories stand one in the other."""
    _whole(path, ((each, max(each - 1, 0), [each + 1] * (each + 1 < count)) for each in range(count)), count)


def wide_tree(path: Path, count: int) -> None:
    """A domain whose directories stand all below the root."""
    _whole(path, ((each, 0, [] if each else [*range(1, count)]) for each in range(count)), count)


def cycles(path: Path, count: int) -> None:
    """A domain of rings: each directory is below the next, the last below the first, the root below itself."""
    _whole(path, ((each, (each + 1) % count, [(each + 1) % count, each, 0]) for each in range(count)), count)


ATTACKS: dict[str, Callable[[Path, int], None]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        gzip_bomb, zstd_bomb, nested_gzip, claiming_block, largest_blocks, claiming_frame, jumping_times, tiny_flows,
        tiny_connections, conflicts, fragments, unending_record, marks_of_2_gb, many_values, many_properties, half_open,
        deep_tree, wide_tree, cycles,
    )
}  # fmt: skip
