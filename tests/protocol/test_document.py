from __future__ import annotations

from pathlib import Path

from netinfo_scapy.protocol.document import document

PUBLISHED = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_published_tables_are_current() -> None:
    assert PUBLISHED.read_text() == document(), "run: make generate"
