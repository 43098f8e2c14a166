"""`netinfo-scapy analyze`: what captures hold, summarized."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.export import FORMATS, export
from netinfo_scapy.cli.options import (
    OUTPUT,
    AsJson,
    Counted,
    Full,
    Input,
    Jobs,
    KnownFile,
    Reveal,
    Zone,
    find_known,
    find_zone,
    json_if,
    reads_captures,
)
from netinfo_scapy.cli.output import STREAM, check_apart, check_folder, check_target, opened

if TYPE_CHECKING:
    from netinfo_scapy.analysis.facts import Facts
    from netinfo_scapy.analysis.reading import Reading


class Format(StrEnum):
    """How the summary is printed."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    TSV = "tsv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


Scheduler = Annotated[
    str | None,
    typer.Option(metavar="tcp://HOST:PORT", help="Have the work done by the workers of this Dask scheduler."),
]


def read_whole(source: Input, jobs: int | None, scheduler: str | None, output: str = STREAM) -> tuple[Reading, Facts]:
    """Read captures that are there as a whole."""
    from netinfo_scapy.cli.workers import workers

    reading = source.open()
    check_target(reading, output)
    with (
        workers(reading, jobs, scheduler) as found,
        run.stopping(reading.watch, at_once=reading.learn == "once"),
        run.progress(reading, shown=True),
    ):
        return reading, reading.facts(found.executor, found.jobs)


@reads_captures
def analyze(
    source: Counted,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="text: for people; json: one object; html: a page for a browser, in one file. Of each message: "
            "tsv: Zeek logs; ndjson: events like Suricata's; parquet: a table.",
            rich_help_panel=OUTPUT,
        ),
    ] = Format.TEXT,
    as_json: AsJson = False,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write to, replaced if it is there, but not for text; of tsv, the folder; "
            "-: standard output.",
            rich_help_panel=OUTPUT,
        ),
    ] = STREAM,
    reveal: Reveal = False,
    known: KnownFile = None,
    full: Full = False,
    tz: Zone = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Read a capture that is still being written, - or a file, until it ends or Ctrl-C; "
            "on a terminal, show the summary as it stands.",
        ),
    ] = False,
) -> None:
    """Summarize the NetInfo conversations of captures: who talked to whom, about what, how it went."""
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.conclude import conclude, domains_in
    from netinfo_scapy.report.json_text import json_pieces

    form = json_if(as_json, form, Format.TEXT, Format.JSON)
    if source.counts_only:
        _check_counts(source, form, known, reveal)
    zone, servers = find_zone(tz), find_known(known)
    _check(form, output)
    check_apart(output, known)
    if form.value in FORMATS:
        if follow or jobs is not None or scheduler is not None:
            raise typer.BadParameter(
                f"--format {form.value} reads once, in one process; leave out --follow, --jobs and --scheduler"
            )
        export(source, form.value, output, servers, reveal)
        return
    if follow:
        from netinfo_scapy.cli.follow import followed

        if jobs is not None or scheduler is not None:
            raise typer.BadParameter("--follow reads in one process; leave out --jobs and --scheduler")
        reading, facts = followed(source, zone, form is Format.TEXT, servers, reveal)
    else:
        reading, facts = read_whole(source, jobs, scheduler, output)
    with run.concluding():
        domains = domains_in(facts, reading.interest)
        summary = conclude(
            facts, reading.captures, reading.interest, __version__, known=servers, reveal=reveal, domains=domains
        )
        if not run.nothing_read(reading.captures):
            with opened(output) as stream:
                if form is Format.JSON:
                    stream.writelines(json_pieces(summary))
                elif form is Format.HTML:
                    from netinfo_scapy.report.html.page import page

                    stream.write(page(summary, domains, zone, reveal).encode())
                else:
                    from netinfo_scapy.report.terminal import report

                    run.print_report(report(summary, zone, full))
    run.finish(reading)


def _check(form: Format, output: str) -> None:
    """Refuse what cannot come out right, before anything is read."""
    if form is Format.TEXT and output != STREAM:
        raise typer.BadParameter("--output is for the other formats; the text goes to standard output")
    if output != STREAM and form is not Format.TSV:
        check_folder(output)
    if form is Format.HTML and output == STREAM and sys.stdout.isatty():
        raise run.refusal("a page is for a browser, not for a terminal; write it to a file with -o FILE")


def _check_counts(source: Input, form: Format, known: str | None, reveal: bool) -> None:
    """Refuse what --counts-only has nothing for."""
    from netinfo_scapy.cli.users import names_in

    if known is not None:
        raise typer.BadParameter("--known is for findings, and --counts-only looks for none; leave out one of them")
    if reveal and form.value not in FORMATS:
        raise typer.BadParameter(
            "--reveal is for findings and directories, and --counts-only has none; leave out one of them"
        )
    for name in names_in(source.user):
        raise typer.BadParameter(f"--user {name}: --counts-only rebuilds no directory that tells a name; give the uid")
