"""What the streams of a clean recording hold: a plain account of segments and records, to tell what a hole touches.

The recordings have no retransmission, no reordering and no hole, so that a stream is its segments one after the other;
`streams` refuses anything else.
"""

import struct
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from tests.support.captures import Frame, recording
from tests.support.packets import MODULUS, RST, SYN, TCP, Address, Packet, parse_all

Tuple5 = tuple[Address, Address]


class Segment(NamedTuple):
    """Bytes start..end of a stream, as frame `index` (from 0) of the capture brought them."""

    index: int
    start: int
    end: int


class Record(NamedTuple):
    """Bytes start..end of a stream; `pieces` are the fragments' (start, end), marks left out."""

    start: int
    end: int
    pieces: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        return sum(end - start for start, end in self.pieces)

    def before(self, hole: int) -> int:
        """The message's bytes that lie before an offset of the stream."""
        return sum(max(0, min(end, hole) - start) for start, end in self.pieces)


class Stream(NamedTuple):
    """One direction of one connection."""

    flow: Tuple5
    opened: int
    segments: tuple[Segment, ...]
    records: tuple[Record, ...]
    data: bytes


def records_of(data: bytes) -> tuple[Record, ...]:
    found, at, start, pieces = [], 0, 0, []
    while at < len(data):
        (mark,) = struct.unpack_from(">I", data, at)
        end = at + 4 + (mark & 0x7FFFFFFF)
        if end > len(data):
            raise ValueError("the stream ends inside a record")
        pieces.append((at + 4, end))
        at = end
        if mark >> 31:
            found.append(Record(start, end, tuple(pieces)))
            start, pieces = end, []
    if pieces:
        raise ValueError("the stream ends after a fragment that is not the last")
    return tuple(found)


def streams(frames: Sequence[Frame], packets: Sequence[Packet | None]) -> list[Stream]:
    """Every direction of every connection that carries data, in order of its first frame."""
    finished: list[Stream] = []
    opened: dict[Tuple5, tuple[int, int, list[Segment], bytearray]] = {}

    def finish(flow: Tuple5) -> None:
        if flow in opened:
            at, _, segments, data = opened.pop(flow)
            finished.append(Stream(flow, at, tuple(segments), records_of(bytes(data)), bytes(data)))

    for index, (frame, packet) in enumerate(zip(frames, packets, strict=True)):
        if packet is None or packet.protocol != TCP or packet.flags & RST:
            continue
        if packet.flags & SYN:
            finish(packet.flow)
            opened[packet.flow] = (index, (packet.sequence + 1) % MODULUS, [], bytearray())
        if not packet.size:
            continue
        _, first, segments, data = opened[packet.flow]
        start = (packet.sequence - first) % MODULUS
        if start != len(data):
            raise ValueError(f"frame {index + 1} does not follow the bytes before it")
        segments.append(Segment(index, start, start + packet.size))
        data += frame.data[packet.payload_at : packet.end]
    for flow in list(opened):
        finish(flow)
    return sorted((stream for stream in finished if stream.data), key=lambda stream: stream.opened)


@cache
def recorded_streams(name: str) -> tuple[Stream, ...]:
    frames = recording(name)
    return tuple(streams(frames, parse_all(frames)))


class Place(NamedTuple):
    """Where a TCP message lies: its stream, and its record there."""

    stream: Stream
    record: Record


def places(name: str) -> dict[Tuple5, list[Place]]:
    """For each (source, target): the places of its messages, connection after connection, in order."""
    found: dict[Tuple5, list[Place]] = defaultdict(list)
    for stream in recorded_streams(name):
        found[stream.flow].extend(Place(stream, record) for record in stream.records)
    return found


def message_flow(message: dict[str, object]) -> Tuple5:
    return Address(message["src_ip"], message["src_port"]), Address(message["dst_ip"], message["dst_port"])
