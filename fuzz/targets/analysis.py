"""What is made of messages: facts, findings, directories, and every form they are shown in.

Input: calls and replies by turns, over UDP between one client and one server.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from rich.console import Console

from fuzz import seeds, wire
from fuzz.packing import pack, unpack
from fuzz.target import Target
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.directory.document import Captured, make_document
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.dumps.depth import TooDeepError
from netinfo_scapy.report.dumps.dslocal import dslocal
from netinfo_scapy.report.dumps.forms import FORMS, Settings
from netinfo_scapy.report.dumps.known import not_known
from netinfo_scapy.report.json_text import json_page
from netinfo_scapy.report.line import message_line
from netinfo_scapy.report.message_object import as_dict, message_object
from netinfo_scapy.report.terminal import report

_ENDS = ((wire.CLIENT, 1023), (wire.SERVER, 961))
_PRINTED = Console(file=io.StringIO(), width=120, color_system=None)


def _reading(messages: list[bytes]) -> Reading:
    made = [(at, 1, wire.udp(_ENDS[at & 1], _ENDS[~at & 1], message)) for at, message in enumerate(messages)]
    return Reading(made)


def _named(reading: Reading) -> list[Captured]:
    return [Captured(each.name, each.digits) for each in reading.captures]


def _is_safe(text: str) -> None:
    """Nothing in it acts on a terminal."""
    assert all(each.isprintable() for each in text.split("\n"))


def _printed(shown: Any) -> str:
    with _PRINTED.capture() as captured:
        _PRINTED.print(shown)
    return captured.get()


def _dumped(directory: Directory) -> Iterator[bytes]:
    for name, form in FORMS.items():
        for terminal in (False, True):
            lines: list[bytes] = []
            with suppress(TooDeepError):
                lines += form.write(directory, Settings(utf8=terminal, base="dc=example", terminal=terminal))
            yield b"".join(lines)
            if terminal and name not in ("ldif",):
                text = b"".join(lines).decode()
                assert all(each.isprintable() or each in "\n\t" for each in text)


def run(data: bytes) -> Any:
    """Analyze the messages."""
    messages = [message for message in unpack(data) if message]
    if not messages:
        return None
    reading = _reading(messages)
    summary = conclude(reading.facts(), reading.captures, reading.interest, "0")
    told = msgspec.json.encode(summary)
    _is_safe(_printed(report(summary)))
    totals = summary.totals
    assert totals.messages == totals.calls + totals.replies
    assert sum(each.calls for each in summary.conversations) == totals.calls
    objects = 0
    reading = _reading(messages)
    for event in reading.events():
        if isinstance(event, Message):
            item = message_object(event, reading.captures, reveal=False)
            _is_safe(message_line(item, None))
            json.dumps(as_dict(item))
            objects += 1
    assert objects == totals.messages
    domains = domains_of(_reading(messages))
    for domain in domains:
        if domain.root is not None:
            told += b"".join(_dumped(domain.root))
            not_known(domain.root)
            with suppress(TooDeepError):
                list(dslocal(domain.root))
    made = make_document([(each, each.root) for each in domains], version="0", source="-", captures=_named(reading))
    text = json_page(made)
    again, captured = read_json(text, "-")
    assert (
        json_page(make_document([(each, each.root) for each in again], version="0", source="-", captures=captured))
        == text
    )
    return told


def inputs() -> Iterator[bytes]:
    """The exchanges of the captures, a few at a time."""
    few = seeds.exchanges()
    for at in range(0, len(few), 2):
        yield pack(message for pair in few[at : at + 2] for message in pair)
    for at in range(0, len(few), 20):
        yield pack(message for pair in few[at : at + 16] for message in pair)


TARGET = Target(
    run=run, seeds=inputs, words=(b"name", b"passwd", b"master", b"serves", b"\x1b[2J", b"\0\0\0\1"), longest=4000
)
