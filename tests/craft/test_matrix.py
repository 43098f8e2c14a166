"""Each verdict, and the corpus through Suricata, both ways: every label holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from netinfo_scapy.craft.engines.engine import Alerts, Checksums
from netinfo_scapy.craft.matrix import Case, Verdict, judge
from netinfo_scapy.craft.rules.rule import KnownMiss
from netinfo_scapy.craft.rules.table import Expected

PATH = Path("a.pcap")
LOADED = frozenset(range(1961000, 1961010)) | {5}


def verdicts(
    sids: set[int], must: set[int], known: dict[int, KnownMiss], checksums: Checksums = Checksums.ALL
) -> dict[int, Verdict]:
    case = Case("a", PATH, Expected(frozenset(must), known))
    return dict(judge(case, Alerts(PATH, dict.fromkeys(sids, 1)), checksums, LOADED).verdicts)


def test_verdicts() -> None:
    known = {1961002: KnownMiss("why"), 1961003: KnownMiss("why")}
    assert verdicts({1961000, 1961003, 1961004, 5}, {1961000, 1961001, 1961777}, known) == {
        1961000: Verdict.HIT,
        1961001: Verdict.MISS,
        1961002: Verdict.KNOWN_MISS,
        1961003: Verdict.KNOWN_MISS_HITS,
        1961004: Verdict.FALSE_ALARM,
        5: Verdict.SHOWN,
    }


@pytest.mark.parametrize(("checksums", "verdict"), [("all", Verdict.KNOWN_MISS_HITS), ("none", Verdict.HIT)])
def test_a_miss_that_is_known_for_one_way_only(checksums: str, verdict: Verdict) -> None:
    known = {1961002: KnownMiss("why", "all")}
    assert verdicts({1961002}, set(), known, Checksums(checksums)) == {1961002: verdict}
    missed = Verdict.KNOWN_MISS if checksums == "all" else Verdict.MISS
    assert verdicts(set(), set(), known, Checksums(checksums)) == {1961002: missed}


def test_differences() -> None:
    case = Case("a", PATH, Expected(frozenset({1961000}), {}))
    assert not judge(case, Alerts(PATH, {1961000: 3}), Checksums.ALL, LOADED).differs
    assert judge(case, Alerts(PATH, {}), Checksums.ALL, LOADED).differs
    assert judge(case, Alerts(PATH, {1961000: 3}, "it died"), Checksums.ALL, LOADED).differs
    assert not judge(Case("a", PATH), Alerts(PATH, {1961000: 3}), Checksums.ALL, LOADED).differs
