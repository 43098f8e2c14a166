"""Summary -> what the page's pictures are drawn from: plain lists of numbers and text, for JSON.

Times are milliseconds since 1970, as browsers reckon. Each picture has its table in the page.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from netinfo_scapy.analysis.summary import ResponseBin, Summary
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.html.tables import whole_distribution
from netinfo_scapy.report.words import tag_name, talk_of

MOST_HOSTS = 40
"""Hosts drawn on each side; the others are drawn as one."""

MOST_FINDINGS = 40
"""Findings drawn beside the timeline."""

_MOST_PROCEDURES = 100
_MOST_NOTE = 40


def milliseconds(time: str) -> float:
    """A time as the summary has it."""
    return datetime.fromisoformat(time).timestamp() * 1000


def timeline(summary: Summary) -> dict[str, Any]:
    """bins: [from, calls, refused]; findings: [place in the list from 1, severity, title, first, last]."""
    bins = [[milliseconds(each.time), each.calls, each.refused] for each in summary.timeline.bins]
    findings = [
        [
            number,
            each.severity,
            printable(each.title),
            milliseconds(each.first_time),
            milliseconds(each.last_time or each.first_time),
        ]
        for number, each in enumerate(summary.findings, 1)
        if each.first_time
    ]
    return {"width": summary.timeline.bin_seconds * 1000, "bins": bins, "findings": findings[:MOST_FINDINGS]}


def talks(summary: Summary) -> dict[str, Any]:
    """clients, servers: [address, note]; links: [client's place, server's place, program, messages]."""
    weights: Counter[tuple[str, str, str]] = Counter()
    tags: dict[str, set[str]] = {}
    for row in summary.conversations:
        weights[talk_of(row)] += row.calls + row.replies
        tags.setdefault(row.server_ip, set()).update(map(tag_name, row.tags))
    clients, servers = (_places(weights, side) for side in (0, 1))
    links: Counter[tuple[int, int, str]] = Counter()
    for (client, server, program), weight in weights.items():
        place, server_place = min(clients[client], MOST_HOSTS), min(servers[server], MOST_HOSTS)
        links[place, server_place, printable(program)] += weight
    return {
        "clients": [[name, ""] for name in _drawn(clients, "clients")],
        "servers": [[name, _note(tags.get(name, set()))] for name in _drawn(servers, "servers")],
        "links": [[*key, weight] for key, weight in sorted(links.items())],
    }


def _places(weights: Counter[tuple[str, str, str]], side: int) -> dict[str, int]:
    """Each host of a side -> its place, those with the most messages first."""
    totals: Counter[str] = Counter()
    for key, weight in weights.items():
        totals[key[side]] += weight
    return {name: place for place, (name, _) in enumerate(totals.most_common())}


def _drawn(places: dict[str, int], kind: str) -> list[str]:
    """The hosts that are drawn, and one that stands for all others."""
    names = list(places)
    more = len(names) - MOST_HOSTS
    return [*names[:MOST_HOSTS], f"{more:,} more {kind if more > 1 else kind[:-1]}"] if more > 0 else names


def _note(tags: set[str]) -> str:
    note = ", ".join(sorted(tags))
    return note if len(note) <= _MOST_NOTE else f"{note[: _MOST_NOTE - 1]}…"


def responses(summary: Summary) -> list[dict[str, Any]]:
    """All response times, then those of each procedure: bins of [from, to, count], and marks, in seconds."""
    ordered = sorted(summary.procedures.items(), key=lambda item: (-item[1].calls, item[0]))
    each = [
        {
            "name": printable(name),
            "count": row.rtt_seconds.count,
            "bins": _bins(row.rtt_bins),
            "marks": [["median", row.rtt_seconds.median], ["95 %", row.rtt_seconds.p95]],
        }
        for name, row in ordered
        if row.rtt_seconds is not None
    ]
    if not each:
        return []
    bins = _bins(whole_distribution(summary))
    whole = {"name": "", "count": sum(count for *_, count in bins), "bins": bins, "marks": []}
    return [whole, *each[:_MOST_PROCEDURES]]


def _bins(bins: list[ResponseBin]) -> list[Any]:
    return [[each.from_seconds, each.to_seconds, each.count] for each in bins]
