"""What tshark and capinfos find to complain of in many captures, in few calls."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct

from tests.support.captures import Frame, parse_pcap

_HEAD, _RECORD = Struct("<IHHiIII"), Struct("<IIII")
_OPTIONS = [
    option
    for name in ("ip.check_checksum", "tcp.check_checksum", "udp.check_checksum")
    for option in ("-o", f"{name}:TRUE")
]
_WORDS = (
    ("retransmission", r"retransmission|Duplicate ACK|D-SACK"),
    ("out-of-order", r"out-of-order"),
    ("incomplete", r"[Pp]revious segment|ACKed segment that wasn't captured|segment not captured"),
    ("overlap", r"[Oo]verlap|[Cc]onflict"),
    ("checksum", r"[Cc]hecksum"),
    ("ttl", r"Time To Live|TTL"),
    ("truncated", r"[Tt]runcated|cut short|cannot dissect|[Ss]hort segment"),
    ("malformed", r"[Mm]alformed"),
)
_CHAT, _CLOSING = 0x200000, "connection closing"
"""What is no complaint: that a connection begins or ends. The end has a higher severity than the rest of such talk."""


def complaints(tshark: str, captures: list[Path], folder: Path) -> dict[str, set[str]]:
    """By capture: words of `transforms.base.Break`, or tshark's own text where none fits.

    Captures that have no flow and no IP fragments in common are read as one.
    """
    found: dict[str, set[str]] = {path.stem: set() for path in captures}
    for group in _groups(captures):
        merged, names = folder / "merged.pcap", []
        with merged.open("wb") as file:
            file.write(_HEAD.pack(0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
            for path in group:
                for record in _records(path.read_bytes()):
                    file.write(record)
                    names.append(path.stem)
        fields = ["-e", "frame.number", "-e", "_ws.expert.severity", "-e", "_ws.expert.message", "-e", "_ws.malformed"]
        told = subprocess.run(
            [tshark, "-n", "-r", str(merged), *_OPTIONS, "-T", "fields", "-E", "aggregator=|", *fields],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in told.splitlines():
            number, severities, messages, malformed = line.split("\t")
            told_of = found[names[int(number) - 1]]
            told_of |= {"malformed"} if malformed else set()
            for severity, message in zip(severities.split("|"), messages.split("|"), strict=True):
                if severity and int(severity) != _CHAT and _CLOSING not in message:
                    told_of.add(_word(message))
    return found


def _word(message: str) -> str:
    return next((word for word, pattern in _WORDS if re.search(pattern, message)), message)


def _records(data: bytes) -> Iterator[bytes]:
    at = _HEAD.size
    while at < len(data):
        size = _RECORD.unpack_from(data, at)[2]
        yield data[at : at + _RECORD.size + size]
        at += _RECORD.size + size


def _marks(frames: Iterable[Frame]) -> set[bytes]:
    """What may not be shared: the flows' addresses and ports, and the identifications of IP fragments."""
    found = set()
    for frame in frames:
        ip = frame.data[14:]
        if ip[6] & 0x3F or ip[7]:
            found.add(ip[12:20] + b"fragment" + ip[4:6])
        else:
            found.add(b"".join(sorted((ip[12:16] + ip[20:22], ip[16:20] + ip[22:24]))) + ip[9:10])
    return found


def _groups(captures: list[Path]) -> list[list[Path]]:
    groups: list[tuple[set[bytes], list[Path]]] = []
    for path in captures:
        mine = _marks(parse_pcap(path.read_bytes()))
        marks, group = next((each for each in groups if not each[0] & mine), (set(), []))
        if not group:
            groups.append((marks, group))
        marks.update(mine)
        group.append(path)
    return [group for _, group in groups]


def out_of_time(capinfos: str, captures: list[Path]) -> str:
    """What capinfos says of captures that are not whole or not in order of time."""
    told = subprocess.run([capinfos, "-o", "-T", "-r", *map(str, captures)], capture_output=True, text=True, check=True)
    return told.stderr + "".join(line for line in told.stdout.splitlines() if not line.endswith("True"))
