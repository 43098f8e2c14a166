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
    """The modules that are in none of the rooms. Raises ValueError for a room that is not there."""
    names = list(modules())
    inside = {room: {name for name in names if f"{name}.".startswith(f"{room}.")} for room in rooms}
    if missing := [room for room, found in inside.items() if not found]:
        raise ValueError(f"{', '.join(missing)}: no such room")
    return [name for name in names if not any(name in found for found in inside.values())]
