"""What a probe found, in a terminal."""

from __future__ import annotations

from rich.console import Console

from netinfo_scapy.analysis.probed import Cost, HostProbed, PortProbed
from netinfo_scapy.report.probe import probe_report


def test_what_has_no_room_is_indented_like_its_line() -> None:
    told = " ".join(["evidence"] * 20)
    port = PortProbed(port=961, transport="tcp", verdict="rpc", programs=[], evidence=[told])
    cost = Cost(calls=1, answers=1, connections=2, seconds=0.5)
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(probe_report(HostProbed("192.0.2.1", "rpc", [port], [], [], 0, cost)))
    lines = captured.get().splitlines()
    evidence = [line for line in lines if "evidence" in line]
    assert len(evidence) == 3
    assert all(line.startswith("      evidence") for line in evidence)
    assert lines[-1].rstrip() == "  asked with 1 call over 2 connections in 0.5 s; 1 answer; nothing was written"
