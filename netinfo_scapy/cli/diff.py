"""`netinfo-scapy diff`: what differs between two sources, or two moments of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Which, find, finish, write
from netinfo_scapy.cli.history import History, print_history
from netinfo_scapy.cli.options import OUTPUT, Zone, find_zone, reads_captures
from netinfo_scapy.cli.output import STREAM

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.source import DirectorySource
    from netinfo_scapy.analysis.directory.tree import Directory, Domain


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
    history: History = None,
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
        print_history(which, _given(words, 1)[0], history, zone)
    of_one = len(which.at) > 1
    names, path = _given(words, 1 if of_one else 2)
    opened = _opened(which, names)
    domains = [which.choose_one(each) for each in opened]
    before, after = _sides(opened, domains, path)
    between = domains[1].changes[len(domains[0].changes) :] if of_one else None
    comparison = Comparison(before, after, os.fsencode(path), between)
    # All of it is looked at, whether or not somebody reads it to the end.
    found = list(comparison.differences())
    write(differing(found))
    if comparison.unknown:
        run.say(f"in {comparison.unknown:,} places one side does not know what the other has; they are left out")
    finish(opened, otherwise=run.CHECK_FAILED if found and exit_code else run.DONE)


def _sides(opened: list[DirectorySource], domains: list[Domain], path: str) -> list[Directory | None]:
    """The directory of each side: None where it is known not to be there, empty where that is not known."""
    from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError
    from netinfo_scapy.analysis.directory.tree import Directory

    sides: list[Directory | None] = []
    errors: list[str] = []
    for source, domain in zip(opened, domains, strict=True):
        try:
            sides.append(find(source, domain, path))
        except NoSuchDirectoryError as error:
            sides.append(None if error.certain else Directory(whole=False, all_children=False))
            errors.append(f"{source.name}: {error}")
    if len(errors) == len(sides):
        raise run.refusal(errors[0])
    return sides


def _opened(which: Which, names: list[str]) -> list[DirectorySource]:
    """The two sides. One moment is that of both, as far as they are captures."""
    if len(which.at) > 2:
        raise typer.BadParameter("--at: two moments are compared, no more")
    if names.count(STREAM) > 1:
        raise run.refusal("standard input can be read once; save it to a file first")
    opened = [which.open_any([name]) for name in names]
    if len(which.at) == 2:
        return which.as_of(opened[0], which.at)
    return [which.as_of(each, which.at)[0] if which.at and each.reading else each for each in opened]


def _given(words: list[str], sources: int) -> tuple[list[str], str]:
    """The sources and the path. Raises typer.BadParameter where there are too few or too many words."""
    if not sources <= len(words) <= sources + 1:
        raise typer.BadParameter(
            "give two sources, or one with --at twice, and perhaps a path"
            if sources == 2
            else "give one source, and perhaps a path"
        )
    return words[:sources], words[sources] if len(words) > sources else "/"
