"""Clients that mean harm: what they cost the responder is bounded, and nobody waits for them.

`make soak` runs it with more of them and for longer; `-rP` shows the figures.
"""

from __future__ import annotations

import json
import os
import resource
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.live.test_load import memory
from tests.support import rpc
from tests.support.in_namespace import missing, run_inside
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
        """Seconds until somebody new has an answer, without those in which the server was kept waiting.

        All places are taken: who is let go for another before the server came to read of him calls again.
        """
        start, kept = time.monotonic(), self.kept_waiting
        while True:
            with socket.create_connection((LOOPBACK, self.tcp), timeout=60) as client:
                client.sendall(rpc.record(rpc.root(1)))
                try:
                    answer = whole_record(client)[0]
                except (EOFError, ConnectionResetError):
                    assert time.monotonic() - start < 60
                    continue
            assert answer == rpc.root_reply(1, 7)
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
