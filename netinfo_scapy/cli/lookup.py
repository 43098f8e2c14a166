"""`netinfo-scapy lookup`: the children of a directory of which a property has a value."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Path, Source, Which, find_or_refuse, finish, missing, say_all, write
from netinfo_scapy.cli.options import reads_captures


@reads_captures
def lookup(
    which: Which,
    source: Source,
    path: Path,
    key: Annotated[str, typer.Argument(metavar="KEY", help="A property, as uid.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="One of its values, exactly.")],
) -> None:
    """List the directories in a directory of which a property has a value: number and name, in the server's order."""
    from netinfo_scapy.analysis.directory.tree import Directory
    from netinfo_scapy.report.dumps.known import not_listed, shown_tree
    from netinfo_scapy.report.dumps.listing import listed

    opened = which.open([source])
    domain = which.choose_one(opened)
    directory = find_or_refuse(opened, domain, path, depth=1, key=key)
    wanted = os.fsencode(value)
    found = [each for each in directory.children if wanted in (each.values(os.fsencode(key)) or ())]
    with missing(opened):
        # Of a server, only that property is there yet.
        hits = Directory(
            children=[
                each if each.whole or each.object is None else opened.directory(domain, each.object, depth=0)
                for each in found
            ]
        )
    write(listed((shown_tree(hits) if sys.stdout.isatty() else hits).children, b"name"))
    if not hits.children:
        run.say(f"{opened.name}: no directory in {path} is known to have {key}={value}")
    say_all([not_listed(directory, [os.fsencode(key)])])
    finish([opened])
