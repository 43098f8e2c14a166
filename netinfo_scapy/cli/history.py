"""`--history`: the states that one directory was seen in, since when, and by whom it was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Which, finish, listed, parsed, write
from netinfo_scapy.cli.options import OUTPUT

if TYPE_CHECKING:
    from datetime import tzinfo

History = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Instead: the states of this one directory of one source, and when and by whom it was changed.",
        rich_help_panel=OUTPUT,
    ),
]


def print_history(which: Which, names: list[str], path: str, zone: tzinfo | None) -> NoReturn:
    """Print the states of a directory of the captures named, and end the command."""
    from netinfo_scapy.analysis.directory.captures import histories_of
    from netinfo_scapy.analysis.directory.document import Captured
    from netinfo_scapy.analysis.directory.source import CaptureSource
    from netinfo_scapy.cli.workers import workers
    from netinfo_scapy.report.dumps.difference import gone_through

    source, way = which.open(names), parsed(path)
    if not isinstance(source, CaptureSource):
        raise run.refusal(f"--history is of captures, which know more than one time; {source.name} is none")
    with workers(source.reading, which.jobs, None) as found, run.progress(source.reading, shown=True):
        every = histories_of(source.reading, way, source.moment, found.executor, found.jobs)
    if run.nothing_read(source.reading.captures):
        run.finish(source.reading)
    fit = [(each, states) for each, states in every if which.fits(each)]
    if not fit:
        raise run.refusal(f"{source.name}: nothing is known of {path}")
    if len(fit) > 1:
        domains = listed([each for each, _ in fit])
        raise run.refusal(f"{source.name}: {len(fit)} domains know {path}, choose one: {domains}")
    captures = [Captured(each.name, each.digits) for each in source.reading.captures]
    write(gone_through(fit[0][1], captures, zone))
    finish([source])
