"""What is handed over a little at a time comes to the whole."""

from __future__ import annotations

import pickle

import pytest

from netinfo_scapy.analysis import portions
from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.reading import Reading
from tests.analysis.test_reading import plain
from tests.support.captures import NAMES, capture_path


@pytest.mark.parametrize("name", NAMES)
def test_portions_are_small_and_all_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_AT_ONCE", 3)
    facts, again = Reading(capture_path(name)).facts(), Facts()
    for portion in [pickle.dumps(each) for each in facts.portions()]:
        part: Facts = pickle.loads(portion)
        rows = [part.procedures, part.conversations, part.servers, part.sightings.writes]
        rows += [table.seen for table in part.sightings.tables.values()]
        rows += [table.rows for table in part.clues.tables.values()]
        assert sum(map(len, rows)) <= 3
        merge(again, part)
    assert plain(again) == plain(facts)


def test_few_are_taken_at_once() -> None:
    assert [len(some) for some in portions.few(range(2_500))] == [1_024, 1_024, 452]
    assert list(portions.few([])) == []
