"""The pcapng file format (draft-ietf-opsawg-pcapng).

A file is a row of blocks: type, length, body, length again. A section header begins each
section and tells its byte order; interface descriptions in it tell link type and clock;
packets name their interface. Blocks of other types are skipped, by their length.

Nearly all blocks are packets of a common kind: those are read where they lie, as in pcap.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Any

from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated
from netinfo_scapy.capture.frames import Frame, FrameRef, make_frame, make_ref
from netinfo_scapy.capture.pcap import AT_ONCE, LONGEST_FRAME, WINDOW, Tally
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.protocol import words

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
_COMMON_KIND, _COMMON_HEAD, _COMMON_BYTES = _PACKET, 28, 32
_LONGEST_FRAME, _AT_ONCE = LONGEST_FRAME, AT_ONCE
_SAFE_NS = 1 << 62
"""What is less can be reckoned with in 64 bits."""


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


class _Interface:
    """A time is ticks * multiplier // divisor + offset_ns nanoseconds. snap_length: 0 is no limit.

    common: whether a time is ticks * scale, as long as they are no more than `most_ticks`.
    """

    __slots__ = ("common", "divisor", "link", "most_ticks", "multiplier", "offset_ns", "scale", "snap_length")

    def __init__(self, link: int, snap_length: int, multiplier: int, divisor: int, offset_ns: int) -> None:
        self.link = link
        self.snap_length = snap_length
        self.multiplier = multiplier
        self.divisor = divisor
        self.offset_ns = offset_ns
        self.common = divisor == 1 and offset_ns == 0
        self.scale = multiplier if self.common else 1
        self.most_ticks = _SAFE_NS // self.scale

    def time_ns(self, high: int, low: int) -> int:
        """The time of a packet."""
        return (high << 32 | low) * self.multiplier // self.divisor + self.offset_ns


class _Reader:
    """What is known in the current section, and how far the reading is.

    window: the bytes at hand, from which on `base` is the offset in the stream. position: of the next block in it.
    number: of the last frame. stopped: the sieve is in a hurry, so a batch ended before the window did.
    """

    __slots__ = ("base", "interfaces", "layout", "little", "number", "position", "stopped", "tally", "window")

    def __init__(self, tally: Tally, window: bytearray) -> None:
        self.tally = tally
        self.window = window
        self.layout = _Layout("<")
        self.little = True
        self.interfaces: list[_Interface] = []
        self.base = self.position = self.number = 0
        self.stopped = False

    def damage(self, what: str) -> CaptureError:
        """The error for damage at the next block."""
        return CaptureError(
            f"frame {self.number + 1} or a block before it, at offset {self.base + self.position}: {what}; "
            f"the frames before it were read"
        )

    def block(self) -> tuple[int, int]:
        """Type and length of the next block, of which 12 bytes are there. A section header sets the order."""
        data, position = self.window, self.position
        kind, length = self.layout.block(data, position)
        if kind == _SECTION:
            order = _BYTE_ORDERS.get(bytes(data[position + 8 : position + 12]))
            if order is None:
                raise self.damage("a section header without a byte-order mark")
            self.layout = _Layout(order)
            self.little = order == "<"
            (length,) = self.layout.length(data, position + 4)
        if length < _SMALLEST.get(kind, 12) or length & 3 or length > LONGEST_BLOCK:
            raise self.damage(f"a block of type {kind:#x} cannot be {length} bytes long")
        return kind, length

    def section(self) -> None:
        """Begin a section: interfaces are numbered from 0 again."""
        major, minor = self.layout.version.unpack_from(self.window, self.position + 12)
        if major != 1:
            raise self.damage(f"version {major}.{minor} of pcapng is not known")
        self.interfaces = []

    def interface(self, length: int) -> None:
        """Read an interface description."""
        data, position = self.window, self.position
        if len(self.interfaces) >= _MOST_INTERFACES:
            raise self.damage(f"more than {_MOST_INTERFACES} interfaces in a section")
        link, snap_length = self.layout.interface.unpack_from(data, position + 8)
        units, offset_ns = 10**6, 0
        for code, value in self._options(position + 16, position + length - 4):
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

    def _options(self, position: int, end: int) -> Iterator[tuple[int, bytes]]:
        data = self.window
        while position + 4 <= end:
            code, length = self.layout.option.unpack_from(data, position)
            if code == 0 or position + 4 + length > end:
                return
            yield code, bytes(data[position + 4 : position + 4 + length])
            position += 4 + length + -length % 4

    def packet(self, kind: int, length: int) -> Frame:
        """The frame of a packet block. A simple packet has no time: it gets 0."""
        data, position = self.window, self.position
        high = low = index = 0
        start = position + _COMMON_HEAD
        if kind == _PACKET:
            index, high, low, caplen, wire_length = self.layout.packet(data, position + 8)
        elif kind == _OLD_PACKET:
            index, high, low, caplen, wire_length = self.layout.old_packet(data, position + 8)
        else:
            start = position + 12
            (wire_length,) = self.layout.length(data, position + 8)
            caplen = min(wire_length, length - 16)
        if index >= len(self.interfaces):
            raise self.damage(f"interface {index} is not described")
        interface = self.interfaces[index]
        time_ns = interface.time_ns(high, low)
        if kind == _SIMPLE_PACKET:
            time_ns = 0
            caplen = min(caplen, interface.snap_length or caplen)
        if caplen > LONGEST_FRAME or start + caplen > position + length - 4:
            raise self.damage(f"a packet of {caplen} bytes in a block of {length}")
        self.number += 1
        ref = FrameRef(self.tally.capture, self.number, time_ns)
        return Frame(ref, interface.link, wire_length, bytes(data[start : start + caplen]))

    def batch(self, end: int, keep: bool, sieve: Sieve | None, frames: list[Any]) -> int:
        """The frames of the blocks that lie whole in the window, from `position` to `end`; those kept go to `frames`.

        Gives how many bytes the next block needs to be there. Raises CaptureError at damage.
        """
        self.stopped = False
        while True:
            self._common(end, keep, sieve, frames)
            if self.stopped or end - self.position < 12:
                return 12
            kind, length = self.block()
            stop = self.position + length
            if stop > end:
                return length
            if self.layout.length(self.window, stop - 4)[0] != length:
                raise self.damage("the two lengths of a block differ")
            if kind in _PACKETS:
                frame = self.packet(kind, length)
                if keep and (sieve is None or sieve.takes(frame)):
                    frames.append(frame)
                    self.stopped = sieve is not None and sieve.hurry
                time_ns = frame.ref.time_ns
                self.tally.add(self.number, len(frame.data), time_ns, time_ns)
            elif kind == _SECTION:
                self.section()
            elif kind == _INTERFACE:
                self.interface(length)
            elif kind in _NUMBERED:
                self.number += 1
            self.position = stop
            if self.stopped:
                return 12

    def _common(self, end: int, keep: bool, sieve: Sieve | None, frames: list[Any]) -> None:
        """Go over packets as long as they are common: whole, of an interface whose clock is, of this century."""
        data: Any = self.window
        position, number, little = self.position, self.number, self.little
        interfaces, capture = self.interfaces, self.tally.capture
        count = len(interfaces)
        size = last = 0
        first_ns = last_ns = -1
        interface: _Interface | None = None
        while end - position >= _COMMON_BYTES:
            kind, length, index, high = words.four_u32(data, position, little)
            if kind != _COMMON_KIND or index >= count:
                break
            if length < _COMMON_BYTES or length & 3 or length > end - position:
                break
            low, caplen, wire_length, _ = words.four_u32(data, position + 16, little)
            _, _, _, closing = words.four_u32(data, position + length - 16, little)
            if closing != length or caplen > length - _COMMON_BYTES or caplen > _LONGEST_FRAME:
                break
            if interface is None or index != last:
                interface, last = interfaces[index], index
            ticks = high << 32 | low
            if not interface.common or high >> 30 or ticks > interface.most_ticks:
                break
            time_ns = ticks * interface.scale
            start = position + _COMMON_HEAD
            number += 1
            size += caplen
            if first_ns < 0:
                first_ns = last_ns = time_ns
            elif time_ns > last_ns:
                last_ns = time_ns
            elif time_ns < first_ns:
                first_ns = time_ns
            position += length
            if keep and sieve is None:
                ref = make_ref(capture, number, time_ns)
                frames.append(make_frame(ref, interface.link, wire_length, words.cut(data, start, start + caplen)))
            elif keep and sieve is not None:
                link = interface.link
                taken = sieve.take(data, start, start + caplen, link, wire_length, capture, number, time_ns)
                if taken is not None:
                    frames.append(taken)
                    if sieve.hurry or len(frames) >= _AT_ONCE:
                        self.stopped = True
                        break
        self.position, self.number = position, number
        if first_ns >= 0:
            self.tally.add(number, size, first_ns, last_ns)


def batches(chunks: Chunks, tally: Tally, keep: bool = True, sieve: Sieve | None = None) -> Iterator[list[Any]]:
    """The frames of a pcapng stream, as many at a time as a window holds.

    keep: if false the batches are empty and only the tally is kept.
    sieve: as in `pcap.batches`.
    Raises `Truncated` at an end inside a block and `CaptureError` at damage, in each
    case after all the frames before it.
    """
    data = chunks.fill(b"", 12)
    if len(data) < 12:
        raise Truncated("the file ends inside its header; it holds no frames")
    window = bytearray(max(WINDOW, len(data)))
    window[: len(data)] = data
    reader = _Reader(tally, window)
    end = len(data)
    while True:
        frames: list[Any] = []
        failure: CaptureError | None = None
        needed = 12
        try:
            needed = reader.batch(end, keep, sieve, frames)
        except CaptureError as error:
            failure = error
        tally.add(reader.number, 0, None, None)
        yield frames
        if failure:
            raise failure
        if reader.stopped:
            continue
        reader.base += reader.position
        end = chunks.refill(window, reader.position, end, needed)
        reader.position = 0
        if end < needed:
            if end:
                raise Truncated(f"the file ends inside a block at offset {reader.base}; all before it was read")
            return
