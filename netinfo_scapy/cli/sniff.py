"""`netinfo-scapy sniff`: NetInfo as it passes an interface, message by message or as a summary."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.messages import AsFormat, AsJson, Format, Reveal, liner
from netinfo_scapy.cli.options import OUTPUT, Full, NetInfoPorts, Zone, capture_output, find_zone, json_if
from netinfo_scapy.cli.output import STREAM, check_folder

if TYPE_CHECKING:
    from datetime import tzinfo

    from netinfo_scapy.analysis.facts import Facts
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.capture.pcapng_writer import PcapngWriter
    from netinfo_scapy.cli.sniffing import Sniffer

_HOLE_NS = 2 * 10**9


def sniff(
    iface: Annotated[
        str | None, typer.Option("-i", "--iface", metavar="IFACE", help="The interface; else Scapy's own choice.")
    ] = None,
    netinfo_port: NetInfoPorts = None,
    narrow: Annotated[
        bool,
        typer.Option(
            "--narrow",
            help="For busy links: the kernel passes known ports, packets that begin with a call of NetInfo or nibind, "
            "IP fragments and tunnels of IP. Missed is, on a port not known yet: the handshake before the first such "
            "call, what comes in the moment after it, and any call that does not begin its packet; in VXLAN, all.",
        ),
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Show the summary as it stands, and at the end.", rich_help_panel=OUTPUT)
    ] = False,
    form: AsFormat = Format.TEXT,
    as_json: AsJson = False,
    write: Annotated[str | None, capture_output("Keep the packets in this pcapng, replaced if it is there.")] = None,
    count: Annotated[
        int | None, typer.Option("-c", "--count", metavar="N", min=1, help="End after so many messages.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", metavar="N", min=0.1, help="End after so long; else at Ctrl-C.")
    ] = None,
    reveal: Reveal = False,
    full: Full = False,
    tz: Zone = None,
) -> None:
    """Print the messages of NetInfo that pass an interface, until Ctrl-C. Needs root's rights."""
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.part import Watch
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.interest import PortNumber
    from netinfo_scapy.capture.limits import Limits
    from netinfo_scapy.capture.pcapng_writer import PcapngWriter
    from netinfo_scapy.cli.follow import View, screen
    from netinfo_scapy.cli.sniffing import listening
    from netinfo_scapy.report.message_object import message_object

    zone, form = find_zone(tz), json_if(as_json, form, Format.TEXT, Format.NDJSON)
    if summary and (form is not Format.TEXT or count):
        raise typer.BadParameter("--summary: shown instead of messages; leave out --format, --json and --count")
    try:
        ports = [PortNumber.parse(each) for each in netinfo_port or ()]
    except ValueError as error:
        raise typer.BadParameter(f"--{error}") from error
    watch = Watch()
    live = screen() if summary and sys.stdout.isatty() else None
    view = View(iface or "", watch, live, zone)
    until = math.inf
    with ExitStack() as stack:
        writer = None if write is None else _writer(write, stack, PcapngWriter, __version__)

        def goes_on() -> bool:
            return view.goes_on() and time.monotonic() < until

        sniffer = stack.enter_context(closing(listening(iface, narrow, writer, goes_on)))
        view.name = sniffer.iface
        if seconds is not None:
            until = time.monotonic() + seconds
        run.say(f"listening on {sniffer.iface}; Ctrl-C ends")
        stack.enter_context(run.stopping(watch))
        # Nobody waits for an acknowledgment to see a message, or a minute for a packet that was lost.
        limits = Limits(settle_ns=0, hole_ns=_HOLE_NS)
        reading = Reading(sniffer.packets(), netinfo_ports=ports, learn="once", limits=limits)
        reading.captures[0].name = sniffer.iface
        sniffer.watch(reading.interest)
        view.reading = reading
        if summary:
            with live or nullcontext():
                facts = reading.facts()
            _print_summary(reading, facts, zone, full, __version__)
        else:
            as_line = liner(form, zone, full)
            with run.output():
                left = count
                for event in _messages(reading):
                    item = message_object(event, reading.captures, reveal)
                    sys.stdout.buffer.write(as_line(item))
                    sys.stdout.flush()
                    left = None if left is None else left - 1
                    if left == 0:
                        break
        _tell(sniffer, reading)


def _writer(name: str, stack: ExitStack, kind: type[PcapngWriter], version: str) -> PcapngWriter:
    if name == STREAM:
        raise run.refusal("-w -: standard output is for messages; name a file (tcpdump -w - gives packets)")
    check_folder(name)
    path = Path(name)
    try:
        stream = stack.enter_context(path.open("wb"))
    except OSError as error:
        raise run.refusal(f"{path}: cannot be written: {error.strerror or error}; give another path") from None
    return kind(stream, f"netinfo-scapy {version}")


def _messages(reading: Reading) -> Iterator[Message]:
    from netinfo_scapy.capture.message import Message

    for event in reading.events():
        if isinstance(event, Message):
            yield event


def _print_summary(reading: Reading, facts: Facts, zone: tzinfo | None, full: bool, version: str) -> None:
    from netinfo_scapy.analysis.conclude import conclude
    from netinfo_scapy.report.terminal import report

    with run.output():
        run.print_report(report(conclude(facts, reading.captures, reading.interest, version), zone, full))


def _tell(sniffer: Sniffer, reading: Reading) -> None:
    """What was read, and what was not."""
    counted = sniffer.dropped()
    frames = sum(each.frames_read for each in reading.captures)
    run.say(f"{counted.seen:,} packets seen on {sniffer.iface}, {frames:,} looked at, {counted.dropped:,} dropped")
    if counted.dropped:
        run.say("what was dropped is missing from the messages; --narrow lets the kernel pass less")
