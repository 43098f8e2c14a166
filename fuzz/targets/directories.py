"""Directories as messages tell of them, rebuilt, and dumped in every form; the JSON of a dump reads as it was.

Input: messages among a few hosts (fuzz/conversations.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from fuzz.conversations import LONGEST, WORDS, inputs, packets
from fuzz.target import Target
from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.directory.document import Captured, make_document
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.report.dumps.depth import TooDeepError
from netinfo_scapy.report.dumps.dslocal import dslocal
from netinfo_scapy.report.dumps.forms import FORMS, Settings
from netinfo_scapy.report.dumps.known import beside, not_known
from netinfo_scapy.report.json_text import json_page


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


def _page(domains: list[Domain], captures: list[Captured]) -> bytes:
    found = [(each, each.root) for each in domains]
    return json_page(make_document(found, version="0", source="-", captures=captures))


def run(data: bytes) -> Any:
    """Rebuild the directories, and dump them."""
    made = packets(data)
    if not made:
        return None
    reading = Reading(made)
    domains = domains_of(reading)
    told: list[object] = []
    for domain in domains:
        assert all(each.isprintable() for each in beside(domain))
        if domain.root is not None:
            told += _dumped(domain.root)
            told.append(not_known(domain.root))
            with suppress(TooDeepError):
                told += dslocal(domain.root)
    text = _page(domains, [Captured(each.name, each.digits) for each in reading.captures])
    assert _page(*read_json(text, "-")) == text
    return told, text


_ROOMS = ("analysis.directory", "analysis.values", "report.dumps", "report.escape", "report.json_text")
TARGET = Target(
    run=run,
    seeds=lambda: iter(inputs()),
    rooms=tuple(f"netinfo_scapy.{each}" for each in _ROOMS),
    words=WORDS,
    longest=LONGEST,
)
