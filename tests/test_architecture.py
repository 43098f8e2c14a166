"""docs/architecture.md has a room for every module, and names none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "netinfo_scapy"
TABLE = (ROOT / "docs/architecture.md").read_text().partition("| a change | its room |")[2].partition("\n\n")[0]
ROWS = TABLE.splitlines()[2:]
NAME = re.compile(r"`([\w./-]+(?:/|\.(?:py|pxd|lua|j2|css|js)))`")


def _places(row: str) -> list[tuple[str, Path | None]]:
    """The files and folders that a row names; a bare name is beside or in the one before it. None: not there."""
    found: list[tuple[str, Path | None]] = []
    here = PACKAGE
    for name in NAME.findall(row):
        place = next((base / name for base in (here, PACKAGE, ROOT) if (base / name).exists()), None)
        found.append((name, place))
        if place is not None:
            here = place if place.is_dir() else place.parent
    return found


def test_every_file_of_the_table_is_there() -> None:
    assert [(name, row) for row in ROWS for name, place in _places(row) if place is None] == []


def test_every_module_is_in_the_table() -> None:
    rooms = {place for row in ROWS for _, place in _places(row) if place is not None}
    modules = {path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")}
    assert len(modules) > 200
    homeless = {path for path in modules if path not in rooms and rooms.isdisjoint(set(path.parents) - {PACKAGE})}
    assert sorted(str(path.relative_to(ROOT)) for path in homeless) == []
