"""The pcapng file format (draft-ietf-opsawg-pcapng).

A file is a row of blocks: type, length, body, length again. A section header begins each
section and tells its byte order; interface descriptions in it tell link type and clock;
packets name their interface. Blocks of other types are skipped, by their length.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.pcap import LONGEST_FRAME, Tally
from netinfo_scapy.capture.sieve import Sieve

MAGIC = b"\x0a\x0d\x0d\x0a"
"""The type of a section header block, the same in both byte orders."""

LONGEST_BLOCK = 1 << 26
_MOST_INTERFACES = 1 << 16
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6

_NUMBERED = frozenset({9, 0xBAD, 0x40000BAD, 0x204, 0x216, 0x221})
"""Blocks that are no packets, but to which Wireshark gives a frame number: systemd journal, custom, system calls."""

_BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_SMALLEST = {_SECTION: 28, _INTERFACE: 20, _OLD_PACKET: 32, _SIMPLE_PACKET: 16, _PACKET: 32}
_IF_TSRESOL, _IF_TSOFFSET = 9, 14


_PACKETS = frozenset({_PACKET, _OLD_PACKET, _SIMPLE_PACKET})


class _Layout:
    """The structures of a section in its byte order."""

    def __init__(self, order: str) -> None:
        self.block = Struct(order + "II").unpack_from
        self.length = Struct(order + "I").unpack_from
        self.interface = Struct(order + "H2xI")
        self.option = Struct(order + "HH")
        self.seconds = Struct(order + "q")
        self.packet = Struct(order + "IIIII").unpack_from
        self.old_packet = Struct(order + "H2xIIII").unpack_from
        self.version = Struct(order + "HH")


class _Interface(NamedTuple):
    """A time is ticks * multiplier // divisor + offset_ns nanoseconds. snap_length: 0 is no limit."""

    link: int
    snap_length: int
    multiplier: int
    divisor: int
    offset_ns: int


class _Reader:
    """What is known in the current section. base: offset in the stream of the data's first byte."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.layout = _Layout("<")
        self.interfaces: list[_Interface] = []
        self.base = 0
        self.number = 0

    def damage(self, position: int, what: str) -> CaptureError:
        """The error for damage at a position of the data."""
        return CaptureError(
            f"frame {self.number + 1} or a block before it, at offset {self.base + position}: {what}; "
            f"the frames before it were read"
        )

    def block(self, data: bytes, position: int) -> tuple[int, int]:
        """Type and length of the block at a position, of which 12 bytes are there. A section header sets the order."""
        kind, length = self.layout.block(data, position)
        if kind == _SECTION:
            order = _BYTE_ORDERS.get(data[position + 8 : position + 12])
            if order is None:
                raise self.damage(position, "a section header without a byte-order mark")
            self.layout = _Layout(order)
            (length,) = self.layout.length(data, position + 4)
        if length < _SMALLEST.get(kind, 12) or length & 3 or length > LONGEST_BLOCK:
            raise self.damage(position, f"a block of type {kind:#x} cannot be {length} bytes long")
        return kind, length

    def section(self, data: bytes, position: int) -> None:
        """Begin a section: interfaces are numbered from 0 again."""
        major, minor = self.layout.version.unpack_from(data, position + 12)
        if major != 1:
            raise self.damage(position, f"version {major}.{minor} of pcapng is not known")
        self.interfaces = []

    def interface(self, data: bytes, position: int, length: int) -> None:
        """Read an interface description."""
        if len(self.interfaces) >= _MOST_INTERFACES:
            raise self.damage(position, f"more than {_MOST_INTERFACES} interfaces in a section")
        link, snap_length = self.layout.interface.unpack_from(data, position + 8)
        units, offset_ns = 10**6, 0
        for code, value in self._options(data, position + 16, position + length - 4):
            if code == _IF_TSRESOL and value:
                units = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            elif code == _IF_TSOFFSET and len(value) == 8:
                offset_ns = self.layout.seconds.unpack(value)[0] * 10**9
        divides = 10**9 % units == 0
        multiplier, divisor = (10**9 // units, 1) if divides else (10**9, units)
        self.interfaces.append(_Interface(link, snap_length, multiplier, divisor, offset_ns))
        self.tally.links.add(link)
        if units > 10**6:
            self.tally.digits = 9

    def _options(self, data: bytes, position: int, end: int) -> Iterator[tuple[int, bytes]]:
        while position + 4 <= end:
            code, length = self.layout.option.unpack_from(data, position)
            if code == 0 or position + 4 + length > end:
                return
            yield code, data[position + 4 : position + 4 + length]
            position += 4 + length + -length % 4

    def packet(self, kind: int, data: bytes, position: int, length: int) -> Frame:
        """The frame of a packet block. A simple packet has no time: it gets 0."""
        high = low = index = 0
        start = position + 28
        if kind == _PACKET:
            index, high, low, caplen, wire_length = self.layout.packet(data, position + 8)
        elif kind == _OLD_PACKET:
            index, high, low, caplen, wire_length = self.layout.old_packet(data, position + 8)
        else:
            start = position + 12
            (wire_length,) = self.layout.length(data, position + 8)
            caplen = min(wire_length, length - 16)
        if index >= len(self.interfaces):
            raise self.damage(position, f"interface {index} is not described")
        link, snap_length, multiplier, divisor, offset_ns = self.interfaces[index]
        time_ns = (high << 32 | low) * multiplier // divisor + offset_ns
        if kind == _SIMPLE_PACKET:
            time_ns = 0
            caplen = min(caplen, snap_length or caplen)
        if caplen > LONGEST_FRAME or start + caplen > position + length - 4:
            raise self.damage(position, f"a packet of {caplen} bytes in a block of {length}")
        self.number += 1
        ref = FrameRef(self.tally.capture, self.number, time_ns)
        return Frame(ref, link, wire_length, data[start : start + caplen])


def batches(chunks: Chunks, tally: Tally, keep: bool = True, sieve: Sieve | None = None) -> Iterator[list[Frame]]:
    """The frames of a pcapng stream, as many at a time as a chunk holds.

    keep: if false the batches are empty and only the tally is kept.
    sieve: leaves out frames that need not be seen; the tally counts all.
    Raises `Truncated` at an end inside a block and `CaptureError` at damage, in each
    case after all the frames before it.
    """
    reader = _Reader(tally)
    data = chunks.fill(b"", 12)
    if len(data) < 12:
        raise Truncated("the file ends inside its header; it holds no frames")
    position = 0
    while True:
        frames: list[Frame] = []
        size = 0
        first_ns = last_ns = None
        failure: CaptureError | None = None
        needed = 12
        hurry = False
        try:
            while position + 12 <= len(data):
                kind, length = reader.block(data, position)
                end = position + length
                if end > len(data):
                    needed = length
                    break
                if reader.layout.length(data, end - 4)[0] != length:
                    raise reader.damage(position, "the two lengths of a block differ")
                if kind in _PACKETS:
                    frame = reader.packet(kind, data, position, length)
                    if keep and (sieve is None or sieve.takes(frame)):
                        frames.append(frame)
                        hurry = sieve is not None and sieve.hurry
                    size += len(frame.data)
                    time_ns = frame.ref.time_ns
                    if first_ns is None or last_ns is None:
                        first_ns = last_ns = time_ns
                    elif time_ns > last_ns:
                        last_ns = time_ns
                    elif time_ns < first_ns:
                        first_ns = time_ns
                elif kind == _SECTION:
                    reader.section(data, position)
                elif kind == _INTERFACE:
                    reader.interface(data, position, length)
                elif kind in _NUMBERED:
                    reader.number += 1
                position = end
                if hurry:
                    break
        except CaptureError as error:
            failure = error
        tally.add(reader.number, size, first_ns, last_ns)
        yield frames
        if failure:
            raise failure
        if hurry:
            continue
        reader.base += position
        data = chunks.fill(data[position:], needed)
        position = 0
        if len(data) < needed:
            if data:
                raise Truncated(f"the file ends inside a block at offset {reader.base}; all before it was read")
            return
