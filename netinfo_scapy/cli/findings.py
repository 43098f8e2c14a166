"""`netinfo-scapy findings`: what a person should know about captures."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from netinfo_scapy.cli import run
from netinfo_scapy.cli.analyze import Scheduler, read_whole
from netinfo_scapy.cli.options import (
    OUTPUT,
    AsJson,
    Full,
    Input,
    Jobs,
    KnownFile,
    Reveal,
    Zone,
    check_ids,
    find_known,
    find_zone,
    json_if,
    reads_captures,
    unknown_id,
)

_EXPLAIN, _ALL = "--explain", "all"


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


class Severity(StrEnum):
    """How grave findings are, the gravest first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Explaining(TyperCommand):
    """A command whose --explain can stand without a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give an --explain that has no value the one that means all."""
        if args and args[-1] == _EXPLAIN:
            args = [*args, _ALL]
        return super().parse_args(ctx, args)


def _explained(wanted: str | None) -> None:
    """Print what the documentation says, and end."""
    if wanted is None:
        return
    from netinfo_scapy.analysis.findings.table import DETECTORS
    from netinfo_scapy.report.explain import explanation, listing

    if wanted != _ALL and wanted not in DETECTORS:
        raise typer.BadParameter(unknown_id(_EXPLAIN, wanted))
    with run.output():
        if wanted != _ALL and sys.stdout.isatty():
            from rich.markdown import Markdown

            run.print_report(Markdown(explanation(DETECTORS[wanted])))
        else:
            print(listing() if wanted == _ALL else explanation(DETECTORS[wanted]))  # noqa: T201 - this was asked for
    raise typer.Exit(run.DONE)


@reads_captures
def findings(
    source: Input,
    form: Annotated[
        Format,
        typer.Option(
            "--format", help="text: for people; json: a list; ndjson: an object a line.", rich_help_panel=OUTPUT
        ),
    ] = Format.TEXT,
    as_json: AsJson = False,
    severity: Annotated[
        Severity, typer.Option("--severity", help="Only these and graver ones.", rich_help_panel=OUTPUT)
    ] = Severity.INFO,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ID", help="Only these; can be given again.", rich_help_panel=OUTPUT),
    ] = None,
    reveal: Reveal = False,
    known: KnownFile = None,
    full: Full = False,
    tz: Zone = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    _explain: Annotated[
        str | None,
        typer.Option(
            _EXPLAIN,
            metavar="[ID]",
            callback=_explained,
            is_eager=True,
            help="Print what the documentation says of a finding, or list all that there are.",
        ),
    ] = None,
) -> None:
    """Tell what a person should know about captures: what leaked, who did what, what to do about it."""
    form = json_if(as_json, form, Format.TEXT, Format.JSON)
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.conclude import conclude
    from netinfo_scapy.report.json_text import json_line, json_page

    only = check_ids("--only", only)
    zone, servers = find_zone(tz), find_known(known)
    reading, facts = read_whole(source, jobs, scheduler)
    with run.concluding():
        summary = conclude(facts, reading.captures, reading.interest, __version__, known=servers, reveal=reveal)
    grave = list(Severity)[: list(Severity).index(severity) + 1]
    found = [each for each in summary.findings if each.severity in grave and (not only or each.id in only)]
    if not run.nothing_read(reading.captures):
        with run.output():
            if form is Format.TEXT:
                from netinfo_scapy.report.findings import findings_report

                run.print_report(findings_report(found, zone, full))
            elif form is Format.JSON:
                sys.stdout.buffer.write(json_page(found))
            else:
                sys.stdout.buffer.writelines(map(json_line, found))
        if form is Format.TEXT and not found:
            run.say(f"nothing found in {summary.totals.messages:,} messages")
    run.finish(reading)
