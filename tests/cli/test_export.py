"""`netinfo-scapy analyze` in the formats with every message, as a person or a script meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import one_line, run
from tests.support.captures import RECORDED, recording, write_pcap
from tests.support.zeek import read_log

AUTH = RECORDED / "04-auth.pcap"


def test_logs_to_a_folder_and_the_first_to_standard_output(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "logs"
    assert run("analyze", AUTH, "--format", "tsv", "-o", folder).stdout == ""
    names = {path.name for path in folder.iterdir()}
    assert names == {"netinfo.log", "netinfo_conversations.log", "netinfo_findings.log"}
    done = run("analyze", AUTH, "--format", "tsv")
    assert read_log(done.stdout.encode()).rows == read_log((folder / "netinfo.log").read_bytes()).rows


def test_from_standard_input() -> None:
    done = run("analyze", "-", "--format", "ndjson", stdin=AUTH.read_bytes())
    assert done.returncode == 0
    *events, stats = map(json.loads, done.stdout.splitlines())
    found = sum(event["event_type"] == "netinfo" for event in events)
    assert found == stats["stats"]["totals"]["messages"] > 200


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "ndjson", "--follow"),
        ("--format", "tsv", "--jobs", "2"),
        ("--format", "parquet", "--scheduler", "tcp://127.0.0.1:1"),
        ("--format", "text", "-o", "out"),
        ("--format", "tsv", "-o", AUTH),
        ("--format", "ndjson", "-o", "no/such/folder/out"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(words: tuple[str, ...]) -> None:
    done = run("analyze", AUTH, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)


def test_an_input_is_not_replaced(tmp_path: Path) -> None:
    source = write_pcap(tmp_path / "netinfo.log", recording("04-auth"))
    before = source.read_bytes()
    for form, output in (("ndjson", source), ("parquet", source), ("tsv", tmp_path), ("json", source)):
        done = run("analyze", source, "--format", form, "-o", output)
        assert (done.returncode, one_line(done.stderr)) == (2, True)
    assert source.read_bytes() == before


@pytest.mark.parametrize("command", [("analyze", "--format", "json"), ("analyze", "--format", "ndjson"), ("extract",)])
def test_the_list_of_servers_is_not_replaced(command: tuple[str, ...], tmp_path: Path) -> None:
    known, link = tmp_path / "known", tmp_path / "link"
    known.write_text("192.0.2.20\n")
    link.symlink_to(known)
    for output in (known, link):
        done = run(*command, AUTH, "--known", known, "-o", output)
        assert (done.returncode, one_line(done.stderr)) == (2, True)
    assert known.read_text() == "192.0.2.20\n"


@pytest.mark.parametrize("form", ["ndjson", "tsv", "parquet"])
def test_what_cannot_be_read_leaves_no_file(form: str, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.pcap", tmp_path / "out"
    broken.write_bytes(b"no capture at all, and long enough to be looked at")
    done = run("analyze", broken, "--format", form, "-o", out)
    assert (done.returncode, one_line(done.stderr)) == (3, True)
    assert not [each for each in out.rglob("*") if each.is_file()]
    assert not out.is_file()


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m netinfo_scapy analyze {RECORDED} --format ndjson | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)


def test_where_pyarrow_is_not_installed(tmp_path: Path) -> None:
    """As if: a package of that name that is not there."""
    (tmp_path / "pyarrow.py").write_text("raise ModuleNotFoundError('No module named pyarrow', name='pyarrow')\n")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    done = run("analyze", AUTH, "--format", "parquet", "-o", tmp_path / "out", PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "pip install 'netinfo-scapy[parquet]'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_other_formats_do_not_load_what_they_do_not_need() -> None:
    code = (
        "import sys; from netinfo_scapy.cli.main import app\n"
        f"app(['analyze', {str(AUTH)!r}, '--format', 'ndjson', '-o', '/dev/null'], standalone_mode=False)\n"
        "print([name for name in ('pyarrow', 'scapy', 'duckdb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
