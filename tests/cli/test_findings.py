"""`netinfo-scapy findings`, and findings in every other output; no secret in any of them unless it is asked for."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.findings.table import DETECTORS
from tests.analysis.findings.making import HASH, OTHER_HASH
from tests.cli.test_commands import AUTH, PASSWORDS, READS, one_line, run
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, write_pcap
from tests.support.conversation import Talk

SECRETS = (*PASSWORDS, "whatever", "wrongpassword", HASH, OTHER_HASH)
INVERTED = [bytes(byte ^ 0xFF for byte in each.encode()).hex() for each in SECRETS]


def test_json_and_ndjson_are_the_findings_of_analyze() -> None:
    expected = netinfo_scapy.analyze(AUTH)["findings"]
    done = run("findings", AUTH, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == expected
    lines = run("findings", AUTH, "--format", "ndjson").stdout.splitlines()
    assert [json.loads(line) for line in lines] == expected


def test_text_tells_each_with_a_filter() -> None:
    done = run("findings", AUTH, "--full", COLUMNS="2000")
    assert done.returncode == 0
    for each in netinfo_scapy.analyze(AUTH)["findings"]:
        assert each["title"] in done.stdout
        assert each["filter"] in done.stdout
    assert "accepted: yes" in done.stdout


def test_only_some() -> None:
    def ids(*words: object) -> set[str]:
        found = json.loads(run("findings", AUTH, "--format", "json", *words).stdout)
        return {(each["id"], each["severity"]) for each in found}

    everything = ids()
    assert ids("--severity", "high") == {each for each in everything if each[1] == "high"} != everything
    assert {each for each, _ in ids("--only", "password-hashes")} == {"password-hashes"}
    two = ids("--only", "password-hashes", "--only", "password-guessing")
    assert {each for each, _ in two} == {"password-hashes", "password-guessing"}


def test_explain() -> None:
    listed = run("findings", "--explain")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(DETECTORS)
    for id_, detector in DETECTORS.items():
        done = run("findings", "--explain", id_)
        assert (done.returncode, done.stderr) == (0, "")
        for text in (detector.about.meaning, detector.about.advice, detector.about.silent, *detector.about.references):
            assert text in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--explain", "nosuch"), "nosuch"),
        ((AUTH, "--only", "nosuch"), "nosuch"),
        ((AUTH, "--severity", "awful"), "--severity"),
        ((AUTH, "--known", "nosuch.txt"), "nosuch.txt"),
        ((AUTH, "--known", AUTH), "04-auth.pcap:1"),
        ((AUTH, "--known", AUTH.parent), "recorded"),
        ((), "CAPTURE"),
    ],
)
def test_each_mistake_is_one_line(words: tuple[object, ...], says: str) -> None:
    done = run("findings", *words)
    assert done.returncode == 2
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert done.stdout == ""


def test_a_wrong_line_of_the_known_servers_is_named(tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    known.write_text("192.0.2.1\nnobody\n")
    for command in ("analyze", "findings"):
        done = run(command, AUTH, "--known", known)
        assert done.returncode == 2
        assert "known.txt:2" in done.stderr
    known.write_text("192.0.2.1 network\n")
    assert run("findings", AUTH, "--known", known).returncode == 0


def test_nothing_found_is_said(tmp_path: Path) -> None:
    talk = Talk()
    talk.ask(rpc.ping(1), rpc.accepted(1))
    path = write_pcap(tmp_path / "a.pcap", talk.frames)
    done = run("findings", path)
    assert (done.returncode, done.stdout.strip()) == (0, "")
    assert "nothing found in 2 messages" in done.stderr
    assert json.loads(run("findings", path, "--format", "json").stdout) == []


OUTPUTS = (
    ("analyze",),
    ("analyze", "--full"),
    ("analyze", "--format", "json"),
    ("findings",),
    ("findings", "--full"),
    ("findings", "--format", "json"),
    ("findings", "--format", "ndjson"),
)


@pytest.mark.parametrize("words", OUTPUTS, ids=" ".join)
def test_no_secret_in_any_output(words: tuple[str, ...]) -> None:
    """All recordings at once: every password and every hash in them."""
    paths = [capture_path(name) for name in NAMES]
    hidden = run(*words, *paths, "--as", "each")
    assert hidden.returncode == 0
    for secret in (*SECRETS, *INVERTED):
        assert secret not in hidden.stdout + hidden.stderr
    if "analyze" not in words or "json" in words:
        revealed = run(*words, *paths, "--as", "each", "--reveal").stdout
        assert all(secret in revealed for secret in SECRETS)


def test_reveal_from_python() -> None:
    assert HASH not in json.dumps(netinfo_scapy.analyze(READS))
    assert HASH in json.dumps(netinfo_scapy.analyze(READS, reveal=True))


def test_a_hostile_name_is_shown_as_text(tmp_path: Path) -> None:
    hostile = "\x1b[31m<script>\u202e"
    talk = Talk()
    props = [("name", [hostile]), ("uid", ["0"]), ("passwd", [""])]
    talk.ask(rpc.read(1, 4), rpc.read_reply(1, 4, props))
    path = write_pcap(tmp_path / "a.pcap", talk.frames)
    for words in (("analyze",), ("findings",)):
        shown = run(*words, path).stdout
        assert "<script>" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_no_text_shows_its_markup() -> None:
    assert any("`" in each["advice"] for each in netinfo_scapy.analyze(AUTH)["findings"])
    done = run("findings", AUTH, COLUMNS="2000")
    assert "`" not in done.stdout
    assert 'guessing hit: "accepted" in the details' in done.stdout


def test_an_explanation_is_set_for_a_terminal() -> None:
    ours, theirs = pty.openpty()
    try:
        words = [sys.executable, "-m", "netinfo_scapy", "findings", "--explain", "password-guessing"]
        subprocess.run(words, stdout=theirs, timeout=60, check=True, env={**os.environ, "COLUMNS": "80"})
        text = os.read(ours, 65536).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert "What it means." in text
    assert "**" not in text
    assert "`" not in text
