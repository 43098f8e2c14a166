"""The commands in a process of their own, and what memory it took at the most."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple


class OvertimeError(Exception):
    """A case ran longer than it may."""


class Done(NamedTuple):
    """How a command ended. peak: bytes."""

    code: int
    errors: str
    peak: int


# A process inherits the peak of the one that starts it, so a small one stands between this and the command.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, timeout=float(sys.argv[1])).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def measured(*words: object, seconds: float) -> Done:
    """Run a command; what it prints is thrown away. Raises OvertimeError."""
    command = [sys.executable, "-m", "netinfo_scapy", *map(str, words)]
    started = [sys.executable, "-c", _MEASURE, str(seconds), *command]
    done = subprocess.run(started, capture_output=True, text=True, check=False)
    if "TimeoutExpired" in done.stderr:
        raise OvertimeError(words)
    code, peak = map(int, done.stdout.split())
    return Done(code, done.stderr, peak)
