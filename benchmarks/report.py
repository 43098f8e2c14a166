"""Measurements -> tables, for a terminal, for Markdown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.captures.store import Made
from benchmarks.contestants import Contestant
from benchmarks.race import PARTS, Memory, Result, Together

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
"""Between these lines of a Markdown file stand the tables."""


class NoPlaceError(Exception):
    """A Markdown file has no place for the tables; the text says what is missing."""


@dataclass
class Table:
    """A table of text. The first column is at the left, numbers at the right; notes stand below it.

    A table of two columns holds no numbers.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)

    @property
    def _has_numbers(self) -> bool:
        return len(self.columns) > 2

    def for_terminal(self) -> RichTable:
        """As rich shows it."""
        table = RichTable(title=self.title, caption=Text("\n".join(self.notes)), box=SIMPLE_HEAD, title_justify="left")
        table.caption_justify = "left"
        for index, name in enumerate(self.columns):
            table.add_column(name, justify="right" if index and self._has_numbers else "left", no_wrap=not index)
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def markdown(self) -> str:
        """As Markdown, with its title as a heading."""
        rule = ["---", *["---:" if self._has_numbers else "---"] * (len(self.columns) - 1)]
        rows = ["| " + " | ".join(each) + " |" for each in (self.columns, rule, *self.rows)]
        notes = [f"\n{note}" for note in self.notes]
        return "\n".join([f"### {self.title}", "", *rows, *notes])


@dataclass
class Report:
    """Everything that was measured. captures: with what came of each contestant on it."""

    machine: dict[str, str]
    captures: list[tuple[Made, list[Result]]]
    missing: list[Contestant]
    together: list[Together]
    memory: list[Memory]

    def tables(self) -> Iterable[Table]:
        """The tables, in the order in which they are shown."""
        yield Table("The machine", ["", ""], [[name, value] for name, value in self.machine.items()])
        if self.captures:
            yield _readers_table(self.captures[0][1])
        for made, results in self.captures:
            yield _race_table(made, results, self.missing)
        if self.together:
            yield _together_table(self.together)
        if self.memory:
            yield _memory_table(self.memory)

    def json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "machine": self.machine,
            "captures": {
                made.name: {
                    "packets": made.packets,
                    "bytes": made.bytes,
                    "results": [
                        each._asdict() | {"runs": each.runs._asdict(), "start": each.start._asdict()}
                        for each in results
                    ],
                }
                for made, results in self.captures
            },
            "missing": {each.title: each.missing for each in self.missing},
            "together": [
                {"capture": each.capture, "files": PARTS, "one": each.one._asdict(), "two": each.two._asdict()}
                for each in self.together
            ],
            "memory": [each._asdict() for each in self.memory],
        }


def show(report: Report, console: Console) -> None:
    """Print the tables."""
    for table in report.tables():
        console.print(table.for_terminal())


def find_place(path: Path) -> tuple[str, str]:
    """What stands before and behind the place for the tables in a Markdown file. Raises NoPlaceError."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, behind = rest.partition(END)
    if not begin or not end:
        raise NoPlaceError(f"{path} has no place for the tables: it needs a line {BEGIN} and behind it a line {END}")
    return before, behind


def put_into(path: Path, report: Report) -> None:
    """Put the tables into a Markdown file, between its two marks. Raises NoPlaceError."""
    before, behind = find_place(path)
    tables = "\n\n".join(table.markdown() for table in report.tables())
    path.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{behind}")


def _readers_table(results: list[Result]) -> Table:
    return Table("The readers", ["reader", "what it does"], [[each.title, each.does] for each in results])


_RACE_COLUMNS = [
    "reader",
    "seconds",
    "packets/s",
    "peak MB",
    "start-up s",
    "NetInfo calls found",
    "times ours",
    "times counts only",
]


def _race_table(made: Made, results: list[Result], missing: list[Contestant]) -> Table:
    title = f"{made.name}: {made.packets:,} packets, {_megabytes(made.bytes)} MB"
    rows = [_race_row(made, each) for each in results]
    rows += [[f"{each.title} (not installed)", *["-"] * (len(_RACE_COLUMNS) - 1)] for each in missing]
    notes = [_rounds_note(results)]
    notes += [f"{each.title} is not installed: `{each.missing}`." for each in missing]
    sampled = [each for each in results if each.packets_read < made.packets]
    if sampled:
        samples = ", ".join(f"{each.title} {each.packets_read:,}" for each in sampled)
        notes.insert(
            1, f"≈: calculated from the first packets, start-up taken out: {samples}; the peak is that of the sample."
        )
    return Table(title, _RACE_COLUMNS, rows, notes)


def _rounds_note(results: list[Result]) -> str:
    rounds = sorted({each.runs.rounds for each in results})
    fewer = f"; {rounds[0]} for tshark and the Python libraries" if len(rounds) > 1 else ""
    return f"Medians, of rounds: {rounds[-1]}{fewer}."


def _race_row(made: Made, result: Result) -> list[str]:
    about = "≈ " if result.packets_read < made.packets else ""
    return [
        result.title,
        about + figure(result.seconds),
        about + f"{made.packets / result.seconds:,.0f}",
        _megabytes(result.runs.peak_bytes),
        figure(result.start.seconds),
        "-" if result.calls is None else f"{result.calls:,}",
        about + figure(result.ratio),
        "-" if result.counting_ratio is None else about + figure(result.counting_ratio),
    ]


def _together_table(together: list[Together]) -> Table:
    rows = [
        [
            each.capture,
            figure(each.one.seconds),
            figure(each.two.seconds),
            f"{each.one.seconds / each.two.seconds:.2f}",
        ]
        for each in together
    ]
    return Table(f"Two processes, {PARTS} files", ["capture", "--jobs 1, s", "--jobs 2, s", "times as fast"], rows)


def _memory_table(memory: list[Memory]) -> Table:
    rows = [
        [each.capture, f"{each.packets:,}", _megabytes(each.bytes), figure(each.seconds), _megabytes(each.peak_bytes)]
        for each in memory
    ]
    return Table("Memory of netinfo-scapy analyze", ["capture", "packets", "MB", "seconds", "peak MB"], rows)


def figure(number: float) -> str:
    """With the digits that mean something."""
    decimals = next((count for count, least in enumerate((100, 10, 0.1)) if number >= least), 3)
    return f"{number:,.{decimals}f}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f}"
