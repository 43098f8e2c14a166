"""The table of rules: every module in sets/ has some, called RULES."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from netinfo_scapy.craft.rules import sets
from netinfo_scapy.craft.rules.rule import Engine, Rule


def _found() -> dict[int, Rule]:
    modules = (import_module(f"{sets.__name__}.{each.name}") for each in iter_modules(sets.__path__))
    return {rule.sid: rule for module in modules for rule in module.RULES}


RULES: dict[int, Rule] = dict(sorted(_found().items()))
"""By sid."""


def expected(case: str, engine: Engine) -> tuple[frozenset[int], dict[int, str]]:
    """The sids that must alert in a case, and those that are known not to though they should, each with the reason."""
    wanted = {sid: rule for sid, rule in RULES.items() if engine in rule.engines and case in rule.hits}
    missed = {
        sid: rule.known_misses[engine][case]
        for sid, rule in wanted.items()
        if case in rule.known_misses.get(engine, {})
    }
    return frozenset(wanted) - missed.keys(), missed
