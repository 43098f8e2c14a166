"""`netinfo-scapy analyze --follow`: the summary of a capture that is still being written, live."""

from __future__ import annotations

import sys
import time
from collections import deque
from contextlib import closing, nullcontext
from datetime import tzinfo
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from netinfo_scapy.analysis.part import Watch
from netinfo_scapy.cli import run

if TYPE_CHECKING:
    from rich.live import Live

    from netinfo_scapy.analysis.facts import Facts
    from netinfo_scapy.analysis.findings.known import Known
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.cli.options import Input

_LEAST_PAUSE = 0.2
"""Seconds between two looks, at the least."""

_MOST_LOOKING = 0.2
"""The share of its time that a reading spends on being looked at."""

_RATE_SECONDS = 5.0
"""The rate shown is that of so many seconds."""


class View:
    """What is shown while a capture is followed. live: None where nothing is. known, reveal: as in `conclude`."""

    def __init__(
        self,
        name: str,
        watch: Watch,
        live: Live | None,
        zone: tzinfo | None,
        known: Known | None = None,
        reveal: bool = False,
    ) -> None:
        self.reading: Reading | None = None
        self.name, self._watch, self._live, self._zone = name, watch, live, zone
        self._known, self._reveal = known, reveal
        self._due = 0.0
        self._seen: deque[tuple[float, int]] = deque()

    def goes_on(self) -> bool:
        """Show how things stand, where that is due; whether there is to be more."""
        now = time.monotonic()
        if self._live is not None and now >= self._due:
            self._show(self._live, now)
            done = time.monotonic()
            self._due = done + max(_LEAST_PAUSE, (done - now) / _MOST_LOOKING)
        return not self._watch.stopped

    def _show(self, live: Live, now: float) -> None:
        from netinfo_scapy import __version__
        from netinfo_scapy.analysis.conclude import conclude
        from netinfo_scapy.report import live as report

        reading = self.reading
        if reading is None:
            live.update(report.waiting(self.name), refresh=True)
            return
        summary = conclude(
            reading.so_far(),
            reading.captures,
            reading.interest,
            __version__,
            known=self._known,
            reveal=self._reveal,
        )
        live.update(report.live(self.name, summary, self._rate(now, summary.totals.frames), self._zone), refresh=True)

    def _rate(self, now: float, frames: int) -> float:
        """Frames a second of late."""
        seen = self._seen
        seen.append((now, frames))
        while len(seen) > 2 and now - seen[1][0] >= _RATE_SECONDS:
            seen.popleft()
        since, before = seen[0]
        return (frames - before) / (now - since) if now > since else 0.0


def followed(
    source: Input, zone: tzinfo | None, shown: bool, known: Known | None, reveal: bool
) -> tuple[Reading, Facts]:
    """Read a capture while it is being written, until it ends or an interrupt does.

    shown: on the terminal, with findings as `known` and `reveal` make them.

    Raises typer.BadParameter, CaptureError, FileNotFoundError.
    """
    name = _only(source.captures)
    source.wanted()  # What is wrong with the filters is said before anything is waited for.
    watch = Watch()
    live = screen() if shown and sys.stdout.isatty() else None
    view = View(name, watch, live, zone, known, reveal)
    with closing(_stream(name, view)) as stream, run.stopping(watch), live or nullcontext():
        reading = source.open(stream=stream)
        view.reading = reading
        facts = reading.facts()
    # Only now: an interrupt ends the stream, and what has come by then is read to its end.
    reading.watch = watch
    if watch.stopped:
        for capture in reading.captures:
            if capture.unreadable:
                run.say("interrupted; no capture had begun until then")
                raise run.Interrupted
            # An interrupt comes at any place of it.
            capture.warning = None
    return reading, facts


def _only(captures: list[str]) -> str:
    """The one capture that can be followed."""
    if len(captures) > 1:
        raise typer.BadParameter("--follow reads one capture; give one file, or - for standard input")
    name = captures[0]
    if Path(name).is_dir():
        raise typer.BadParameter(f"--follow reads one capture, and {name!r} is a directory; give the file that grows")
    return name


def _stream(name: str, view: View) -> BufferedReader:
    from netinfo_scapy.capture.errors import CaptureError
    from netinfo_scapy.capture.following import follow

    try:
        return follow(name, view.goes_on)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CaptureError(f"{name}: {error.strerror or error}") from error


def screen() -> Live:
    """The terminal, all of it, until the reading ends. It is written to by this thread only."""
    from rich.live import Live

    return Live(screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
