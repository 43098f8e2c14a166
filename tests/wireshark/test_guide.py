"""The examples of docs/wireshark.md print what stands there, and the filters in its table are filters."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.captures import capture_path
from tests.support.wireshark import run_tshark
from tests.test_guides import commands

pytestmark = pytest.mark.usefixtures("tshark")
ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/wireshark.md").read_text()
((SESSION),) = re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_examples() -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TZ": "UTC"}
    for command, expected in commands(SESSION):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.decode() == expected, command


def test_filters() -> None:
    cells = [line.split(" | ")[0] for line in GUIDE.splitlines() if line.startswith("| `")]
    filters = [each for cell in cells for each in re.findall("`([^`]*)`", cell)]
    assert len(filters) > 20
    run_tshark(capture_path("02-ni-read-tcp"), "-c", "5", "-Y", " || ".join(f"({each})" for each in filters))
