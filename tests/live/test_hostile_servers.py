"""Servers that mean harm: what they cost the client and the probe is bounded, and takes no longer than it may.

`-rP` shows the figures.
"""

from __future__ import annotations

import json
import re
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
from tests.support import rpc
from tests.support.servers import HOST, Server, called, free_port, read_record

DIRECTORIES = 300_000
NEVER_ENDING = rpc.words(60_000) + b"x" * 60_000
PROC = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")

MOST_WAITING = 10.0
"""Seconds above what is asked for; a machine may have other things to do."""

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
    database = rpc.words(0, 8, 9) + one * DIRECTORIES + rpc.words(0)
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
