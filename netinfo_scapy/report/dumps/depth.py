"""How deep a tree may be where each of its directories is written with the whole way to it.

Such a form takes memory and time as the square of the depth, and a hostile capture makes trees as deep as it likes.
"""

from __future__ import annotations

from netinfo_scapy.analysis.directory.tree import Directory


class TooDeepError(ValueError):
    """A tree whose directories stand too deep within each other for the form; the text says so, and what to do."""


def check_depth(directory: Directory, deepest: int, why: str) -> None:
    """Raise TooDeepError for a tree with directories more than so many steps below its root. why: they are refused."""
    above, depth = [directory], 0
    while above:
        if depth > deepest:
            raise TooDeepError(
                f"directories stand more than {deepest} deep within each other, {why}; "
                "dump a part of the tree with --path, or another form"
            )
        above, depth = [child for each in above for child in each.children], depth + 1
