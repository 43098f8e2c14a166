"""`netinfo-scapy messages`: every RPC message of a capture, one line each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import OUTPUT, Full, Input, Zone, find_zone, json_if, reads_captures

if TYPE_CHECKING:
    from datetime import tzinfo

    from netinfo_scapy.report.message_object import MessageObject


class Format(StrEnum):
    """How messages are printed."""

    TEXT = "text"
    NDJSON = "ndjson"


AsFormat = Annotated[
    Format,
    typer.Option("--format", help="text: a line for people; ndjson: an object a line.", rich_help_panel=OUTPUT),
]
AsJson = Annotated[bool, typer.Option("--json", help="Short for --format ndjson.", rich_help_panel=OUTPUT)]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Show the passwords that credentials carry.", rich_help_panel=OUTPUT)
]


def liner(form: Format, zone: tzinfo | None, full: bool) -> Callable[[MessageObject], bytes]:
    """What makes a line of a message, in a format."""
    from netinfo_scapy.report.json_text import json_line
    from netinfo_scapy.report.line import message_line

    if form is Format.NDJSON:
        return json_line
    return lambda item: message_line(item, zone, full).encode("utf-8", "backslashreplace") + b"\n"


@reads_captures
def messages(
    source: Input,
    form: AsFormat = Format.TEXT,
    as_json: AsJson = False,
    reveal: Reveal = False,
    full: Full = False,
    tz: Zone = None,
) -> None:
    """Print every RPC message of NetInfo, nibind and the port mapper."""
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.report.escape import printable
    from netinfo_scapy.report.message_object import message_object

    zone, form = find_zone(tz), json_if(as_json, form, Format.TEXT, Format.NDJSON)
    reading = source.open()
    out, as_line = sys.stdout.buffer, liner(form, zone, full)
    capture = None
    with run.output(), run.progress(reading, shown=not sys.stdout.isatty()):
        for event in reading.events():
            if not isinstance(event, Message):
                continue
            item = message_object(event, reading.captures, reveal)
            if form is Format.TEXT and len(reading.captures) > 1 and item.capture != capture:
                capture = item.capture
                out.write(f"{printable(capture)}:\n".encode("utf-8", "backslashreplace"))
            out.write(as_line(item))
    if form is Format.TEXT and not reading.passed and not reading.wanted and not run.nothing_read(reading.captures):
        frames = sum(each.frames_read for each in reading.captures)
        run.say(f"no NetInfo found in {frames:,} frames; for servers on ports that nothing names, try --netinfo-port")
    run.finish(reading)
