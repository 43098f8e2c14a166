"""Findings for people: what fits a terminal."""

from __future__ import annotations

from rich.console import Console

from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.report.findings import findings_table
from tests.support import reports

WIDTH = 80


def test_a_title_has_room_in_a_narrow_terminal() -> None:
    title = "1 password sent for uid 501 to network at 127.0.0.1:666/tcp: 1 accepted"
    longest = max(DETECTORS, key=len)
    table = findings_table([reports.finding(id=longest, title=title)], None, None)
    assert table
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any(longest in line for line in lines)
    ids = next(at for at, line in enumerate(lines) if longest in line)
    titles = next(at for at, line in enumerate(lines) if "1 password" in line)
    assert ids - titles <= 4
