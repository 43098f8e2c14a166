"""`dump`, as a person or a script meets it: the forms, and what is said beside them."""

from __future__ import annotations

import gzip
import json
import os
import plistlib
import subprocess
from pathlib import Path

import jsonschema
import pytest

from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.cli.dump import Format
from netinfo_scapy.report import schema
from netinfo_scapy.report.dumps.flat import FLAT
from netinfo_scapy.report.dumps.forms import FORMS
from tests.cli.test_commands import one_line, run
from tests.support.captures import RECORDED
from tests.support.commands import call
from tests.support.terminal import start, terminal
from tests.support.trees import PRINTED, START

TOOLS = RECORDED / "06-tools.pcap"
NETWORK = START / "network.json"
RAW = PRINTED / "nidump-r-root.txt"
AT = ("--tag", "network", "--at", "frame:796")


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("-r", "/"), "nidump-r-root"),
        (("-r", "/users"), "nidump-r-users"),
        (("--format", "passwd"), "nidump-passwd"),
        (("--format", "group"), "nidump-group"),
        (("--format", "hosts", "--path", "/machines"), "nidump-hosts"),
        (("--format", "aliases"), "nidump-aliases"),
    ],
)
def test_what_nidump_printed(words: tuple[str, ...], file: str) -> None:
    done = run("dump", *words, *AT, TOOLS)
    assert done.stdout == (PRINTED / f"{file}.txt").read_text()
    assert (done.returncode, done.stderr) == (0, "")


def test_before_and_after_a_write() -> None:
    later = call("dump", "-r", "/groups", "--tag", "network", TOOLS)
    assert '"name" = ( "niclmade" );' in later.stdout
    assert "niclmade" not in call("dump", "-r", "/groups", *AT, TOOLS).stdout


def test_every_form_is_written_of_every_kind_of_source(tmp_path: Path) -> None:
    packed = tmp_path / "network.json.gz"
    packed.write_bytes(gzip.compress(NETWORK.read_bytes()))
    for form in ("raw", "ldif"):
        texts = {call("dump", "--format", form, "--base", "dc=x", each).stdout for each in (NETWORK, RAW, packed)}
        assert len(texts) == 1
        assert texts == {call("dump", "--format", form, "--base", "dc=x", *AT, TOOLS).stdout}
    piped = run("dump", "-", "-r", "/users", stdin=RAW.read_bytes())
    assert piped.stdout == (PRINTED / "nidump-r-users.txt").read_text()


@pytest.mark.parametrize("form", sorted(FLAT))
def test_a_directory_that_is_there_and_empty(form: str) -> None:
    done = call("dump", "--format", form, "--path", "/mounts", NETWORK)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("/private/tftpboot:/\nmach\n%%\n" if form == "bootptab" else "")


def test_every_form_can_be_asked_for() -> None:
    assert set(Format) == {*FORMS, "json", "dslocal"}


def test_captures_on_standard_input() -> None:
    piped = run("dump", "-", "--tag", "network", "--at", "frame:796", "-r", "/users", stdin=TOOLS.read_bytes())
    assert piped.returncode == 0
    # Read once, what names the endpoints comes too late for some of it; what is there is right.
    assert read_raw(piped.stdout.encode(), "-").first(b"name") == b"users"


@pytest.mark.parametrize("capture", ["04-auth", "06-tools", "11-clone"])
def test_json_keeps_to_its_schema_and_reads_as_it_was(capture: str, tmp_path: Path) -> None:
    done = call("dump", RECORDED / f"{capture}.pcap", "--format", "json")
    assert done.returncode == 0
    jsonschema.Draft202012Validator(schema.schema("directory")).validate(json.loads(done.stdout))
    stored = tmp_path / "stored.json"
    stored.write_text(done.stdout)
    again = call("dump", stored, "--format", "json")
    first, second = json.loads(done.stdout), json.loads(again.stdout)
    assert (first.pop("source"), second.pop("source")) == (str(RECORDED / f"{capture}.pcap"), str(stored))
    assert first == second
    assert done.stderr == again.stderr


def test_what_is_not_known_is_said_beside_and_marked_in_json() -> None:
    done = call("dump", RECORDED / "04-auth.pcap", "--tag", "network")
    assert done.returncode == 0
    assert "not all is known" in done.stderr
    assert one_line(done.stderr)
    assert "known" not in done.stdout
    told = json.loads(call("dump", RECORDED / "04-auth.pcap", "--tag", "network", "--format", "json").stdout)
    directories = told["domains"][0]["directories"]
    assert told["domains"][0]["complete"] is False
    assert {each["properties_complete"] for each in directories} == {True, False}
    assert all(each["learned"]["frame"] for each in directories)


def test_property_lists(tmp_path: Path) -> None:
    done = call("dump", NETWORK, "--format", "dslocal", "-o", tmp_path / "new" / "Default")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    admin = plistlib.loads((tmp_path / "new" / "Default" / "users" / "admin.plist").read_bytes())
    assert admin == {"name": ["admin"], "uid": ["501"], "passwd": ["cdtYoGu9od9mI"], "gid": ["20"]}
    again = call("dump", NETWORK, "--format", "dslocal", "-o", tmp_path / "new" / "Default")
    assert again.returncode == 2
    assert one_line(again.stderr)


def test_john_needs_reveal() -> None:
    refused = call("dump", NETWORK, "--format", "john")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--reveal" in refused.stderr
    assert call("dump", NETWORK, "--format", "john", "--reveal").stdout.startswith("root:abz3GtcEvEtv6:0:")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((TOOLS,), 2, "--server 127.0.0.1 --tag local, --server 127.0.0.1 --tag network"),
        ((TOOLS, "--tag", "nosuch"), 2, "--tag network"),
        ((TOOLS, "--server", "10.0.0.1"), 2, "no such domain"),
        ((TOOLS, "--server", "127.0.0.1:7", "--tag", "network"), 2, "no such domain"),
        ((TOOLS, "--server", "nobody"), 2, "--server"),
        ((TOOLS, "--server", "127.0.0.1:70000"), 2, "--server"),
        ((TOOLS, *AT, "-r", "/nosuch"), 2, "name=nosuch"),
        ((TOOLS, *AT, "-r", "\\"), 2, "backslash"),
        ((TOOLS, *AT, "--format", "services"), 2, "services"),
        ((TOOLS, "--at", "frame:x"), 2, "frame:796"),
        ((TOOLS, "--at", "yesterday"), 2, "--at"),
        ((TOOLS, "--at", "frame:1", "--at", "frame:2"), 2, "diff"),
        ((TOOLS, RECORDED / "04-auth.pcap", "--at", "frame:1"), 2, "frame:FILE:1"),
        ((NETWORK, "--at", "frame:1"), 2, "--at"),
        ((NETWORK, RAW), 2, "alone"),
        ((NETWORK, "-r", "/", "--format", "ldif"), 2, "-r"),
        ((NETWORK, "--format", "dslocal"), 2, "-o"),
        ((NETWORK, "--format", "ldif", "--base", "cn=x"), 2, "dc=example,dc=com"),
        (("netinfo://",), 2, "netinfo://HOST/TAG"),
        (("nosuch.json",), 2, "nosuch.json"),
        ((RECORDED / "01-nibind-portmap.truth.jsonl",), 3, "jsonl:2:"),
        ((RECORDED.parent / "README.md",), 3, "pcap"),
    ],
)
def test_each_mistake_is_one_line_and_a_code(words: tuple[object, ...], code: int, says: str) -> None:
    done = call("dump", *words)
    assert done.returncode == code
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr
    assert done.stdout == ""


def test_what_is_malformed_is_told_with_its_place(tmp_path: Path) -> None:
    for name, text, place in (("a.raw", '{\n  "a" = b;\n}', "2:6"), ("a.json", '{"objects":\n [}', "2:3")):
        file = tmp_path / name
        file.write_text(text)
        done = call("dump", file)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"{name}:{place}: " in done.stderr
        assert one_line(done.stderr)
    deep = tmp_path / "deep"
    deep.write_bytes(b"{ CHILDREN = ( " * 100_000)
    done = call("dump", deep)
    assert done.returncode == 3
    assert one_line(done.stderr)


def test_a_capture_that_can_be_read_in_part(tmp_path: Path) -> None:
    corrupt = tmp_path / "corrupt.pcap"
    corrupt.write_bytes(TOOLS.read_bytes() + b"\xff" * 40)
    done = call("dump", *AT, corrupt)
    assert done.stdout == RAW.read_text()
    assert done.returncode == 1
    assert "corrupt.pcap" in done.stderr


def test_a_terminal_gets_no_control_characters(tmp_path: Path) -> None:
    odd = tmp_path / "odd.raw"
    odd.write_bytes(
        b'{ CHILDREN = ( { "name" = ( "users" ); CHILDREN = ( { "name" = ( "\x1b[31mred", "\xc2\x9b1m\xe2\x80\xae" );'
        b' "ip_address" = ( "1\t2" ); } ) } ) }'
    )
    for words in (
        ("dump", odd, "-r", "/users", "--utf8"),
        ("dump", odd, "--format", "hosts", "--path", "/users"),
        ("dump", odd, "--format", "json"),
        ("dump", odd, "--format", "ldif"),
        ("list", odd, "/users"),
        ("read", odd, "/users/ip_address=1\t2"),
        ("diff", odd, NETWORK),
    ):
        with terminal() as screen, start(*words, stdout=screen.end, stderr=subprocess.DEVNULL) as process:
            assert process.wait(30) == 0
            os.close(screen.end)
        text = screen.raw.replace("\r\n", "\n")
        assert "red" in text or words[-1] == "ldif"
        assert not [each for each in text if not each.isprintable() and each not in "\n\t"]
    piped = call("list", odd, "/users")
    assert "\x1b[31mred" in piped.stdout


def test_a_history() -> None:
    done = call("dump", TOOLS, "--tag", "network", "--history", "/groups/niclmade", "--tz", "Europe/Berlin")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "created by CREATE of directory 17" in lines[0]
    assert "frame 1490" in lines[0]
    assert "+01:00" in lines[0]
    assert lines[-1] == '      "uid" = ( "900", "901" );'
    assert (
        done.stdout
        == call("diff", TOOLS, "--tag", "network", "--history", "/groups/niclmade", "--tz", "Europe/Berlin").stdout
    )
