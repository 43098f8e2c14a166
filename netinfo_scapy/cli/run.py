"""What the commands that read captures share: opening, progress, warnings, exit codes."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from netinfo_scapy.analysis.part import Watch
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.capture.sources import Capture

DONE, IN_PART, WRONG_USE, NOTHING_READ, CHECK_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes."""

PAGE_WIDTH, LEAST_WIDTH = 110, 80
"""Columns of a report: where it goes to a file or a pipe, and at the least in a terminal."""


class Interrupted(Exception):  # noqa: N818 - what happened, no error
    """The command was interrupted, and has said what that means for its results."""


def say(text: str) -> None:
    """One line on standard error; what it quotes is made safe to show."""
    from netinfo_scapy.report.escape import printable

    print(f"netinfo-scapy: {printable(text)}", file=sys.stderr)  # noqa: T201 - this is what the command says


def refusal(text: str) -> typer.Exit:
    """Say why what was asked for is not done; what to raise then."""
    say(text)
    return typer.Exit(WRONG_USE)


@contextmanager
def output() -> Iterator[None]:
    """Around what writes the results: a reader that goes away, as `head` does, is no error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where the terminal's encoding lacks a character, show its number.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        raise typer.Exit(give_up(error)) from None


def give_up(error: OSError) -> int:
    """Write nothing more to standard output, which failed; say why, unless its reader went away. The exit code."""
    # What is still buffered must not be tried again at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return DONE
    say(f"the results cannot be written: {error.strerror or error}; send them elsewhere")
    return WRONG_USE


def print_report(report: RenderableType) -> None:
    """Print a report: at the terminal's width, but not narrower than tables can be; elsewhere at that of a page.

    Text that says it is not to be wrapped, for it will be copied, stays whole.
    """
    from rich.console import Console

    if sys.stdout.isatty():
        console = Console()
        if console.width < LEAST_WIDTH:
            console = Console(width=LEAST_WIDTH)
        console.print(report, crop=False)
        return
    console = Console(width=None if os.environ.get("COLUMNS") else PAGE_WIDTH)
    with console.capture() as captured:
        console.print(report, crop=False)
    for line in captured.get().splitlines():
        print(line.rstrip())  # noqa: T201 - this is the report


def finish(reading: Reading) -> None:
    """Tell what could not be read, or that nothing was found, and exit with the code that says so."""
    captures = reading.captures
    if not nothing_read(captures) and reading.wanted and not reading.passed:
        say(f"no message passes the filters; {reading.messages_read:,} were read")
    for capture in captures:
        if capture.repeated:
            say(f"{capture.name}: given more than once, read once")
        if capture.error:
            say(f"{capture.name}: {capture.error}")
        elif capture.warning:
            say(f"{capture.name}: warning: {capture.warning}")
    if nothing_read(captures):
        raise typer.Exit(NOTHING_READ)
    if reading.watch.stopped:
        say("interrupted; the report is of what was read until then")
        raise Interrupted
    raise typer.Exit(IN_PART if any(capture.error for capture in captures) else DONE)


def nothing_read(captures: list[Capture]) -> bool:
    """Whether there is nothing to report, because nothing could be read."""
    return any(capture.error for capture in captures) and not any(capture.frames_read for capture in captures)


@contextmanager
def progress(reading: Reading, shown: bool) -> Iterator[None]:
    """Show how far the reading is, how fast, and how long it will take, on standard error, where that is a terminal."""
    if not (shown and sys.stderr.isatty()):
        yield
        return
    from threading import Event, Thread

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    done = Event()

    def watch() -> None:
        # What takes no time needs no progress.
        if done.wait(0.5):
            return
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task, readings = bar.add_task("reading", total=None), 1
            while not done.wait(0.1):
                if reading.readings > readings:
                    readings = reading.readings
                    bar.reset(task, description=f"reading, {readings} times", total=None)
                size = reading.size
                bar.update(task, completed=reading.walked, total=size and size * reading.shares)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextmanager
def concluding() -> Iterator[None]:
    """Around what is made of facts that were read: nothing is looked for that is no longer reached.

    What was read stays, and what is made of it stays until the end, or lies in no circle: to go through all of it again
    and again would take a quarter of the time.
    """
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def stopping(watch: Watch, at_once: bool = False) -> Iterator[None]:
    """Around a reading: an interrupt ends it, and what was read is reported; a second one ends the command.

    at_once: the first one does, because the reading may be waiting for input.
    """

    def stop(_number: int, _frame: Any) -> None:
        if watch.stopped or at_once:
            raise KeyboardInterrupt
        watch.stopped = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
