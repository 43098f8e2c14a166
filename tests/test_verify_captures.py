"""`verify` passes on every capture (What must hold, 2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netinfo_scapy.cli.main import app
from tests.support.captures import NAMES, capture_path, truth_path

ROOT = Path(__file__).resolve().parents[1]
CRAFTED = sorted((ROOT / "pcaps" / "crafted").glob("*.pcap"))
THIRD_PARTY = sorted((ROOT.parent / "shared" / "third-party").glob("*.pcap*"))
WELL_FORMED = {"zeek-nfs-write.pcap": 112, "zeek-mount-unmount.pcap": 10, "zeek-mount-bad-status.pcap": 10}
runner = CliRunner()

pytestmark = pytest.mark.usefixtures("tshark")


def outcome(path: Path) -> dict[str, object]:
    result = runner.invoke(app, ["verify", str(path), "--format", "json"])
    assert result.exit_code == 0, result.output
    [capture] = json.loads(result.stdout)["captures"]
    assert capture["differences"] == []
    return dict(capture)


@pytest.mark.parametrize("name", NAMES)
def test_tshark_sees_every_recorded_message(name: str) -> None:
    messages = len(truth_path(name).read_text().splitlines())
    told = outcome(capture_path(name))
    assert (told["ours"], told["tshark"], told["agreed"], told["only_ours"]) == (messages, messages, messages, [])


@pytest.mark.parametrize("path", CRAFTED, ids=lambda path: path.stem)
def test_crafted_captures_are_verified(path: Path) -> None:
    told = outcome(path)
    assert told["agreed"] == told["tshark"]
    assert told["tshark"]


def test_others_recordings_are_verified() -> None:
    """Where they are at hand; nothing fails on the malformed ones."""
    for path in THIRD_PARTY:
        result = runner.invoke(app, ["verify", str(path), "--format", "json"])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if path.name in WELL_FORMED:
            assert result.exit_code == 0
            assert json.loads(result.stdout)["captures"][0]["agreed"] == WELL_FORMED[path.name]
        else:
            assert result.exit_code in (0, 1, 4)
