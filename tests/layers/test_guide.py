"""docs/shell.md, typed into `netinfo-scapy shell` line by line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.captures import capture_path

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "shell.md").read_text()
OUTSIDE = re.compile(r"<TAB>|sr1\(IP|^send\(|connect\(\"192|iface=|^s\.")
"""What needs a key, a server elsewhere, or an interface."""

PORT = str(20_000 + os.getpid() % 10_000)
"""None that the system gives to clients: one of another test's may have it."""


def lines() -> list[str]:
    """Every line of the guide's examples that can be typed here."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    typed = [line for block in blocks for line in [*block.splitlines(), ""] if not OUTSIDE.search(line)]
    return [line.replace("old.pcap", str(capture_path("04-auth"))).replace("9610", PORT) for line in typed]


def test_every_line_of_the_guide_works(tmp_path: Path) -> None:
    typed = lines()
    assert len([line for line in typed if line]) > 30
    told = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", "shell"],
        input="\n".join([*typed, "print('the', 'end')", ""]),
        env={**os.environ, "HOME": str(tmp_path), "MPLBACKEND": "Agg"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = told.stdout + told.stderr
    assert "Traceback" not in said, said[said.find("Traceback") - 300 :][:1500]
    assert "Error" not in re.sub(r"NI_AUTHERROR|AUTH_ERROR", "", said)
    assert "the end" in said
    for expected in (
        "Packets contained in scapy.layers.netinfo",
        "b'secret'",
        "NetInfo STATISTICS reply",
        "NI_AUTHERROR",
    ):
        assert expected in said
