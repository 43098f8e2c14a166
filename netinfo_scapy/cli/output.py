"""A file as the output of a command: opened, written whole or not at all, and not over an input."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from netinfo_scapy.cli import run

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.source import DirectorySource
    from netinfo_scapy.analysis.reading import Reading

STREAM = "-"
"""A name that means standard output; of an input, standard input."""


def check_folder(output: str) -> None:
    """Refuse an output that can be no file, before hours are spent on what goes there."""
    target = Path(output)
    if target.is_dir():
        raise run.refusal(f"{output}: is a folder; name a file in it")
    if not target.parent.is_dir():
        raise run.refusal(f"{output}: there is no such folder; make it first")


def check_target(reading: Reading, output: str) -> None:
    """Refuse an output that would replace an input."""
    target = _identity(output, sys.stdout)
    for capture in reading.captures:
        if target is not None and _identity(capture.name.removeprefix("file://"), sys.stdin) == target:
            raise run.refusal(f"{capture.name}: the output would replace this input; write to another file")


def check_source(source: DirectorySource, output: str) -> None:
    """Refuse an output that would replace where directories are read from."""
    if source.reading is not None:
        check_target(source.reading, output)
    elif (found := _identity(source.name, sys.stdin)) is not None and found == _identity(output, sys.stdout):
        raise run.refusal(f"{source.name}: the output would replace this input; write to another file")


def check_apart(output: str, known: str | None) -> None:
    """Refuse an output that would replace the file of --known, if there is one."""
    target = None if known is None else _identity(output, sys.stdout)
    if target is not None and _identity(str(known), None) == target:
        raise run.refusal(f"{known}: the output would replace this list of servers; write to another file")


def check_inputs(reading: Reading, output: str, command: str) -> None:
    """Refuse an output that would replace an input, and an input that cannot be read twice."""
    if output != STREAM:
        check_folder(output)
    check_target(reading, output)
    for capture in reading.captures:
        if not capture.rereadable:
            raise run.refusal(
                f"{capture.name}: {command} reads twice, and this can be read once; save it to a file first"
            )


def _identity(name: str, stream: IO[Any] | None) -> tuple[int, int] | None:
    """What a regular file is known by, whatever it is called; None for what is none. stream: what "-" means."""
    try:
        # The path "" is none, the Path of it a folder.
        found = os.fstat(stream.fileno()) if stream and name == STREAM else os.stat(name)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def shown_name(output: str) -> str:
    """The output for people."""
    return "standard output" if output == STREAM else output


@contextmanager
def opened(output: str, *, follow: bool = True) -> Iterator[IO[bytes]]:
    """The stream to write to. A file is there when all of it is, or stays as it was.

    follow: a link's target is written; else the file takes the link's place, for who asked for a folder named no file.
    """
    if output == STREAM:
        with run.output():
            yield sys.stdout.buffer
        return
    try:
        with _replaced(Path(os.path.realpath(output) if follow else output)) as stream:
            yield stream
    except OSError as error:
        raise run.refusal(f"{output}: cannot be written: {error.strerror or error}; give another path") from None


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """A stream into a new file, which takes the place of another in the end. What is no regular file is written to."""
    linked = path.is_symlink()
    if path.exists() and not path.is_file() and not linked:
        with path.open("wb") as stream:
            yield stream
        return
    temporary = path.with_name(f".netinfo-scapy-{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as stream:
            yield stream
        if path.exists() and not linked:
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
