"""`netinfo-scapy listening`: which process of this machine holds NetInfo's port."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import AsJson, AsTextOrJson, TextOrJson, json_if

if TYPE_CHECKING:
    from netinfo_scapy.analysis.held import Held


def listening(
    ports: Annotated[list[int] | None, typer.Argument(metavar="[PORT...]", min=1, max=65535, help="Else 961.")] = None,
    connections: Annotated[
        bool, typer.Option("--connections", help="Also TCP connections on the port, as lsof shows them.")
    ] = False,
    form: AsTextOrJson = TextOrJson.TEXT,
    as_json: AsJson = False,
) -> None:
    """Say which process of this machine holds a port, as `lsof -i :961` and netstat would. Nothing is sent."""
    from netinfo_scapy.live.holders import NotToldError, holders
    from netinfo_scapy.protocol.programs import NETINFO_PORT
    from netinfo_scapy.report.escape import printable
    from netinfo_scapy.report.json_text import json_line

    form = json_if(as_json, form, TextOrJson.TEXT, TextOrJson.JSON)
    wanted = dict.fromkeys(ports or [NETINFO_PORT])
    try:
        found = holders(set(wanted), connections)
    except NotToldError:
        raise run.refusal("the system tells only root which process holds a port; run it with sudo") from None
    with run.output():
        for each in found:
            line = json_line(each) if form is TextOrJson.JSON else f"{printable(_line(each))}\n".encode()
            sys.stdout.buffer.write(line)
    for port in wanted:
        if not any(each.port == port for each in found):
            run.say(f"nothing holds port {port}")
    if any(each.pid is None for each in found):
        run.say("a process is not named where it is another user's; run it with sudo to see it")


def _line(held: Held) -> str:
    place = f"[{held.address}]" if ":" in held.address else held.address
    peer = "" if held.peer_ip is None else f" <-> {held.peer_ip}:{held.peer_port}"
    state = f" {held.state}" if held.state else ""
    who = (
        "another user's process" if held.pid is None else f"{held.process or '?'} (pid {held.pid}, {held.user or '?'})"
    )
    command = f": {' '.join(held.command)}" if held.command else ""
    return f"{held.port}/{held.transport} {place}{peer}{state} {who}{command}"
