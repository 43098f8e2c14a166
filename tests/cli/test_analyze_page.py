"""`analyze --format html`: the page goes where it is asked for, whole, and costs nothing where it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.html.documents import Document
from tests.support.captures import RECORDED
from tests.support.terminal import start, terminal

AUTH = RECORDED / "04-auth.pcap"
PASSWORDS = ("rootpw", "adminpw")


def analyze(*words: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "netinfo_scapy", "analyze", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_to_a_file_and_to_standard_output(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("before")
    done = analyze(AUTH, "--format", "html", "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    page = target.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    assert analyze(AUTH, "--format", "html").stdout == page
    assert analyze("-", "--format", "html", stdin=AUTH.read_bytes()).returncode == 0
    summary = json.loads(analyze(AUTH, "--format", "json").stdout)
    made = Document(page.decode())
    assert len(made.all("article")) == len(summary["findings"]) > 0
    domains = [each for each in summary["domains"] if each["directories"]]
    assert [len(made.data(f"domain-{at}-data")) for at in range(1, len(domains) + 1)] == [
        each["directories"] for each in domains
    ]
    assert len(made.rows("changes-table")) == sum(each["changes"] for each in domains) > 0


def test_secrets_are_shown_only_when_asked_for() -> None:
    hidden, shown = (analyze(AUTH, "--format", "html", *more).stdout.decode() for more in ((), ("--reveal",)))
    for password in PASSWORDS:
        assert password not in hidden
        assert password in shown


def test_json_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert analyze(AUTH, "--format", "json", "-o", target).returncode == 0
    assert target.read_bytes() == analyze(AUTH, "--format", "json").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "report.txt"], "--output is for --format json or html"),
        (["--format", "html", "-o", "nowhere/report.html"], "nowhere/report.html: there is no such folder"),
        (["--format", "html", "-o", "."], ".: is a folder; name a file in it"),
        (["--format", "html", "-o", "a.pcap"], "a.pcap: the output would replace this input"),
    ],
)
def test_what_cannot_come_out_right_is_refused(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.pcap").write_bytes(AUTH.read_bytes())
    done = analyze("a.pcap", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().replace("│", " ").split())
    assert "Traceback" not in done.stderr.decode()
    assert Path("a.pcap").read_bytes() == AUTH.read_bytes()
    assert [each.name for each in Path().iterdir()] == ["a.pcap"]


def test_not_to_a_terminal() -> None:
    with terminal() as screen:
        with start("analyze", AUTH, "--format", "html", stdout=screen.end, stderr=screen.end) as process:
            assert process.wait(60) == 2
        os.close(screen.end)
    assert "write it to a file with -o FILE" in " ".join(screen.text.split())
    assert "<" not in screen.text


def test_nothing_is_written_where_nothing_could_be_read(tmp_path: Path) -> None:
    broken, target = tmp_path / "a.pcap", tmp_path / "a.html"
    broken.write_bytes(b"no capture")
    assert analyze(broken, "--format", "html", "-o", target).returncode == 3
    assert not target.exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_templates_are_loaded_for_pages_only(form: str) -> None:
    script = (
        "import sys; from netinfo_scapy.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print('jinja2' in sys.modules, file=sys.stderr)"
    )
    words = [sys.executable, "-c", script, "analyze", str(AUTH), "--format", form]
    done = subprocess.run(words, capture_output=True, check=True)
    assert done.stderr.decode().strip() == "False"
