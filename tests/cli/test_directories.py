"""`list`, `read`, `lookup` and `diff`, beside what the tools of NetInfo printed and the servers answered."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_commands import one_line
from tests.support.captures import RECORDED
from tests.support.commands import call
from tests.support.trees import PRINTED, START

TOOLS = RECORDED / "06-tools.pcap"
READS = RECORDED / "02-ni-read-tcp.pcap"
NETWORK = START / "network.json"
RAW = PRINTED / "nidump-r-root.txt"
TAG = ("--tag", "network")


@pytest.mark.parametrize(
    ("words", "frame", "file"),
    [
        (("/",), 337, "niutil-list-root"),
        (("/users", "uid"), 361, "niutil-list-users-uid"),
        (("/users", "name", "uid", "passwd"), 936, "nireport-users"),
    ],
)
def test_what_the_tools_listed(words: tuple[str, ...], frame: int, file: str) -> None:
    done = call("list", TOOLS, *words, *TAG, "--at", f"frame:{frame}")
    assert done.stdout == (PRINTED / f"{file}.txt").read_text()
    assert done.returncode == 0


def test_what_is_not_known_yet_is_said() -> None:
    done = call("list", TOOLS, "/", *TAG, "--at", "frame:336")
    assert done.returncode == 0
    assert "not all is known" in done.stderr


def test_read_is_the_objects_properties() -> None:
    objects = json.loads(NETWORK.read_text())["objects"]
    for number, path in ((7, "/users/open"), (2, "/machines/vm")):
        (wanted,) = [each for each in objects if each["object"] == number]
        lines = [f"{name}: {' '.join(values)}" for name, values in wanted["properties"]]
        for source in (NETWORK, RAW, READS):
            done = call("read", source, path)
            assert (done.stdout.splitlines(), done.stderr, done.returncode) == (lines, "", 0)


def test_a_directory_is_found_by_number_and_by_other_keys() -> None:
    assert len({call("read", NETWORK, path).stdout for path in ("/users/admin", "/users/uid=501", "5")}) == 1


def test_lookup_finds_what_a_server_would() -> None:
    assert call("lookup", NETWORK, "/users", "uid", "501").stdout == "5\t admin\n"
    assert call("lookup", NETWORK, "/groups", "users", "admin").stdout == "9\t wheel\n10\t staff\n"


def test_lookup_of_nothing() -> None:
    done = call("lookup", NETWORK, "/users", "uid", "5")
    assert (done.returncode, done.stdout) == (0, "")
    assert one_line(done.stderr)


def test_diff_of_a_recording_and_what_nidump_printed() -> None:
    same = call("diff", TOOLS, RAW, *TAG, "--at", "frame:796", "--exit-code")
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    later = call("diff", TOOLS, RAW, *TAG, "--exit-code")
    assert (later.returncode, later.stderr) == (4, "")
    assert later.stdout.splitlines()[0] == "- /groups/niclmade"
    assert call("diff", TOOLS, RAW, *TAG).returncode == 0


def test_diff_of_two_moments() -> None:
    forth = call("diff", TOOLS, *TAG, "--at", "frame:796", "--at", "frame:1600")
    assert forth.returncode == 0
    assert forth.stdout.splitlines()[0] == "+ /groups/niclmade"
    back = call("diff", TOOLS, *TAG, "--at", "frame:1600", "--at", "frame:796")
    assert back.stdout.splitlines()[0] == "- /groups/niclmade"
    assert call("diff", TOOLS, "/users", *TAG, "--at", "frame:796", "--at", "frame:1600", "--exit-code").returncode == 0


def test_diff_where_one_side_knows_nothing_yet() -> None:
    done = call("diff", RECORDED / "11-clone.pcap", *TAG, "--at", "frame:100", "--at", "frame:9999")
    assert done.stdout.splitlines()[0] == "+ /locations"
    assert "does not know" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("diff", NETWORK), "two sources"),
        (("diff", NETWORK, RAW, "/", "x"), "two sources"),
        (("diff", NETWORK, RAW, "--at", "frame:1", "--at", "frame:2"), "--at is of captures"),
        (("diff", NETWORK, "--at", "frame:1", "--at", "frame:2"), "--at is of captures"),
        (("diff", TOOLS, *TAG, "--at", "frame:1", "--at", "frame:2", "--at", "frame:3"), "two moments"),
        (("diff", "-", "-"), "standard input"),
        (("diff", NETWORK, RAW, "/nosuch"), "nosuch"),
        (("list", NETWORK, "/nosuch"), "nosuch"),
        (("list", NETWORK), "PATH"),
        (("read", NETWORK, "77"), "77"),
        (("lookup", NETWORK, "/users", "uid"), "VALUE"),
    ],
)
def test_each_mistake_is_one_line(words: tuple[object, ...], says: str) -> None:
    done = call(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr), done.stderr
    assert says in done.stderr
