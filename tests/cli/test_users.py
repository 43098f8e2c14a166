"""`--user NAME`: the captures' directories tell the uid."""

from __future__ import annotations

import json
from pathlib import Path

from netinfo_scapy.cli.users import uid_of
from tests.cli.test_commands import one_line
from tests.support.captures import RECORDED
from tests.support.commands import call as run

AUTH, TOOLS = RECORDED / "04-auth.pcap", RECORDED / "06-tools.pcap"


def messages(*users: str) -> list[dict]:
    words = [word for user in users for word in ("--user", user)]
    done = run("messages", AUTH, TOOLS, "--format", "ndjson", *words)
    assert done.returncode == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_name_is_the_uid_that_the_directory_gives_it() -> None:
    by_name, by_uid = messages("root"), messages("0")
    assert by_name == by_uid
    assert {each["credential"]["uid"] for each in by_name if each["type"] == "call"} == {0}
    assert messages("root", "501") == messages("0", "501")
    # Only the second capture tells who has this uid, and only the first one has a call of his.
    assert messages("admin") == messages("501") != []
    assert run("messages", AUTH, "--user", "root").stderr == "netinfo-scapy: --user root: uid 0\n"


def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    for words, said in (
        (("messages", TOOLS, "--user", "nobodyhere"), "no such user with a uid; give the uid"),
        (("messages", "-", "--user", "root"), "standard input is read once; give the uid"),
        (("extract", TOOLS, "-w", tmp_path / "out", "--user", "nobodyhere"), "no such user"),
    ):
        done = run(*words, stdin=b"")
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert said in done.stderr


def test_a_number_that_is_no_uid() -> None:
    """4294967797 would be 501, were all but its last 32 bits forgotten."""
    for number in ("-4294966795", "4294967797", "9" * 5_000):
        done = run("messages", AUTH, "--user", number)
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert "a uid has 32 bits" in done.stderr
    assert [uid_of(each) for each in ("-2", "0501", "", "1_0", "9" * 5_000)] == [4294967294, 501, None, None, None]


def test_packets_are_written_where_either_option_says(tmp_path: Path) -> None:
    for option in ("-o", "-w", "--output", "--write-to"):
        path = tmp_path / option.strip("-")
        assert run("extract", AUTH, option, path, "--user", "root").returncode == 0
        assert path.read_bytes() == (tmp_path / "o").read_bytes()


def test_a_moment_behind_the_end_is_told() -> None:
    frames = json.loads(run("analyze", TOOLS, "--format", "json").stdout)["totals"]["frames"]
    done = run("list", TOOLS, "/users", "--tag", "network", "--at", f"frame:{frames + 1}")
    assert done.returncode == 0
    assert f"--at frame:{frames + 1}: {TOOLS} ends with frame {frames}; this is all of it" in done.stderr
    assert "ends with" not in run("list", TOOLS, "/users", "--tag", "network", "--at", f"frame:{frames}").stderr
