"""What people and programs are shown of messages: the report in a terminal, and each message as an object and a line.

Input: messages among a few hosts (fuzz/conversations.py).
"""

from __future__ import annotations

import io
import json
from typing import Any

from rich.console import Console

from fuzz.conversations import LONGEST, WORDS, inputs, packets
from fuzz.target import Target
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.findings import findings_report
from netinfo_scapy.report.line import message_line
from netinfo_scapy.report.message_object import as_dict, message_object
from netinfo_scapy.report.terminal import report

_PRINTED = Console(file=io.StringIO(), width=120, color_system=None)


def _is_safe(text: str) -> None:
    """Nothing in it acts on a terminal."""
    assert all(each.isprintable() for each in text.split("\n"))


def _printed(shown: Any) -> str:
    with _PRINTED.capture() as captured:
        _PRINTED.print(shown)
    return captured.get()


def run(data: bytes) -> Any:
    """Show all there is."""
    made = packets(data)
    if not made:
        return None
    reading = Reading(made)
    told = []
    for event in reading.events(counted=True):
        if isinstance(event, Message):
            item = message_object(event, reading.captures, reveal=False)
            line = message_line(item, None)
            _is_safe(line)
            hidden = message_object(event, reading.captures, reveal=True, hide_hashes=True)
            told.append((line, json.dumps(as_dict(item)), json.dumps(as_dict(hidden))))
    summary = conclude(reading.so_far(), reading.captures, reading.interest, "0")
    text = _printed(report(summary)) + _printed(findings_report(summary.findings, None))
    _is_safe(text)
    return text, told


_ROOMS = ("escape", "findings", "line", "message_object", "tables", "terminal", "words")
TARGET = Target(
    run=run,
    seeds=lambda: iter(inputs()[::3]),
    rooms=(*(f"report.{each}" for each in _ROOMS), "analysis.redaction", "analysis.values"),
    words=WORDS,
    longest=LONGEST,
)
