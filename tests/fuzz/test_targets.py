"""The targets of fuzz/ without their mutator: seeds, and bytes that are nothing. `python -m fuzz` mutates."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.corpus import digest, plant
from fuzz.packing import pack, unpack
from fuzz.target import NAMES, target

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_a_target_takes_its_seeds_and_any_bytes(name: str) -> None:
    chosen, chance = target(name), random.Random(name)
    seeds = list(chosen.seeds())
    assert len(seeds) >= 4
    for data in (b"", b"\0", b"\xff" * 300, bytes(300), *(chance.randbytes(200) for _ in range(20)), *seeds[::3]):
        chosen.run(data)


def test_seeds_are_the_same_each_time(tmp_path: Path) -> None:
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        plant("dhcp", folder)
    assert digest("dhcp", folders[0]) == digest("dhcp", folders[1])


def test_parts_are_what_was_packed() -> None:
    parts = [b"", b"one", bytes(300)]
    assert list(unpack(pack(parts))) == parts


def test_an_input_that_was_found_is_put_to_its_target_again(tmp_path: Path) -> None:
    path = tmp_path / "found"
    path.write_bytes(bytes(8))
    words = [sys.executable, "-m", "fuzz", "codec", "--input", str(path)]
    assert subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode == 0
    words[3] = "nothing"
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is no such target" in done.stderr
