"""Which rules are to alert on a case of the corpus: what the rules' own data say."""

from __future__ import annotations

from netinfo_scapy.craft.label import Engine, KnownMiss, Outcome
from netinfo_scapy.craft.rules import rule, table

ENGINES: tuple[Engine, ...] = ("suricata", "snort2", "snort3")


def expected(case: str) -> dict[Engine, Outcome]:
    """What each engine says of a case."""
    return {engine: _outcome(case, rule.Engine(engine)) for engine in ENGINES}


def _outcome(case: str, engine: rule.Engine) -> Outcome:
    said = table.expected(case, engine)
    missed = [KnownMiss(sid=sid, why=miss.why, checksums=miss.checksums) for sid, miss in said.known_misses.items()]
    return Outcome(sorted(said.must), missed)
