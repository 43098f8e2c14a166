"""`analyze --follow`: captures that grow, as a person or a script meets them."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console, RenderableType

import netinfo_scapy
from netinfo_scapy import __version__
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.findings.known import Known, read_known
from netinfo_scapy.analysis.part import Watch
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.cli.follow import View
from netinfo_scapy.report.terminal import report
from tests.analysis.findings.detectors import test_unusual_port as unusual_port
from tests.cli.test_commands import one_line, run
from tests.support.captures import RECORDED, pcap_bytes, recording
from tests.support.terminal import HEIGHT, Terminal, start, terminal
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from rich.live import Live

AUTH = RECORDED / "04-auth.pcap"
TOOLS = RECORDED / "06-tools.pcap"
INTERRUPTED = "netinfo-scapy: interrupted; the report is of what was read until then\n"


def expected(path: Path, name: str, **options: Any) -> dict[str, Any]:
    """The summary of a capture read once, as it comes under another name."""
    summary = netinfo_scapy.analyze(path, learn="once", **options)
    named: dict[str, Any] = json.loads(json.dumps(summary).replace(json.dumps(str(path)), json.dumps(name)))
    return named


def end_at(terminal: Terminal, process: subprocess.Popen[bytes]) -> int:
    os.close(terminal.end)
    return process.wait(30)


@pytest.mark.parametrize("size", [700, 50_000])
def test_a_pipe_written_in_pieces_gives_what_the_whole_gives(size: int) -> None:
    data = AUTH.read_bytes()
    with start("analyze", "--follow", "-", "--format", "json", stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        for at in range(0, len(data), size):
            process.stdin.write(data[at : at + size])
            process.stdin.flush()
            time.sleep(0.01)
        process.stdin.close()
        assert json.loads(process.stdout.read()) == expected(AUTH, "-")
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_without_a_terminal_there_is_one_report_at_the_end() -> None:
    done = run("analyze", "--follow", "-", stdin=AUTH.read_bytes())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("analyze", "-", stdin=AUTH.read_bytes()).stdout


@pytest.mark.parametrize("form", ["pcap", "gzip"])
def test_a_named_pipe_and_filters(form: str, tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "pipe"
    os.mkfifo(path)
    words = ("analyze", "--follow", path, "--format", "json", "--status", "NI_PERM")
    with start(*words, stdout=PIPE, stderr=PIPE) as process:
        path.write_bytes(AUTH.read_bytes() if form == "pcap" else gzip.compress(AUTH.read_bytes()))
        assert process.stdout
        found = json.loads(process.stdout.read())
        assert process.wait(30) == 0
    of_whole = expected(AUTH, str(path), wanted=netinfo_scapy.Filter.of(status=["NI_PERM"]))
    assert found["filtered_from"] == 226
    assert found["totals"] == of_whole["totals"]
    assert found["procedures"] == of_whole["procedures"]


def test_a_growing_file_is_shown_as_it_grows_until_an_interrupt(tmp_path: Path) -> None:
    data = TOOLS.read_bytes()
    path = tmp_path / "growing.pcap"
    path.write_bytes(data[:10])  # not even its header
    with (
        terminal() as shown,
        path.open("ab", buffering=0) as growing,
        start("analyze", "--follow", path, stdin=PIPE, stdout=shown.end, stderr=PIPE) as process,
    ):
        wait_for(lambda: "nothing has come yet" in shown.text)
        growing.write(data[10:100_000])
        wait_for(lambda: " frames, " in shown.text and "the last of 2026-11-23 18:22:38" in shown.text)
        first = shown.text.count("Following")
        wait_for(lambda: shown.text.count("Following") >= first + 4, 4)  # nothing comes, and it is refreshed
        growing.write(data[100_000:-7])
        wait_for(lambda: f": {len(recording('06-tools')) - 1:,} frames, " in shown.text)
        process.send_signal(signal.SIGINT)
        assert end_at(shown, process) == 130
        assert process.stderr and process.stderr.read().decode() == INTERRUPTED
    live, final = shown.raw.split("\x1b[?1049l")
    screens = live.split("\x1b[H")[1:]
    assert len(screens) > 5
    assert all(screen.count("\n") < HEIGHT for screen in screens)
    assert "What was asked" in final
    assert "ends inside" not in final
    assert "Following" not in final
    assert "\x1b[?25h" in live  # the cursor is back


class Shown:
    """Keeps what a terminal would show."""

    def update(self, renderable: RenderableType, *, refresh: bool) -> None:
        console = Console(file=io.StringIO(), width=200)
        console.print(renderable)
        self.text = console.file.getvalue()


def test_what_is_shown_meanwhile_is_about_the_same_servers_and_secrets(tmp_path: Path) -> None:
    """As in the report at the end, --known and --reveal count."""
    file = tmp_path / "known"
    file.write_text("0.0.0.0/0\n")
    texts = []
    for known, reveal in ((None, False), (Known(read_known(file)), False), (None, True)):
        reading = Reading(io.BytesIO(pcap_bytes(unusual_port.rooted(4321).frames)))
        reading.facts()
        shown = Shown()
        view = View("-", Watch(), cast("Live", shown), None, known, reveal)
        view.reading = reading
        view.goes_on()
        summary = conclude(
            reading.so_far(), reading.captures, reading.interest, __version__, known=known, reveal=reveal
        )
        console = Console(file=io.StringIO(), width=200)
        console.print(report(summary, None))
        assert shown.text.partition("\n")[2] == console.file.getvalue()
        texts.append(shown.text)
    assert texts[0] != texts[1]


def test_the_last_summary_is_that_of_the_whole() -> None:
    screens = []
    for words in (["--follow", "-"], ["-"]):
        with (
            terminal() as shown,
            TOOLS.open("rb") as source,
            start("analyze", *words, stdin=source, stdout=shown.end, stderr=PIPE) as process,
        ):
            assert end_at(shown, process) == 0
        screens.append(shown.raw)
    assert screens[0].split("\x1b[?1049l")[1] == screens[1]


def test_an_interrupt_prints_json(tmp_path: Path) -> None:
    path = tmp_path / "growing.pcap"
    path.write_bytes(AUTH.read_bytes()[:-5])
    with terminal() as shown:
        words = ("analyze", "--follow", path, "--format", "json")
        with start(*words, stdout=PIPE, stderr=shown.end) as process:
            wait_for(lambda: position(process, path) == path.stat().st_size)
            process.send_signal(signal.SIGINT)
            assert process.stdout
            found = json.loads(process.stdout.read())
            assert end_at(shown, process) == 130
    assert shown.text.replace("\r", "") == INTERRUPTED
    assert found["totals"]["frames"] == 324
    assert found["captures"][0]["warning"] is None
    cut = expected(path, str(path))
    cut["captures"][0]["warning"] = None
    assert found == cut


def position(process: subprocess.Popen[bytes], path: Path) -> int:
    """How far a process has read a file."""
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        if link.exists() and link.samefile(path):
            described = Path(f"/proc/{process.pid}/fdinfo/{link.name}").read_text()
            return int(described.split("pos:")[1].split()[0])
    return -1


def test_an_interrupt_before_anything_has_come_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "growing.pcap"
    path.write_bytes(AUTH.read_bytes()[:3])
    with start("analyze", "--follow", path, stdout=PIPE, stderr=PIPE) as process:
        wait_for(lambda: position(process, path) == 3)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdout and process.stdout.read() == b""
        assert process.stderr and one_line(process.stderr.read().decode())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("-", "--jobs", "2"), 2, "--jobs"),
        (("-", "--scheduler", "tcp://localhost:1"), 2, "--scheduler"),
        ((AUTH, TOOLS), 2, "one capture"),
        ((RECORDED,), 2, "directory"),
        (("nosuch.pcap",), 2, "nosuch.pcap"),
        (("-", "--host", "nobody"), 2, "--host"),
        (("-", "--netinfo-port", "nine"), 2, "udp:961"),
        (("-",), 3, "empty"),
    ],
)
def test_each_mistake_is_one_line_and_a_code(words: tuple[object, ...], code: int, says: str) -> None:
    done = run("analyze", "--follow", *words, stdin=b"")
    assert done.returncode == code
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert done.stdout == ""


def test_a_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "secret.pcap"
    path.write_bytes(AUTH.read_bytes())
    path.chmod(stat.S_IWUSR)
    if os.access(path, os.R_OK):
        path = tmp_path / "loop.pcap"  # root may read anything, but not this
        path.symlink_to(path)
    done = run("analyze", "--follow", path)
    assert done.returncode in (2, 3)
    assert one_line(done.stderr), done.stderr
