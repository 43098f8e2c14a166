"""`netinfo-scapy extract`, as a person or a script meets it."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import netinfo_scapy
from tests.cli.test_commands import one_line, run
from tests.support.captures import RECORDED, Frame, pcap_bytes, recording, write_pcap
from tests.support.extraction import assert_extracted, extract, stored

READS, AUTH, CLONE = (RECORDED / f"{name}.pcap" for name in ("02-ni-read-tcp", "04-auth", "11-clone"))
MALFORMED = RECORDED.parent / "crafted" / "malformed.pcap"


def test_sensors_are_not_mixed(tmp_path: Path) -> None:
    for names in (("one.pcap", "two.pcap"), ("a_00001.pcap", "a_00002.pcap")):
        check_not_mixed(tmp_path, *names)


def check_not_mixed(tmp_path: Path, *names: str) -> None:
    one, two = (shutil.copy(CLONE, tmp_path / name) for name in names)
    out = tmp_path / "out.pcapng"
    for how in ((), ("--as", "each")):
        done = run("extract", one, two, "-o", out, *how)
        assert (done.returncode, done.stdout) == (2, "")
        assert one_line(done.stderr)
        assert "--as one" in done.stderr
        assert names[1] in done.stderr
        assert not out.exists()
    assert len(assert_extracted([one, two], out, how=["--as", "one"])) > len(recording("11-clone"))
    out.unlink()


def test_comments_are_what_tshark_shows(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert extract(MALFORMED, out) == 0
    command = [shutil.which("tshark") or pytest.skip("no tshark"), "-r", str(out), "-T", "fields"]
    command += ["-e", "frame.number", "-e", "frame.comment", "-Y", "frame.comment"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown = dict(line.split("\t") for line in done.stdout.splitlines())
    odd = [message for message in netinfo_scapy.messages(out) if message["anomalies"]]
    assert len(odd) > 5
    for message in odd:
        said = f"{message['name']} {message['type']}" if message["name"] else message["type"]
        text = f"netinfo-scapy: {said} xid {message['xid']:#010x}: {', '.join(message['anomalies'])}"
        assert text in shown.pop(str(message["frame"]), "")
    assert all("no RPC" in text or "missing" in text for text in shown.values())


def test_to_standard_output_and_from_redirected_input(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert extract(READS, out) == 0
    command = [sys.executable, "-m", "netinfo_scapy", "extract"]
    piped = subprocess.run([*command, str(READS), "-o", "-"], capture_output=True, check=True)
    assert (piped.stdout, piped.stderr) == (out.read_bytes(), b"")
    with READS.open("rb") as redirected:
        done = subprocess.run([*command, "-", "-o", "-"], stdin=redirected, capture_output=True, check=True)
    assert done.stdout == piped.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "netinfo_scapy", "extract", str(RECORDED / "07-large-tcp.pcap"), "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_nothing_passes(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    out.write_bytes(b"of an earlier run")
    done = run("extract", READS, "-o", out, "--user", 4711)
    assert (done.returncode, done.stdout) == (0, "")
    assert one_line(done.stderr)
    assert "no message passes the filters; 142 were read" in done.stderr
    assert list(netinfo_scapy.messages(out)) == []
    assert stored(out)[str(out)] == []
    empty = write_pcap(tmp_path / "other.pcap", [Frame(0, 1, bytes(60))])
    done = run("extract", empty, "-o", out)
    assert (done.returncode, "no NetInfo found" in done.stderr) == (0, True)


def test_what_can_be_read_is_extracted(tmp_path: Path) -> None:
    out, cut, corrupt = (tmp_path / name for name in ("out.pcapng", "cut.pcap", "corrupt.pcap"))
    cut.write_bytes(READS.read_bytes()[:-7])
    done = run("extract", cut, "-o", out)
    assert (done.returncode, "warning" in done.stderr, one_line(done.stderr)) == (0, True, True)
    corrupt.write_bytes(READS.read_bytes() + b"\xff" * 40)
    done = run("extract", corrupt, "-o", out)
    assert (done.returncode, one_line(done.stderr)) == (1, True)
    assert len(stored(out)[str(out)]) == len(recording("02-ni-read-tcp"))
    corrupt.write_bytes(READS.read_bytes()[:24] + b"\xff" * 40)
    out.unlink()
    done = run("extract", corrupt, "-o", out)
    assert (done.returncode, one_line(done.stderr)) == (3, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corrupt.pcap", "cut.pcap"]


def test_each_mistake_is_one_line_and_2(tmp_path: Path) -> None:
    mine = Path(shutil.copy(READS, tmp_path / "mine.pcap"))
    (tmp_path / "link.pcap").symlink_to(mine)
    os.link(mine, tmp_path / "second-name.pcap")
    out = tmp_path / "out.pcapng"
    mistakes: list[tuple[tuple[object, ...], str]] = [
        ((mine, "-o", mine), "another file"),
        ((mine, "-o", tmp_path / "link.pcap"), "another file"),
        ((mine, "-o", tmp_path / "second-name.pcap"), "another file"),
        ((AUTH, tmp_path, "-o", mine, "--as", "one"), "another file"),
        ((mine, "-o", tmp_path / "nosuch" / "out.pcapng"), "make it first"),
        ((mine, "-o", tmp_path), "is a folder"),
        ((mine,), "--output"),
        ((tmp_path / "nosuch.pcap", "-o", out), "nosuch.pcap"),
        ((mine, "-o", out, "--status", "NI_NONSENSE"), "--status"),
        ((mine, "-o", out, "--netinfo-port", "nine"), "udp:961"),
    ]
    for words, says in mistakes:
        done = run("extract", *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert one_line(done.stderr), done.stderr
        assert says in done.stderr
        assert mine.read_bytes() == READS.read_bytes()
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_read_once_is_refused(tmp_path: Path) -> None:
    done = run("extract", "-", "-o", tmp_path / "out.pcapng", stdin=READS.read_bytes())
    assert (done.returncode, one_line(done.stderr)) == (2, True)
    assert "save it to a file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_output_onto_the_redirected_input_is_refused(tmp_path: Path) -> None:
    mine = Path(shutil.copy(READS, tmp_path / "mine.pcap"))
    command = [sys.executable, "-m", "netinfo_scapy", "extract"]
    with mine.open("rb") as stdin:
        done = subprocess.run([*command, "-", "-o", str(mine)], stdin=stdin, capture_output=True, check=False)
    assert (done.returncode, b"another file" in done.stderr) == (2, True)
    with mine.open("ab") as stdout:
        done = subprocess.run([*command, str(mine), "-o", "-"], stdout=stdout, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, b"another file" in done.stderr) == (2, True)
    assert mine.read_bytes() == READS.read_bytes()


def test_what_stood_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out, link = tmp_path / "out.pcapng", tmp_path / "link.pcapng"
    out.write_bytes(b"of an earlier run")
    out.chmod(0o640)
    link.symlink_to(out)
    assert extract(READS, link) == 0
    assert link.is_symlink()
    assert out.stat().st_mode & 0o777 == 0o640
    assert len(list(netinfo_scapy.messages(out))) == 142
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.pcapng", "out.pcapng"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe, out = tmp_path / "pipe", tmp_path / "out.pcapng"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-m", "netinfo_scapy", "extract", str(READS), "-o", str(pipe)]) as process:
        content = pipe.read_bytes()
        assert process.wait(30) == 0
    assert extract(READS, out) == 0
    assert content == out.read_bytes()


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = run("extract", READS, "-o", "/dev/full")
    assert (done.returncode, one_line(done.stderr)) == (2, True)
    assert "No space left" in done.stderr


def test_an_interrupt_leaves_what_was_there(tmp_path: Path) -> None:
    frames = recording("06-tools")
    step = frames[-1].time - frames[0].time + 10**9
    many = [frame._replace(time=frame.time + n * step) for n in range(120) for frame in frames]
    source, out = tmp_path / "in.pcap.gz", tmp_path / "out" / "out.pcapng"
    source.write_bytes(gzip.compress(pcap_bytes(many), 1))
    out.parent.mkdir()
    out.write_bytes(b"of an earlier run")
    command = [sys.executable, "-m", "netinfo_scapy", "extract", str(source), "-o", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        end = time.monotonic() + 30
        while len(list(out.parent.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert one_line(process.stderr.read().decode())
    assert out.read_bytes() == b"of an earlier run"
    assert [path.name for path in out.parent.iterdir()] == ["out.pcapng"]


def test_too_much_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.pcapng"
    monkeypatch.setattr("netinfo_scapy.analysis.extract.MOST_COMMENTS", 1)
    assert extract(MALFORMED, out) == 0
    said = capsys.readouterr().err
    assert one_line(said)
    assert "comments found no room" in said
    out.unlink()
    monkeypatch.setattr("netinfo_scapy.analysis.extract.MOST_FLOWS", 1)
    assert extract(AUTH, out) == 2
    assert one_line(capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


def test_scapy_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['netinfo-scapy', 'extract', *sys.argv[1:]]\n"
        "from netinfo_scapy.cli.main import _run\n"
        "code = _run()\n"
        "loaded = sorted(name for name in sys.modules if name.split('.')[0] == 'scapy')\n"
        "sys.exit(f'loaded: {loaded}' if loaded else code)"
    )
    command = [sys.executable, "-c", code, str(READS), "-o", str(tmp_path / "out.pcapng")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
