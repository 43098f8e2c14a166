"""Captures -> domains: what `dump` and its like ask for. The state at the end, or as it was at some frame or time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import PurePath

from netinfo_scapy.analysis.directory.history import State, history
from netinfo_scapy.analysis.directory.paths import Path
from netinfo_scapy.analysis.directory.rebuild import Source, rebuild, sources
from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.filters import parse_time
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.sources import Capture

ROOMY = Limits(sighting_bytes=2 << 30, write_bytes=1 << 30)
"""For a reading whose purpose the directory is."""

_FRAME = "frame:"


def parse_until(text: str, captures: Sequence[Capture]) -> Until:
    """`frame:N`, `frame:FILE:N` where there are several captures, or a time. Raises ValueError, with what is wrong."""
    if not text.startswith(_FRAME):
        return Until(time_ns=parse_time("--at", text, end=True))
    file, _, number = text.removeprefix(_FRAME).rpartition(":")
    if not (number.isascii() and number.isdigit()) or int(number[:20]) < 1:
        raise ValueError(f"--at {text!r} is no frame: write frame:796")
    named = [at for at, each in enumerate(captures) if file in ("", each.name, PurePath(each.name).name)]
    if len(named) != 1:
        what = f"{len(named)} captures are called {file!r}" if file else f"there are {len(captures)} captures"
        raise ValueError(f"--at {text!r}: {what}; write frame:FILE:{number}, or a time")
    return Until(capture=named[0], number=int(number[:20]))


def domains_of(
    reading: Reading, at: Until | None = None, executor: Executor | None = None, jobs: int = 1
) -> list[Domain]:
    """Every domain of a reading, with what was learned up to and including a moment; None: to the end.

    executor, jobs: as in `Reading.facts`. Tags hold for the whole input, whenever they were learned.
    """
    return domains_at(reading, [at], executor, jobs)[0]


def domains_at(
    reading: Reading, moments: Sequence[Until | None], executor: Executor | None = None, jobs: int = 1
) -> list[list[Domain]]:
    """The same for several moments, of one reading."""
    reading.cuts = tuple(moments)
    sightings = reading.facts(executor, jobs).sightings
    return [rebuild(each, reading.interest) for each in (sightings, *sightings.others)]


def histories_of(
    reading: Reading, path: Path | int, at: Until | None = None, executor: Executor | None = None, jobs: int = 1
) -> list[tuple[Source, list[State]]]:
    """Every state that the directory of a path was seen in, for each domain that knew one."""
    reading.cuts = (at,)
    sightings = reading.facts(executor, jobs).sightings
    told = [(source, history(source, path)) for source in sources(sightings, reading.interest)]
    return [(source, states) for source, states in told if states]
