"""Where in the frames and in the stream the bytes of a message lie: what `content` with an offset is held against.

Found by sequence number (RFC 9293) in the packets themselves, apart from the reassembly: a byte belongs to the first
frame that brought it with the value that was taken. Bytes that a later or conflicting segment brought are no piece.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from struct import Struct
from typing import NamedTuple

from netinfo_scapy.capture.events import Record
from netinfo_scapy.capture.flow_frames import FlowKey, flow_key
from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.fragments import Key
from netinfo_scapy.capture.frames import SYN, Frame, Packet
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.links import unwrap
from netinfo_scapy.capture.message import Message
from netinfo_scapy.capture.protocols import FRAGMENT, ipv6_extensions

_ipv4 = Struct(">BxHHHxBxx4s4s").unpack_from
_ipv6 = Struct(">4xHBx16s16s").unpack_from
_fragment = Struct(">BxHI").unpack_from
_WRAP = 1 << 32
_REACH_BITS = 10
_LENGTH = 0x7FFFFFFF
_UDP_HEADER = 8
MOST_BYTES = 256 << 20
"""Of packets that are held; a capture with more of the flows in question is refused."""


class TooMuchError(Exception):
    """More than `MOST_BYTES`; the text says what to do."""


class Piece(NamedTuple):
    """A run of bytes in one frame.

    frame: from 1. packet: offset in the frame. payload: offset in the payload of its UDP datagram or TCP segment, as
    `content` counts; with IP fragments, in that of the whole datagram. stream: offset in the stream, whose first byte
    is 0; over UDP the same as payload.
    """

    frame: int
    packet: int
    payload: int
    stream: int
    length: int


class _Fragment(NamedTuple):
    """An IP fragment: at which offset of the datagram, and where in the frame its bytes are."""

    frame: Frame
    at: int
    start: int
    length: int


class _Part(NamedTuple):
    """Some bytes of a packet's payload, in a frame. start: in the payload. packet: in the frame."""

    frame: int
    start: int
    packet: int
    length: int


class _Packet(NamedTuple):
    """A packet's payload, and which frames brought it. number: the frame that completed it."""

    number: int
    sequence: int
    payload: bytes
    parts: tuple[_Part, ...]


class _Connection:
    """One direction of a connection, from a SYN on or from the first packet seen. base: sequence number of byte 0."""

    def __init__(self, number: int, base: int) -> None:
        self.number = number
        self.base = base
        self._packets: list[_Packet] = []
        self._around: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, packet: _Packet) -> None:
        """A packet with some payload."""
        for bucket in _buckets(packet.sequence - self.base, len(packet.payload)):
            self._around[bucket].append(len(self._packets))
        self._packets.append(packet)

    def near(self, position: int, length: int) -> Iterator[_Packet]:
        """The packets that may have bytes of a range, in capture order."""
        found = {at for bucket in _buckets(position - self.base, length) for at in self._around.get(bucket, ())}
        return (self._packets[at] for at in sorted(found))


class Whereabouts:
    """Takes the frames of a capture, then tells where messages lie. flows: those of the messages."""

    def __init__(self, flows: Collection[FlowKey]) -> None:
        self._flows = flows
        self._reassembler = Reassembler()
        self._fragments: dict[Key, list[_Fragment]] = {}
        self._connections: dict[Flow, list[_Connection]] = {}
        self._datagrams: dict[tuple[Flow, int], _Packet] = {}
        self._held = 0

    def feed(self, frames: Iterable[Frame]) -> Whereabouts:
        """Look at all frames. Raises TooMuchError."""
        for frame in frames:
            found = _fragment_in(frame)
            if found is not None:
                self._fragments.setdefault(found[0], []).append(found[1])
            for packet in self._reassembler.feed(frame):
                self._take(packet, frame, None if found is None else found[0])
        return self

    def _take(self, packet: Packet, frame: Frame, key: Key | None) -> None:
        fragments = [] if key is None else self._fragments.pop(key, [])
        flow = packet.lane.flow
        if flow_key(flow) not in self._flows:
            return
        self._held += len(packet.payload)
        if self._held > MOST_BYTES:
            raise TooMuchError("more packets than fit into memory; take the flow out first, with extract")
        segment = packet.data[packet.start : packet.stop]
        header = len(segment) - len(packet.payload) if packet.lane.is_tcp else _UDP_HEADER
        parts = tuple(_parts(segment, header, frame, fragments))
        made = _Packet(packet.ref.number, packet.sequence, packet.payload, parts)
        if not packet.lane.is_tcp:
            self._datagrams[flow, packet.ref.number] = made
            return
        connections = self._connections.setdefault(flow, [])
        if packet.flags & SYN or not connections:
            connections.append(_Connection(packet.ref.number, packet.sequence + bool(packet.flags & SYN)))
        if packet.payload:
            connections[-1].add(made)

    def pieces(self, message: Message, start: int, end: int) -> list[Piece]:
        """The pieces in which bytes of a message lie, in the message's order; offsets without record marks."""
        return list(_joined(self._pieces(message.record, start, end)))

    def marks(self, message: Message) -> list[list[Piece]]:
        """The pieces of each of its record marks; none over UDP."""
        record = message.record
        if not record.lane.is_tcp:
            return []
        connection = self._connection(record)
        return [
            list(_joined(_in_stream(connection, record, position, mark.to_bytes(4, "big"))))
            for position, mark in record.marks
            if connection is not None
        ]

    def _connection(self, record: Record) -> _Connection | None:
        connections = self._connections.get(record.flow, [])
        began = [each for each in connections if each.number <= record.at.number]
        return began[-1] if began else None

    def _pieces(self, record: Record, start: int, end: int) -> Iterator[Piece]:
        if not record.lane.is_tcp:
            packet = self._datagrams.get((record.flow, record.at.number))
            for part in packet.parts if packet else ():
                low, high = max(start, part.start), min(end, part.start + part.length)
                if low < high:
                    yield Piece(part.frame, part.packet + low - part.start, low, low, high - low)
            return
        connection = self._connection(record)
        if connection is None:
            return
        at = 0
        for position, mark in record.marks:
            size = mark & _LENGTH
            low, high = max(start, at), min(end, at + size)
            if low < high:
                yield from _in_stream(connection, record, position + 4 + low - at, record.data[low:high])
            at += size


def _buckets(start: int, length: int) -> Iterator[int]:
    """The kilobytes of a stream that a range touches."""
    for bucket in range(start >> _REACH_BITS, (start + max(length, 1) - 1 >> _REACH_BITS) + 1):
        yield bucket % (_WRAP >> _REACH_BITS)


def _in_stream(connection: _Connection, record: Record, position: int, data: bytes) -> Iterator[Piece]:
    """The pieces of some bytes at a position of the stream."""
    missing = [(0, len(data))]
    for packet in connection.near(position, len(data)):
        if not missing or packet.number > record.at.number:
            return
        offset = (packet.sequence - position + _WRAP // 2) % _WRAP - _WRAP // 2
        rest: list[tuple[int, int]] = []
        for low, high in missing:
            first, last = max(low, offset), min(high, offset + len(packet.payload))
            if first >= last or packet.payload[first - offset : last - offset] != data[first:last]:
                rest.append((low, high))
                continue
            rest += [each for each in ((low, first), (last, high)) if each[0] < each[1]]
            for part in packet.parts:
                begin, stop = max(first, offset + part.start), min(last, offset + part.start + part.length)
                if begin < stop:
                    inside = begin - offset
                    stream = (position + begin - connection.base) % _WRAP
                    yield Piece(part.frame, part.packet + inside - part.start, inside, stream, stop - begin)
        missing = rest


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces in the order of the stream; those that follow each other in one frame are one."""
    last: Piece | None = None
    for each in sorted(pieces, key=lambda piece: piece.stream):
        if last and (last.frame, last.packet + last.length, last.stream + last.length) == (
            each.frame,
            each.packet,
            each.stream,
        ):
            last = last._replace(length=last.length + each.length)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def _parts(segment: bytes, header: int, frame: Frame, fragments: list[_Fragment]) -> Iterator[_Part]:
    """Which frames brought which bytes of a segment's payload."""
    if not fragments:
        at = bytes(frame.data).rfind(segment)
        yield _Part(frame.ref.number, 0, at + header, len(segment) - header)
        return
    covered: list[tuple[int, int]] = []
    for each in fragments:
        for low, high in _uncovered(covered, max(each.at, header), min(each.at + each.length, len(segment))):
            yield _Part(each.frame.ref.number, low - header, each.start + low - each.at, high - low)
        covered = sorted([*covered, (each.at, each.at + each.length)])


def _uncovered(covered: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What of a range no earlier one covers. covered: sorted."""
    for low, high in covered[: bisect_right(covered, (end, end))]:
        if start < low:
            yield start, min(low, end)
        start = max(start, high)
    if start < end:
        yield start, end


def _fragment_in(frame: Frame) -> tuple[Key, _Fragment] | None:
    """The IP fragment that a frame is, if it is one; as capture/ip.py tells them apart."""
    data = bytes(frame.data)
    found = unwrap(frame.link, data)
    offset = found.offset
    if found.kind != "ip" or len(data) < offset + (20 if found.version == 4 else 40):
        return None
    if found.version == 4:
        head, total, identification, flags, protocol, source, target = _ipv4(data, offset)
        if not flags & 0x3FFF:
            return None
        start = offset + (head & 0x0F) * 4
        end = min(offset + total, len(data)) if total else len(data)
        return (source, target, protocol, identification), _Fragment(frame, (flags & 0x1FFF) * 8, start, end - start)
    length, protocol, source, target = _ipv6(data, offset)
    start = offset + 40
    end = min(start + length, len(data)) if length else len(data)
    extensions = ipv6_extensions(protocol, data, start, end)
    if extensions.malformed or extensions.protocol != FRAGMENT or extensions.offset + 8 > end:
        return None
    _, place, identification = _fragment(data, extensions.offset)
    start = extensions.offset + 8
    return (source, target, FRAGMENT, identification), _Fragment(frame, place & 0xFFF8, start, end - start)
