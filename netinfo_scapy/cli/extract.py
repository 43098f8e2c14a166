"""`netinfo-scapy extract`: the flows of a capture that hold what is wanted, as a capture of their own."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import OUTPUT, Input, reads_captures

if TYPE_CHECKING:
    from netinfo_scapy.analysis.extract import Selection
    from netinfo_scapy.analysis.reading import Reading

_STREAM = "-"


@reads_captures
def extract(
    source: Input,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The pcapng to write, replaced if it is there; -: standard output.",
            rich_help_panel=OUTPUT,
        ),
    ],
) -> None:
    """Write the flows that hold NetInfo into a pcapng: whole, as captured, with a comment on what is odd.

    With filters: the flows of the messages that pass, and those from which their servers' ports are known.
    """
    from netinfo_scapy.analysis.extract import TooManyFlowsError, select

    wanted = source.wanted()
    reading = source.open(filtered=False)
    _check(reading, output)
    with run.progress(reading, shown=True), _opened(output) as stream:
        try:
            selection = select(reading, wanted)
        except TooManyFlowsError as error:
            raise run.refusal(str(error)) from None
        if run.nothing_read(reading.captures):
            run.finish(reading)
        _write(reading, selection, stream)
    if not selection.flows:
        found = f"no message passes the filters; {reading.messages_read:,} were read" if wanted else "no NetInfo found"
        run.say(f"{found}; {_name(output)} is a capture without frames")
    if selection.comments_left_out:
        run.say(f"{selection.comments_left_out:,} more comments found no room; filters make them fewer")
    run.finish(reading)


def _write(reading: Reading, selection: Selection, stream: IO[bytes]) -> None:
    """Read the input again, and write the frames of the chosen flows."""
    from netinfo_scapy import __version__
    from netinfo_scapy.capture.flow_frames import frames_of
    from netinfo_scapy.capture.pcapng_writer import PcapngWriter

    captures, comments = reading.captures, selection.comments
    writer = PcapngWriter(stream, f"netinfo-scapy {__version__}")
    every = (frame for capture in captures for frame in capture.frames())
    for frame in frames_of(every, selection.flows):
        index, number = frame.ref.capture, frame.ref.number
        writer.write(frame, captures[index].digits, comments.get((index, number), ()))


# what is refused


def _check(reading: Reading, output: str) -> None:
    """Refuse what cannot come out right, before anything is read."""
    target = _identity(output, sys.stdout)
    for capture in reading.captures:
        if target is not None and _identity(capture.name.removeprefix("file://"), sys.stdin) == target:
            raise run.refusal(f"{capture.name}: the output would replace this input; write to another file")
        if not capture.rereadable:
            raise run.refusal(
                f"{capture.name}: extract reads twice, and this can be read once; save it to a file first"
            )
    reading.settle_sensors()
    if len(reading.groups) > 1:
        names = " | ".join(group[0].name for group in reading.groups)
        raise run.refusal(
            f"these captures are of {len(reading.groups)} sensors, and one file would mix them ({names}); "
            "extract one sensor at a time, or take them for one with --as one"
        )


def _identity(name: str, stream: object) -> tuple[int, int] | None:
    """What a regular file is known by, whatever it is called; None for what is none. stream: what "-" means."""
    try:
        found = os.fstat(stream.fileno()) if name == _STREAM else os.stat(name)  # type: ignore[attr-defined] # noqa: PTH116
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


# the output


def _name(output: str) -> str:
    return "standard output" if output == _STREAM else output


@contextmanager
def _opened(output: str) -> Iterator[IO[bytes]]:
    """The stream to write to. A file is there when all of it is, or stays as it was."""
    if output == _STREAM:
        with run.output():
            yield sys.stdout.buffer
        return
    try:
        with _replaced(Path(os.path.realpath(output))) as stream:
            yield stream
    except OSError as error:
        raise run.refusal(f"{output}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """A stream into a new file, which takes the place of another in the end. What is no regular file is written to."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    temporary = path.with_name(f".netinfo-scapy-{token_hex(8)}")
    try:
        with temporary.open("xb") as stream:
            yield stream
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
