"""John the Ripper itself finds the passwords that the recordings' accounts were given."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.john import john, left_out
from tests.support.trees import PRINTED

USERS = read_raw((PRINTED / "nidump-r-users.txt").read_bytes(), "x")


def test_its_lines() -> None:
    assert b"".join(john(USERS)) == b"root:abz3GtcEvEtv6:0::::\nadmin:cdtYoGu9od9mI:501:20:::\n"


@pytest.fixture
def ripper() -> Iterator[str]:
    """The john command. It keeps its notes in the user's home; a folder made for that goes afterwards."""
    command = shutil.which("john") or shutil.which("john", path="/usr/sbin:/usr/bin")
    if command is None:
        pytest.skip("john is not installed; `make test` installs it")
    notes = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".john"
    kept = notes.exists()
    yield command
    if not kept:
        shutil.rmtree(notes, ignore_errors=True)


def test_john_finds_the_passwords(tmp_path: Path, ripper: str) -> None:
    (tmp_path / "hashes").write_bytes(b"".join(john(USERS)))
    (tmp_path / "words").write_text("wrongpw\nrootpw\nadminpw\n")
    shown = b""
    for words in (["--wordlist=words"], ["--show"]):
        done = subprocess.run([ripper, *words, "hashes"], cwd=tmp_path, capture_output=True, check=True, timeout=60)
        shown = done.stdout
    assert shown.decode().splitlines()[:2] == ["root:rootpw:0::::", "admin:adminpw:501:20:::"]


def test_what_separates_fields_does_not_stand_in_one() -> None:
    def user(**properties: str) -> Directory:
        return Directory(properties=[Property(name.encode(), [value.encode()]) for name, value in properties.items()])

    users = [
        user(name="a:b", passwd="x"),
        user(name="a", passwd="x\ny"),
        user(name="none"),
        user(passwd="nameless"),
        user(name="a", passwd="x", realname="A: B\nroot::0", home="/\0"),
    ]
    assert left_out(Directory(children=users)) == ("3 users left out, whose name or hash cannot stand in such a line")
    assert left_out(USERS) is None
    assert b"".join(john(Directory(children=users))) == b"a:x:::A  B root  0:/ :\n"
