"""`netinfo-scapy serve`: what it says, prints and refuses, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest

from netinfo_scapy.report.schema import schema
from tests.support import rpc
from tests.support.captures import RECORDED
from tests.support.serving import LOOPBACK, read_record
from tests.support.start import start_path

NETWORK, LOCAL = str(start_path("network")), str(start_path("local"))
ROOTS = rpc.auth_sys(rpc.inverted("rootpw"), uid=0)
NI = rpc.NETINFO
CREATE = rpc.call(
    1, NI, 2, 5, rpc.ni_id(0, 9) + rpc.properties([("name", ["new"])]) + rpc.words(0, 0), credential=ROOTS
)


class Command:
    """A command that serves. lines: the first ones on standard output."""

    def __init__(self, process: subprocess.Popen, lines: list[str]) -> None:
        self.process = process
        self.lines = lines

    def port(self, name: str, over: str = "tcp") -> int:
        found = re.search(rf"{name}.*{over} (\d+)", "\n".join(self.lines))
        assert found, self.lines
        return int(found[1])

    def ask(self, call: bytes, name: str = "network") -> bytes:
        with socket.create_connection((LOOPBACK, self.port(name)), timeout=10) as client:
            client.sendall(rpc.record(call))
            return read_record(client)[0]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, errors = self.process.communicate(timeout=15)
        return self.process.returncode, out, errors


@contextmanager
def serve(*options: str, lines: int = 2, told_on: str = "stdout") -> Iterator[Command]:
    command = [sys.executable, "-m", "netinfo_scapy", "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Command(process, [getattr(process, told_on).readline() for _ in range(lines)])
        finally:
            process.kill()


def refused(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "netinfo_scapy", "serve", *options]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert "Traceback" not in run.stderr
    return run.returncode, run.stderr


def test_it_tells_where_it_listens_and_ends_cleanly() -> None:
    with serve(NETWORK, "--tag", f"local={LOCAL}", lines=3) as command:
        assert [line.split(":")[0] for line in command.lines] == [
            "NetInfo network (master)",
            "NetInfo local (master)",
            "nibind",
        ]
        assert command.ask(rpc.root(1)) == rpc.root_reply(1)
        assert command.ask(rpc.root(1), "local") == rpc.root_reply(1, 6)
        code, out, errors = command.end()
    assert (code, out) == (0, "")
    assert errors == "netinfo-scapy: stopped; 2 calls on 2 connections and UDP\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_its_normal_end(number: int) -> None:
    with serve(NETWORK) as command:
        assert command.end(number)[0] == 0


def test_it_listens_on_loopback_unless_it_is_told_to() -> None:
    with serve(NETWORK) as command:
        assert all(f": {LOOPBACK} udp" in line for line in command.lines)
    with serve(NETWORK, "--listen", "0.0.0.0") as command:
        assert all(": 0.0.0.0 udp" in line for line in command.lines)
        assert command.ask(rpc.root(1)) == rpc.root_reply(1)


@pytest.mark.parametrize("source", ["raw", "json", "capture"])
def test_sources(source: str, tmp_path: Path) -> None:
    """nidump's raw form of the recorded run, JSON, and a capture of the same directory."""
    raw = next(path for path in sorted((RECORDED / "06-tools").iterdir()) if path.read_bytes().startswith(b"{"))
    options = {
        "raw": [str(raw)],
        "json": [NETWORK],
        "capture": [str(RECORDED / "02-ni-read-tcp.pcap"), "--tag", "network"],
    }
    with serve(*options[source]) as command:
        users = rpc.call(1, NI, 2, 10, rpc.ni_id() + rpc.opaque("name") + rpc.opaque("users"))
        number = int.from_bytes(command.ask(users)[32:36], "big")
        root = rpc.call(1, NI, 2, 28, rpc.ni_id(number) + rpc.opaque("name") + rpc.opaque("root"))
        assert rpc.opaque("passwd") + rpc.names(["abz3GtcEvEtv6"]) in command.ask(root)


def test_nobody_writes_unless_it_is_allowed() -> None:
    with serve(NETWORK) as command:
        assert command.ask(CREATE) == rpc.accepted(1, rpc.words(13))
    with serve(NETWORK, "--write") as command:
        assert command.ask(CREATE) == rpc.accepted(1, rpc.words(0, 16, 0, 0, 10))
        assert "what is written is lost in the end" in command.end()[2]


def test_what_is_written_is_kept(tmp_path: Path) -> None:
    store = ["--store", str(tmp_path / "store")]
    with serve(NETWORK, "--write", *store) as command:
        assert command.ask(CREATE) == rpc.accepted(1, rpc.words(0, 16, 0, 0, 10))
        code, errors = refused(NETWORK, *store)
        assert code == 2
        assert "another process uses it" in errors
        command.end()
    with serve(*store) as command:
        assert command.ask(rpc.root(1)) == rpc.root_reply(1, 10)
        assert command.ask(CREATE) == rpc.accepted(1, rpc.words(2))
    with serve(NETWORK, *store) as command:
        assert command.ask(rpc.root(1)) == rpc.root_reply(1, 10)
        assert "is left aside" in command.end()[2]


def test_previous_speaks_its_dialect() -> None:
    port = str(_free())
    with (
        serve(NETWORK, "--dialect", "previous", "--port", port, "--nibind-port", port) as command,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(5)
        client.sendto(rpc.root(1), (LOOPBACK, command.port("network", "udp")))
        assert client.recv(100) == rpc.root_reply(1, 1)


def _free() -> int:
    with socket.create_server((LOOPBACK, 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("reveal", [False, True])
def test_a_honeypot_tells_of_every_call_and_lets_nobody_write(reveal: bool) -> None:
    options = ["--honeypot", *(["--reveal"] if reveal else [])]
    write = rpc.call(4, NI, 2, 8, rpc.ni_id(0, 37) + rpc.properties([]), credential=ROOTS)
    with serve(*options, lines=2, told_on="stderr") as command:
        assert command.ask(rpc.root(1)) == rpc.root_reply(1, 37)
        assert command.ask(write) == rpc.accepted(4, rpc.words(20))
        assert command.ask(rpc.call(5, NI, 2, 8, rpc.ni_id(0, 37) + rpc.properties([]))) == rpc.accepted(
            5, rpc.words(4)
        )
        command.ask(rpc.call(6, NI, 1, 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(rpc.call(7, NI, 2, 0, rpc_version=3), (LOOPBACK, command.port("network", "udp")))
            client.settimeout(5)
            client.sendto(rpc.root(8), (LOOPBACK, command.port("network", "udp")))
            assert client.recv(100) == rpc.denied(8, 1, 5)
        code, out, _ = command.end()
    assert code == 0
    events = [json.loads(line) for line in out.splitlines()]
    assert [each["xid"] for each in events] == [1, 4, 5, 6, 7, 8]
    validator = jsonschema.Draft202012Validator(schema("call-event"))
    for each in events:
        validator.validate(each)
        assert each["src_ip"] == each["dst_ip"] == LOOPBACK
        assert each["community_id"].startswith("1:")
    assert [each["status"] for each in events] == ["NI_OK", "NI_AUTHERROR", "NI_PERM", None, None, None]
    assert [each["name"] for each in events[:3]] == ["NetInfo.ROOT", "NetInfo.WRITE", "NetInfo.WRITE"]
    assert [each["accept_status"] for each in events[3:]] == ["PROG_MISMATCH", None, None]
    assert [each["answered"] for each in events] == [True, True, True, True, False, True]
    assert events[5]["auth_status"] == "AUTH_TOOWEAK"
    assert events[1]["credential"]["password_present"] is True
    assert events[1]["credential"]["machinename"] is None
    assert events[1]["credential"].get("password") == ("rootpw" if reveal else None)
    assert ("rootpw" in out) is reveal


def test_a_honeypot_ends_when_nobody_reads_its_events() -> None:
    with serve("--honeypot", lines=2, told_on="stderr") as command:
        command.process.stdout.close()
        command.ask(rpc.root(1))
        assert command.process.wait(10) == 0
        assert "Traceback" not in command.process.stderr.read()


def test_lines_for_dhcp_and_bootparams() -> None:
    command = [sys.executable, "-m", "netinfo_scapy", "serve", NETWORK, "--show-dhcp", "--listen", "192.0.2.1"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [line for line in out if not line.startswith("#")] == [
        "dhcp-option-force=112,192.0.2.1",
        'dhcp-option-force=113,"network"',
        "option netinfo-server-address 192.0.2.1;",
        'option netinfo-server-tag "network";',
        "option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, 70, 71);",
        "* netinfo_parent=vm:network",
    ]


def test_mistakes_get_a_line_and_a_code(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    other = tmp_path / "other"
    other.write_text("no directory")
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        cases: list[tuple[list[str], int, str]] = [
            ([], 2, "nothing to serve"),
            (["/nowhere"], 2, "/nowhere: no such file"),
            ([str(empty)], 3, f"{empty}"),
            ([str(other)], 3, f"{other}"),
            ([NETWORK, "--listen", "nowhere"], 2, "is no address"),
            ([NETWORK, "--listen", "192.0.2.77"], 2, "no address of this machine"),
            ([NETWORK, "--port", port], 2, f"port {port}: another process holds it"),
            ([NETWORK, "--port", "0"], 2, "0 is not in the range"),
            ([NETWORK, "--parent", "network"], 2, "--parent 'network' names no server"),
            ([NETWORK, "--tag", f"network={LOCAL}"], 2, "two domains with the tag 'network'"),
            (["--tag", "network"], 2, "of which SOURCE?"),
            ([NETWORK, "--tag", "a", "--tag", "b"], 2, "has no such domain; there is network"),
            ([NETWORK, "--honeypot", "--write"], 2, "--honeypot lets nobody write"),
            ([NETWORK, "--portmap", "--register"], 2, "give either"),
            ([NETWORK, "--fetch"], 2, "add --write"),
            ([NETWORK, "--honeypot", "--push-to-clones"], 2, "--honeypot sends nothing to others"),
            ([NETWORK, "--honeypot", "--find-parent"], 2, "--honeypot sends nothing to others"),
            ([NETWORK, "--register", "--portmap-port", port], 2, "does not answer; start rpcbind"),
            ([NETWORK, "--show-dhcp"], 2, "give --listen ADDRESS"),
            ([NETWORK, "--store", str(other)], 2, f"{other}: cannot be used"),
        ]
        for options, code, line in cases:
            found, errors = refused(*options)
            assert found == code, (options, errors)
            assert line in errors, (options, errors)
            assert errors.count("\n") == 1, errors


@pytest.mark.skipif(os.geteuid() != 0, reason="a clone takes changes from ports under 1024 only")
def test_a_master_and_its_clone(tmp_path: Path) -> None:
    """Two commands; the directory says where the other one is. What is written to one is read from the other."""
    portmap = str(_free())
    shared = json.loads(Path(NETWORK).read_text())
    vm = next(each for each in shared["objects"] if ["name", ["vm"]] in each["properties"])
    other = {**vm, "object": 90, "instance": 0}
    other["properties"] = [["name", ["other"]], ["ip_address", ["127.0.0.2"]], ["serves", ["./copy"]]]
    machines = next(each for each in shared["objects"] if each["object"] == vm["parent"])
    machines["children"].append(90)
    shared["objects"].append(other)
    source = tmp_path / "shared.json"
    source.write_text(json.dumps(shared))
    both = ("--portmap", "--portmap-port", portmap, "--write")
    with (
        serve(str(source), *both, "--push-to-clones") as master,
        serve(str(source), "--tag", "copy", "--hostname", "other", "--listen", "127.0.0.2", *both, "--fetch") as clone,
    ):
        assert clone.lines[0].startswith("NetInfo copy (clone): 127.0.0.2")
        assert master.ask(CREATE)[24:28] == b"\0\0\0\0"
        until = time.monotonic() + 30
        while _ask_at("127.0.0.2", clone.port("copy"), rpc.root(1)) != rpc.root_reply(1, 10):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert [each.end()[0] for each in (master, clone)] == [0, 0]


def _ask_at(address: str, port: int, call: bytes) -> bytes:
    with socket.create_connection((address, port), timeout=10) as client:
        client.sendall(rpc.record(call))
        return read_record(client)[0]
