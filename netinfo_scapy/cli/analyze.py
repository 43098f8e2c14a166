"""`netinfo-scapy analyze`: what captures hold, summarized."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import OUTPUT, Full, Input, Zone, find_zone, reads_captures


class Format(StrEnum):
    """How the summary is printed."""

    TEXT = "text"
    JSON = "json"


@reads_captures
def analyze(
    source: Input,
    form: Annotated[
        Format, typer.Option("--format", help="text: for people; json: one object.", rich_help_panel=OUTPUT)
    ] = Format.TEXT,
    full: Full = False,
    tz: Zone = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, metavar="N", help="Processes to use; as many as there are processors, if not given."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="Have the work done by the workers of this Dask scheduler."),
    ] = None,
) -> None:
    """Summarize the NetInfo conversations of captures: who talked to whom, about what, how it went."""
    import msgspec

    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.conclude import conclude
    from netinfo_scapy.cli.workers import workers

    zone = find_zone(tz)
    reading = source.open()
    with workers(reading, jobs, scheduler) as found, run.stopping(reading), run.progress(reading, shown=True):
        facts = reading.facts(found.executor, found.jobs)
    summary = conclude(facts, reading.captures, reading.interest, __version__)
    if not run.nothing_read(reading.captures):
        with run.output():
            if form is Format.JSON:
                sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
            else:
                from netinfo_scapy.report.terminal import report

                run.print_report(report(summary, zone, full))
    run.finish(reading)
