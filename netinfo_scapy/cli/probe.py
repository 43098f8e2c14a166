"""`netinfo-scapy probe`: what is at a host, with its evidence. Only reads."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import AsJson, AsTextOrJson, Full, TextOrJson, json_if


def probe(
    hosts: Annotated[list[str], typer.Argument(metavar="HOST...", help="Names or addresses.")],
    port: Annotated[
        list[int] | None,
        typer.Option(
            "--port", metavar="N", min=1, max=65535, help="Ask this port, too; 961, 111, 1033 and 1043 are asked."
        ),
    ] = None,
    none_else: Annotated[
        bool, typer.Option("--no-usual-ports", help="Ask the ports of --port alone, not 961, 111, 1033 and 1043.")
    ] = False,
    rate: Annotated[
        float, typer.Option("--rate", metavar="N", min=0.1, max=1000, help="Calls and connections a second, at most.")
    ] = 20,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=60, help="For each connection and answer.")
    ] = 3,
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Tell a real netinfod from an imitation: 25 calls more.")
    ] = True,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compare the checksum with the whole database, which is sent for it.")
    ] = False,
    form: AsTextOrJson = TextOrJson.TEXT,
    as_json: AsJson = False,
    full: Full = False,
) -> None:
    """Say what is at a host: closed, filtered, not RPC, RPC without NetInfo, nibind, or NetInfo, and which.

    It asks only what any client may ask, writes nothing, and leaves no call unfinished.
    """
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.live.probe.host import USUAL_PORTS, Manner
    from netinfo_scapy.live.probe.host import probe as ask
    from netinfo_scapy.report.json_text import json_line
    from netinfo_scapy.report.probe import probe_report

    if none_else and not port:
        raise typer.BadParameter("--no-usual-ports: name the ports to ask with --port")
    form = json_if(as_json, form, TextOrJson.TEXT, TextOrJson.JSON)
    ports = [*(() if none_else else USUAL_PORTS), *(port or ())]
    manner = Manner(tuple(ports), rate, timeout, checks, deep)
    unresolved = 0
    with run.output():
        for host in dict.fromkeys(hosts):
            found = ask(host, manner)
            unresolved += found.verdict == "unresolved"
            if form is TextOrJson.JSON:
                sys.stdout.buffer.write(json_line(found))
                sys.stdout.flush()
            else:
                run.print_report(probe_report(found, full))
    if unresolved:
        run.say(f"{unresolved} of {counted(len(set(hosts)), 'host')} without an address; check the name")
        raise typer.Exit(run.NOTHING_READ if unresolved == len(set(hosts)) else run.IN_PART)
