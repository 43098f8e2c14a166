"""`netinfo-scapy read`: the properties of a directory, as niutil reads them."""

from __future__ import annotations

import sys

from netinfo_scapy.cli.directories import Path, Source, Which, find_or_refuse, finish, say_all, write
from netinfo_scapy.cli.options import reads_captures


@reads_captures
def read(which: Which, source: Source, path: Path) -> None:
    """Print the properties of a directory, a line each, as niutil -read."""
    from netinfo_scapy.analysis.directory.tree import Directory
    from netinfo_scapy.report.dumps import listing
    from netinfo_scapy.report.dumps.known import not_known, shown_tree

    opened = which.open([source])
    found = find_or_refuse(opened, which.choose_one(opened), path, depth=0)
    # Whatever is known of its children is not asked for.
    alone = Directory(found.object, found.instance, found.properties, found.whole)
    write(listing.read((shown_tree(alone) if sys.stdout.isatty() else alone).properties))
    say_all([not_known(alone)])
    finish([opened])
