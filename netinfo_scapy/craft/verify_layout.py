"""A case as a test of suricata-verify: a folder with test.yaml, input.pcap, test.rules and suricata.yaml.

The layout is that of https://github.com/OISF/suricata-verify.
A filter of it asks for an exact number of events. How often a rule alerts depends on how Suricata cuts a stream
into what it looks at; so that a rule alerted at all is asked of the log with jq, and that it did not with a filter.
"""

from __future__ import annotations

from pathlib import Path

from netinfo_scapy.craft.engines.suricata import CLASSIFICATION, CONFIGURATION, REFERENCE
from netinfo_scapy.craft.rules.lua import script_name, script_of
from netinfo_scapy.craft.rules.render import rules_file
from netinfo_scapy.craft.rules.rule import Engine
from netinfo_scapy.craft.rules.table import RULES
from netinfo_scapy.craft.yaml_file import dump_yaml

_HERE = "default-rule-path: .\n"
"""A test runs in its own folder: there are its scripts."""

LEAST_VERSION = "7.0.0"
"""Of Suricata: before it, scripts are looked up and allowed otherwise."""


def write_test(folder: Path, capture: bytes, summary: str, must: frozenset[int], known: frozenset[int]) -> None:
    """Write a test. must: sids that alert; known: that are known not to. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "input.pcap").write_bytes(capture)
    (folder / "README.md").write_text(f"# {folder.name}\n\n{summary}\n\nMade by netinfo-scapy (ids export).\n")
    rules = [rule for rule in RULES.values() if Engine.SURICATA in rule.engines]
    (folder / "test.rules").write_text(rules_file(rules, Engine.SURICATA))
    for rule in rules:
        script = script_of(rule)
        if script is not None:
            (folder / script_name(rule)).write_text(script)
    (folder / "suricata.yaml").write_text(f"{CONFIGURATION}{_HERE}")
    (folder / "classification.config").write_text(CLASSIFICATION)
    (folder / "reference.config").write_text(REFERENCE)
    (folder / "threshold.config").write_text("")
    (folder / "test.yaml").write_text(dump_yaml(_test(frozenset(rule.sid for rule in rules), must, known)))


def _test(sids: frozenset[int], must: frozenset[int], known: frozenset[int]) -> dict[str, object]:
    """The test.yaml. A known miss that hits fails, as it does in `ids run`."""
    quiet = sorted((sids - must) | known)
    return {
        "requires": {"min-version": LEAST_VERSION, "features": ["HAVE_LUA"]},
        "args": ["-k none"],
        "checks": [
            *({"shell": _alerted(sid)} for sid in sorted(must & sids)),
            *({"filter": {"count": 0, "match": _alert(sid)}} for sid in quiet),
        ],
    }


def _alert(sid: int) -> dict[str, object]:
    return {"event_type": "alert", "alert.signature_id": sid}


def _alerted(sid: int) -> dict[str, object]:
    return {
        "args": f'jq -r \'select(.event_type == "alert" and .alert.signature_id == {sid}) | "alerted"\' eve.json '
        "| sort -u",
        "expect": "alerted",
    }
