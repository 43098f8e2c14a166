"""A finding that is not written out yet.

A capture of many hosts gives hundreds of findings of one kind, of which some are kept and the others only counted. What
they are sorted and summed up by is told at once; details, frames and texts are made of those that are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from netinfo_scapy.analysis.summary import Finding, Severity


class Draft(Struct):
    """What `Finding` has under these names. made: makes it of the draft."""

    id: str
    severity: Severity
    title: str
    servers: list[str]
    clients: list[str]
    count: int
    first_time: str | None
    last_time: str | None
    made: Callable[[Draft], Finding]

    def finding(self) -> Finding:
        """It, written out."""
        return self.made(self)
