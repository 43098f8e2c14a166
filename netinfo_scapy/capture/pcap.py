"""The pcap file format (draft-ietf-opsawg-pcap), in both byte orders.

A header of 24 bytes, then records: a time, the bytes captured, the bytes there were on
the wire, and the bytes themselves. Variants that the magic number tells apart: times in
micro- or nanoseconds, and the "modified" format of old Linux systems with a longer record header.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Any, NamedTuple

from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated
from netinfo_scapy.capture.frames import make_frame, make_ref
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.protocol import words

LONGEST_FRAME = 1 << 24
"""Bytes captured of one frame. What claims more is damage, not a frame."""

_HEADER_BYTES = 24

WINDOW = 1 << 16
"""Bytes of a file that are looked at at a time. Fits a processor's cache."""

AT_ONCE = 64
"""Frames that are handed over at a time, where a sieve chooses them: what is made of them is read, counted and let go
before more is made, while all of it is in a processor's cache."""
_AT_ONCE = AT_ONCE


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


_LONGEST_FRAME = LONGEST_FRAME


class _Layout:
    """How the records of one file lie, and how far the reading is.

    position: offset of the next record in the data. number: of the last frame. caplen: what the record
    at `position` claims, where it is not there whole. size, first_ns, last_ns: of the latest batch.
    stopped: it ended before the data did, because the sieve is in a hurry, or there are enough frames.
    """

    __slots__ = (
        "caplen",
        "first_ns",
        "last_ns",
        "link",
        "little",
        "number",
        "position",
        "record_bytes",
        "size",
        "stopped",
        "swapped",
        "unit_ns",
        "unsure",
    )

    def __init__(self, variant: Variant, major: int, minor: int, link: int) -> None:
        self.little = variant.order == "<"
        self.record_bytes = Struct(variant.order + variant.record).size
        self.unit_ns = variant.unit_ns
        # Until version 2.3 the two lengths could stand in the other order (libpcap's reader knows this too).
        self.swapped, self.unsure = major == 2 and minor < 3, major == 2 and minor == 3
        self.link = link
        self.position = _HEADER_BYTES
        self.number = self.size = self.caplen = 0
        self.first_ns = self.last_ns = -1
        self.stopped = False

    def batch(self, window: bytearray, end: int, capture: int, keep: bool, sieve: Sieve | None) -> list[Any]:
        """The frames that lie whole in the window, from `position` to `end`; of those, the ones to be kept."""
        data: Any = window
        frames: list[Any] = []
        position, number, size = self.position, self.number, 0
        record_bytes, little, link, unit_ns = self.record_bytes, self.little, self.link, self.unit_ns
        lengths_may_turn = self.swapped or self.unsure
        first_ns = last_ns = -1
        hurry = False
        self.caplen = 0
        while end - position >= record_bytes:
            seconds, fraction, caplen, wire_length = words.four_u32(data, position, little)
            if lengths_may_turn and (self.swapped or caplen > wire_length):
                caplen, wire_length = wire_length, caplen
            start = position + record_bytes
            if caplen > end - start or caplen > _LONGEST_FRAME:
                self.caplen = caplen
                break
            stop = start + caplen
            number += 1
            size += caplen
            time_ns = seconds * 1_000_000_000 + fraction * unit_ns
            if first_ns < 0:
                first_ns = last_ns = time_ns
            elif time_ns > last_ns:
                last_ns = time_ns
            elif time_ns < first_ns:
                first_ns = time_ns
            if keep and sieve is None:
                ref = make_ref(capture, number, time_ns)
                frames.append(make_frame(ref, link, wire_length, words.cut(data, start, stop)))
            elif keep and sieve is not None:
                taken = sieve.take(data, start, stop, link, wire_length, capture, number, time_ns)
                if taken is not None:
                    frames.append(taken)
                    hurry = sieve.hurry or len(frames) >= _AT_ONCE
            position = stop
            if hurry:
                break
        self.position, self.number, self.size = position, number, size
        self.first_ns, self.last_ns = first_ns, last_ns
        self.stopped = hurry
        return frames


def batches(chunks: Chunks, tally: Tally, keep: bool = True, sieve: Sieve | None = None) -> Iterator[list[Any]]:
    """The frames of a pcap stream, as many at a time as a chunk holds.

    keep: if false the batches are empty and only the tally is kept, which is faster.
    sieve: leaves out frames that need not be seen, and says what is to come of plain ones: `ip.Taken`,
        where it has `packets`; the tally counts all.
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
    tally.links.add(link)
    tally.digits = 9 if variant.unit_ns == 1 else 6
    layout = _Layout(variant, major, minor, link)
    window = bytearray(max(WINDOW, len(data)))
    window[: len(data)] = data
    base, end = 0, len(data)
    while True:
        frames = layout.batch(window, end, tally.capture, keep, sieve)
        known = layout.first_ns >= 0
        tally.add(layout.number, layout.size, layout.first_ns if known else None, layout.last_ns if known else None)
        yield frames
        if layout.stopped:
            continue
        base += layout.position
        if layout.caplen > LONGEST_FRAME:
            raise CaptureError(
                f"frame {layout.number + 1} at offset {base} claims {layout.caplen} bytes: damage; "
                f"the frames before it were read"
            )
        needed = layout.record_bytes + layout.caplen
        end = chunks.refill(window, layout.position, end, needed)
        layout.position = 0
        if end < needed:
            if end:
                raise Truncated(
                    f"the file ends inside frame {layout.number + 1} at offset {base}; all before it was read"
                )
            return
