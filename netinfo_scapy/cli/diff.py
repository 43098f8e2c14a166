"""`netinfo-scapy diff`: what differs between two sources, or two moments of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Which, find, finish, print_history, write
from netinfo_scapy.cli.options import OUTPUT, Zone, find_zone, reads_captures

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.source import DirectorySource


_STDIN = "-"


@reads_captures
def diff(
    which: Which,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE [SOURCE] [PATH]",
            help="Two sources, or one with --at twice; then the directory to compare with all below it, else the root.",
        ),
    ],
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with code 4 if there is a difference.", rich_help_panel=OUTPUT)
    ] = False,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Instead: the states of this one directory of one source, and when and by whom it was changed.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    tz: Zone = None,
) -> None:
    """Print what differs between the directories of two sources, or of one at two moments (--at T1 --at T2).

    A directory has a line with its path, - in front if it is gone and + if it is new, and its properties below. The
    order of directories and of properties is no difference, nor is what one side does not know.
    """
    from netinfo_scapy.analysis.directory.compare import Comparison
    from netinfo_scapy.report.dumps.difference import differing

    zone = find_zone(tz)
    if history is not None:
        source = which.open(_given(words, 1)[0], which.moment)
        print_history(source, which.choose_one(source), history, zone)
        finish([source])
    of_one = len(which.at) > 1
    names, path = _given(words, 1 if of_one else 2)
    opened = _opened(which, names)
    before, after = (find(each, which.choose_one(each), path) for each in opened)
    comparison = Comparison(before, after, os.fsencode(path), same_domain=of_one)
    # All of it is looked at, whether or not somebody reads it to the end.
    found = list(comparison.differences())
    write(differing(found))
    if comparison.unknown:
        run.say(f"in {comparison.unknown:,} places one side does not know what the other has; they are left out")
    finish(opened, otherwise=run.CHECK_FAILED if found and exit_code else run.DONE)


def _opened(which: Which, names: list[str]) -> list[DirectorySource]:
    """The two sides. One moment is that of both, as far as they are captures."""
    if len(which.at) > 2:
        raise typer.BadParameter("--at: two moments are compared, no more")
    if names.count(_STDIN) * max(len(which.at), 1) > 1:
        raise run.refusal("standard input can be read once; save it to a file first")
    if len(which.at) == 2:
        return [which.open(names, moment) for moment in which.at]
    return [which.open([name], which.moment, others=True) for name in names]


def _given(words: list[str], sources: int) -> tuple[list[str], str]:
    """The sources and the path. Raises typer.BadParameter where there are too few or too many words."""
    if not sources <= len(words) <= sources + 1:
        raise typer.BadParameter(
            "give two sources, or one with --at twice, and perhaps a path"
            if sources == 2
            else "give one source, and perhaps a path"
        )
    return words[:sources], words[sources] if len(words) > sources else "/"
