"""Captures made by hand for the tests of capture/, and other programs' view of captures."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from netinfo_scapy.capture import pcap, pcapng
from netinfo_scapy.capture.compression import Chunks
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.frames import Frame, FrameRef, Packet
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.pcap import Tally

ETHERNET = 1
NANOSECOND = 0xA1B23C4D
MICROSECOND = 0xA1B2C3D4
BASE_NS = 1_700_000_000 * 10**9


def tool(name: str) -> str:
    """The path of a program of the Wireshark suite; skips the test if it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def pcap_file(
    frames: Iterable[tuple[int, bytes]],
    order: str = "<",
    magic: int = MICROSECOND,
    link: int = ETHERNET,
    minor: int = 4,
) -> bytes:
    """frames: (time in ns, bytes)."""
    unit = 1 if magic == NANOSECOND else 1000
    parts = [struct.pack(order + "IHHiIII", magic, 2, minor, 0, 0, 65535, link)]
    for time, data in frames:
        parts.append(struct.pack(order + "IIII", time // 10**9, time % 10**9 // unit, len(data), len(data)) + data)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order: str = "<", link: int = ETHERNET, snap: int = 0, options: bytes = b"") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def enhanced(data: bytes, ticks: int = 0, index: int = 0, order: str = "<") -> bytes:
    body = struct.pack(order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)) + data
    return block(6, body, order)


def read(content: bytes) -> tuple[list[Frame], Tally, CaptureError | None]:
    """All frames of a pcap or pcapng, what was counted, and how the reading ended."""
    reader = pcapng if content[:4] == pcapng.MAGIC else pcap
    tally, frames, failure = Tally(), [], None
    try:
        for batch in reader.batches(Chunks(io.BytesIO(content)), tally):
            frames += batch
    except CaptureError as error:
        failure = error
    return frames, tally, failure


def frame(data: bytes, number: int = 1, link: int = ETHERNET, time_ns: int = BASE_NS, wire: int | None = None) -> Frame:
    return Frame(FrameRef(0, number, time_ns), link, len(data) if wire is None else wire, data)


def packets(datas: Iterable[bytes], link: int = ETHERNET, reassembler: Reassembler | None = None) -> list[Packet]:
    """The packets in frames that come a microsecond after each other, to the end of the input."""
    reassembler = reassembler or Reassembler()
    found: list[Packet] = []
    for number, data in enumerate(datas, 1):
        found += reassembler.feed(frame(data, number, link, BASE_NS + number * 1000))
    return found + list(reassembler.finish())


def tshark(content: bytes, fields: Iterable[str], where: Path, *options: str) -> list[list[str]]:
    """A row a frame, of the fields asked for."""
    path = where / "tshark-input"
    path.write_bytes(content)
    command = [
        tool("tshark"),
        "-n",
        "-r",
        str(path),
        *options,
        "-T",
        "fields",
        "-E",
        "separator=|",
        "-E",
        "occurrence=l",
    ]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split("|") for line in done.stdout.splitlines()]
