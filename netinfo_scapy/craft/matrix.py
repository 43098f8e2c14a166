"""Case by rule: what an engine said of each capture, held against what it should have said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from netinfo_scapy.craft.engines.engine import Alerts, Checksums
from netinfo_scapy.craft.rules.rule import FIRST_SID, LAST_SID
from netinfo_scapy.craft.rules.table import Expected


class Verdict(StrEnum):
    """What a rule did in a case. shown: it alerted where nothing says whether it should."""

    HIT = "hit"
    MISS = "miss"
    FALSE_ALARM = "false alarm"
    KNOWN_MISS = "known miss"
    KNOWN_MISS_HITS = "known miss hits"
    SHOWN = "shown"


DIFFERENCES = frozenset({Verdict.MISS, Verdict.FALSE_ALARM, Verdict.KNOWN_MISS_HITS})
"""What differs from the label."""


class Case(NamedTuple):
    """A capture, and what an engine should say of it; None: nothing is known of that.

    name: what it is called, a case's name or the path given. path: the file for the engine.
    """

    name: str
    path: Path
    expected: Expected | None = None


class Row(NamedTuple):
    """One case, run one way. failure: the engine died or lost something; then there are no verdicts."""

    case: Case
    checksums: Checksums
    verdicts: Mapping[int, Verdict]
    failure: str | None = None

    def sids(self, *verdicts: Verdict) -> list[int]:
        """The rules of which one of these is true."""
        return [sid for sid, verdict in self.verdicts.items() if verdict in verdicts]

    @property
    def differs(self) -> bool:
        """Whether something is not as the label says."""
        return self.failure is not None or any(verdict in DIFFERENCES for verdict in self.verdicts.values())


def judge(case: Case, alerts: Alerts, checksums: Checksums, loaded: frozenset[int]) -> Row:
    """What came of a case. loaded: the rules that were run; labels of others are not asked."""
    if alerts.failure:
        return Row(case, checksums, {}, alerts.failure)
    return Row(case, checksums, dict(sorted(_verdicts(case.expected, alerts.sids, checksums, loaded))))


def _verdicts(
    expected: Expected | None, sids: frozenset[int], checksums: Checksums, loaded: frozenset[int]
) -> Iterable[tuple[int, Verdict]]:
    if expected is None:
        yield from ((sid, Verdict.SHOWN) for sid in sids)
        return
    known = {sid for sid, miss in expected.known_misses.items() if miss.checksums in (None, checksums)}
    must = expected.must | (expected.known_misses.keys() - known)
    yield from ((sid, Verdict.HIT if sid in sids else Verdict.MISS) for sid in must & loaded)
    yield from ((sid, Verdict.KNOWN_MISS_HITS if sid in sids else Verdict.KNOWN_MISS) for sid in known & loaded)
    for sid in sids - must - known:
        yield sid, Verdict.FALSE_ALARM if FIRST_SID <= sid <= LAST_SID else Verdict.SHOWN
