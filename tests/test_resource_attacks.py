"""Captures made to exhaust their reader: each ends in time and within its bound of memory, and what was let go is told.

`NETINFO_ATTACKS=full` makes them as large as they were meant; docs/reliability.md has what was measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netinfo_scapy.analysis.facts import MOST_ROWS
from netinfo_scapy.capture.limits import Limits
from tests.cli.test_commands import one_line, run
from tests.support.attacks import ATTACKS
from tests.support.measured import measured

FULL = os.environ.get("NETINFO_ATTACKS") == "full"
SECONDS = 1800 if FULL else 60
_DATAGRAMS = 8192
"""Incomplete datagrams that are kept."""


class Attack(NamedTuple):
    """Sizes of every day, and in full; MB of memory that it may take; its exit code; what the report must say."""

    daily: int
    full: int
    megabytes: int
    code: int
    says: Callable[[dict[str, Any], int], bool]

    @property
    def size(self) -> int:
        return self.full if FULL else self.daily


def _one_message(totals: dict[str, Any], _: int) -> bool:
    return bool(totals["messages"] == 1)


def _all(*keys: str) -> Callable[[dict[str, Any], int], bool]:
    return lambda totals, _: all(totals[key] for key in keys)


EXPECTED = {
    "gzip-bomb": Attack(500, 50_000, 100, 0, lambda totals, size: totals["bytes"] > 60_000 * size),
    "zstd-bomb": Attack(500, 50_000, 120, 0, lambda totals, size: totals["bytes"] > 60_000 * size),
    "nested-gzip": Attack(50, 5_000, 100, 3, lambda totals, _: not totals),
    "claiming-block": Attack(10_000, 1 << 28, 100, 1, _one_message),
    "largest-blocks": Attack(2, 64, 400, 0, _one_message),
    "claiming-frame": Attack(10_000, 1 << 28, 100, 1, _one_message),
    "jumping-times": Attack(70, 100_000, 150, 0, lambda totals, size: totals["frames"] == 2 * size),
    "tiny-flows": Attack(
        4_000,
        1_000_000,
        350,
        0,
        lambda totals, size: totals["calls"] == size and (totals["evicted"] >= size - MOST_ROWS),
    ),
    "tiny-connections": Attack(4_000, 1_000_000, 900, 0, _all("calls", "incomplete_records")),
    "conflicts": Attack(1_000, 400_000, 300, 0, lambda totals, _: totals["calls"] > 0),
    "fragments": Attack(10_000, 400_000, 250, 0, lambda totals, size: totals["evicted"] == size - _DATAGRAMS),
    "unending-record": Attack(12_000, 100_000, 200, 0, lambda totals, _: totals["incomplete_records"] == 1),
    "marks-of-2-gb": Attack(50, 1_000, 100, 0, lambda totals, _: totals["not_rpc"] == 1),
    "many-values": Attack(65_535, 65_535, 150, 0, _all("replies")),
    "many-properties": Attack(60_000, 60_000, 100, 0, _all("replies")),
    "half-open": Attack(10_000, 1_000_000, 300, 0, lambda totals, size: totals["frames"] == size),
    "deep-tree": Attack(5_000, 400_000, 900, 0, _all("replies")),
    "wide-tree": Attack(5_000, 400_000, 900, 0, _all("replies")),
    "cycles": Attack(500, 100_000, 300, 0, _all("replies")),
}


def test_every_attack_is_tested() -> None:
    assert EXPECTED.keys() == ATTACKS.keys()
    assert Limits().record_bytes < 1460 * EXPECTED["unending-record"].daily


@pytest.mark.parametrize("name", EXPECTED)
def test_analysis_ends_within_its_bounds(name: str, tmp_path: Path) -> None:
    attack, path, output = EXPECTED[name], tmp_path / name, tmp_path / "summary.json"
    ATTACKS[name](path, attack.size)
    begun = time.monotonic()
    code, errors, peak = measured("analyze", "--format", "json", "-o", output, path, seconds=SECONDS)
    seconds = time.monotonic() - begun
    sys.stdout.write(f"{name} {attack.size:,}: {path.stat().st_size:,} bytes, {peak >> 20} MB, {seconds:.0f} s\n")
    assert code == attack.code
    assert not errors or one_line(errors)
    assert peak < attack.megabytes << 20
    summary = json.loads(output.read_bytes()) if output.exists() else {}
    assert attack.says(summary.get("totals", {}), attack.size), summary.get("totals")
    assert len(summary.get("timeline", {}).get("bins", ())) <= 512
    if name == "conflicts":
        assert summary["anomalies"]["overlap-conflict"] > 0


FORMS = (
    ("analyze",),
    ("analyze", "--format", "html"),
    ("analyze", "--format", "ndjson"),
    ("messages",),
    ("messages", "--format", "ndjson"),
    ("findings",),
    ("dump",),
    ("dump", "--format", "json"),
)


@pytest.mark.parametrize(
    "name", ["jumping-times", "deep-tree", *(["wide-tree", "cycles", "many-values"] if FULL else [])]
)
def test_what_can_be_read_can_be_shown(name: str, tmp_path: Path) -> None:
    """Times that no calendar has, trees without a bottom: every form of them, each in one go."""
    path = tmp_path / name
    ATTACKS[name](path, EXPECTED[name].size)
    for words in FORMS:
        if name == "jumping-times" and words[0] == "dump":
            continue
        code, errors, peak = measured(*words, path, seconds=SECONDS)
        assert code == 0, (words, errors)
        assert "Traceback" not in errors
        assert peak < EXPECTED[name].megabytes + 300 << 20, words


def test_what_is_in_a_ring_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "ring.pcap"
    ATTACKS["cycles"](path, 50)
    (domain,) = json.loads(run("dump", "--format", "json", path).stdout)["domains"]
    numbers = [each["object"] for each in domain["directories"]]
    assert len(numbers) == len(set(numbers))


def test_a_deep_tree_as_ldif_is_refused_in_one_line(tmp_path: Path) -> None:
    """Each name would hold the way to the root, and all of them the square of the depth."""
    path = tmp_path / "deep.pcap"
    ATTACKS["deep-tree"](path, 5_000)
    code, errors, _ = measured("dump", "--format", "ldif", "-o", tmp_path / "out.ldif", path, seconds=SECONDS)
    assert code == 2
    assert one_line(errors)
    assert "64 deep" in errors
    assert not (tmp_path / "out.ldif").exists()
