"""The installed command, as a person or a script meets it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import netinfo_scapy
from tests.support.captures import RECORDED

AUTH = RECORDED / "04-auth.pcap"
READS = RECORDED / "02-ni-read-tcp.pcap"
PASSWORDS = ("rootpw", "adminpw", "wrongpw", "badpw", "anything")


def run(*words: object, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "netinfo_scapy", *map(str, words)]
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        timeout=240,
        check=False,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


def test_the_command_is_installed() -> None:
    assert shutil.which("netinfo-scapy", path=str(Path(sys.executable).parent))


def test_messages_as_ndjson_are_those_of_the_function() -> None:
    done = run("messages", READS, "--format", "ndjson")
    assert done.returncode == 0
    assert done.stderr == ""
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(netinfo_scapy.messages(READS))


def test_analyze_as_json_is_that_of_the_function() -> None:
    done = run("analyze", READS, AUTH, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == netinfo_scapy.analyze([READS, AUTH])


def test_the_totals_agree_with_the_messages() -> None:
    messages = list(netinfo_scapy.messages(AUTH))
    totals = netinfo_scapy.analyze(AUTH)["totals"]
    assert totals["messages"] == len(messages)
    assert totals["calls"] == sum(message["type"] == "call" for message in messages)
    assert totals["replies"] == sum(message["type"] == "reply" for message in messages)
    assert totals["frames"] == 325


@pytest.mark.parametrize("words", [("messages",), ("messages", "--full"), ("analyze",), ("analyze", "--full")])
def test_text_is_for_people_and_hides_passwords(words: tuple[str, ...]) -> None:
    done = run(*words, AUTH)
    assert done.returncode == 0
    assert "NI_PERM" in done.stdout
    for password in PASSWORDS:
        assert password not in done.stdout + done.stderr


def test_no_output_shows_a_password_unless_asked() -> None:
    for form in ("text", "ndjson"):
        hidden, revealed = run("messages", AUTH, "--format", form), run("messages", AUTH, "--format", form, "--reveal")
        for password in PASSWORDS:
            inverted = bytes(byte ^ 0xFF for byte in password.encode())
            assert password not in hidden.stdout
            assert inverted.hex() not in hidden.stdout
            assert password in revealed.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("messages", "nosuch.pcap"), 2, "nosuch.pcap"),
        (("messages",), 2, "CAPTURE"),
        (("analyze", READS, "--netinfo-port", "nine"), 2, "udp:961"),
        (("analyze", READS, "--netinfo-port", "70000"), 2, "65535"),
        (("analyze", READS, "--host", "nobody"), 2, "--host"),
        (("analyze", READS, "--since", "yesterday"), 2, "--since"),
        (("analyze", READS, "--tz", "Nowhere/Land"), 2, "--tz"),
        (("analyze", READS, "--nosuch"), 2, "--help"),
        (("nosuch",), 2, "nosuch"),
        (("dump", READS, "--history"), 2, "netinfo-scapy dump --help"),
        (("set", "--user"), 2, "netinfo-scapy set --help"),
        (("listening", "x"), 2, "no whole number"),
        (("sniff", "--seconds", "x"), 2, "no number"),
        (("scrub", READS, "-o", "x", "--key", "x", "--shift", "soon"), 2, "no whole number"),
        (("tags", "192.0.2.1:nibind"), 2, "write HOST or HOST:PORT"),
        (("serve", "--honeypot", "--root-password", "secret"), 2, "no hash of DES or MD5"),
        (("sniff", "-i", "lo", "--seconds", "1", "-w", RECORDED / "nosuch" / "x.pcapng"), 2, "make it first"),
        (("extract", READS, "-o", RECORDED / "nosuch" / "x.pcapng"), 2, "make it first"),
        (("extract", READS, "-o", RECORDED), 2, "is a folder"),
        (("analyze", READS, "--format", "tsv", "-o", AUTH), 2, "name another"),
        (("probe", "no-such-host.invalid", "--json", "--no-usual-ports", "--port", "9"), 3, "check the name"),
        (("dump", READS, "--at", "1999-01-01"), 2, "not until the moment of --at"),
        (("stats", "netinfo://127.0.0.1:9/x", "--password-file", RECORDED), 2, "name a file"),
        (("analyze", RECORDED / "01-nibind-portmap.truth.jsonl"), 3, "pcap"),
    ],
)
def test_each_mistake_is_one_line_and_a_code(words: tuple[object, ...], code: int, says: str) -> None:
    done = run(*words)
    assert done.returncode == code
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert done.stdout == "" or words[0] == "probe"


def test_what_can_be_read_is_reported_when_another_cannot(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(READS.read_bytes()[:-7])
    corrupt = tmp_path / "corrupt.pcap"
    corrupt.write_bytes(READS.read_bytes()[:24] + b"\xff" * 40)
    snoop = tmp_path / "old.snoop"
    snoop.write_bytes(b"snoop\0\0\0" + bytes(64))
    done = run("messages", cut, "--format", "ndjson")
    assert done.returncode == 0
    assert "warning" in done.stderr
    assert one_line(done.stderr)
    both = run("analyze", READS, corrupt, "--format", "json")
    assert both.returncode == 1
    assert json.loads(both.stdout)["totals"]["messages"] == 142
    assert one_line(both.stderr)
    assert "corrupt.pcap" in both.stderr
    foreign = run("analyze", snoop)
    assert foreign.returncode == 3
    assert "editcap" in foreign.stderr


def test_a_folder_and_standard_input(tmp_path: Path) -> None:
    shutil.copy(READS, tmp_path / "b.pcap")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.cap.gz").write_bytes(gzip.compress(AUTH.read_bytes()))
    (tmp_path / "notes.txt").write_text("no capture")
    folder = json.loads(run("analyze", tmp_path, "--format", "json").stdout)
    assert folder["totals"]["messages"] == 142 + 226
    piped = run("messages", "-", "--format", "ndjson", stdin=READS.read_bytes())
    lines = [json.loads(line) for line in piped.stdout.splitlines()]
    assert {line["capture"] for line in lines} == {"-"}
    assert len(lines) == 142


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "netinfo_scapy", "messages", str(RECORDED / "06-tools.pcap")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_a_help_whose_reader_goes_away_is_no_error() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m netinfo_scapy --help; echo $? >&2"],
        stdout=closed_pipe(),
        stderr=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    assert done.stderr == b"0\n"


def closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_a_help_that_finds_no_room_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "netinfo_scapy", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert one_line(done.stderr.decode()), done.stderr
    assert b"No space left" in done.stderr


def test_a_password_is_asked_for_on_a_terminal_only() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", "stats", "netinfo://127.0.0.1:9/x", "--password"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert one_line(done.stderr.decode()), done.stderr
    assert b"--password-file FILE" in done.stderr


def test_an_interrupt_is_one_line_and_130() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "netinfo_scapy", "messages", "-", "--format", "ndjson"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(READS.read_bytes())
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)  # it waits for more of the capture
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert one_line(process.stderr.read().decode())


def test_times_can_be_shown_in_a_zone() -> None:
    text = run("messages", READS, "--tz", "Asia/Tokyo").stdout
    assert "+09:00" in text.splitlines()[0]
    assert '"time":"' in run("messages", READS, "--tz", "Asia/Tokyo", "--format", "ndjson").stdout
    assert "+09:00" not in run("messages", READS, "--tz", "Asia/Tokyo", "--format", "ndjson").stdout


def test_works_without_utf_8() -> None:
    done = run("analyze", AUTH, LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "90 NetInfo calls" in done.stdout


@pytest.mark.parametrize(("closed", "code"), [("<&-", 3), (">&-", 2)])
def test_a_closed_stream_is_told_in_a_line(closed: str, code: int) -> None:
    command = ["sh", "-c", f'exec "$0" -m netinfo_scapy analyze - {closed}', sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (code, "")
    assert one_line(done.stderr), done.stderr


def test_without_standard_error_nothing_is_said() -> None:
    command = ["sh", "-c", 'exec "$0" -m netinfo_scapy analyze no-such-file 2>&-', sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")


def test_analyze_does_not_import_scapy() -> None:
    code = (
        "import sys; sys.argv = ['netinfo-scapy', 'analyze', '--format', 'json', sys.argv[1]]\n"
        "from netinfo_scapy.cli.main import _run\n"
        "code = _run()\n"
        "loaded = sorted(name for name in sys.modules if name.split('.')[0] == 'scapy')\n"
        "sys.exit(f'loaded: {loaded}' if loaded else code)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(READS)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["totals"]["messages"] == 142


def test_help_names_every_option() -> None:
    text = run("analyze", "--help", COLUMNS="200").stdout
    for option in [
        "--netinfo-port",
        "--learn",
        "--as",
        "--host",
        "--net",
        "--port",
        "--since",
        "--until",
        "--procedure",
        "--tag",
        "--user",
        "--status",
        "--tz",
    ]:
        assert option in text
