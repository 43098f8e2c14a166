"""`netinfo-scapy stats`, `rparent`, `tags`: what a server says of itself, its parent, and its host's domains."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import reads_captures
from netinfo_scapy.cli.servers import AsUser, Server, Timeout


@reads_captures
def stats(user: AsUser, server: Server) -> None:
    """Print the statistics of a server, a line each, as niutil -statistics."""
    from netinfo_scapy.analysis.directory.tree import Property
    from netinfo_scapy.cli.directories import write
    from netinfo_scapy.report.dumps import listing

    with user.client(server) as ni:
        told = ni.statistics()["properties"]
    write(listing.read([Property(each["name"], each["values"]) for each in told]))


@reads_captures
def rparent(user: AsUser, server: Server) -> None:
    """Print the address and tag of a domain's parent, as niutil -rparent."""
    from netinfo_scapy.report.escape import printable

    with user.client(server) as ni:
        found = ni.rparent()
    with run.output():
        typer.echo(printable(f"{IPv4Address(found['addr'])}/{found['tag'].decode(errors='backslashreplace')}"))


def tags(
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="PORT: of nibind; else the port mapper knows it.")],
    timeout: Timeout = 5.0,
) -> None:
    """Print the tags of a host's domains with their ports, as nidomain -l."""
    from netinfo_scapy.live.urls import SCHEME, ServerName, registrations
    from netinfo_scapy.report.escape import printable

    try:
        name = ServerName.parse(host if "://" in host else f"{SCHEME}://{host}")
    except ValueError as error:
        raise typer.BadParameter(f"{host} names no host; write HOST or HOST:PORT") from error
    found = registrations(name.host, name.port, timeout)
    with run.output():
        for each in found:
            tag = printable(each["tag"].decode(errors="backslashreplace"))
            typer.echo(f"tag={tag} udp={each['udp_port']} tcp={each['tcp_port']}")
