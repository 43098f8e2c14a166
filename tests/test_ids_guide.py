"""The way from an idea to a tested rule in docs/ids.md, walked as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.guide import commands

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "ids.md").read_text()
WAY = GUIDE.partition("## From an idea")[2].partition("\n## ")[0]
SESSIONS = re.findall(r"^```console\n(.*?)^```", WAY, re.MULTILINE | re.DOTALL)
SCENARIOS = re.findall(r"^```yaml\n(.*?)^```", WAY, re.MULTILINE | re.DOTALL)
RULES = re.findall(r"^```\n(alert .*?)^```", WAY, re.MULTILINE | re.DOTALL)
(PYTHON,) = re.findall(r"^```python\n(.*?)^```", WAY, re.MULTILINE | re.DOTALL)


@pytest.mark.usefixtures("suricata")
def test_from_an_idea_to_a_tested_rule(suricata: str, tmp_path: Path) -> None:
    (scenario, transforms), (rule, _) = SCENARIOS, RULES
    (tmp_path / "printers.yaml").write_text(scenario)
    (tmp_path / "users.yaml").write_text(scenario.replace("printers", "users"))
    (tmp_path / "cut.yaml").write_text(scenario + transforms)
    (tmp_path / "mine.rules").write_text(rule)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "110",
        "PYTHONIOENCODING": "utf-8",
    }
    version = subprocess.run([suricata, "-V"], capture_output=True, text=True, check=False).stdout.split()[4]
    for command, expected in (each for session in SESSIONS for each in commands(session)):
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        shown = done.stdout.decode().replace(f"suricata {version}", "suricata 7.0.10").splitlines()
        before, _, after = expected.partition(" ...\n")
        assert done.returncode == 0, command
        assert "\n".join(shown[: before.count("\n")]) == before.rstrip("\n") or not after, command
        for line in after.splitlines() if after else ():
            assert line in shown, command
        if not after:
            assert [line for line in shown if line] == [line for line in before.splitlines() if line], command


def run(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "netinfo_scapy", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.decode()


@pytest.mark.usefixtures("suricata")
def test_answers_with_more_than_three_hashes(tmp_path: Path) -> None:
    """The rule of the page alerts on the page's scenario, and not on what is nearly the same."""
    scenarios = {
        "four": PYTHON,
        "three": PYTHON.replace("* 4", "* 3"),
        "other": PYTHON.replace('"NetInfo.READ"', '"NetInfo.LOOKUPREAD"'),
    }
    for name, text in scenarios.items():
        (tmp_path / f"{name}.py").write_text(text)
        run(tmp_path, "craft", f"{name}.py", "-o", f"{name}.pcap")
    (tmp_path / "mine.rules").write_text(RULES[1])
    captures = [f"{name}.pcap" for name in scenarios]
    cases = json.loads(run(tmp_path, "ids", "run", *captures, "--rules", "mine.rules", "--json"))["cases"]
    assert {each["case"] for each in cases if each["rules"]} == {"four.pcap"}
