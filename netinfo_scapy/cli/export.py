"""`netinfo-scapy analyze` in the formats that have every message in them: read once, written as it is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import Counted
from netinfo_scapy.cli.output import STREAM, check_target, opened

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.known import Known
    from netinfo_scapy.report.exports.table import Export, Form

FORMATS = frozenset({"tsv", "ndjson", "parquet"})
"""The names in report/exports/table.py, which is not loaded where it is not needed; a test holds the two together."""


def export(source: Counted, name: str, output: str, known: Known | None, reveal: bool) -> None:
    """Read captures and write what they hold in a format."""
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.conclude import conclude
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.report.exports.table import FORMS
    from netinfo_scapy.report.message_object import message_object

    form = FORMS[name]
    if form.is_binary and output == STREAM and sys.stdout.isatty():
        raise run.refusal(f"{name} is nothing for a terminal; write it to a file with -o FILE")
    if source.counts_only:
        form = _without_findings(form, output)
    reading = source.open()
    for each in (output, *(str(Path(output) / part) for part in form.parts)):
        check_target(reading, each)
    with (
        _writer(form, output) as writer,
        run.stopping(reading.watch, at_once=reading.learn == "once"),
        run.progress(reading, shown=output != STREAM or not sys.stdout.isatty()),
    ):
        for event in reading.events(counted=True):
            if isinstance(event, Message):
                item = message_object(event, reading.captures, reveal, hide_hashes=not reveal)
                writer.message(item, event.record.at.time_ns)
        if run.nothing_read(reading.captures):
            run.finish(reading)
        facts = reading.so_far()
        writer.finish(conclude(facts, reading.captures, reading.interest, __version__, known=known, reveal=reveal))
    run.finish(reading)


def _without_findings(form: Form, output: str) -> Form:
    """The format without its part of findings; an empty one would say that there are none. Refuses an older one."""
    if form.findings is None:
        return form
    older = Path(output) / form.findings
    if output != STREAM and os.path.lexists(older):
        raise run.refusal(
            f"{older}: is of an earlier run, and --counts-only looks for no findings; remove it, or name another folder"
        )
    return form._replace(parts=tuple(part for part in form.parts if part != form.findings))


@contextmanager
def _writer(form: Form, output: str) -> Iterator[Export]:
    """The format at work, its output open: standard output, a file, or the files of a folder, which is made."""
    from netinfo_scapy.report.exports.table import make

    with ExitStack() as stack:

        def part(name: str) -> IO[bytes] | None:
            if not form.parts:
                return stack.enter_context(opened(output))
            if name not in form.parts:
                return None
            if output == STREAM:
                return stack.enter_context(opened(output)) if name == form.parts[0] else None
            return stack.enter_context(opened(str(Path(output) / name), follow=False))

        if form.parts and output != STREAM:
            _make_folder(output)
        try:
            writer = make(form, part)
        except ModuleNotFoundError as error:
            raise run.refusal(
                f"this format needs {error.name}, which is not installed; pip install 'netinfo-scapy[{form.extra}]'"
            ) from None
        yield writer


def _make_folder(output: str) -> None:
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise run.refusal(
            f"{output}: no folder for the logs can be made there: {error.strerror or error}; name another"
        ) from None
