"""The table of rules: every module in sets/ has some, called RULES."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from netinfo_scapy.craft.rules import sets
from netinfo_scapy.craft.rules.rule import Engine, KnownMiss, Rule


def _found() -> dict[int, Rule]:
    modules = (import_module(f"{sets.__name__}.{each.name}") for each in iter_modules(sets.__path__))
    return {rule.sid: rule for module in modules for rule in module.RULES}


RULES: dict[int, Rule] = dict(sorted(_found().items()))
"""By sid."""


class Expected(NamedTuple):
    """What an engine must say of a case. Every rule that is not named must not alert.

    must: sids. known_misses: sid -> why it does not alert though it should.
    """

    must: frozenset[int]
    known_misses: dict[int, KnownMiss]


def expected(case: str, engine: Engine) -> Expected:
    """What the rules' own data say of a case."""
    wanted = {sid: rule for sid, rule in RULES.items() if engine in rule.engines and case in rule.hits}
    missed = {
        sid: rule.known_misses[engine][case]
        for sid, rule in wanted.items()
        if case in rule.known_misses.get(engine, {})
    }
    return Expected(frozenset(wanted) - missed.keys(), missed)
