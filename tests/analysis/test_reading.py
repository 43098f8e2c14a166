"""Several files as one input: cut anywhere, in any order, from one sensor or from several."""

from __future__ import annotations

import copy
import gc
import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

import netinfo_scapy
from netinfo_scapy.analysis.directory.handing_over import table_rows, write_rows
from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.analysis.memo import Body
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flows import Lane
from tests.analysis.looks import placed
from tests.support.captures import NAMES, capture_path, pcap_bytes, recording, write_pcap


def cut(name: str, folder: Path, parts: int) -> tuple[list[Path], list[int]]:
    """A recording in several files, named so that their order by name is not that of time; where each begins."""
    frames = recording(name)
    starts = [len(frames) * part // parts for part in range(parts)]
    paths = [folder / f"{parts - part}.pcap" for part in range(parts)]
    for path, a, b in zip(paths, starts, [*starts[1:], len(frames)], strict=True):
        write_pcap(path, frames[a:b])
    return paths, starts


def uncut(message: dict[str, Any], paths: list[Path], starts: list[int]) -> dict[str, Any]:
    """A message with the frame number that it has in the whole; its call's number cannot be told from the message."""
    offset = dict(zip(map(str, paths), starts, strict=True))[message["capture"]]
    return message | {"capture": "", "frame": message["frame"] + offset, "call_frame": None}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parts", [2, 7])
def test_rotated_files_are_one_capture(name: str, parts: int, tmp_path: Path) -> None:
    paths, starts = cut(name, tmp_path, parts)
    whole = io.BytesIO(pcap_bytes(recording(name)))
    expected = [m | {"capture": "", "call_frame": None} for m in netinfo_scapy.messages(whole)]
    assert [uncut(m, paths, starts) for m in netinfo_scapy.messages(tmp_path)] == expected
    whole.seek(0)
    summary, parted = netinfo_scapy.analyze(whole), netinfo_scapy.analyze(sorted(paths))
    assert placed(parted) == placed(summary)


def test_two_sensors_at_one_time_are_read_apart(tmp_path: Path) -> None:
    """Each saw all of it: as one, every call would be a copy of itself."""
    for name in ("a", "b"):
        write_pcap(tmp_path / f"{name}.pcap", recording("01-nibind-portmap"))
    alone = netinfo_scapy.analyze(tmp_path / "a.pcap")["totals"]
    apart = netinfo_scapy.analyze(tmp_path)["totals"]
    assert apart == {key: 2 * count for key, count in alone.items()}
    together = netinfo_scapy.analyze(tmp_path, as_sensors="one")["totals"]
    assert together["retransmissions"] > 0


def test_a_stream_is_read_once() -> None:
    """What cannot be read again teaches from the frame on that names it; with the ports given nothing is missed."""
    frames = recording("02-ni-read-tcp")
    once = list(netinfo_scapy.messages((f.time / 1e9, f.link, f.data) for f in frames))
    again = list(netinfo_scapy.messages([(f.time / 1e9, f.link, f.data) for f in frames]))
    assert len(once) <= len(again) == 142


@pytest.mark.parametrize(
    "wrong", [{"learn": "twice"}, {"as_sensors": "both"}, {"netinfo_ports": "nine"}, {"netinfo_ports": [70_000]}]
)
def test_a_parameter_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is none of|is not a port"):
        netinfo_scapy.analyze([], **wrong)


def test_one_port_needs_no_list() -> None:
    path = io.BytesIO(pcap_bytes(recording("02-ni-read-tcp")))
    assert len(list(netinfo_scapy.messages(path, netinfo_ports=666))) == 142


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wanted", [None, Filter.of(status=["ok"])])
def test_looks_at_a_reading_change_nothing(name: str, wanted: Filter | None) -> None:
    def packets() -> Iterator[tuple[Decimal, int, bytes]]:
        """Read once, each frame a batch of its own: a look before each is a look after each batch."""
        for frame in recording(name):
            if looking:
                looks.append(reading.so_far().totals.messages)
            yield Decimal(frame.time) / 10**9, frame.link, frame.data

    looks: list[int] = []
    looking = False
    reading = Reading(packets(), wanted=wanted)
    in_one_go = reading.facts()
    looking = True
    reading = Reading(packets(), wanted=wanted)
    facts = reading.facts()
    assert plain(facts) == plain(in_one_go)
    assert len(looks) == len(recording(name))
    assert looks == sorted(looks)
    assert 0 < looks[-1] <= facts.totals.messages
    assert plain(reading.so_far()) == plain(reading.so_far()) == plain(facts)


def test_merging_takes_nothing_from_the_second() -> None:
    first, second, third = (Reading(str(capture_path(name))).facts() for name in ("04-auth", "06-tools", "06-tools"))
    before = plain(second)
    merge(merge(first, second), third)
    assert plain(second) == before


EVIDENCE = ("transport", "server", "client", "key", "count", "first_ns", "last_ns", "frames", "shares")
"""What a row says; the rest of its slots only make counting quick."""


def plain(facts: Facts) -> dict[str, Any]:
    """Facts as values that can be compared."""
    as_values = copy.deepcopy({k: v for k, v in asdict(facts).items() if k not in ("sightings", "clues")})
    for kind in ("procedures", "conversations", "servers"):
        as_values[kind] = {key: asdict(row) for key, row in as_values[kind].items()}
    for row in as_values["procedures"].values():
        durations = row["durations"]
        row["durations"] = (durations.count, durations.least, durations.most, dict(durations.bins))
    as_values["timeline"] = facts.timeline.level, dict(facts.timeline.bins)
    as_values["sightings"] = [*table_rows(facts.sightings)], [*write_rows(facts.sightings)], facts.sightings.evicted
    as_values["clues"] = {
        detector: [[getattr(row, name) for name in EVIDENCE] for row in facts.clues.of(detector)]
        for detector in DETECTORS
    }
    return as_values


def alive(kind: type) -> int:
    """Objects of a type that are there."""
    gc.collect()
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_of_a_reading(name: str) -> None:
    """A program may read captures for as long as it runs; also where it looks at the first messages only."""
    data, before = pcap_bytes(recording(name)), alive(Lane)
    reading = Reading(io.BytesIO(data))
    reading.facts()
    assert alive(Body) == 0
    del reading
    for count in (1, 100):
        events = Reading(io.BytesIO(data), learn="once").events()
        assert len(list(islice(events, count))) == count
        events.close()
    assert alive(Lane) == before
