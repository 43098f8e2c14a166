"""`netinfo-scapy verify` as a command: exit codes, one line for each mistake, no secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netinfo_scapy.cli.main import app
from netinfo_scapy.witness import tshark as witness
from tests.support.captures import capture_path

runner = CliRunner()
AUTH = str(capture_path("04-auth"))
SMALL = str(capture_path("02-ni-read-tcp"))


@pytest.mark.usefixtures("tshark")
def test_a_difference_is_listed_and_is_exit_code_4(monkeypatch: pytest.MonkeyPatch) -> None:
    def falsified(path: str) -> list[witness.Seen]:
        seen = list(original(path))
        seen[3] = seen[3]._replace(length=1)
        return seen

    original = witness.messages
    monkeypatch.setattr(witness, "messages", falsified)
    result = runner.invoke(app, ["verify", SMALL])
    assert result.exit_code == 4
    assert "length: ours" in result.stdout
    assert "141 of 142 messages" in result.stdout


@pytest.mark.usefixtures("tshark")
def test_no_password_is_told() -> None:
    result = runner.invoke(app, ["verify", AUTH])
    assert result.exit_code == 0
    for secret in (b"rootpw", b"adminpw"):
        assert secret.decode() not in result.output
        assert bytes(byte ^ 0xFF for byte in secret) not in result.stdout_bytes


def run(*arguments: str, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", "verify", *arguments],
        env={**os.environ, **environment},
        input=stdin,
        capture_output=True,
        check=False,
    )


@pytest.mark.usefixtures("tshark")
def test_standard_input() -> None:
    result = run("-", "--format", "json", stdin=Path(SMALL).read_bytes())
    assert result.returncode == 0, result.stderr
    [told] = json.loads(result.stdout)["captures"]
    assert (told["capture"], told["agreed"]) == ("-", 142)
    assert not result.stderr


@pytest.mark.usefixtures("tshark")
def test_a_capture_that_is_cut(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(Path(SMALL).read_bytes()[:5000])
    result = run(str(cut))
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    assert b"messages that tshark sees agree" in result.stdout


@pytest.mark.usefixtures("tshark")
def test_what_is_no_capture(tmp_path: Path) -> None:
    (tmp_path / "text.pcap").write_text("no capture")
    result = run(str(tmp_path / "text.pcap"))
    assert result.returncode == 3
    assert result.stderr.count(b"\n") == 1


def test_what_does_not_exist() -> None:
    result = run("nowhere.pcap")
    assert result.returncode == 2
    assert result.stderr.count(b"\n") == 1


def test_without_tshark(tmp_path: Path) -> None:
    result = run(SMALL, PATH=str(tmp_path))
    assert result.returncode == 2
    assert b"apt-get install tshark" in result.stderr
    assert result.stderr.count(b"\n") == 1


def test_without_pyshark(tmp_path: Path) -> None:
    (tmp_path / "pyshark.py").write_text("raise ImportError('blocked')")
    result = run(SMALL, PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert b"netinfo-scapy[witness]" in result.stderr or b"tshark" in result.stderr
    assert result.stderr.count(b"\n") == 1
