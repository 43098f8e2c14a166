"""Frames as a pcap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from scapy.utils import RawPcapWriter

from netinfo_scapy.craft.packets import Frame

_ETHERNET = 1
_MICRO = 1_000_000


def write_frames(stream: IO[bytes], frames: Iterable[Frame]) -> None:
    """Write frames with their times, in microseconds. Raises OSError."""
    writer = RawPcapWriter(stream, linktype=_ETHERNET, endianness="<", sync=False)
    writer.write_header(None)
    for frame in frames:
        seconds, micro = divmod(int(frame.time * _MICRO), _MICRO)
        writer.write_packet(
            frame.data[: frame.captured],
            sec=seconds,
            usec=micro,
            caplen=frame.captured,
            wirelen=len(frame.data),
        )
    writer.flush()
