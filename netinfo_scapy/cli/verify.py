"""`netinfo-scapy verify`: tshark as an independent witness of what we decode."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import OUTPUT

if TYPE_CHECKING:
    from netinfo_scapy.witness.compare import Verdict

FAILED = 4
_MOST_LISTED = 50
"""Differences of a capture that are printed; JSON has all."""


class Format(StrEnum):
    """How the outcome is printed."""

    TEXT = "text"
    JSON = "json"


def verify(
    captures: Annotated[
        list[str],
        typer.Argument(metavar="CAPTURE...", help="Captures; a directory: every one in it; -: standard input."),
    ],
    form: Annotated[
        Format, typer.Option("--format", help="text: for people; json: one object.", rich_help_panel=OUTPUT)
    ] = Format.TEXT,
) -> None:
    """Compare what we decode with what tshark sees: each RPC message's xid, type, procedure, credential, length, frame.

    Needs tshark and pyshark (pip install 'netinfo-scapy[witness]'). Exit code 4 where the two differ.
    """
    import msgspec

    from netinfo_scapy import __version__
    from netinfo_scapy.capture.sources import open_captures
    from netinfo_scapy.report.escape import printable
    from netinfo_scapy.witness import tshark

    outcomes: list[dict[str, Any]] = []
    errors = read = 0
    with ExitStack() as stack:
        try:
            version = tshark.version()
            opened = open_captures([_spooled(stack) if path == "-" else path for path in captures])
            for capture in opened:
                name = "-" if "-" in captures and capture.name.startswith(tempfile.gettempdir()) else capture.name
                if capture.unreadable:
                    run.say(f"{name}: {capture.error}")
                    errors += 1
                    continue
                read += 1
                verdict, failure = _judge(capture.name)
                if failure:
                    run.say(f"{name}: {failure}")
                    errors += 1
                outcomes.append(_outcome(name, verdict))
        except tshark.WitnessError as error:
            run.say(str(error))
            raise typer.Exit(run.WRONG_USE) from None
    with run.output():
        if form is Format.JSON:
            told = {"captures": outcomes, "version": __version__, "tshark_version": version}
            sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
        else:
            for outcome in outcomes:
                for line in _lines(outcome):
                    typer.echo(printable(line))
    if not read:
        raise typer.Exit(run.NOTHING_READ)
    if any(outcome["differences"] for outcome in outcomes):
        raise typer.Exit(FAILED)
    raise typer.Exit(run.IN_PART if errors else run.DONE)


def _spooled(stack: ExitStack) -> str:
    """Standard input as a file, for it is read twice."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    path = Path(folder) / "standard-input"
    with path.open("wb") as out:
        shutil.copyfileobj(sys.stdin.buffer, out)
    return str(path)


def _judge(path: str) -> tuple[Verdict, str | None]:
    """The verdict on a capture, and why tshark could not read it to its end."""
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.flows import Transport
    from netinfo_scapy.capture.interest import PortNumber
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.witness import tshark
    from netinfo_scapy.witness.compare import compare

    theirs: list[tshark.Seen] = []
    failure = None
    try:
        theirs.extend(tshark.messages(path))
    except tshark.WitnessError as error:
        if "not installed" in str(error):
            raise
        failure = str(error)
    ports = {(Transport[seen.transport.upper()], seen.server_port) for seen in theirs if seen.server_port}
    reading = Reading(path, netinfo_ports=[PortNumber(transport, number) for transport, number in sorted(ports)])
    with run.progress(reading, shown=True):
        mine = [event for event in reading.events() if isinstance(event, Message)]
    return compare(mine, theirs), failure


def _outcome(name: str, verdict: Verdict) -> dict[str, Any]:
    from netinfo_scapy.analysis.values import file_name

    return {
        "capture": file_name(name),
        "ours": verdict.ours,
        "tshark": verdict.tshark,
        "agreed": verdict.agreed,
        "differences": [each._asdict() for each in verdict.differences],
        "only_ours": verdict.only_ours,
    }


def _lines(outcome: dict[str, Any]) -> list[str]:
    only = len(outcome["only_ours"])
    lines = [
        f"{outcome['capture']}: {outcome['agreed']:,} of {outcome['tshark']:,} messages that tshark sees agree"
        + (f"; {only:,} more seen by netinfo-scapy only" if only else "")
    ]
    found = outcome["differences"]
    lines += [
        f"  frame {each['frame']}: {each['field']}: ours {each['ours']}, tshark's {each['tshark']}"
        for each in found[:_MOST_LISTED]
    ]
    if len(found) > _MOST_LISTED:
        lines.append(f"  ... and {len(found) - _MOST_LISTED:,} differences more")
    return lines
