"""What of the package guides the mutator: the rooms that a target is about. The rest runs as it is.

Otherwise a target would be led by what others cover far better, and be slow: what guides is counted at each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "netinfo_scapy"


def modules() -> Iterator[str]:
    """All modules of the package, told by its files: nothing is imported."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inner = path.relative_to(PACKAGE.parent).with_suffix("")
        yield ".".join(inner.parent.parts if inner.name == "__init__" else inner.parts)


def outside(rooms: tuple[str, ...]) -> list[str]:
    """The modules that are in none of the rooms; where there are no rooms, none. Raises ValueError for a wrong name."""
    names = list(modules())
    found = {room: [each for each in names if f"{each}.".startswith(f"{PACKAGE.name}.{room}.")] for room in rooms}
    if missing := [room for room, inside in found.items() if not inside]:
        raise ValueError(f"{', '.join(missing)}: no such room")
    inside = {each for some in found.values() for each in some}
    return [each for each in names if rooms and each not in inside]
