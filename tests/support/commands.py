"""The commands, run inside the test: what a command prints and its exit code, without the time that a process takes."""

from __future__ import annotations

import io
import subprocess
import sys
from unittest.mock import patch

from netinfo_scapy.cli.main import main


def call(*words: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """As the installed command; its standard input is empty unless given."""
    given = ["netinfo-scapy", *map(str, words)]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: object = None
    with (
        patch.object(sys, "argv", given),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
    texts = [each.buffer.getvalue().decode() for each in (out, err)]  # type: ignore[attr-defined] # of a BytesIO
    return subprocess.CompletedProcess(given, int(str(code)), *texts)
