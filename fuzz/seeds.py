"""Inputs to begin with, from the captures in pcaps/: a few of each kind, always the same.

They are made in a process of their own (`python -m fuzz.corpus`). What reads captures is imported where it is used:
a target that reads less is not to wait for it to be instrumented.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netinfo_scapy.capture.frames import Frame

PCAPS = Path(__file__).resolve().parents[1] / "pcaps"
MOST_BYTES = 2000
"""Longer messages have nothing that shorter ones lack, and take longer."""


def capture_paths() -> list[Path]:
    """The captures, recorded and crafted."""
    return sorted(PCAPS.glob("*/*.pcap"))


def case_paths() -> list[Path]:
    """The captures of the IDS corpus that show what findings are about, and what nearly is one."""
    return sorted(path for kind in ("recipe", "negative") for path in PCAPS.glob(f"ids/{kind}-*/*.pcap"))


@cache
def exchanges() -> tuple[tuple[bytes, bytes], ...]:
    """A call and its reply for each procedure and status of each program; the shortest there is."""
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.message import Message

    found: dict[tuple[object, ...], tuple[bytes, bytes]] = {}
    for path in capture_paths():
        for event in Reading(str(path)).events():
            if not isinstance(event, Message) or event.call is None:
                continue
            pair = event.call.record.data, event.record.data
            key = (event.call.program, event.call.version, event.call.procedure, event.status, event.call.uid < 0)
            if key not in found or sum(map(len, pair)) < sum(map(len, found[key])):
                found[key] = pair
    return tuple(pair for _, pair in sorted(found.items(), key=str) if sum(map(len, pair)) <= MOST_BYTES)


def frames(path: Path) -> Iterator[Frame]:
    """The frames of a capture."""
    from netinfo_scapy.capture.sources import open_captures

    (capture,) = open_captures(str(path))
    yield from capture.frames()


def offers() -> Iterator[bytes]:
    """What DHCP servers say."""
    from netinfo_scapy.capture.ip import Reassembler
    from netinfo_scapy.protocol.dhcp import SERVER_PORT

    for path in (each for each in (*capture_paths(), *case_paths()) if "dhcp" in each.name):
        reassembler = Reassembler()
        for frame in frames(path):
            yield from (each.payload for each in reassembler.feed(frame) if each.lane.source_port == SERVER_PORT)
