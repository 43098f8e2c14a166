"""The examples in docs/, typed as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netinfo_scapy.analysis.scrub.known import KNOWN
from tests.support.commands import call
from tests.support.guide import (
    DOCS,
    ROOT,
    blocks,
    check_python,
    commands,
    furnish,
    lines,
    of_the_reader,
    pages,
    run,
    same,
)

GUIDE = (DOCS / "exports.md").read_text()
OF_THEIR_OWN = {DOCS / "ids.md", DOCS / "wireshark.md"}
"""Pages whose examples have a test of their own."""


def name(page: Path) -> str:
    return str(page.relative_to(DOCS))


@pytest.mark.parametrize("page", [each for each in pages("console") if each not in OF_THEIR_OWN], ids=name)
def test_commands(page: Path, tmp_path: Path) -> None:
    for tool in ("jq", "tshark", *(["suricata"] if " ids run " in page.read_text() else [])):
        shutil.which(tool) or pytest.skip(f"no {tool}")
    furnish(tmp_path)
    for session in map(commands, blocks(page, "console")):
        printed = run(session, tmp_path)
        assert len(printed) == len(session), (session, printed)
        for command, got in zip(session, printed, strict=True):
            assert same(command.printed, got), f"$ {command.typed}{got}instead of\n{command.printed}"


@pytest.mark.parametrize("page", pages("pycon"), ids=name)
def test_python(page: Path, tmp_path: Path) -> None:
    furnish(tmp_path)
    assert check_python(page, tmp_path) == ""


OTHERS = [page for page in (ROOT / "README.md", *sorted(DOCS.rglob("*.md"))) if lines(page)]


@pytest.mark.parametrize("page", OTHERS, ids=lambda page: page.name)
def test_what_else_is_typed_works(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    # Who types has a shell that can complete words; make has one that cannot.
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    for words in (each for each in lines(page) if not of_the_reader(each)):
        done = call(*words)
        assert done.returncode == 0, (words, done.stderr)


def test_the_detector_of_the_guide_is_one(tmp_path: Path) -> None:
    """Put where the guide says, it finds what it is about: the crafted capture has a RESYNC, from another host."""
    (source,) = blocks(DOCS / "how-to" / "add-a-detector.md", "python")
    (tmp_path / "resync_asked.py").write_text(source)
    script = (
        "import netinfo_scapy, sys; from netinfo_scapy.analysis.findings import detectors\n"
        "detectors.__path__.append(sys.argv[1])\n"
        "found = netinfo_scapy.analyze(sys.argv[2])['findings']\n"
        "print([each['title'] for each in found if each['id'] == 'resync-asked'])"
    )
    command = [sys.executable, "-c", script, str(tmp_path), str(ROOT / "pcaps/crafted/netinfo-tcp.pcap")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told == "['192.0.2.10 had the server at 192.0.2.1:961/tcp resynchronized']\n"


def test_the_words_that_stay_are_listed() -> None:

    listed = GUIDE.rpartition("stay wherever they stand:")[2]
    assert set(re.findall(r"`([^`]+)`", listed)) == KNOWN
