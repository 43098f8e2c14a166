"""Findings for people, in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from netinfo_scapy.analysis.summary import Finding, Severity
from netinfo_scapy.analysis.values import counted, local_time
from netinfo_scapy.report.escape import printable, shown
from netinfo_scapy.report.tables import listing, table
from netinfo_scapy.report.words import quoted

MOST_DETAILS = 12
"""Rows of details shown of a finding, unless all is asked for."""

_MOST_TITLES = 3
_STYLES: dict[Severity, str] = {"high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}


def found(findings: Sequence[Finding]) -> Iterator[Text]:
    """What was found, for the answer: how many of each severity, and the gravest."""
    if not findings:
        return
    counts = Counter(each.severity for each in findings)
    numbers = [(f"{counts[severity]:,} {severity}", style) for severity, style in _STYLES.items() if counts[severity]]
    yield Text.assemble(counted(len(findings), "finding"), ": ", Text(", ").join(Text(*each) for each in numbers), ".")
    grave = [each for each in findings if each.severity == "high"]
    for each in grave[:_MOST_TITLES]:
        yield Text.assemble(("! ", "bold red"), printable(each.title))
    if len(grave) > _MOST_TITLES:
        yield Text(f"  and {len(grave) - _MOST_TITLES:,} more", style="dim")


def findings_table(findings: Sequence[Finding], zone: tzinfo | None, most: int | None) -> Table | None:
    """The findings, a row each: the title with the id below."""
    if not findings:
        return None
    rows = table("Findings", len(findings), most, "severity!", "what", "when@", "count#", "frames")
    for each in findings[:most]:
        # The id below: beside the title it would leave that no room in a terminal of 80 columns.
        what = Text.assemble(printable(each.title), "\n", (each.id, "dim"))
        rows.add_row(_severity(each), what, _when(each, zone), f"{each.count:,}", _frames(each))
    return rows


def _severity(finding: Finding) -> Text:
    return Text(finding.severity, style=_STYLES[finding.severity])


def _when(finding: Finding, zone: tzinfo | None) -> str:
    """The date, and the time below it."""
    return "" if finding.first_time is None else local_time(finding.first_time, zone)[:19].replace(" ", "\n")


def _frames(finding: Finding) -> str:
    numbers = [str(each.frame) for each in finding.frames if each.capture == finding.frames[0].capture]
    return ", ".join(numbers[:4]) + (", ..." if len(numbers) > 4 else "")


def findings_report(findings: Sequence[Finding], zone: tzinfo | None, full: bool = False) -> RenderableType:
    """The findings with their evidence; what they mean and what to do, once an id. full: details at any length."""
    first = {each.id: each for each in reversed(findings)}
    parts = [_finding(each, zone, full, explained=first[each.id] is each) for each in findings]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts))


def _finding(finding: Finding, zone: tzinfo | None, full: bool, explained: bool) -> RenderableType:
    head = Text.assemble(_severity(finding), "  ", (printable(finding.title), "bold"), "  ", (finding.id, "dim"))
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", no_wrap=True)
    lines.add_column(overflow="fold")
    for name, value in _lines(finding, zone, full):
        lines.add_row(name, Text(value))
    if explained:
        said = (
            ("meaning", quoted(finding.meaning)),
            ("advice", quoted(finding.advice)),
            ("see", ", ".join(finding.references)),
        )
        for name, value in said:
            lines.add_row(name, Text(value))
    return Group(head, Padding(lines, (0, 0, 0, 2)))


def _lines(finding: Finding, zone: tzinfo | None, full: bool) -> Iterator[tuple[str, str]]:
    """What a finding says, by name; what came from the network is made safe to show."""
    most = max(len(finding.details), 1) if full else MOST_DETAILS
    times = [local_time(time, zone) for time in (finding.first_time, finding.last_time) if time is not None]
    if finding.servers:
        yield "servers", listing(finding.servers, most)
    if finding.clients:
        yield "clients", listing(finding.clients, most)
    if finding.tags:
        yield "tags", listing([shown(tag) or '""' for tag in finding.tags], most)
    if finding.users:
        yield "users", listing([shown(user) for user in finding.users], most)
    yield "seen", ", ".join(filter(None, (counted(finding.count, "time"), " to ".join(dict.fromkeys(times)))))
    if finding.frames:
        yield "filter", f"{finding.filter}  ({printable(finding.frames[0].capture)})"
    for row in finding.details[:most]:
        yield "-", "  ".join(f"{key.replace('_', ' ')}: {_value(value)}" for key, value in row.items())
    if len(finding.details) > most:
        yield "", f"{len(finding.details) - most:,} more; --full shows all"


def _value(value: Any) -> str:
    """A value of a detail."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case {"capture": str(), "frame": int(number)}:
            return f"frame {number}"
        case {"hex": str()} if len(value) == 1:
            return shown(value)
        case dict():
            return ", ".join(f"{printable(str(key))}:{_value(each)}" for key, each in value.items()) or "none"
        case list():
            return ", ".join(map(_value, value)) or "none"
        case _:
            return printable(str(value))
