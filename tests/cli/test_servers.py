"""The commands that ask a server, as a person meets them: against the responder, and where there is none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import one_line
from tests.support.captures import RECORDED
from tests.support.commands import call as run
from tests.support.responders import Responding, responder
from tests.support.servers import HOST, Server, free_port

TOOLS = RECORDED / "06-tools"
PATIENT = ("--timeout", "30")
"""Where an answer is expected: this machine may have other things to do."""


@pytest.fixture(scope="module")
def at_work() -> Iterator[Responding]:
    with responder(("network", "local")) as made:
        yield made


@pytest.fixture(scope="module")
def url(at_work: Responding) -> str:
    return f"netinfo://{HOST}:{at_work.tcp()}/network"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("rootpw\nsecond line\n")
    return path


def printed(*words: object) -> str:
    done = run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(code: int, *words: object) -> str:
    done = run(*words)
    assert done.returncode == code
    assert done.stdout == ""
    assert one_line(done.stderr)
    return done.stderr


def test_a_server_is_read_as_a_file_of_it_is(url: str, tmp_path: Path) -> None:
    raw = printed("dump", url)
    path = tmp_path / "network.ni"
    path.write_text(raw)
    for words in (
        ("list", "/"),
        ("list", "/users", "uid"),
        ("list", "/users", "name", "uid", "shell"),
        ("read", "/users/root"),
        ("read", "/users/uid=501"),
        ("lookup", "/users", "uid", "0"),
    ):
        command, *rest = words
        numbers = printed(command, url, *rest), printed(command, path, *rest)
        without = [[line.split("\t")[-1] for line in text.splitlines()] for text in numbers]
        assert without[0] == without[1]
    for form in ("passwd", "hosts", "group", "aliases"):
        assert printed("dump", url, "--format", form) == printed("dump", path, "--format", form)
    assert run("diff", url, path).stdout == ""


def test_few_calls(url: str, at_work: Responding) -> None:
    """PING or STATISTICS first, a LOOKUP for each step, and what is said here."""

    def calls(*words: object) -> int:
        before = at_work.server.calls
        printed(*words)
        return at_work.server.calls - before

    assert calls("list", url, "/users", "uid") == 4  # READ, LIST
    assert calls("read", url, "/users/root") == 4  # READ
    assert calls("lookup", url, "/users", "uid", "501") == 5  # READ, LIST, READ of the one found
    assert calls("dump", url) == 2  # READALL


def test_as_the_genuine_tools_printed(url: str) -> None:
    """What niutil and nidump printed of a server that held the same then."""
    assert printed("dump", url, "--format", "passwd") == (TOOLS / "nidump-passwd.txt").read_text("latin-1")
    assert printed("list", url, "/users", "uid") == (TOOLS / "niutil-list-users-uid.txt").read_text()


def test_what_a_server_says_of_itself(url: str, at_work: Responding) -> None:
    lines = printed("stats", url).splitlines()
    assert lines[0].startswith("checksum: ")
    assert "tag: network master 0" in lines
    assert len(lines) == 42
    tags = printed("tags", f"{HOST}:{at_work.udp('nibind')}")
    assert tags.splitlines() == [
        f"tag={tag} udp={at_work.udp(tag)} tcp={at_work.tcp(tag)}" for tag in ("network", "local")
    ]
    assert "NI_NETROOT: the domain is the root domain" in refused(3, "rparent", url)


def test_changes_need_to_be_asked_for(url: str, password: Path) -> None:
    as_root = ("--user", "root", "--password-file", password)
    for words in (
        ("create", url, "/office"),
        ("set", url, "/office", "x", "1"),
        ("append", url, "/office", "x", "1"),
        ("rename", url, "/office", "x", "y"),
        ("destroy", url, "/office"),
        ("destroy", url, "/office", "y"),
    ):
        assert "say so with --write" in refused(2, *words)
        assert "say so with --write" in refused(2, *words, *as_root)
    assert "office" not in printed("list", url, "/")


def test_changes(url: str, password: Path) -> None:
    how = ("--write", "--user", "0", "--password-file", password)
    for words in (
        ("create", url, "/office"),
        ("set", url, "/office", "phones", "1", "2"),
        ("append", url, "/office", "phones", "3"),
        ("rename", url, "/office", "phones", "telephones"),
    ):
        assert printed(*words, *how) == ""
    assert printed("read", url, "/office") == "name: office\ntelephones: 1 2 3\n"
    assert printed("destroy", url, "/office", "telephones", *how) == ""
    assert printed("destroy", url, "/office", *how) == ""
    assert "there is no directory /office" in refused(2, "read", url, "/office")
    assert "NI_NODIR" in refused(2, "set", url, "/office", "x", "1", *how)
    assert "NI_NOPROP" in refused(2, "rename", url, "/users", "nosuch", "x", *how)


def test_a_property_that_nobody_has(url: str) -> None:
    done = run("list", url, "/users", "nosuchkey")
    assert done.returncode == 0
    assert done.stderr == "netinfo-scapy: none of 4 directories have nosuchkey\n"


def test_a_dump_into_a_file(url: str, tmp_path: Path) -> None:
    for words in ((), ("--format", "json"), ("--format", "passwd")):
        path = tmp_path / "out"
        assert printed("dump", url, *words, "-o", path) == ""
        assert path.read_text() == printed("dump", url, *words)
    assert len(json.loads(printed("dump", url, "--format", "json"))["domains"][0]["directories"]) == 16
    # An input is not replaced.
    (tmp_path / "raw").write_text(printed("dump", url))
    assert "would replace this input" in refused(2, "dump", tmp_path / "raw", "-o", tmp_path / "raw")
    assert "make it first" in refused(2, "dump", url, "-o", tmp_path / "no" / "out")


def test_who_may_not(url: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"wrong")
    assert "NI_PERM" in refused(3, "create", url, "/x", "--write")
    assert "NI_AUTHERROR" in refused(3, "create", url, "/x", "--write", "--user", "root", "--password-file", wrong)
    assert "no such user" in refused(2, "create", url, "/x", "--write", "--user", "nobodyhere")
    assert "NI_NOUSER" in refused(3, "create", url, "/x", "--write", "--user", "4711")
    assert "no such file" in refused(2, "create", url, "/x", "--write", "--password-file", tmp_path / "none")
    assert "NI_NOUSER" in refused(3, "create", url, "/x", "--write", "--user=-2")
    assert "32 bits" in refused(2, "create", url, "/x", "--write", "--user", "4294967296")
    assert "rootpw" not in run("stats", url, "--user", "0", "--password-file", wrong, "--timeout", "x").stderr


def test_a_password_on_standard_input(url: str) -> None:
    done = run("set", url, "/users", "x", "1", "--write", "--user", "0", "--password-file", "-", stdin=b"rootpw\n")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("destroy", url, "/users", "x", "--write", "--user", "0", "--password-file", "-", stdin=b"rootpw\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_mistakes(url: str, at_work: Responding) -> None:
    nothing = free_port()
    assert "connection refused" in refused(3, "list", f"netinfo://{HOST}:{nothing}/network", "/")
    assert "serves the tag network, not other" in refused(2, "read", url.replace("/network", "/other"), "/")
    assert "write netinfo://HOST/TAG" in refused(2, "list", "netinfo://", "/")
    assert "--user" in refused(2, "list", f"netinfo://root@{HOST}/network", "/")
    assert "has no address" in refused(3, "stats", "netinfo://no-such-host.invalid:961/x")
    assert "give one of the two" in refused(2, "stats", url, "--password", "--password-file", "x")
    assert "NI_NOTAG" in refused(3, "stats", f"netinfo://{HOST}:{at_work.tcp('nibind')}/other")
    assert "name a tag" in refused(2, "stats", f"netinfo://{HOST}:{at_work.tcp('nibind')}")


def test_a_server_that_says_nothing() -> None:
    with Server() as server:
        text = refused(3, "stats", f"netinfo://{HOST}:{server.port}/x", "--timeout", "0.3")
    assert "no answer within 0.3 s" in text


def test_control_characters_of_a_server_are_escaped() -> None:
    from tests.support import rpc
    from tests.support.servers import called

    def answer(message: bytes, _: str) -> list[bytes]:
        return [rpc.accepted(called(message)[0], rpc.properties([("tag", ["\x1b[2J", "master"])]))]

    with Server(answer) as server:
        text = refused(2, "stats", f"netinfo://{HOST}:{server.port}/x")
        assert "\x1b" not in text
        assert "\x1b" not in printed(
            "probe", HOST, "--no-usual-ports", "--port", server.port, "--timeout", "0.3", "--no-checks"
        )


def test_probe(at_work: Responding) -> None:
    words = (
        "probe",
        HOST,
        "--no-usual-ports",
        "--port",
        at_work.tcp(),
        "--port",
        at_work.udp(),
        "--rate",
        "500",
        *PATIENT,
    )
    text = " ".join(printed(*words).split())
    assert "NetInfo" in text
    assert "netinfod of release 208, master, host vm" in text
    assert "nothing was written" in text
    (found,) = [json.loads(line) for line in printed(*words, "--format", "json").splitlines()]
    assert found["verdict"] == "netinfo"
    assert found["domains"][0]["release"] == "208"
    assert "udp-ping: PING over UDP: SUCCESS (as expected)" in " ".join(printed(*words, "--full").split())


def test_probe_of_nothing() -> None:
    nothing = free_port()
    done = run("probe", HOST, "--no-usual-ports", "--port", nothing)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{nothing}/tcp: closed" in done.stdout
    done = run("probe", "no-such-host.invalid", HOST, "--no-usual-ports", "--port", nothing, "--json")
    assert done.returncode == 1
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["unresolved", "closed"]
    assert "--no-usual-ports" in refused(2, "probe", HOST, "--no-usual-ports")
    assert refused(2, "probe")  # no host, nothing is sent


def test_no_network_command_has_a_host_of_its_own() -> None:
    for command in ("probe", "stats", "rparent", "tags", "create", "set", "append", "rename", "destroy"):
        done: subprocess.CompletedProcess[str] = run(command)
        assert done.returncode == 2
        assert "Missing argument" in done.stderr
