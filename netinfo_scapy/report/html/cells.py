"""What the page's tables are made of. Everything in a cell is plain text; the templates escape it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import NamedTuple

from netinfo_scapy.analysis.summary import Statuses
from netinfo_scapy.analysis.timeline import REFUSALS
from netinfo_scapy.analysis.values import local_time
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.words import OK, by_status, duration

MOST_ROWS = 500
"""Rows of a table."""


class Part(NamedTuple):
    """A piece of text. kind: of the stylesheet's classes, or nothing."""

    text: str
    kind: str = ""


class Cell(NamedTuple):
    """parts: shown one after the other. key: what rows are sorted by; numbers as such, times as RFC 3339."""

    parts: Sequence[Part]
    key: str = ""


class Column(NamedTuple):
    """numeric: its cells are numbers: to the right, and sorted as such, the largest first."""

    title: str
    numeric: bool = False


class Table(NamedTuple):
    """name: its id in the page. total: rows there are; `rows` may be fewer. A row's first cell says what it is of."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: int


def columns(*titles: str) -> list[Column]:
    """Columns by their titles; those that end in # are numeric."""
    return [Column(title.rstrip("#"), title.endswith("#")) for title in titles]


def text(value: str, kind: str = "") -> Cell:
    """Any text, made safe to show."""
    shown = printable(value)
    return Cell((Part(shown, kind),), shown)


def words(values: Iterable[str], kind: str = "", most: int = 12) -> Cell:
    """Several texts."""
    shown = [printable(value) for value in values]
    parts = [Part(each, kind) for each in shown[:most]]
    if len(shown) > most:
        parts.append(Part(f"and {len(shown) - most:,} more", "more"))
    return Cell(parts, ", ".join(shown[:most]))


def number(value: int) -> Cell:
    """A count."""
    return Cell((Part(f"{value:,}"),), str(value))


def seconds(value: float | None) -> Cell:
    """A duration; nothing where there is none."""
    return Cell((), "") if value is None else Cell((Part(duration(value).replace("us", "µs")),), repr(value))


def moment(time: str | None, zone: tzinfo | None) -> Cell:
    """A time as the summary has it, to the second, in a zone that the column's title names."""
    return Cell((), "") if not time else Cell((Part(local_time(time, zone)[:19], "time"),), time)


def exact(time: str, zone: tzinfo | None) -> Cell:
    """A time as exact as the summary has it, with its zone."""
    return Cell((Part(local_time(time, zone), "time"),), time)


def span(times: Iterable[tuple[str | None, str | None]], zone: tzinfo | None) -> Cell:
    """The first and the last of several spans, to the second; one where they are the same."""
    every = [time for each in times for time in each if time]
    if not every:
        return Cell((), "")
    first, last = (local_time(time, zone)[:19] for time in (min(every), max(every)))
    return Cell([Part(each, "time") for each in dict.fromkeys((first, last))], min(every))


def statuses(all_statuses: Iterable[Statuses], most: int = 8) -> Cell:
    """How calls were answered: OK first, then the others by how often."""
    ordered = by_status(all_statuses)
    parts = [Part(f"{printable(status)} {count:,}", _kind_of(status)) for status, count in ordered[:most]]
    if len(ordered) > most:
        parts.append(Part(f"and {len(ordered) - most} more", "more"))
    return Cell(parts, str(sum(count for status, count in ordered if status != OK)))


def _kind_of(status: str) -> str:
    return "good" if status == OK else "refused" if status in REFUSALS else "failed"


def zone_name(zone: tzinfo | None) -> str:
    """What the zone is called, for people and browsers."""
    return "UTC" if zone is None else str(zone)
