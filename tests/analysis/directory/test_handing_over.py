"""Sightings that went to another process are what they were."""

from __future__ import annotations

import pickle

import pytest

from netinfo_scapy.analysis import portions
from netinfo_scapy.analysis.directory import handing_over
from netinfo_scapy.analysis.directory.handing_over import table_rows, write_rows
from netinfo_scapy.analysis.directory.sightings import Sightings
from netinfo_scapy.capture.limits import Limits
from tests.analysis.directory.test_rebuild import converse, reading


def test_to_another_process_and_back() -> None:
    frames, _ = converse(3, 120)
    sightings = reading(frames).facts().sightings
    again = pickle.loads(pickle.dumps(sightings))
    assert list(table_rows(again)) == list(table_rows(sightings))
    assert list(write_rows(again)) == list(write_rows(sightings))
    again.merge(sightings)
    assert list(table_rows(again)) == list(table_rows(sightings))


@pytest.mark.parametrize("room", [2_000, 10_000, 1 << 20])
def test_to_another_process_in_portions(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_AT_ONCE", 7)
    frames, _ = converse(3, 120)
    sightings = reading(frames, limits=Limits(sighting_bytes=room, write_bytes=room // 2)).facts().sightings
    told = [pickle.dumps(portion) for portion in handing_over.portions(sightings)]
    assert len(told) > 1
    again = Sightings()
    for portion in told:
        again.merge(pickle.loads(portion))
    assert list(table_rows(again)) == list(table_rows(sightings))
    assert list(write_rows(again)) == list(write_rows(sightings))
    assert again.evicted == sightings.evicted
