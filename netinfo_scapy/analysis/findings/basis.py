"""What findings were made of: for whoever wants more of it than the frames that they name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from netinfo_scapy.analysis.findings.evidence import Evidence, Key


class Said(NamedTuple):
    """A finding: its id and its title."""

    id: str
    title: str


class Basis:
    """What findings were made of. clues, frames: each with the findings it is part of."""

    def __init__(self) -> None:
        self.clues: dict[Key, list[Said]] = {}
        self.frames: dict[tuple[int, int], list[Said]] = {}

    def add(self, said: Said, evidence: Iterable[Evidence]) -> None:
        """Note what a finding was made of."""
        for row in evidence:
            self.clues.setdefault((said.id, row.transport, row.server, row.client, row.key), []).append(said)
            for at in row.frames:
                self.frames.setdefault((at.capture, at.number), []).append(said)
