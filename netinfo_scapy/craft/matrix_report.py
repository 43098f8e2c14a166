"""The matrix for people, and as one object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from netinfo_scapy.analysis.values import counted
from netinfo_scapy.craft.matrix import DIFFERENCES, Row, Verdict
from netinfo_scapy.craft.rules.table import RULES
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.tables import table

_MOST_COLUMNS = 8
"""Rules that have a column each; of more, each case names its own."""

_LOOKS = {
    Verdict.HIT: ("hit", "green"),
    Verdict.MISS: ("MISS", "bold red"),
    Verdict.FALSE_ALARM: ("FALSE ALARM", "bold red"),
    Verdict.KNOWN_MISS: ("known miss", "yellow"),
    Verdict.KNOWN_MISS_HITS: ("HITS, KNOWN TO MISS", "bold red"),
    Verdict.SHOWN: ("alerts", "cyan"),
}


def matrix_report(rows: list[Row], engine: str, version: str, loaded: frozenset[int]) -> RenderableType:
    """What came of each case, what differs, and a line that says it all."""
    sids = sorted({sid for row in rows for sid in row.verdicts})
    joined = list(_joined(rows))
    made = _wide(joined, sids) if len(sids) <= _MOST_COLUMNS else _grouped(joined)
    return Group(made, *_differences(joined), _last_line(rows, engine, version, loaded))


def _joined(rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """Each case by its name once, where it makes no difference how checksums were taken; else once each way."""
    for _, group in groupby(rows, key=lambda row: id(row.case)):
        ways = list(group)
        if len({(tuple(way.verdicts.items()), way.failure) for way in ways}) == 1:
            yield ways[0].case.name, ways[0]
        else:
            yield from ((f"{way.case.name} (-k {way.checksums})", way) for way in ways)


def _cell(verdict: Verdict | None) -> Text:
    return Text("-", "dim") if verdict is None else Text(*_LOOKS[verdict])


def _wide(rows: list[tuple[str, Row]], sids: list[int]) -> Table:
    """A column for each rule that anything is to be said of."""
    grid = table("Case by rule", len(rows), None, "case!", *map(str, sids))
    for name, row in rows:
        grid.add_row(printable(name), *(_cell(row.verdicts.get(sid)) for sid in sids))
    return grid


def _grouped(rows: list[tuple[str, Row]]) -> Table:
    """A line for each case, with the rules by what they did."""
    grid = table("Case by rule", len(rows), None, "case!", "rules")
    for name, row in rows:
        said = [
            Text.assemble(Text(*_LOOKS[verdict]), " ", " ".join(map(str, sids)))
            for verdict in Verdict
            if (sids := row.sids(verdict))
        ]
        grid.add_row(printable(name), Text("\n").join(said) if said else Text("-", "dim"))
    return grid


def _differences(rows: list[tuple[str, Row]]) -> Iterator[Text]:
    """A line for each thing that is not as a label says."""
    for name, row in rows:
        if row.failure:
            yield Text(printable(f"{name}: {row.failure}"), "bold red")
        for sid, verdict in row.verdicts.items():
            if verdict in DIFFERENCES:
                rule = RULES.get(sid)
                yield Text(printable(f"{name}: {verdict}: {sid}{f' {rule.message}' if rule else ''}"), "bold red")


def _last_line(rows: list[Row], engine: str, version: str, loaded: frozenset[int]) -> Text:
    """What was run, and how it ended."""
    counts = Counter(verdict for row in rows for verdict in row.verdicts.values())
    parts = [f"{counts[each]:,} {'alerts' if each is Verdict.SHOWN else each}" for each in Verdict if counts[each]]
    differing = sum(row.differs for row in rows)
    differ = "1 run differs" if differing == 1 else f"{differing:,} runs differ"
    end = f"{differ} from the labels" if differing else "no difference from the labels"
    if all(row.case.expected is None for row in rows) and not differing:
        end = "no labels to hold it against"
    what = f"{engine} {version}, {counted(len(loaded), 'rule')}, {counted(len(rows), 'run')}"
    return Text(printable(f"{what}: {', '.join(parts) or 'no alert'}; {end}."), "bold red" if differing else "bold")


def matrix_object(rows: list[Row], engine: str, version: str, loaded: frozenset[int], ours: str) -> dict[str, Any]:
    """The same as `--format json` prints it. ours: this project's version."""
    return {
        "engine": engine,
        "engine_version": version,
        "rules": len(loaded),
        "cases": [_row_object(row) for row in rows],
        "differences": sum(row.differs for row in rows),
        "version": ours,
    }


def _row_object(row: Row) -> dict[str, Any]:
    known = row.case.expected.known_misses if row.case.expected else {}
    return {
        "case": row.case.name,
        "labelled": row.case.expected is not None,
        "checksums": row.checksums,
        "failure": row.failure,
        "rules": [
            {"sid": sid, "verdict": verdict.replace(" ", "-"), "why": known[sid].why if sid in known else None}
            for sid, verdict in row.verdicts.items()
        ],
    }
