"""How long a command takes, as a whole process, and how much memory it has at the most."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

_LAUNCHER = Path(__file__).with_name("launch.py")
ROOT = Path(__file__).resolve().parents[1]


class CommandFailedError(Exception):
    """A command ended with an error; the text says which one, and what it said."""


class Run(NamedTuple):
    """One run of a command. peak_bytes: of its largest process, resident."""

    seconds: float
    peak_bytes: int


class Runs(NamedTuple):
    """Several runs of a command, put together."""

    seconds: float
    least: float
    most: float
    peak_bytes: int
    rounds: int

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Runs:
        """The median of the times, and of the peaks."""
        seconds = [each.seconds for each in runs]
        peak = round(median(each.peak_bytes for each in runs))
        return cls(median(seconds), min(seconds), max(seconds), peak, len(runs))


def run(command: Sequence[str], output: Path, environment: dict[str, str] | None = None) -> Run:
    """Run a command in the project's folder; its output goes to a file. Raises CommandFailedError."""
    launched = subprocess.run(
        [sys.executable, "-I", "-S", str(_LAUNCHER), str(output), *command],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | (environment or {}),
    )
    seconds, kilobytes, code = launched.stdout.split()
    if int(code):
        said = Path(f"{output}.errors").read_text(errors="replace").strip().splitlines()
        raise CommandFailedError(
            f"{' '.join(command)} ended with {code}: {said[-1] if said else 'it does not say why'}"
        )
    return Run(float(seconds), int(kilobytes) * 1024)


def warm(path: Path) -> None:
    """Read a file once, so that it is in memory when it is measured."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 22):
            pass
