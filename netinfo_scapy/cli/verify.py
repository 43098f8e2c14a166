"""`netinfo-scapy verify`: tshark as an independent witness of what we read."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import AsJson, AsTextOrObject, Captures, TextOrJson, json_if
from netinfo_scapy.cli.plain_files import opened, plain

if TYPE_CHECKING:
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.sources import Capture
    from netinfo_scapy.witness.compare import Comparison, Difference, Look, Seen

_MOST_FRAMES = 5
"""Frames that a line for people names."""

Show = Callable[[str], None]


class Outcome(NamedTuple):
    """What came of one capture.

    error, warning: of our reading. failure: of tshark's. frames: how many we read.
    """

    capture: str
    comparison: Comparison
    frames: int
    error: str | None
    warning: str | None
    failure: str | None


def verify(
    captures: Captures,
    form: AsTextOrObject = TextOrJson.TEXT,
    as_json: AsJson = False,
) -> None:
    """Compare every RPC message with what tshark makes of it: frame, length, xid, procedure, credential.

    Exit code 4 where they differ. Needs tshark and pyshark.
    """
    from tempfile import TemporaryDirectory

    from netinfo_scapy.witness.tshark import WitnessMissingError, tshark_version

    form = json_if(as_json, form, TextOrJson.TEXT, TextOrJson.JSON)
    try:
        version = tshark_version()
    except WitnessMissingError as error:
        raise run.refusal(str(error)) from None
    outcomes: list[Outcome] = []
    unread = 0
    with TemporaryDirectory(prefix="netinfo-scapy-") as folder, _progress() as show:
        for name, capture in opened(captures, Path(folder)):
            if capture.unreadable:
                run.say(f"{name}: {capture.error}")
                unread += 1
                continue
            outcomes.append(verify_one(name, capture, Path(folder), show))
    with run.output():
        if form is TextOrJson.JSON:
            _print_json(outcomes, version)
        elif outcomes:
            _print_text(outcomes, version)
    for outcome in outcomes:
        for line in (outcome.error, outcome.failure, outcome.warning and f"warning: {outcome.warning}"):
            if line:
                run.say(f"{outcome.capture}: {line}")
    raise typer.Exit(_exit_code(outcomes, unread))


def _exit_code(outcomes: list[Outcome], unread: int) -> int:
    if any(outcome.comparison.differences for outcome in outcomes):
        return run.CHECK_FAILED
    damaged = unread + sum(bool(outcome.error) for outcome in outcomes)
    if damaged and not any(outcome.frames for outcome in outcomes):
        return run.NOTHING_READ
    return run.IN_PART if damaged or any(outcome.failure for outcome in outcomes) else run.DONE


# reading


def verify_one(name: str, capture: Capture, folder: Path, show: Show) -> Outcome:
    """Ask tshark, give the ports it found to our reading, compare; ask again while messages stay unseen."""
    from netinfo_scapy.witness.compare import Look, compare
    from netinfo_scapy.witness.tshark import LOOKS, WitnessFailedError, messages

    path = plain(capture, folder)
    looks: list[Look] = []
    for options in LOOKS:
        found: list[Seen] = []
        failure = None
        try:
            for message in messages(path, options):
                found.append(message)
                show(f"tshark: {len(found):,} messages of {name}")
        except WitnessFailedError as error:
            failure = str(error).replace(str(path), name)
        looks.append(Look(found, options.guesses))
        reading, mine = _ours(capture.name, looks)
        comparison = compare(mine, looks)
        if failure or not comparison.only_ours:
            break
    (read,) = reading.captures
    if read.error or read.warning:
        failure = None  # tshark stumbled over the same
    return Outcome(name, comparison, read.frames_read, read.error, read.warning, failure)


def _ours(path: str, looks: list[Look]) -> tuple[Reading, list[Seen]]:
    """Our messages, at every server that tshark found as well, and the reading they came from."""
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.interest import PortNumber
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.witness.compare import seen_by_us, server_port

    seen = (message for look in looks if not look.guesses for message in look.messages if not message.note)
    ports = sorted({server_port(message) for message in seen})
    given = [PortNumber.parse(f"{transport}:{number}") for transport, number in ports if number]
    reading = Reading(path, netinfo_ports=given, as_sensors="each")
    return reading, [seen_by_us(event) for event in reading.events() if isinstance(event, Message)]


@contextmanager
def _progress() -> Iterator[Show]:
    """Around the work: a function that shows where it is, on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    from netinfo_scapy.report.escape import printable

    with Console(stderr=True).status("asking tshark") as status:
        yield lambda text: status.update(Text(printable(text)))


# printing


def _print_json(outcomes: list[Outcome], version: str) -> None:
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.values import file_name
    from netinfo_scapy.report.json_text import json_page

    found = [
        {
            "capture": file_name(outcome.capture),
            "ours": outcome.comparison.ours,
            "tshark": outcome.comparison.tshark,
            "agreed": outcome.comparison.agreed,
            "differences": [each._asdict() for each in outcome.comparison.differences],
            "only_ours": _noted(outcome.comparison.only_ours),
            "left_out": _noted(outcome.comparison.left_out),
        }
        for outcome in outcomes
    ]
    whole = {"captures": found, "version": __version__, "tshark_version": version}
    sys.stdout.buffer.write(json_page(whole))


def _noted(messages: list[Seen]) -> list[dict[str, Any]]:
    return [{"frame": each.frame, "reason": each.note} for each in messages]


_COLUMNS = ("ours", "tshark", "agree", "differ", "only ours", "capture")


def _print_text(outcomes: list[Outcome], version: str) -> None:
    from netinfo_scapy.report.escape import printable

    rows = [_row(outcome.comparison, outcome.capture) for outcome in outcomes]
    if len(rows) > 1:
        totals = [sum(column) for column in zip(*(_counts(each.comparison) for each in outcomes), strict=True)]
        rows.append((*(f"{total:,}" for total in totals), f"all, held against tshark {version}"))
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    for row in (_COLUMNS, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        _write("  ".join([*cells, printable(row[-1])]))
    for outcome in outcomes:
        for line in _lines(outcome.comparison):
            _write(printable(f"{outcome.capture}: {line}"))


def _counts(found: Comparison) -> tuple[int, ...]:
    return found.ours, found.tshark, found.agreed, found.differing, len(found.only_ours)


def _row(found: Comparison, name: str) -> tuple[str, ...]:
    return (*(f"{count:,}" for count in _counts(found)), name)


def _lines(found: Comparison) -> Iterator[str]:
    yield from map(_difference, found.differences)
    for title, messages in (("only ours", found.only_ours), ("not counted", found.left_out)):
        by_reason: defaultdict[str, list[int]] = defaultdict(list)
        for each in messages:
            by_reason[each.note].append(each.frame)
        for reason, frames in by_reason.items():
            named = [str(frame) for frame in dict.fromkeys(frames)]
            more = ", ..." if len(named) > _MOST_FRAMES else ""
            yield f"{title}: {len(frames):,}, {reason} (frame {', '.join(named[:_MOST_FRAMES])}{more})"


def _difference(each: Difference) -> str:
    if each.field == "message":
        return f"frame {each.frame}: only tshark sees a {each.tshark}"
    if each.ours == each.tshark:
        return f"frame {each.frame}: {each.field}: they differ {each.ours}"
    ours, theirs = ("none" if value is None else value for value in (each.ours, each.tshark))
    return f"frame {each.frame}: {each.field}: ours {ours}, tshark's {theirs}"


def _write(line: str) -> None:
    print(line)  # noqa: T201 - this is the report
