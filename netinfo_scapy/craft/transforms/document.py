"""The table of transforms, from their classes: `python -m netinfo_scapy.craft.transforms.document docs/crafting.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import NODEFAULT, structs

from netinfo_scapy.craft.transforms import TRANSFORMS
from netinfo_scapy.craft.transforms.base import Transform

_STAGES = ("what is said", "records", "segments", "chaff", "packets", "capture")
_SHARED = {field.name for field in structs.fields(Transform)}


def table() -> Iterator[str]:
    """Its lines."""
    yield "| name | at | parameters | what it does | breaks |"
    yield "|---|---|---|---|---|"
    for name, kind in sorted(TRANSFORMS.items(), key=lambda each: each[1].stage):
        fields = [each for each in structs.fields(kind) if each.name not in _SHARED]
        said = ", ".join(
            f"`{each.name}`" + ("" if each.default is NODEFAULT else f" ({_shown(each.default)})") for each in fields
        )
        text = " ".join((kind.__doc__ or "").split())
        yield f"| `{name}` | {_STAGES[kind.stage]} | {said} | {text} | {', '.join(kind.breaks)} |"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or "empty"


def renew(path: Path) -> None:
    """Put the table in its place in a file."""
    text = path.read_text(encoding="utf-8")
    lines = "\n".join(["<!-- transforms -->", *table(), "<!-- end -->"])
    renewed = re.sub("<!-- transforms -->.*<!-- end -->", lambda _: lines, text, flags=re.DOTALL)
    path.write_text(renewed, encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1]))
