"""The tables of docs/ids.md: `python -m netinfo_scapy.craft.rules.document docs/ids.md` writes them anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from netinfo_scapy.craft.rules.rule import Engine
from netinfo_scapy.craft.rules.table import CASES, RULES

_BEGIN, _END = "<!-- {} begin -->\n", "<!-- {} end -->\n"


def rules_table() -> str:
    """A row for each rule."""
    return "\n".join(_rules()) + "\n"


def _rules() -> Iterator[str]:
    yield "| sid | alerts on | what it sees | finding | engines |"
    yield "|---|---|---|---|---|"
    for rule in RULES.values():
        finding = f"[`{rule.finding}`](findings.md#{rule.finding})" if rule.finding else ""
        engines = "all" if rule.engines == frozenset(Engine) else ", ".join(sorted(rule.engines))
        yield f"| {rule.sid} | {rule.message} | {rule.summary} | {finding} | {engines} |".replace("*", "\\*")


def misses_table() -> str:
    """A row for each known miss."""
    return "\n".join(_misses()) + "\n"


def _misses() -> Iterator[str]:
    yield "| sid | engine | case | why |"
    yield "|---|---|---|---|"
    for sid, cases in sorted(CASES.items()):
        for engine, missed in sorted(cases.known_misses.items()):
            for case, miss in missed.items():
                way = f" (with `-k {miss.checksums}`)" if miss.checksums else ""
                yield f"| {sid} | {engine} | {case} | {miss.why}{way} |"


def replaced(text: str) -> str:
    """The document with its tables as they are now."""
    for name, table in (("rules", rules_table()), ("known misses", misses_table())):
        begin, end = _BEGIN.format(name), _END.format(name)
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(replaced(document.read_text("utf-8")), "utf-8")
