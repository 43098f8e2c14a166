"""The examples of docs/exports.md, typed into a shell as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netinfo_scapy.analysis.scrub.known import KNOWN

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs/exports.md").read_text()
SESSIONS = re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def commands(session: str) -> list[tuple[str, str]]:
    """The commands of a session, and what each prints."""
    found = []
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        count = next((at for at, line in enumerate(lines[1:], 1) if not line.startswith("> ")), len(lines))
        found.append(("".join(line.removeprefix("> ") for line in lines[:count]), "".join(lines[count:])))
    return found


@pytest.mark.parametrize("session", SESSIONS, ids=range(len(SESSIONS)))
def test_examples(session: str, tmp_path: Path) -> None:
    shutil.which("jq") or pytest.skip("no jq")
    (tmp_path / "pcaps").symlink_to(ROOT / "pcaps")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C"}
    for command, expected in commands(session):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        assert done.stdout.decode() == expected, command


def test_the_words_that_stay_are_listed() -> None:
    listed = GUIDE.rpartition("stay wherever they stand:")[2]
    assert set(re.findall(r"`([^`]+)`", listed)) == KNOWN
