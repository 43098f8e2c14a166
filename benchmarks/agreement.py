"""Whether what `analyze` says of a capture is what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class CountsDifferError(Exception):
    """What `analyze` counted is not what the capture was made of; the text says where."""


_SHOWN = 5


def differences(said: Any, expected: Any, at: str = "") -> list[str]:
    """Where a report differs from the expected one; what the expected one does not name may be anything."""
    if isinstance(expected, dict) and isinstance(said, dict):
        found = [] if at != "procedures" else [f"{at}: {name} is not expected" for name in said if name not in expected]
        for key, value in expected.items():
            found += differences(said.get(key), value, f"{at}.{key}" if at else key)
        return found
    return [] if said == expected else [f"{at}: {expected} expected, {said} counted"]


def check(what: str, output: Path, expected: dict[str, Any]) -> None:
    """Hold the JSON that `analyze` wrote to a file against what is expected. Raises CountsDifferError."""
    found = differences(json.loads(output.read_text()), expected)
    if found:
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        raise CountsDifferError(f"{what}: {'; '.join(found[:_SHOWN])}{more}")
