"""`netinfo-scapy craft`: packets made without a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import capture_output

if TYPE_CHECKING:
    from scapy.packet import Packet

    from netinfo_scapy.craft.scenario import Made


class _OrScenario(TyperGroup):
    """A group in which what is no command's name is a scenario: `craft SCENARIO -o FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["SCENARIO", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_OrScenario,
    help="Make packets: conversations of a SCENARIO (a file of YAML or Python), or one call.",
    no_args_is_help=True,
    subcommand_metavar="SCENARIO -o FILE | COMMAND [ARGS]...",
)

_SENDING = "Sending"


class _WithWords(TyperCommand):
    """A command whose further options each take the word after them.

    Left to itself the parser looks for options of its own in that word: of `--value -foo` it makes `-o o`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name: parameter for parameter in self.get_params(ctx) for name in parameter.opts}
        rest, words = list(args), []
        while rest:
            word = rest.pop(0)
            words.append(word)
            if word in own:
                if rest and not getattr(own[word], "is_flag", False):
                    words.append(rest.pop(0))
            elif word.startswith("--") and "=" not in word and rest:
                words[-1] = f"{word}={rest.pop(0)}"
        return super().parse_args(ctx, words)


@app.command("SCENARIO")
def scenario(
    path: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The file: NAME.yaml, or NAME.py.")],
    output: Annotated[str, capture_output("The pcap to write, replaced if it is there; -: standard output.", None)],
) -> None:
    """Make the conversations of a scenario: the same bytes each time.

    A scenario in Python is a program of your own and is executed: run none that you would not run otherwise.
    docs/crafting.md tells how scenarios are written, and the transforms.
    """
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.craft.scenario_file import read_scenario

    try:
        made = read_scenario(path).make()
    except ValueError as error:
        said = str(error)
        raise run.refusal(said if said.startswith(str(path)) else f"{path}: {said}") from error
    _write(output, made, counted(len(made.messages), "message"))


@app.command(
    cls=_WithWords,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="The procedure's own options follow its name: craft call NetInfo.LOOKUP --id 0 --key name --value users. "
    "Lists are given again and again, properties as --props name=users, ids as 17 or 17/5, bytes as hex:dead00; "
    "rpcbind3.GETADDR is version 3's, rpcbind.GETADDR the last one's; what forwards a call takes it as words, too: "
    "portmap.CALLIT --call 'nibind.GETREGISTER --tag network'. craft call --list shows them all.",
)
def call(
    context: typer.Context,
    procedure: Annotated[str | None, typer.Argument(metavar="PROGRAM.PROCEDURE", help="As NetInfo.LOOKUP.")] = None,
    output: Annotated[str | None, capture_output("Write a pcap; -: to standard output.", None)] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show every procedure with its options.")] = False,
    tcp: Annotated[bool, typer.Option("--tcp", help="Over TCP: a whole connection. Else UDP.")] = False,
    fragment: Annotated[
        int | None, typer.Option("--fragment", metavar="N", min=1, help="Bytes of a record fragment, over TCP.")
    ] = None,
    src: Annotated[str, typer.Option("--src", metavar="ADDRESS", help="Sender in the pcap.")] = "192.0.2.10",
    dst: Annotated[str, typer.Option("--dst", metavar="ADDRESS", help="Receiver in the pcap.")] = "192.0.2.1",
    sport: Annotated[int, typer.Option("--sport", metavar="N", min=1, max=65535, help="Sender's port.")] = 49161,
    dport: Annotated[
        int | None,
        typer.Option(
            "--dport", metavar="N", min=1, max=65535, help="Receiver's port; else 961, the port mapper's 111."
        ),
    ] = None,
    xid: Annotated[int, typer.Option("--xid", metavar="N", min=0, max=0xFFFFFFFF, help="Transaction id.")] = 1,
    user: Annotated[
        int | None, typer.Option("--user", metavar="UID", min=0, max=0xFFFFFFFF, help="Credential of this user.")
    ] = None,
    password: Annotated[
        str | None, typer.Option("--password", metavar="TEXT", help="The user's password; -: it is asked for.")
    ] = None,
    machine: Annotated[
        str | None, typer.Option("--machine", metavar="NAME", help="The credential's machine, where no password is.")
    ] = None,
    send: Annotated[
        str | None,
        typer.Option("--send", metavar="HOST", help="Send it, print the answer as JSON.", rich_help_panel=_SENDING),
    ] = None,
) -> None:
    """Make one call: as a pcap, sent to a host, or shown."""
    from netinfo_scapy.craft import arguments
    from netinfo_scapy.layers.record import RPCRecord
    from netinfo_scapy.layers.rpc import RPC

    if listing:
        for name in arguments.names():
            typer.echo(arguments.describe(name))
        return
    if procedure is None:
        raise typer.BadParameter("name a procedure, as NetInfo.LOOKUP; --list shows them")
    if fragment is not None and not tcp:
        raise typer.BadParameter("--fragment: only records over TCP have fragments; add --tcp")
    try:
        program, body = arguments.make_call(procedure, context.args)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    header = RPC(xid=xid, version=program.version)
    credential = _credential(user, password, machine)
    if credential is not None:
        header.credential = credential
    message = header / body
    port = dport if dport is not None else getattr(body, "default_port", 961)
    record = RPCRecord.cut(message, fragment) if fragment else RPCRecord() / message
    if output is not None:
        _write(output, _said(record if tcp else message, tcp, (src, sport), (dst, port)))
    if send is not None:
        _send(message, send, port, tcp, fragment)
    elif output is None:
        from scapy.utils import hexdump

        shown = record if tcp else message
        typer.echo(shown.show2(dump=True))
        typer.echo(hexdump(shown, dump=True))


def _credential(user: int | None, password: str | None, machine: str | None) -> Packet | None:
    """What a call is signed with; None for nothing. Asks for a password. Raises typer.BadParameter."""
    from netinfo_scapy.layers.auth import AUTH_SYS

    if machine is not None and password is not None:
        raise typer.BadParameter("--machine: a password is carried in its place; give one of the two")
    if password is not None:
        # Standard output is for the answer.
        secret = typer.prompt("password", hide_input=True, err=True) if password == "-" else password
        return AUTH_SYS.with_password(secret, user or 0)
    if user is None and machine is None:
        return None
    return AUTH_SYS(machinename=machine or "", uid=user or 0)


def _said(message: Packet, tcp: bool, source: tuple[str, int], target: tuple[str, int]) -> Made:
    """A message as it is sent from one address and port to another. Raises typer.BadParameter."""
    from netinfo_scapy.craft.scenario import Scenario

    scenario, hosts = Scenario(), []
    for option, (address, port) in (("--src", source), ("--dst", target)):
        try:
            hosts.append(scenario.host(address, port))
        except ValueError as error:
            raise typer.BadParameter(f"{option} {error}") from error
    client, server = hosts
    (scenario.tcp if tcp else scenario.udp)(client, server, server.port).send(message)
    try:
        return scenario.make()
    except ValueError as error:
        raise typer.BadParameter(f"{error}: --tcp") from error


def _write(output: str, made: Made, *more: str) -> None:
    """Write what was made, and say how much that is. more: what else to say of it."""
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.cli.output import opened, shown_name
    from netinfo_scapy.craft.writing import write_frames

    with opened(output) as stream:
        write_frames(stream, made.frames)
    run.say(f"{shown_name(output)}: {', '.join([counted(len(made.frames), 'frame'), *more])}")


def _send(message: Packet, host: str, port: int, tcp: bool, fragment: int | None) -> None:
    from netinfo_scapy.craft.sending import send_tcp, send_udp
    from netinfo_scapy.report.json_text import json_page

    try:
        reply, seconds = send_tcp(message, host, port, fragment) if tcp else send_udp(message, host, port)
    except OSError as error:
        run.say(f"{host}: port {port}: {error.strerror or error}")
        raise typer.Exit(run.NOTHING_READ) from None
    if reply is None:
        run.say(f"{host}: no answer from port {port} over {'tcp' if tcp else 'udp'}")
        raise typer.Exit(run.NOTHING_READ)
    with run.output():
        sys.stdout.buffer.write(json_page(_answer(reply, seconds)))


def _answer(reply: Any, seconds: float) -> dict[str, Any]:
    from netinfo_scapy.analysis.values import plain
    from netinfo_scapy.layers.described import message_name
    from netinfo_scapy.layers.structs import XDRPacket
    from netinfo_scapy.protocol import rpc
    from netinfo_scapy.protocol.netinfo import NI_STATUS

    value = reply.payload.decoded() if isinstance(reply.payload, XDRPacket) else None
    status = value.pop("status", None) if value else None
    labels = {
        "reply_status": rpc.REPLY_STATUS,
        "accept_status": rpc.ACCEPT_STATUS,
        "reject_status": rpc.REJECT_STATUS,
        "auth_status": rpc.AUTH_STATUS,
    }
    numbers = {name: getattr(reply, name) for name in labels}
    return {
        "name": message_name(reply),
        "xid": reply.xid,
        **{name: None if number is None else labels[name].label(number) for name, number in numbers.items()},
        "status": None if status is None else NI_STATUS.label(status),
        "result": plain(value) if value else None,
        "anomalies": list(reply.anomalies),
        "rtt_seconds": round(seconds, 6),
    }
