"""`netinfo-scapy serve`: answer as netinfod and nibindd do."""

from __future__ import annotations

import os
from enum import StrEnum
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.protocol.programs import PORTMAP_PORT

if TYPE_CHECKING:
    from netinfo_scapy.live.responder.host import Host

_SERVED, _NETWORK, _WRITES, _CLIENTS = "What is served", "Where", "Writes", "Clients and strangers"
_OTHERS = "Other servers (without these nothing is sent to any)"
_LOOPBACK = "127.0.0.1"
_LOCAL = b"local"


class DialectName(StrEnum):
    """Which server is imitated."""

    APPLE_208 = "apple-208"
    PREVIOUS = "previous"


def serve(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="What is served: a file with nidump's raw form or JSON, or a capture; - is standard input.",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TAG[=SOURCE]",
            help="Another domain and its SOURCE; TAG alone: the tag of the first SOURCE's domain, or which one of it.",
            rich_help_panel=_SERVED,
        ),
    ] = None,
    dialect: Annotated[
        DialectName, typer.Option(help="Which server is imitated.", rich_help_panel=_SERVED)
    ] = DialectName.APPLE_208,
    hostname: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The host's name; by default that of the first domain's master. Other masters' domains are clones.",
            rich_help_panel=_SERVED,
        ),
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(metavar="TAG@ADDRESS", help="Where the parent domain is served.", rich_help_panel=_SERVED),
    ] = None,
    listen: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Listen on this address; 0.0.0.0: on all.", rich_help_panel=_NETWORK),
    ] = _LOOPBACK,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=65535,
            help="Of the first domain, UDP and TCP. By default two that are free, for root from 600 to 1023; "
            "with --dialect previous 1043.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    nibind_port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=65535, help="Of nibind; it can be that of the domain.", rich_help_panel=_NETWORK
        ),
    ] = None,
    portmap: Annotated[
        bool, typer.Option("--portmap", help="Be the port mapper, too.", rich_help_panel=_NETWORK)
    ] = False,
    register: Annotated[
        bool,
        typer.Option("--register", help="Register with the port mapper that runs here.", rich_help_panel=_NETWORK),
    ] = False,
    portmap_port: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=65535, help="Of either, and of other servers' hosts.", rich_help_panel=_NETWORK
        ),
    ] = PORTMAP_PORT,
    connections: Annotated[
        int, typer.Option(metavar="N", min=1, help="TCP connections at once, at most.", rich_help_panel=_NETWORK)
    ] = 4096,
    write: Annotated[
        bool,
        typer.Option("--write", help="Let those write who may. Without it nobody can.", rich_help_panel=_WRITES),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Keep the domains in this file, made if it is not there; what is in it goes before SOURCE.",
            rich_help_panel=_WRITES,
        ),
    ] = None,
    root_password: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help="The host's root password as crypt(3) has it, for nibind's administration.",
            rich_help_panel=_WRITES,
        ),
    ] = None,
    push_to_clones: Annotated[
        bool,
        typer.Option(
            "--push-to-clones",
            help="Tell the clones that the directory names (`serves` ./TAG) of each write; as root.",
            rich_help_panel=_OTHERS,
        ),
    ] = False,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch",
            help="Where this is a clone, fetch the directory of the master that `master` names, at the start and "
            "whenever it changed; needs --write.",
            rich_help_panel=_OTHERS,
        ),
    ] = False,
    find_parent: Annotated[
        bool,
        typer.Option(
            "--find-parent",
            help="Ask the servers that the directory names (`serves` ../TAG) whether they serve the parent domain.",
            rich_help_panel=_OTHERS,
        ),
    ] = False,
    honeypot: Annotated[
        bool,
        typer.Option(
            "--honeypot",
            help="Print an object for every call, with the credentials offered; nothing can be written. "
            "Without a SOURCE, it serves the directory of an office that does not exist.",
            rich_help_panel=_CLIENTS,
        ),
    ] = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the passwords that credentials carry.", rich_help_panel=_CLIENTS)
    ] = False,
    show_dhcp: Annotated[
        bool,
        typer.Option(
            "--show-dhcp",
            help="Print what DHCP and bootparam servers must tell clients so that they find the domain, and end.",
            rich_help_panel=_CLIENTS,
        ),
    ] = False,
) -> None:
    """Answer as netinfod and nibindd do, on UDP and TCP, until Ctrl-C."""
    if not hasattr(os, "geteuid"):
        run.say("serve needs what Windows lacks; run it on Linux or macOS, or under Windows in WSL")
        raise typer.Exit(run.WRONG_USE)
    from netinfo_scapy.cli.served import Served, Wish
    from netinfo_scapy.cli.serving import serve_until_stopped
    from netinfo_scapy.live.replication import Allowed
    from netinfo_scapy.live.server import Plan

    if honeypot and (write or store):
        raise typer.BadParameter("--honeypot lets nobody write; leave out --write and --store")
    if honeypot and (push_to_clones or find_parent):
        raise typer.BadParameter("--honeypot sends nothing to others; leave out --push-to-clones and --find-parent")
    if fetch and not write:
        raise typer.BadParameter("--fetch changes the directory; add --write, or leave it out")
    if push_to_clones and os.geteuid() != 0:
        raise typer.BadParameter("--push-to-clones: clones take changes from ports under 1024 only; run it as root")
    if portmap and register:
        raise typer.BadParameter("--portmap is for a host without a port mapper, --register for one with; give either")
    address = _address(listen)
    served = Served.of(
        Wish(
            source=source,
            tags=tag or [],
            dialect=dialect.value,
            hostname=hostname,
            address=address,
            parent=_parent(parent),
            write=write,
            store=store,
            root_password=root_password,
            honeypot=honeypot,
        )
    )
    with served:
        if show_dhcp:
            _show_dhcp(served.host)
            return
        plan = Plan(
            address=listen,
            port=port or served.host.dialect.port,
            nibind_port=nibind_port,
            portmap=portmap_port if portmap else None,
            register_with=portmap_port if register else None,
            allowed=Allowed(push=push_to_clones, fetch=fetch, find_parent=find_parent, portmap=portmap_port),
        )
        serve_until_stopped(served.host, plan, connections, events=honeypot, reveal=reveal)


def _address(listen: str) -> IPv4Address | None:
    """The address that the server tells of itself; None where that does not say. Raises typer.BadParameter."""
    try:
        given = ip_address(listen)
    except ValueError:
        raise typer.BadParameter(f"--listen {listen!r} is no address; write 192.0.2.1, or 0.0.0.0 for all") from None
    return given if isinstance(given, IPv4Address) and not given.is_unspecified else None


def _parent(text: str | None) -> tuple[bytes, IPv4Address] | None:
    if text is None:
        return None
    tag, _, address = text.rpartition("@")
    try:
        return os.fsencode(tag), IPv4Address(address)
    except ValueError:
        raise typer.BadParameter(f"--parent {text!r} names no server; write network@192.0.2.1") from None


def _show_dhcp(host: Host) -> None:
    from netinfo_scapy.live.dhcp_lines import dhcp_lines
    from netinfo_scapy.report.escape import printable

    if host.address.is_loopback:
        raise typer.BadParameter(
            "--show-dhcp needs the address at which clients reach this host; give --listen ADDRESS"
        )
    # A local domain is for its own host.
    tags = sorted(host.domains, key=lambda each: each == _LOCAL)
    tag = tags[0].decode(errors="replace")
    with run.output():
        for line in dhcp_lines(host.name.decode(errors="replace"), host.address, tag):
            print(printable(line))  # noqa: T201 - this is the result
