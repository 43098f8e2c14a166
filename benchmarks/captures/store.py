"""The captures on disk: made once, with what a reader must find in them beside, and kept as long as they fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from benchmarks.captures import pcap
from benchmarks.captures.dense import dense
from benchmarks.captures.expected import Expected
from benchmarks.captures.halfopen import halfopen
from benchmarks.captures.mixed import mixed
from benchmarks.captures.streams import streams
from netinfo_scapy import protocol

Generator: TypeAlias = Callable[[int, Expected], Iterator[pcap.Timed]]


class Kind(NamedTuple):
    """A capture that can be made. packets: how many, unless another number is asked for."""

    generator: Generator
    packets: int


KINDS = {
    "dense": Kind(dense, 300_000),
    "tcp": Kind(streams, 300_000),
    "mixed": Kind(mixed, 3_000_000),
    "halfopen": Kind(halfopen, 1_000_000),
}


class Made(NamedTuple):
    """A capture on disk. report: what `netinfo-scapy analyze --format json` must say, as far as it is known."""

    name: str
    path: Path
    packets: int
    report: dict[str, Any]

    @property
    def bytes(self) -> int:
        """Of the frames, without pcap's headers."""
        return int(self.report["totals"]["bytes"])


def make(name: str, packets: int, path: Path) -> Made:
    """Write a capture, and the JSON beside it; nothing is written where both are there already."""
    parameters = {"name": name, "packets": packets, "made_by": _fingerprint()}
    beside = path.with_suffix(".json")
    if path.exists() and beside.exists():
        known = json.loads(beside.read_text())
        if known["parameters"] == parameters:
            return Made(name, path, packets, known["report"])
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.unlink(missing_ok=True)
    expected = Expected()
    expected.frames, expected.bytes = pcap.write(path, KINDS[name].generator(packets, expected))
    report = expected.report()
    beside.write_text(json.dumps({"parameters": parameters, "report": report}, indent=2) + "\n")
    return Made(name, path, packets, report)


def cut(made: Made, parts: int) -> list[Path]:
    """A capture in consecutive files of about equal length, in a folder beside it."""
    folder = made.path.with_suffix("") / f"in-{parts}"
    bounds = [made.packets * number // parts for number in range(parts + 1)]
    into = [(folder / f"{number}.pcap", bounds[number] - bounds[number - 1]) for number in range(1, parts + 1)]
    if not all(_is_newer(part, made.path) for part, _ in into):
        pcap.copy(made.path, into)
    return [part for part, _ in into]


def first(made: Made, packets: int) -> Path:
    """The first so many packets of a capture, in a file beside it."""
    path = made.path.with_suffix("") / f"first-{packets}.pcap"
    if not _is_newer(path, made.path):
        pcap.copy(made.path, [(path, packets)])
    return path


def _is_newer(path: Path, other: Path) -> bool:
    return path.exists() and path.stat().st_mtime_ns > other.stat().st_mtime_ns


def _fingerprint() -> str:
    """Of the code that makes captures: with other code come other bytes."""
    digest = sha256()
    for source in (*sorted(Path(__file__).parent.glob("*.py")), Path(protocol.__path__[0]) / "_codec.py"):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
