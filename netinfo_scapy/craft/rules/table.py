"""The table of rules: every module in sets/ has some, called RULES, and the cases in which they alert, CASES."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from netinfo_scapy.craft.rules import sets
from netinfo_scapy.craft.rules.rule import Cases, Engine, KnownMiss, Rule

_SETS = [import_module(f"{sets.__name__}.{each.name}") for each in iter_modules(sets.__path__)]

RULES: dict[int, Rule] = dict(sorted((rule.sid, rule) for module in _SETS for rule in module.RULES))
"""By sid."""

CASES: dict[int, Cases] = {sid: cases for module in _SETS for sid, cases in module.CASES.items()}
"""By sid; a rule that is not here alerts in no case yet."""


class Expected(NamedTuple):
    """What an engine must say of a case. Every rule that is not named must not alert.

    must: sids. known_misses: sid -> why it does not alert though it should.
    """

    must: frozenset[int]
    known_misses: dict[int, KnownMiss]


def expected(case: str, engine: Engine) -> Expected:
    """What the rules' own data say of a case."""
    wanted = {sid: cases for sid, cases in CASES.items() if case in cases.hits and engine in RULES[sid].engines}
    missed = {
        sid: cases.known_misses[engine][case]
        for sid, cases in wanted.items()
        if case in cases.known_misses.get(engine, {})
    }
    return Expected(frozenset(wanted) - missed.keys(), missed)
