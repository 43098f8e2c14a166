"""`netinfo-scapy verify`: its output, and how each mistake ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from typer.testing import CliRunner

from netinfo_scapy.cli.main import app
from netinfo_scapy.witness import tshark as witness
from netinfo_scapy.witness.compare import Seen
from tests.cli.test_commands import one_line, run
from tests.support import transforms
from tests.support.captures import RECORDED, convert, pcap_bytes, recording, write_pcap
from tests.support.packets import parse

READS = RECORDED / "02-ni-read-tcp.pcap"
AUTH = RECORDED / "04-auth.pcap"
PASSWORDS = ("rootpw", "adminpw", "wrongpw", "badpw", "anything")


def outcome(*words: object, code: int = 0, **options: Any) -> dict[str, Any]:
    done = run("verify", *words, "--format", "json", **options)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("tshark")
def test_json() -> None:
    found = outcome(READS)
    assert set(found) == {"captures", "version", "tshark_version"}
    assert found["captures"] == [
        {
            "capture": str(READS),
            "ours": 142,
            "tshark": 142,
            "agreed": 142,
            "differences": [],
            "only_ours": [],
            "left_out": [],
        }
    ]


@pytest.mark.usefixtures("tshark")
def test_text() -> None:
    done = run("verify", READS, RECORDED / "01-nibind-portmap.pcap")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:5] for line in done.stdout.splitlines()[1:4]] == [
        ["189", "189", "189", "0", "0"],
        ["142", "142", "142", "0", "0"],
        ["331", "331", "331", "0", "0"],
    ]
    assert "quoted in an ICMP error (frame 248)" in done.stdout


@pytest.mark.usefixtures("tshark")
@pytest.mark.parametrize("form", ["text", "json"])
def test_differences_are_listed_and_passwords_are_not(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message of tshark's falsified."""

    def falsified(path: Path, options: witness.Options) -> Iterator[Seen]:
        for each in asked(path, options):
            credential = each.credential
            if credential and credential.machinename:
                cut = credential.machinename[1:] + b"\0"
                credential = credential._replace(machinename=cut, uid=4711)
            yield each._replace(credential=credential, length=(each.length or 0) + 1)

    asked = witness.messages
    monkeypatch.setattr(witness, "messages", falsified)
    done = CliRunner().invoke(app, ["verify", str(AUTH), "--format", form])
    assert done.exit_code == 4
    assert "credential.machinename" in done.stdout
    assert "4711" in done.stdout
    for password in PASSWORDS:
        turned = bytes(byte ^ 0xFF for byte in password.encode())
        assert password[1:] not in done.stdout
        assert turned[1:] not in done.stdout_bytes
        assert turned.hex()[2:] not in done.stdout
        assert turned[1:].decode("latin-1") not in done.stdout
    if form == "text":
        assert "length: ours" in done.stdout
        assert "frame " in done.stdout


@pytest.mark.usefixtures("tshark")
def test_a_capture_on_which_we_disagree(tmp_path: Path) -> None:
    """A decoy, sent so that it dies on the way, comes before a call: tshark takes the first that it sees."""
    frames = list(recording("02-ni-read-tcp"))
    place = 47
    packet = parse(frames[place])
    assert packet is not None
    decoy = bytearray(frames[place].data)
    decoy[22] = 1  # TTL
    decoy[packet.payload_at + 4] ^= 0xFF  # xid, behind the record mark
    frames.insert(place, frames[place]._replace(data=bytes(decoy)))
    found = outcome(write_pcap(tmp_path / "decoy.pcap", frames), code=4)["captures"][0]
    assert [(each["frame"], each["field"]) for each in found["differences"]] == [(48, "message")]
    assert [each["frame"] for each in found["only_ours"]][:1] == [49]
    assert found["agreed"] == found["tshark"] - 1


@pytest.mark.usefixtures("tshark")
def test_every_way_in(tmp_path: Path) -> None:
    gzip = convert(READS, tmp_path, "gzip-members")
    packed = tmp_path / "b.pcap.zst"
    packed.write_bytes(zstandard.compress(AUTH.read_bytes()))
    (tmp_path / "notes.txt").write_text("no capture")
    found = outcome(tmp_path)["captures"]
    assert [(each["capture"], each["agreed"]) for each in found] == [(str(gzip), 142), (str(packed), 226)]
    (piped,) = outcome("-", stdin=READS.read_bytes())["captures"]
    assert (piped["capture"], piped["agreed"]) == ("-", 142)


@pytest.mark.usefixtures("tshark")
def test_a_damaged_capture_is_told(tmp_path: Path) -> None:
    whole = READS.read_bytes()
    cut, corrupt, text = (tmp_path / f"{name}.pcap" for name in ("cut", "corrupt", "text"))
    cut.write_bytes(whole[:-7])
    corrupt.write_bytes(whole + b"\xff" * 40)
    text.write_text("no capture")
    for path, code in ((cut, 0), (corrupt, 1), (text, 3)):
        done = run("verify", path)
        assert done.returncode == code, done.stderr
        assert one_line(done.stderr), done.stderr
        assert str(path) in done.stderr
    assert run("verify", text, READS).returncode == 1


@pytest.mark.usefixtures("tshark")
def test_holes_are_no_differences(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "hole.pcap", transforms.remove(recording("02-ni-read-tcp"), 50))
    (found,) = outcome(path)["captures"]
    assert (found["ours"], found["agreed"]) == (142, 141)
    assert found["only_ours"] == [{"frame": 49, "reason": "not whole in the capture"}]


@pytest.mark.usefixtures("tshark")
def test_a_crash_of_tshark_is_told(tmp_path: Path, tshark: str) -> None:
    script = f'if [ "$1" = -v ]; then exec {tshark} -v; fi\n{tshark} "$@" | head -c 200000\nkill -SEGV $$\n'
    (tmp_path / "tshark").write_text(f"#!/bin/sh\n{script}")
    (tmp_path / "tshark").chmod(0o755)
    done = run("verify", READS, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "crashed" in done.stderr


@pytest.mark.usefixtures("tshark")
def test_an_empty_capture_agrees(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(pcap_bytes(recording("02-ni-read-tcp")[:1]))
    assert outcome(path)["captures"][0]["tshark"] == 0


def test_a_path_that_does_not_exist() -> None:
    done = run("verify", "nosuch.pcap")
    assert done.returncode == 2
    assert one_line(done.stderr)


def test_without_tshark() -> None:
    done = run("verify", READS, PATH="")
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "apt-get install tshark" in done.stderr


def test_without_pyshark(tmp_path: Path) -> None:
    (tmp_path / "pyshark.py").write_text("raise ImportError('blocked')")
    search = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run("verify", READS, PYTHONPATH=search)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "netinfo-scapy[witness]" in done.stderr


@pytest.mark.usefixtures("tshark")
def test_a_config_of_another_program(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("[other]\na = b\n")
    done = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", "verify", str(READS)], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert one_line(done.stderr.decode())
    assert b"config.ini" in done.stderr
