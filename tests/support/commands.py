"""The command without a process of its own, where a test needs it often."""

from __future__ import annotations

import io
import sys
from subprocess import CompletedProcess
from unittest.mock import patch

from netinfo_scapy.cli import main


def run_here(*words: object, stdin: bytes = b"") -> CompletedProcess[str]:
    """As `tests.cli.test_commands.run`, in this process."""
    command = ["netinfo-scapy", *map(str, words)]
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    with (
        patch.object(sys, "argv", command),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
    ):
        code = main._run()
        out.flush()
        err.flush()
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return CompletedProcess(command, code, *said)
