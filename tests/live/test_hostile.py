"""Peers that mean harm: what they cost the responder, the client and the probe is bounded, and nobody waits for them.

`make soak` runs it with more of them and for longer; `-rP` shows the figures.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from netinfo_scapy.live import channels
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import UnresolvedError
from tests.live.test_load import memory
from tests.support import rpc
from tests.support.in_namespace import missing, run_inside
from tests.support.servers import HOST, Server, called, free_port, read_record
from tests.support.serving import LOOPBACK
from tests.support.serving import read_record as whole_record

PEERS = int(os.environ.get("NETINFO_HOSTILE_PEERS", "100"))
SECONDS = float(os.environ.get("NETINFO_HOSTILE_SECONDS", "0.7"))
DIRECTORIES = 1_000
PROC = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")

MOST_MEMORY = (64 + 256 + 192) << 20
"""What unfinished calls may hold, what answers on their way may, and the server with what it has not given back yet."""

MOST_WAITING = 10.0
"""Seconds for an answer to somebody who behaves; a machine may have other things to do."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of some MB."""
    children = [
        {"object": number, "instance": 0, "parent": 0, "children": [], "properties": [["name", ["x" * 1000]]]}
        for number in range(1, DIRECTORIES)
    ]
    properties = [["master", ["vm/network"]]]
    below = [each["object"] for each in children]
    root = {"object": 0, "instance": 7, "parent": 0, "children": below, "properties": properties}
    path = tmp_path_factory.mktemp("hostile") / "large.json"
    path.write_text(json.dumps({"tag": "network", "objects": [root, *children]}))
    return path


class Attacked:
    """The command, with its TCP port and its UDP port."""

    def __init__(self, process: subprocess.Popen[str], udp: int, tcp: int) -> None:
        self.process, self.udp, self.tcp = process, udp, tcp

    def connect(self, receive: int | None = None) -> socket.socket:
        sock = socket.socket()
        if receive is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        sock.settimeout(10)
        sock.connect((LOOPBACK, self.tcp))
        sock.setblocking(False)
        return sock

    def forget_the_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def peak(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    @property
    def kept_waiting(self) -> float:
        """Seconds in which it could have run and other processes did."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9

    def ask(self) -> float:
        """Seconds until somebody new has an answer, without those in which the server was kept waiting."""
        start, kept = time.monotonic(), self.kept_waiting
        with socket.create_connection((LOOPBACK, self.tcp), timeout=60) as client:
            client.sendall(rpc.record(rpc.root(1)))
            assert whole_record(client)[0] == rpc.root_reply(1, 7)
        return time.monotonic() - start - (self.kept_waiting - kept)


@pytest.fixture(scope="module")
def attacked(source: Path) -> Iterator[Attacked]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, PEERS + 200), hard), hard))
    command = [sys.executable, "-m", "netinfo_scapy", "serve", str(source), "--connections", str(PEERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            words = process.stdout.readline().split()
            yield Attacked(process, int(words[-3]), int(words[-1]))
            process.terminate()
            assert process.wait(30) == 0
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


READALL = rpc.record(rpc.call(1, rpc.NETINFO, 2, 25, rpc.words(0)))
NEVER_ENDING = rpc.words(60_000) + b"x" * 60_000
SLOWLY, AT_ONCE = 2_048, None

ATTACKS: dict[str, tuple[bytes, bytes, int | None]] = {
    # What each peer sends first, and then for as long as it is let; its receive buffer, which it never empties.
    "says nothing": (b"", b"", AT_ONCE),
    "sends half a record mark": (b"\x80\0", b"", AT_ONCE),
    "sends a record that never ends": (b"", NEVER_ENDING, AT_ONCE),
    "sends empty fragments": (b"", bytes(4_000), AT_ONCE),
    "sends fragments of a byte": (b"", b"\0\0\0\1x" * 4_000, AT_ONCE),
    "sends a mark of 2 GB": (rpc.words(0x7FFFFFFF), b"x" * 60_000, AT_ONCE),
    "sends a last mark of 2 GB": (rpc.words(0xFFFFFFFF), b"x" * 60_000, AT_ONCE),
    "reads nothing of the database": (READALL * 3, b"", SLOWLY),
    "calls and never reads": (b"", rpc.record(rpc.root(1)) * 500, SLOWLY),
    "sends what is no RPC": (b"", os.urandom(4_000), AT_ONCE),
}


@PROC
@pytest.mark.parametrize("name", ATTACKS)
def test_many_peers_at_once(name: str, attacked: Attacked) -> None:
    """Each peer that was let go comes back, so that there are always as many."""
    first, again, receive = ATTACKS[name]
    attacked.forget_the_peak()
    before, worst, connections, sent = memory(attacked.process), 0.0, 0, 0
    peers: list[socket.socket] = []
    until, next_look = time.monotonic() + SECONDS, 0.0
    try:
        while time.monotonic() < until:  # however long that takes to be answered
            while len(peers) < PEERS and time.monotonic() < until:
                with suppress(OSError):
                    peers.append(attacked.connect(receive))
                    connections += 1
                    sent += peers[-1].send(first)
            _, ready, _ = select.select([], peers if again else [], [], 0.05)
            for peer in ready:
                try:
                    sent += peer.send(again)
                except BlockingIOError:
                    continue
                except OSError:
                    peers.remove(peer)
                    peer.close()
            if time.monotonic() >= next_look:
                worst = max(worst, attacked.ask())
                next_look = time.monotonic() + 0.3
        worst = max(worst, attacked.ask())
    finally:
        for peer in peers:
            peer.close()
    peak = attacked.peak
    sys.stdout.write(
        f"{PEERS} peers, each {name}: {connections:,} connections, {sent / 1e6:,.1f} MB sent in {SECONDS:g} s; "
        f"somebody else waited {worst * 1000:,.0f} ms at the longest; "
        f"memory {before / 1e6:,.0f} MB before, {peak / 1e6:,.0f} MB at the most\n"
    )
    assert worst < MOST_WAITING
    assert peak < MOST_MEMORY


@PROC
def test_datagrams_of_every_kind(attacked: Attacked) -> None:
    datagrams = [os.urandom(1400), rpc.call(1, rpc.NETINFO, 2, 25, rpc.words(0)), rpc.ping(1), b"", rpc.root(1)[:30]]
    attacked.forget_the_peak()
    count, worst, until = 0, 0.0, time.monotonic() + SECONDS
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        while time.monotonic() < until:
            for _ in range(400):
                sock.sendto(datagrams[count % len(datagrams)], (LOOPBACK, attacked.udp))
                count += 1
            worst = max(worst, attacked.ask())
    sys.stdout.write(
        f"{count:,} datagrams in {SECONDS:g} s; somebody else waited {worst * 1000:,.0f} ms at the longest; "
        f"memory {attacked.peak / 1e6:,.0f} MB at the most\n"
    )
    assert worst < MOST_WAITING
    assert attacked.peak < MOST_MEMORY


@pytest.mark.skipif(bool(missing()), reason=missing() or "")
def test_connections_that_are_never_completed() -> None:
    """SYNs from addresses that answer nothing, in a network namespace: the queue of the kernel is full of them."""
    told = run_inside("tests.support.half_open", str(10 * PEERS))
    sys.stdout.write(
        f"{told['sent']:,} SYNs, {told['half_open']:,} half-open connections: "
        f"an answer in {told['seconds'] * 1000:,.0f} ms\n"
    )
    assert told["half_open"] > 0
    assert told["seconds"] < MOST_WAITING


CLIENT = """
import json, sys, time
from pathlib import Path
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import ClientError
from netinfo_scapy.live.probe.host import Manner, probe
host, port, transport, timeout = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
before, start = peak(), time.monotonic()
try:
    with NetInfo_Client(transport).connect(host, port, timeout=timeout) as ni:
        ni.read(0)
    said = "an answer"
except ClientError as error:
    said = f"{error.step}: {error}"
taken, more = time.monotonic() - start, peak() - before
start = time.monotonic()
found = probe(host, Manner((port,), rate=1000, timeout=timeout, deep=True))
print(json.dumps({
    "said": said, "seconds": taken, "bytes": more, "verdict": found.verdict,
    "probed": time.monotonic() - start, "probe_bytes": peak() - before,
}))
"""


def endlessly(*pieces: bytes) -> Callable[[socket.socket], None]:
    def talk(sock: socket.socket) -> None:
        read_record(sock)
        for each in pieces[:-1]:
            sock.sendall(each)
        while True:
            sock.sendall(pieces[-1])

    return talk


TOO_LONG, NOT_IN_TIME = "a record of more than 67,108,864 bytes", "no answer within 0.5 s"
ANSWERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "records that answer something else": (endlessly(rpc.record(rpc.read_reply(1)) * 200), "answer something else"),
    "fragments that never end": (endlessly(NEVER_ENDING), f"{NOT_IN_TIME}|{TOO_LONG}"),
    "fragments of a byte": (endlessly(b"\0\0\0\1x" * 10_000), NOT_IN_TIME),
    "empty fragments": (endlessly(bytes(4_000)), "more than 1,024 empty fragments"),
    "a record mark of 2 GB": (endlessly(rpc.words(0x7FFFFFFF), b"x" * 60_000), TOO_LONG),
    "a last mark of 2 GB": (endlessly(rpc.words(0xFFFFFFFF), b"x" * 60_000), TOO_LONG),
    "a mark of 64 MB, and its bytes": (
        endlessly(rpc.words(rpc.LAST | 64 << 20), b"x" * 60_000),
        f"{NOT_IN_TIME}|{TOO_LONG}",
    ),
}


@PROC
@pytest.mark.parametrize("name", ANSWERS)
def test_a_server_that_answers_without_end(name: str) -> None:
    """One error, in time, that names the step; and the probe has its verdict. In a process that is measured."""
    talk, says = ANSWERS[name]
    with Server(talk=talk, udp=False) as server:
        told = measured(server.port, "tcp")
    report(f"TCP, {name}", told)
    assert told["said"].startswith("call: ")
    assert re.search(says, told["said"]), told["said"]
    assert told["seconds"] < 1 + MOST_WAITING
    assert told["verdict"] in ("silent", "not-rpc")
    assert told["probed"] < 3 + MOST_WAITING
    assert told["probe_bytes"] < 300 << 20


@PROC
def test_a_database_that_is_as_long_as_it_can_be() -> None:
    """Many directories with nothing in them, given to the probe each time it asks whether it would be."""
    one = rpc.words(1, 7, 0, 0, 0, 0)
    database = rpc.words(0, 8, 9) + one * DIRECTORIES * 300 + rpc.words(0)
    statistics = rpc.properties([("checksum", ["7"]), ("server_version", ["208"])])

    def answer(message: bytes, _transport: str) -> list[bytes]:
        xid, procedure = called(message)[0], called(message)[3]
        results = {0: b"", 1: statistics, 7: rpc.words(0, 0, 1, 0), 25: database}
        return [rpc.accepted(xid, results[procedure]) if procedure in results else rpc.accepted(xid, b"", 3)]

    with Server(answer) as server:
        told = measured(server.port, "tcp", 10)
    report(f"a database of {len(database) / 1e6:.0f} MB", told)
    assert told["verdict"] == "netinfo"
    assert told["probe_bytes"] < 300 << 20


def measured(port: int, transport: str, timeout: float = 0.5) -> dict:
    command = [sys.executable, "-c", CLIENT, HOST, str(port), transport, str(timeout)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    return json.loads(done.stdout)


def report(what: str, told: dict) -> None:
    sys.stdout.write(
        f"{what}: {told['seconds'] * 1000:,.0f} ms, {told['bytes'] / 1e6:,.0f} MB ({told['said']}); the probe: "
        f"{told['verdict']} after {told['probed'] * 1000:,.0f} ms, {told['probe_bytes'] / 1e6:,.0f} MB\n"
    )


@contextmanager
def answering_datagrams(answer: Callable[[socket.socket, bytes, tuple], None]) -> Iterator[int]:
    """A UDP socket whose every call is answered by what is given, in a thread."""
    stop = threading.Event()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(0.1)

        def run() -> None:
            while not stop.is_set():
                with suppress(OSError):
                    answer(sock, *sock.recvfrom(65_535))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def flooding(sock: socket.socket, message: bytes, peer: tuple) -> None:
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        with suppress(OSError):
            sock.sendto(rpc.read_reply(called(message)[0] ^ 1), peer)


def from_elsewhere(_sock: socket.socket, message: bytes, peer: tuple) -> None:
    """The right answer, from another port and from another address."""
    for address in (HOST, "127.0.0.9"):
        with socket.socket(type=socket.SOCK_DGRAM) as other:
            other.bind((address, 0))
            other.sendto(rpc.read_reply(called(message)[0]), peer)


@PROC
@pytest.mark.parametrize("answer", [flooding, from_elsewhere])
def test_datagrams_that_are_no_answer(answer: Callable[[socket.socket, bytes, tuple], None]) -> None:
    with answering_datagrams(answer) as port:
        told = measured(port, "udp")
    report(f"UDP, {answer.__name__}", told)
    assert "no answer within 0.5 s" in told["said"]
    assert told["seconds"] < 0.5 + MOST_WAITING
    assert told["verdict"] in ("filtered", "silent", "closed")


def test_an_answer_that_comes_twice_or_late_is_that_of_its_own_call() -> None:
    """Each call is answered twice, and again when the next one is asked; an answer names the object asked for."""
    before: list[bytes] = []

    def answer(sock: socket.socket, message: bytes, peer: tuple) -> None:
        reply = rpc.read_reply(called(message)[0], int.from_bytes(message[40:44], "big"))
        for each in (*before[-3:], reply, reply):
            sock.sendto(each, peer)
        before.append(reply)

    with answering_datagrams(answer) as port, NetInfo_Client("udp").connect(HOST, port) as ni:
        assert [ni.read(number)["id"]["object"] for number in range(50)] == list(range(50))
        answers = ni.pipeline("READ", ({"id": number} for number in range(200)), ahead=20)
        assert [each.value["id"]["object"] for each in answers] == list(range(200))


def test_a_name_that_is_never_resolved_takes_no_longer_than_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, given_up = socket.getaddrinfo, threading.Event()

    def hang(host: str, *given: object, flags: int = 0, **named: object) -> object:
        if flags & socket.AI_NUMERICHOST:
            return resolve(host, *given, flags=flags, **named)
        given_up.wait(20)
        return []

    monkeypatch.setattr(channels.socket, "getaddrinfo", hang)
    for transport in ("tcp", "udp"):
        start = time.monotonic()
        with pytest.raises(UnresolvedError, match="the name service did not answer in time"):
            NetInfo_Client(transport).connect("slow.invalid", free_port(), timeout=0.3)
        assert time.monotonic() - start < 0.3 + MOST_WAITING
    given_up.set()
