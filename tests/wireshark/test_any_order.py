"""Wireshark shows frames again, in whatever order a user looks at them: each time the same."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.captures import capture_path, recording
from tests.support.commands import call
from tests.support.wireshark import OURS, PREFIXES

PATH = capture_path("02-ni-read-tcp")
COUNT = len(recording("02-ni-read-tcp"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the script is installed, for sharkd takes none by the command line."""
    if shutil.which("sharkd") is None:
        pytest.skip("sharkd is not installed; it comes with tshark")
    folder = tmp_path_factory.mktemp("home")
    assert call("wireshark", "--install", "--folder", folder / ".local/lib/wireshark/plugins").returncode == 0
    return folder


def _shown(tree: Any) -> Any:
    """What is shown of a tree; not the numbers that Wireshark gives its branches."""
    if isinstance(tree, dict):
        return {key: _shown(each) for key, each in tree.items() if key not in ("e", "F")}
    return [_shown(each) for each in tree] if isinstance(tree, list) else tree


def looked_at(home: Path, order: list[int]) -> dict[int, Any]:
    """Frame -> the script's part of its tree, and its columns."""
    asked = [
        {"id": 1, "method": "load", "params": {"file": str(PATH)}},
        # As Wireshark does where a script asks for fields, all frames are dissected with them once, in order.
        {"id": 2, "method": "frames", "params": {"filter": OURS}},
        *({"id": 10 + n, "method": "frame", "params": {"frame": n, "proto": True, "columns": True}} for n in order),
        {"id": 3, "method": "bye"},
    ]
    done = subprocess.run(
        ["sharkd", "-"],
        input="".join(json.dumps({"jsonrpc": "2.0", **each}) + "\n" for each in asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "HOME": str(home)},
    )
    answers = {each["id"] - 10: each["result"] for each in map(json.loads, done.stdout.splitlines()) if each["id"] > 10}
    return {
        number: ([_shown(part) for part in each["tree"] if part.get("f") in PREFIXES.values()], each["col"])
        for number, each in answers.items()
    }


def test_in_any_order(home: Path) -> None:
    forward = list(range(1, COUNT + 1))
    first = looked_at(home, forward)
    assert sum(bool(tree) for tree, _ in first.values()) >= 142
    assert first == looked_at(home, forward[::-1])
    assert first == looked_at(home, random.Random(1).sample(forward, COUNT) + forward)
