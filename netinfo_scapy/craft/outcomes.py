"""Which rules are to alert on a case of the corpus."""

from __future__ import annotations

from netinfo_scapy.craft.label import Engine, Outcome

ENGINES: tuple[Engine, ...] = ("suricata", "snort2", "snort3")


def expected(case: str) -> dict[Engine, Outcome]:  # noqa: ARG001 - no rule names a case yet
    """What each engine says of a case."""
    return {engine: Outcome() for engine in ENGINES}
