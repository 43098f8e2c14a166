"""Names from the network that would like to be more than names: in a terminal, a table, a page, or as a file."""

from __future__ import annotations

import json
import os
import plistlib
from functools import cache
from pathlib import Path

import pytest

from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.commands import call
from tests.support.conversation import SERVER, Talk
from tests.support.directory_server import call_of
from tests.support.packets import Address
from tests.support.zeek import read_log

NAMES = (
    b"\x1b[2J\x1b]0;owned\x07", b"a\r\nb\tc", b"\xe2\x80\xaetxt.exe", b"nul\0nul", b"\x9b31m\x7f", b"\xff\xfe",
    b"", b".", b"..", b"../../escaped", b"/escaped", b"a/../../escaped", b"C:\\escaped", b"~", b"-rf", b"CON", b"con",
    b"=1+cmd|' /C calc'!A0", b"@SUM(1)", b"<script>alert(1)</script>", b"]]>&amp;\"'", b"%s%n%2e%2e%2f", b"$(id)`id`",
    "caf\u00e9".encode(), "cafe\u0301".encode(), b"x" * 300, "\u2028\ufeff".encode(), b"\xed\xa0\x80",
)  # fmt: skip
"""For a terminal, for tables, for file systems, for spreadsheets, for pages, for shells, and for decoders of UTF-8."""

_ROOT, _FOLDER = 0, 1
_SEEN = ("\x1b", "\x07", "\x9b", "\r", "\0", "\u202e", "\u2066", "\u2028", "\ufeff")


@cache
def _capture() -> bytes:
    """A domain of directories that are called so, with properties and values of these names, and tags, and lookups."""
    talk = Talk()
    nibind = Address(SERVER.ip, 700)
    link = talk.tcp()
    first = 2
    objects = [(_ROOT, _ROOT, [_FOLDER], [(b"master", b"host/network")])]
    objects.append((_FOLDER, _ROOT, [*range(first, first + len(NAMES))], [(b"name", b"users")]))
    for number, name in enumerate(NAMES, first):
        objects.append((number, _FOLDER, [], [(b"name", name), (name, name), (b"passwd", b"*"), (b"uid", b"5")]))
    chain = b"".join(
        rpc.words(1, number, 1)
        + rpc.array(rpc.opaque(name) + rpc.names([value]) for name, value in properties)
        + rpc.words(parent)
        + rpc.array(map(rpc.words, children))
        for number, parent, children, properties in objects
    )
    link.call(rpc.record(call_of(1, "READALL", rpc.words(0))))
    answer = rpc.record(rpc.accepted(1, rpc.words(0, 1, 99) + chain + rpc.words(0)))
    link.reply(answer, *range(1400, len(answer), 1400))
    for xid, name in enumerate(NAMES, 2):
        asked = rpc.ni_id() + rpc.opaque(name) + rpc.opaque(name)
        machine = rpc.auth_sys(name[:200], uid=xid)
        talk.ask(rpc.call(xid, rpc.NETINFO, 2, 10, asked, credential=machine), rpc.accepted(xid, rpc.words(5)))
        ports = rpc.accepted(xid, rpc.words(0, 801, 802))
        talk.ask(rpc.call(xid, rpc.NIBIND, 1, 3, rpc.opaque(name)), ports, server=nibind)
        written = rpc.ni_id(_FOLDER) + rpc.opaque(name) + rpc.names([name]) + rpc.words(0xFFFFFFFF)
        link.call(rpc.record(call_of(100 + xid, "CREATEPROP", written)))
        link.reply(rpc.record(rpc.accepted(100 + xid, rpc.words(0) + rpc.ni_id(_FOLDER, xid))))
    return pcap_bytes(talk.frames)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "in" / "[red]\u202ehostile\x1b.pcap"
    found.parent.mkdir()
    found.write_bytes(_capture())
    return found


def is_plain(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def test_what_people_read(path: Path) -> None:
    """What shows values as they are does so in a terminal only; cli/test_dump.py has that."""
    for words in (
        ("analyze", "--full", path),
        ("messages", path),
        ("messages", "--full", path),
        ("findings", "--full", path),
        ("dump", path),
        ("dump", "--history", "/users", path),
        ("ids", "explain", "--full", path),
    ):
        done = call(*words)
        assert done.returncode in (0, 1), (words, done.stderr)
        assert is_plain(done.stdout + done.stderr), words


def test_objects_of_json(path: Path) -> None:
    """They are printed in terminals, too."""
    for words in (
        ("messages", "--format", "ndjson"),
        ("analyze", "--format", "ndjson"),
        ("analyze", "--format", "json"),
        ("findings", "--format", "ndjson"),
        ("findings", "--format", "json"),
        ("dump", "--format", "json"),
        ("ids", "explain", "--json"),
    ):
        done = call(*words, path)
        assert done.returncode == 0, (words, done.stderr)
        lines = done.stdout.rstrip("\n").split("\n") if "ndjson" in words else [done.stdout]
        assert all(isinstance(json.loads(line), (dict, list)) for line in lines)
        assert is_plain(done.stdout)


def test_rows_of_tables(path: Path, tmp_path: Path) -> None:
    assert call("analyze", "--format", "tsv", "-o", tmp_path / "logs", path).returncode == 0
    for log in (tmp_path / "logs").iterdir():
        data = log.read_bytes()
        assert data.isascii()
        rows = [line for line in data.decode().split("\n") if line and not line.startswith("#")]
        assert len({line.count("\t") for line in rows}) <= 1
        assert not any(cell[:1] in "=@+" for line in rows for cell in line.split("\t") if cell)
        assert read_log(data).rows or not rows


def test_a_page(path: Path) -> None:
    page = call("analyze", "--format", "html", path).stdout
    assert not any(each in page for each in _SEEN)
    assert "<script>alert(1)" not in page
    assert "owned" in page


def test_files_stay_in_their_folder(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "node"
    done = call("dump", "--format", "dslocal", "-o", folder, path)
    assert done.returncode == 0, done.stderr
    files = [each for each in tmp_path.rglob("*") if each.is_file() and each != path]
    assert all(folder in each.parents for each in files)
    assert not any("escaped" in each.name for each in folder.parent.iterdir())
    assert all(each.name.isprintable() and not each.is_symlink() for each in files)
    users = [plistlib.loads(each.read_bytes()) for each in (folder / "users").iterdir()]
    assert len(users) == len(NAMES)  # as many files, however alike their names


def test_no_link_leads_out_of_a_folder(path: Path, tmp_path: Path) -> None:
    """Who could put links into a folder of logs could choose what is replaced."""
    victim, folder = tmp_path / "victim", tmp_path / "logs"
    victim.write_text("mine")
    folder.mkdir()
    for name in ("netinfo.log", "netinfo_findings.log"):
        (folder / name).symlink_to(victim)
    (folder / "netinfo_conversations.log").symlink_to("/dev/full")
    assert call("analyze", "--format", "tsv", "-o", folder, path).returncode == 0
    assert victim.read_text() == "mine"
    assert not any(each.is_symlink() for each in folder.iterdir())
    assert os.path.exists("/dev/full")  # noqa: PTH110 - it is no file
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "users").symlink_to(tmp_path)
    done = call("dump", "--format", "dslocal", "-o", tmp_path / "node", path)
    assert (done.returncode, "not an empty folder" in done.stderr) == (2, True)


def test_a_file_that_was_named_is_written_through_its_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert call("analyze", "--format", "json", "-o", tmp_path / "link", path).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "target").read_bytes())["totals"]["messages"] > 0
