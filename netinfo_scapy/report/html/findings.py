"""Findings as the page shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from netinfo_scapy.analysis.summary import SEVERITIES, Finding, Summary
from netinfo_scapy.analysis.values import local_time
from netinfo_scapy.report.escape import printable, shown
from netinfo_scapy.report.html.cells import Cell, Part, Table, columns, number, text
from netinfo_scapy.report.words import quoted, tag_name

MOST_FINDINGS = 500
"""Findings in a page."""

MOST_EVIDENCE = 100
"""Rows of evidence of each."""

_MOST_FRAMES = 12


class Shown(NamedTuple):
    """A finding in the page.

    first: of its id, so that its meaning is told at once. facts: what it is about, by name.
    references: their text, and whether it is a URL.
    """

    number: int
    id: str
    severity: str
    title: str
    first: bool
    meaning: str
    advice: str
    facts: list[tuple[str, list[str]]]
    filter: str
    references: list[tuple[str, bool]]
    evidence: Table | None


def findings(summary: Summary, zone: tzinfo | None) -> list[Shown]:
    """The findings, in the summary's order."""
    several = len(summary.captures) > 1
    first = {each.id: place for place, each in reversed(list(enumerate(summary.findings, 1)))}
    return [
        _finding(place, each, zone, several, first[each.id] == place)
        for place, each in enumerate(summary.findings[:MOST_FINDINGS], 1)
    ]


def severities(summary: Summary) -> list[tuple[str, int]]:
    """How many there are of each severity, the worst first."""
    counts = Counter[str](each.severity for each in summary.findings)
    return [(severity, counts[severity]) for severity in SEVERITIES if counts[severity]]


def _finding(place: int, finding: Finding, zone: tzinfo | None, several: bool, first: bool) -> Shown:
    frames = [
        f"{each.frame:,}{f' of {printable(each.capture)}' if several else ''}" for each in finding.frames[:_MOST_FRAMES]
    ]
    if len(finding.frames) > _MOST_FRAMES:
        frames.append(f"and {len(finding.frames) - _MOST_FRAMES:,} more")
    facts = [
        ("Servers", [printable(each) for each in finding.servers]),
        ("Clients", [printable(each) for each in finding.clients]),
        ("Domains", [tag_name(each) for each in finding.tags]),
        ("Accounts", [shown(each) for each in finding.users]),
        ("When", _when(finding, zone)),
        ("Count", [f"{finding.count:,}"]),
        ("Frames", frames),
    ]
    return Shown(
        number=place,
        id=finding.id,
        severity=finding.severity,
        title=printable(finding.title),
        first=first,
        meaning=quoted(printable(finding.meaning)),
        advice=quoted(printable(finding.advice)),
        facts=[(name, values) for name, values in facts if values],
        filter=printable(finding.filter),
        references=[(printable(each), each.startswith("https://")) for each in finding.references],
        evidence=_evidence(place, finding.details),
    )


def _when(finding: Finding, zone: tzinfo | None) -> list[str]:
    times = [each for each in (finding.first_time, finding.last_time) if each]
    return [" to ".join(local_time(each, zone) for each in dict.fromkeys(times))] if times else []


def _evidence(place: int, details: Sequence[dict[str, Any]]) -> Table | None:
    """The rows that a detector gave, with a column for each key that any of them has."""
    names = list(dict.fromkeys(name for row in details for name in row))
    if not names:
        return None
    rows = [[_cell(row.get(name)) for name in names] for row in details[:MOST_EVIDENCE]]
    titles = [f"{printable(name.replace('_', ' '))}{'#' * _numeric(details, name)}" for name in names]
    return Table(f"finding-{place}-table", f"Evidence of finding {place}", columns(*titles), rows, len(details))


def _numeric(details: Sequence[dict[str, Any]], name: str) -> bool:
    return all(type(row.get(name)) in (int, float) for row in details)


def _cell(value: Any) -> Cell:
    if type(value) is int:
        return number(value)
    if isinstance(value, list):
        return Cell([Part(_plain(each), "value") for each in value], ", ".join(map(_plain, value)))
    return text(_plain(value))


def _plain(value: Any) -> str:
    """Any JSON value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or (isinstance(value, dict) and value.keys() == {"hex"}):
        return shown(value)
    if isinstance(value, dict) and value.keys() == {"capture", "frame"}:
        return f"{value['frame']:,}"
    if isinstance(value, dict):
        return "; ".join(f"{printable(str(key))}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)
