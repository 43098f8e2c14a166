"""`netinfo-scapy list`: the children of a directory, as niutil and nireport list them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from netinfo_scapy.cli.directories import Path, Source, Which, find_or_refuse, finish, say_all, write
from netinfo_scapy.cli.options import reads_captures


@reads_captures
def list_directories(
    which: Which,
    source: Source,
    path: Path,
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY...]", help="The property to show, else name; of several: their values, as nireport."
        ),
    ] = None,
) -> None:
    """List the directories in a directory: number and name, or another property's values, as niutil -list."""
    from netinfo_scapy.report.dumps.known import has_none, not_listed, shown_tree
    from netinfo_scapy.report.dumps.listing import listed, reported

    wanted = keys or ["name"]
    opened = which.open([source])
    key = wanted[0] if len(wanted) == 1 else None
    directory = find_or_refuse(opened, which.choose_one(opened), path, depth=1, key=key)
    names = [os.fsencode(each) for each in wanted]
    shown = shown_tree(directory) if sys.stdout.isatty() else directory
    write(listed(shown.children, names[0]) if key else reported(shown.children, names))
    say_all([*has_none(directory, names), not_listed(directory, names)])
    finish([opened])
