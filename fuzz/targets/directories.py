"""Directories as messages tell of them, rebuilt, and dumped in every form; the JSON of a dump reads as it was.

Input: messages among a few hosts (fuzz/conversations.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

from fuzz.conversations import LONGEST, WORDS, inputs, packets
from fuzz.target import Target
from netinfo_scapy.analysis.directory.captures import domains_at, domains_of, histories_of
from netinfo_scapy.analysis.directory.compare import Comparison
from netinfo_scapy.analysis.directory.document import Captured, make_document
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.paths import step_to
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.report.dumps.depth import TooDeepError
from netinfo_scapy.report.dumps.difference import differing, gone_through
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


_TIGHT = Limits(sighting_bytes=3000, write_bytes=600, pending_calls=4)


def _known(reading: Reading) -> Iterator[object]:
    """All that is shown of what a reading tells of directories."""
    domains = domains_of(reading)
    captures = [Captured(each.name, each.digits) for each in reading.captures]
    text = _page(domains, captures)
    yield text
    assert _page(*read_json(text, "-")) == text
    for domain in domains:
        root = domain.root
        assert all(each.isprintable() for each in beside(domain))
        if root is None:
            continue
        yield from _dumped(root)
        yield not_known(root)
        with suppress(TooDeepError):
            yield from dslocal(root)
        assert not list(Comparison(root, root).differences())
        step = next(filter(None, map(step_to, root.children)), None)
        for path in ((), (step,)) if step else ((),):
            for _, states in histories_of(reading, path):
                yield _lines(gone_through(states, captures, None))
    for old, new in pairwise(domains):
        yield _lines(differing(Comparison(old.root, new.root).differences()))


def _lines(lines: Iterable[bytes]) -> bytes:
    """Lines for a terminal."""
    text = b"".join(lines)
    assert all(each.isprintable() or each == "\n" for each in text.decode())
    return text


def run(data: bytes) -> Any:
    """Rebuild the directories and show them, with room and without."""
    made = packets(data)
    if not made:
        return None
    now, before = domains_at(Reading(made), [None, Until(number=len(made) // 2)])
    since = [
        _lines(differing(Comparison(old.root, new.root, between=new.changes).differences()))
        for old, new in zip(before, now, strict=False)
    ]
    return since, list(_known(Reading(made))), list(_known(Reading(made, limits=_TIGHT)))


_ROOMS = (
    *("answers", "compare", "document", "history", "knowledge", "node", "planting", "rebuild", "sightings"),
    *("tree", "until", "writes"),
)
TARGET = Target(
    run=run,
    seeds=lambda: iter(inputs()),
    rooms=(*(f"analysis.directory.{each}" for each in _ROOMS), "report.dumps"),
    words=WORDS,
    longest=LONGEST,
)
