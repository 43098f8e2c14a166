"""The rule set: its numbers, its references, and that the corpus knows the cases it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.craft.cases.table import CASES as CORPUS
from netinfo_scapy.craft.engines.suricata import CLASSIFICATION, REFERENCE
from netinfo_scapy.craft.rules import sets, table
from netinfo_scapy.craft.rules.document import replaced, rules_table
from netinfo_scapy.craft.rules.render import render
from netinfo_scapy.craft.rules.rule import FIRST_SID, LAST_SID, Engine

DOCUMENT = Path(__file__).parents[3] / "docs" / "ids.md"


def test_no_sid_is_given_twice() -> None:
    rules = [rule for module in table._SETS for rule in module.RULES]
    assert len({rule.sid for rule in rules}) == len(rules) == len(table.RULES)
    assert len({rule.message for rule in rules}) == len(rules)
    assert all(FIRST_SID <= rule.sid <= LAST_SID for rule in rules)
    assert len(list(Path(sets.__path__[0]).glob("[!_]*.py"))) == len(table._SETS)


def test_findings_and_cases_are_known() -> None:
    findings = {rule.finding for rule in table.RULES.values()} - {None}
    assert findings <= DETECTORS.keys()
    names = {case.name for case in CORPUS}
    for sid, cases in table.CASES.items():
        assert sid in table.RULES
        assert names.issuperset(cases.hits), sid
        for engine, missed in cases.known_misses.items():
            assert engine in table.RULES[sid].engines
            assert missed.keys() <= set(cases.hits), f"{sid}: a known miss is a case that should be hit"


@pytest.mark.parametrize("engine", list(Engine))
def test_classes_and_references_are_those_that_engines_are_given(engine: Engine) -> None:
    for rule in table.RULES.values():
        if engine in rule.engines:
            assert f"classification: {rule.classtype}," in CLASSIFICATION
            text = render(rule, engine)
            systems = {
                part.removeprefix("reference:").partition(",")[0] for part in text.split("; ") if "reference:" in part
            }
            assert all(f"reference: {each} " in REFERENCE for each in systems)


def test_the_documentation_is_current() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert rules_table() in text
    assert replaced(text) == text, "make generate"
