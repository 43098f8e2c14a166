"""What the reports for people have in common: tables, counts, listings."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

_WIDTHS, _LEAST_WIDTH = {"@": 9, "+": 14}, 4


def listing(words: list[str], most: int = 6) -> str:
    """Some words in a sentence; of many, the first."""
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def table(title: str, rows: int, most: int | None, *columns: str) -> Table:
    """A table with its title.

    What a column's name ends in: # it holds numbers, ! it is never wrapped, @ there is room
    for an address or a date, + for a status.
    """
    cut = f"  ({most} of {rows:,}; --full shows all)" if most is not None and rows > most else ""
    made = Table(
        title=Text.assemble((title, "bold"), (cut, "dim")),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for column in columns:
        made.add_column(
            column.rstrip("#!@+"),
            min_width=_WIDTHS.get(column[-1:]) or (_LEAST_WIDTH if column else None),
            justify="right" if column.endswith("#") else "left",
            no_wrap=column.endswith(("#", "!")),
            overflow="fold",
        )
    return made
