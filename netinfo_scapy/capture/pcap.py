"""The pcap file format (draft-ietf-opsawg-pcap), in both byte orders.

A header of 24 bytes, then records: a time, the bytes captured, the bytes there were on
the wire, and the bytes themselves. Variants that the magic number tells apart: times in
micro- or nanoseconds, and the "modified" format of old Linux systems with a longer record header.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated
from netinfo_scapy.capture.frames import Frame, FrameRef

LONGEST_FRAME = 1 << 24
"""Bytes captured of one frame. What claims more is damage, not a frame."""

_HEADER_BYTES = 24


class Variant(NamedTuple):
    """One form of the format. order: of `struct`. unit_ns: nanoseconds in a time's fraction."""

    order: str
    unit_ns: int
    record: str


def _variants() -> Iterator[tuple[bytes, Variant]]:
    for magic, unit_ns, record in (
        (0xA1B2C3D4, 1000, "IIII"),
        (0xA1B23C4D, 1, "IIII"),
        # After the four fields: interface index, protocol, packet type, padding.
        (0xA1B2CD34, 1000, "IIII8x"),
    ):
        yield magic.to_bytes(4, "little"), Variant("<", unit_ns, record)
        yield magic.to_bytes(4, "big"), Variant(">", unit_ns, record)


VARIANTS = dict(_variants())
"""A file's first 4 bytes -> its variant."""


class Tally:
    """What a reading has come across so far. Shared with its reader, which keeps it.

    capture: index for the frames' refs; a reader looks at it before each batch.
    frames: number of the last frame, as Wireshark counts. bytes: captured.
    first_ns, last_ns: the least and greatest time. links: link types seen.
    digits: decimals of a second that the times have, 6 or 9.
    """

    __slots__ = ("bytes", "capture", "digits", "first_ns", "frames", "last_ns", "links")

    def __init__(self, capture: int = 0) -> None:
        self.capture = capture
        self.frames = 0
        self.bytes = 0
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.links: set[int] = set()
        self.digits = 6

    def add(self, frames: int, size: int, first_ns: int | None, last_ns: int | None) -> None:
        """Count a batch. frames: number of its last one."""
        self.frames = frames
        self.bytes += size
        if first_ns is not None and (self.first_ns is None or first_ns < self.first_ns):
            self.first_ns = first_ns
        if last_ns is not None and (self.last_ns is None or last_ns > self.last_ns):
            self.last_ns = last_ns


def batches(chunks: Chunks, tally: Tally, keep: bool = True) -> Iterator[list[Frame]]:
    """The frames of a pcap stream, as many at a time as a chunk holds.

    keep: if false the batches are empty and only the tally is kept, which is faster.
    Raises `Truncated` at an end inside a record and `CaptureError` at damage, in each
    case after all the frames before it.
    """
    data = chunks.fill(b"", _HEADER_BYTES)
    if len(data) < _HEADER_BYTES:
        raise Truncated("the file ends inside its header; it holds no frames")
    variant = VARIANTS.get(data[:4])
    if variant is None:
        raise CaptureError("no pcap magic number")
    major, minor, _, _, _, link = Struct(variant.order + "HHiIII").unpack_from(data, 4)
    link &= 0xFFFF  # above are the FCS length and reserved bits
    record = Struct(variant.order + variant.record)
    unpack, record_bytes = record.unpack_from, record.size
    unit_ns = variant.unit_ns
    # Until version 2.3 the two lengths could stand in the other order (libpcap's reader knows this too).
    swapped, unsure = major == 2 and minor < 3, major == 2 and minor == 3
    tally.links.add(link)
    tally.digits = 9 if unit_ns == 1 else 6
    new = tuple.__new__
    position, base, number = _HEADER_BYTES, 0, 0
    needed = record_bytes
    while True:
        capture, size, last, end = tally.capture, 0, len(data) - record_bytes, len(data)
        first_ns = last_ns = None
        frames: list[Frame] = []
        caplen = 0
        needed = record_bytes
        while position <= last:
            seconds, fraction, caplen, wire_length = unpack(data, position)
            if swapped or (unsure and caplen > wire_length):
                caplen, wire_length = wire_length, caplen
            start = position + record_bytes
            stop = start + caplen
            if stop > end or caplen > LONGEST_FRAME:
                needed = record_bytes + caplen
                break
            number += 1
            size += caplen
            time_ns = seconds * 1_000_000_000 + fraction * unit_ns
            if first_ns is None or last_ns is None:
                first_ns = last_ns = time_ns
            elif time_ns > last_ns:
                last_ns = time_ns
            elif time_ns < first_ns:
                first_ns = time_ns
            if keep:
                frames.append(
                    new(Frame, (new(FrameRef, (capture, number, time_ns)), link, wire_length, data[start:stop]))
                )
            position = stop
        tally.add(number, size, first_ns, last_ns)
        yield frames
        base += position
        if needed > record_bytes + LONGEST_FRAME:
            raise CaptureError(
                f"frame {number + 1} at offset {base} claims {caplen} bytes: damage; the frames before it were read"
            )
        data = chunks.fill(data[position:], needed)
        position = 0
        if len(data) < needed:
            if data:
                raise Truncated(f"the file ends inside frame {number + 1} at offset {base}; all before it was read")
            return
