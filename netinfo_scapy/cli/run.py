"""What the commands that read captures share: opening, progress, warnings, exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.sources import Capture

DONE, IN_PART, WRONG_USE, NOTHING_READ, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""

PAGE_WIDTH = 110
"""Columns of a report that goes to a file or a pipe."""


def say(text: str) -> None:
    """One line on standard error; what it quotes is made safe to show."""
    from netinfo_scapy.report.escape import printable

    print(f"netinfo-scapy: {printable(text)}", file=sys.stderr)  # noqa: T201 - this is what the command says


@contextmanager
def output() -> Iterator[None]:
    """Around what writes the results: a reader that goes away, as `head` does, is no error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where the terminal's encoding lacks a character, show its number.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(DONE) from None


def finish(captures: list[Capture]) -> None:
    """Tell what could not be read, and exit with the code that says so."""
    for capture in captures:
        if capture.error:
            say(f"{capture.name}: {capture.error}")
        elif capture.warning:
            say(f"{capture.name}: warning: {capture.warning}")
    if nothing_read(captures):
        raise typer.Exit(NOTHING_READ)
    raise typer.Exit(IN_PART if any(capture.error for capture in captures) else DONE)


def nothing_read(captures: list[Capture]) -> bool:
    """Whether there is nothing to report, because nothing could be read."""
    return any(capture.error for capture in captures) and not any(capture.frames_read for capture in captures)


@contextmanager
def progress(reading: Reading, shown: bool) -> Iterator[None]:
    """Show how far the reading is, on standard error, where that is a terminal."""
    if not (shown and sys.stderr.isatty()):
        yield
        return
    from threading import Event, Thread

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("reading"), BarColumn(), TextColumn("{task.fields[frames]:,} frames"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, frames=0)
        done = Event()

        def watch() -> None:
            while not done.wait(0.1):
                bar.update(task, frames=sum(capture.frames_read for capture in reading.captures))

        watcher = Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
