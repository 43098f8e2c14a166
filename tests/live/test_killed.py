"""A responder killed in the midst of writes: it starts again with the directory before one of them or after it.

Writes are sent one behind the other to the command, which is killed at a random moment. The same writes are done by
the core alone; what the command serves when it is started again is to the byte what the core had after one of them,
and not before the last one that was answered.
"""

import os
import random
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.service import Caller, answer
from tests.support import rpc
from tests.support.asking import SERVER, STRANGER
from tests.support.serving import LOOPBACK, read_record
from tests.support.start import start_objects, start_path

KILLS = int(os.environ.get("NETINFO_KILLS", "4"))
WRITES = 300
NI = rpc.NETINFO
ROOTS = rpc.auth_sys(rpc.inverted("rootpw"), uid=0)
READALL = rpc.call(1, NI, 2, 25, rpc.words(0))


def writes(seed: int) -> list[bytes]:
    """Writes that are all done, in this order: directories come, change and go."""
    chosen = random.Random(seed)
    objects: list[int] = []
    calls: list[bytes] = []
    grown = {13: 1}

    def call(procedure: int, arguments: bytes) -> None:
        calls.append(rpc.call(len(calls), NI, 2, procedure, arguments, credential=ROOTS))

    while len(calls) < WRITES:
        kind = chosen.random()
        if kind < 0.4 or not objects:
            name = rpc.properties([("name", [f"d{len(calls)}"]), ("text", ["x" * chosen.randrange(2000)])])
            call(5, rpc.ni_id(13, grown[13]) + name + rpc.words(chosen.randrange(9), 0))
            number = min(set(range(16, 18 + len(objects))) - set(objects))
            objects.append(number)
            grown |= {13: grown[13] + 1, number: 0}
        elif kind < 0.8:
            number = chosen.choice(objects)
            call(8, rpc.ni_id(number, grown[number]) + rpc.properties([("name", ["new"]), ("n", ["1"] * 20)]))
            grown[number] += 1
        else:
            number = objects.pop(chosen.randrange(len(objects)))
            call(6, rpc.ni_id(13, grown[13]) + rpc.ni_id(number, grown[number]))
            grown[13] += 1
    return calls


def states(calls: list[bytes]) -> list[bytes]:
    """READALL's answer before the first write, and after each."""
    domain = Host(name=b"vm", refusal=None).add(b"network", start_objects("network"))

    def said(call: bytes) -> bytes:
        return answer({NI: domain}, call, Caller(STRANGER, SERVER, Transport.TCP))[0]

    found = [said(READALL)]
    for call in calls:
        assert said(call)[24:28] == b"\0\0\0\0"
        found.append(said(READALL))
    return found


def started(store: Path) -> tuple[subprocess.Popen, int]:
    """The command, and the TCP port of its domain."""
    command = [
        sys.executable,
        "-m",
        "netinfo_scapy",
        "serve",
        str(start_path("network")),
        "--write",
        "--store",
        str(store),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = running.stdout.readline()
    assert line.startswith("NetInfo network"), line
    return running, int(line.split()[-1])


def ended(running: subprocess.Popen) -> None:
    running.kill()
    running.wait()
    running.stdout.close()


def answered_before_the_kill(running: subprocess.Popen, port: int, calls: list[bytes], seconds: float) -> int:
    """How many writes were answered before the command was killed, some time after they were begun."""
    count, until = 0, time.monotonic() + seconds
    with socket.create_connection((LOOPBACK, port)) as client:
        client.settimeout(0.01)
        sent = memoryview(b"".join(rpc.record(call) for call in calls))
        data = b""
        while time.monotonic() < until:
            if sent:
                with suppress(TimeoutError):
                    sent = sent[client.send(sent[:20_000]) :]
            with suppress(TimeoutError):
                data += client.recv(65_536)
        running.kill()
        running.wait()
        client.settimeout(5)
        try:
            while more := client.recv(65_536):
                data += more
        except ConnectionResetError:
            pass
    while len(data) >= 4 and len(data) >= 4 + (size := int.from_bytes(data[:4], "big") & 0x7FFFFFFF):
        assert data[28:32] == b"\0\0\0\0"
        data, count = data[4 + size :], count + 1
    return count


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_restart_finds_the_directory_before_a_write_or_after_it(tmp_path: Path, seed: int) -> None:
    calls = writes(seed)
    after = states(calls)
    store = tmp_path / "store"
    running, port = started(store)
    try:
        answered = answered_before_the_kill(running, port, calls, random.Random(seed).uniform(0.02, 0.5))
    finally:
        ended(running)
    again, port = started(store)
    try:
        with socket.create_connection((LOOPBACK, port)) as client:
            client.sendall(rpc.record(READALL))
            found, _ = read_record(client)
    finally:
        ended(again)
    assert found in after, "a directory that never was"
    done = len(after) - 1 - after[::-1].index(found)
    assert done >= answered, f"{answered} writes were answered, {done} are kept"
