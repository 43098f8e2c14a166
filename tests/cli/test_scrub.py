"""`netinfo-scapy scrub`, as a person or a script meets it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.test_commands import one_line, run
from tests.support.captures import RECORDED, convert, recording, write_pcap
from tests.support.extraction import stored

AUTH, PORTMAP = RECORDED / "04-auth.pcap", RECORDED / "01-nibind-portmap.pcap"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
    return path


def test_a_key_is_made_once(tmp_path: Path) -> None:
    key, out = tmp_path / "my.key", tmp_path / "out.pcapng"
    done = run("scrub", AUTH, "-o", out, "--key", key, "--make-key")
    assert (done.returncode, done.stdout) == (0, "")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = key.read_bytes()
    assert len(made) >= 32
    out.unlink()
    done = run("scrub", AUTH, "-o", out, "--key", key, "--make-key")
    assert (done.returncode, key.read_bytes()) == (2, made)
    assert one_line(done.stderr)
    assert not out.exists()
    assert run("scrub", AUTH, "-o", out, "--key", key).returncode == 0


@pytest.mark.parametrize("content", [None, b"", bytes(31)])
def test_what_is_no_key_is_refused(content: bytes | None, tmp_path: Path) -> None:
    key, out = tmp_path / "key", tmp_path / "out.pcapng"
    if content is not None:
        key.write_bytes(content)
    done = run("scrub", AUTH, "-o", out, "--key", key)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "--make-key" in done.stderr
    assert not out.exists()


def test_what_is_left_out_is_said(key: Path, tmp_path: Path) -> None:
    done = run("scrub", PORTMAP, "-o", tmp_path / "out.pcapng", "--key", key)
    assert done.returncode == 0
    said = done.stderr.splitlines()
    assert "189 messages rewritten" in said[0]
    assert "of 2 of them only the header is understood" in said[1]
    assert "1 (neither TCP nor UDP)" in said[2]
    assert "TCP options emptied" in said[3]


def test_to_standard_output(key: Path, tmp_path: Path) -> None:
    out, piped = tmp_path / "out.pcapng", tmp_path / "piped.pcapng"
    assert run("scrub", AUTH, "-o", out, "--key", key).returncode == 0
    import subprocess
    import sys

    command = [sys.executable, "-m", "netinfo_scapy", "scrub", str(AUTH), "-o", "-", "--key", str(key)]
    piped.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert piped.read_bytes() == out.read_bytes()


def test_what_would_be_lost_is_refused(key: Path, tmp_path: Path) -> None:
    source = write_pcap(tmp_path / "in.pcap", recording("04-auth"))
    before = source.read_bytes()
    for words in (
        (source, "-o", source, "--key", key),
        (source, "-o", key, "--key", key),
        (source, "-o", tmp_path / "out.pcapng", "--key", source),
        (RECORDED, "-o", tmp_path / "out.pcapng", "--key", key),
        ("-", "-o", tmp_path / "out.pcapng", "--key", key),
        (source, "-o", tmp_path / "no" / "out.pcapng", "--key", key),
        (source, "-o", tmp_path / "out.pcapng", "--key", key, "--netinfo-port", "x"),
    ):
        done = run("scrub", *words, stdin=before)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert one_line(done.stderr)
    assert source.read_bytes() == before
    assert key.read_bytes() == bytes(range(32))
    assert not (tmp_path / "out.pcapng").exists()


def test_what_cannot_be_read(key: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(b"no capture at all, and long enough to be looked at")
    done = run("scrub", broken, "-o", tmp_path / "out.pcapng", "--key", key)
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert not (tmp_path / "out.pcapng").exists()


@pytest.mark.parametrize("kind", ["pcapng", "gzip", "pcap-big-endian"])
def test_file_formats(kind: str, key: Path, tmp_path: Path) -> None:
    frames = []
    for number, source in enumerate((AUTH, convert(AUTH, tmp_path, kind))):
        out = tmp_path / f"{number}.pcapng"
        assert run("scrub", source, "-o", out, "--key", key).returncode == 0
        frames.append([frame.data for frame in stored(out)[str(out)]])
    assert frames[0] == frames[1]
