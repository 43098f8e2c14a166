"""The formats, and what each is asked to do.

All are fed the same `MessageObject`s in one pass, and the same summary in the end, so that they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import IO, NamedTuple, Protocol, TypeAlias

from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.report.message_object import MessageObject

Parts: TypeAlias = Callable[[str], IO[bytes] | None]
"""Gives the stream of a part of the output by its name; None where only the first part has a place."""


class Export(Protocol):
    """A format at work. Made with the streams it writes to, which it does not close."""

    def message(self, item: MessageObject, time_ns: int) -> None:
        """Write a message. Its hashes and passwords are hidden already, if they are to be."""

    def finish(self, summary: Summary) -> None:
        """Write what comes last, of all messages."""


class Form(NamedTuple):
    """A format. module: has a class `Writer`, an `Export`. extra: what it needs to be installed, if anything.

    parts: names of the files that it makes in a folder, the first of which can go to standard output; with
    none it is one stream. findings: the one of them that is of findings alone. is_binary: nothing for a terminal.
    """

    module: str
    parts: tuple[str, ...] = ()
    extra: str | None = None
    is_binary: bool = False
    findings: str | None = None


FORMS = {
    "tsv": Form(
        "zeek",
        ("netinfo.log", "netinfo_conversations.log", "netinfo_findings.log"),
        findings="netinfo_findings.log",
    ),
    "ndjson": Form("eve"),
    "parquet": Form("parquet", extra="parquet", is_binary=True),
}
"""Formats by name."""


def make(form: Form, parts: Parts) -> Export:
    """A format at work. Raises ModuleNotFoundError where what it needs is not installed."""
    writer: Export = import_module(f"netinfo_scapy.report.exports.{form.module}").Writer(parts)
    return writer
