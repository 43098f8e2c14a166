"""Only counted: every count is that of a whole analysis, and what was not looked for is empty, and said to be."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netinfo_scapy
from netinfo_scapy.analysis import lots
from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.reading import Reading
from tests.analysis.looks import AtOnce, summary
from tests.support import corpus
from tests.support.captures import RECORDED, SMALL, capture_path, write_pcap

PCAPS = RECORDED.parent
FOLDERS = {each.name: each for each in sorted(PCAPS.iterdir()) if each.is_dir()}
OF_THE_REST = {"findings", "domains", "counts_only"}
AUTH = RECORDED / "04-auth.pcap"


def counts(shown: dict[str, Any]) -> list[tuple[str, Any]]:
    """All that is counted, in its order, as text."""
    return [
        (key, json.dumps(value) if isinstance(value, dict | list) else value)
        for key, value in shown.items()
        if key not in OF_THE_REST
    ]


def told_by_nibind(domains: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The domains without what directories tell of them."""
    of_directories = {"endpoints": [], "directories": 0, "properties": 0, "incomplete": 0, "changes": 0}
    return [{**each, **of_directories} for each in domains if each["tag"] is not None]


def check(source: Any, patch: pytest.MonkeyPatch, **how: Any) -> None:
    """By one process, and by several that share the conversations."""
    whole = summary(Reading(source, **how))
    assert whole["counts_only"] == b"false"
    patch.setattr(lots, "is_sparse", lambda captures, interest: False)
    for jobs in (1, 2):
        found = summary(Reading(source, counts_only=True, **how), AtOnce() if jobs > 1 else None, jobs)
        assert counts(found) == counts(whole)
        assert (found["counts_only"], found["findings"]) == (b"true", b"[]")
        assert json.loads(found["domains"]) == told_by_nibind(json.loads(whole["domains"]))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_counts_are_those_of_a_whole_analysis(folder: str) -> None:
    paths = sorted(FOLDERS[folder].rglob("*.pcap*"))
    assert paths
    for path in paths:
        with pytest.MonkeyPatch.context() as patch:
            check(path, patch)


def test_several_sensors(monkeypatch: pytest.MonkeyPatch) -> None:
    check([capture_path(name) for name in SMALL], monkeypatch, as_sensors="each")


@given(st.integers(0, 2**64))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_any_capture(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        check(write_pcap(Path(folder) / "a.pcap", corpus.capture(seed)), patch)


def test_nothing_else_is_kept() -> None:
    """No clue and no sighting: it is left out where messages are counted, not in the end."""
    whole, counted = Reading(AUTH).facts(), Reading(AUTH, counts_only=True).facts()
    assert whole.sightings.tables and whole.sightings.writes and any(each.fed for each in whole.clues.tables.values())
    assert not counted.sightings.tables and not counted.sightings.writes
    assert not any(each.fed for each in counted.clues.tables.values())


def test_what_is_seen_meanwhile_says_it_too() -> None:
    reading = Reading(AUTH, counts_only=True)
    assert any(reading.so_far().counts_only for _ in reading.events(counted=True))


def test_who_asks_for_directories_gets_them() -> None:
    assert domains_of(Reading(AUTH, counts_only=True)) == domains_of(Reading(AUTH)) != []


def test_from_python() -> None:
    found, whole = (netinfo_scapy.analyze(AUTH, counts_only=each) for each in (True, False))
    assert counts(found) == counts(whole)
    assert (found["counts_only"], found["findings"], whole["counts_only"]) == (True, [], False)
    assert whole["findings"]


@pytest.mark.parametrize("others", [{"reveal": True}, {"known": AUTH}])
def test_what_is_for_findings_is_refused(others: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="counts_only looks for no findings"):
        netinfo_scapy.analyze(AUTH, counts_only=True, **others)
