"""`python -m benchmarks`: make captures, and measure who reads them how fast."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import machine
from benchmarks.agreement import CountsDifferError
from benchmarks.captures.store import KINDS, Made, make
from benchmarks.contestants import our_forms, peers
from benchmarks.measure import ROOT, CommandFailedError
from benchmarks.race import Rounds, race, race_together, weigh
from benchmarks.report import NoPlaceError, Report, find_place, put_into, show

_FOLDER = ROOT / "build" / "benchmarks"
_RACED = ("dense", "tcp", "mixed")
_TIMES_LONGER = 10
_LEAST_PACKETS = 100
_PAGE_WIDTH = 120

app = typer.Typer(
    help="Measure netinfo-scapy beside other readers of captures.", add_completion=False, pretty_exceptions_enable=False
)
Folder = Annotated[Path, typer.Option(help="Where the captures are kept.", show_default="build/benchmarks")]


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except (CountsDifferError, CommandFailedError, NoPlaceError, OSError) as error:
        Console(stderr=True).print(f"benchmarks: {error}", style="bold", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


def _capture(name: str, folder: Path, scale: float) -> Made:
    packets = max(int(KINDS[name].packets * scale), _LEAST_PACKETS)
    label = name if scale == 1 else f"{name}-{packets}"
    return make(name, packets, folder.resolve() / f"{label}.pcap")


@app.command("make")
def make_one(
    name: Annotated[str, typer.Argument(help=", ".join(KINDS))],
    out: Annotated[Path, typer.Argument(help="The pcap file; what is in it goes into a .json file beside it.")],
    packets: Annotated[int, typer.Option(help="How many; the usual number where it is not given.")] = 0,
) -> None:
    """Make one capture."""
    if name not in KINDS:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(KINDS)}")
    with _errors_in_one_line():
        make(name, max(packets or KINDS[name].packets, _LEAST_PACKETS), out)


@app.command()
def run(
    folder: Folder = _FOLDER,
    captures: Annotated[str, typer.Option(help="Which captures, with commas.")] = ",".join(_RACED),
    scale: Annotated[float, typer.Option(min=0.0001, help="Length of the captures, 1 is full.")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often each reader is measured.")] = 5,
    slow_rounds: Annotated[int, typer.Option(min=1, help="The same for tshark and the Python libraries.")] = 3,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave out the other readers with this in their name.")
    ] = None,
    scapy_sample: Annotated[int, typer.Option(min=2, help="Packets that Scapy reads of a capture.")] = 20_000,
    dpkt_sample: Annotated[int, typer.Option(min=2, help="Packets that dpkt reads of a capture.")] = 300_000,
    pyshark_sample: Annotated[int, typer.Option(min=2, help="Packets that pyshark reads of a capture.")] = 5_000,
    longer: Annotated[
        bool, typer.Option("--longer", help=f"Weigh captures of {_TIMES_LONGER} times the length, too; 32 GB of disk.")
    ] = False,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the measurements to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Put the tables into this Markdown file.")] = None,
) -> None:
    """Measure, in turns, and show tables."""
    progress = Console(stderr=True)

    def say(text: str) -> None:
        progress.print(text, style="dim", highlight=False, markup=False, soft_wrap=True)

    others = peers(scapy_sample, dpkt_sample, pyshark_sample)
    everybody = our_forms() + [each for each in others if not any(part in each.title for part in without or ())]
    usual = Rounds(rounds, min(slow_rounds, rounds))
    with _errors_in_one_line():
        if markdown:
            # Better now than when everything is measured.
            find_place(markdown)
        report = Report(machine.describe(), [], [each for each in everybody if each.missing], [], [])
        for name in captures.split(","):
            say(f"{name}: making the capture")
            made = _capture(name, folder, scale)
            report.captures.append((made, race(made, everybody, usual, say)))
            together = race_together(made, rounds, say)
            report.together += [together] if together else []
            report.memory.append(weigh(made, say))
            if longer:
                report.memory.append(weigh(_capture(name, folder, scale * _TIMES_LONGER), say))
        report.memory.append(weigh(_capture("halfopen", folder, scale), say))
        show(report, Console() if sys.stdout.isatty() else Console(width=_PAGE_WIDTH))
        if json_out:
            json_out.parent.mkdir(parents=True, exist_ok=True)
            json_out.write_text(json.dumps(report.json(), indent=2, ensure_ascii=False) + "\n")
        if markdown:
            put_into(markdown, report)


app()
