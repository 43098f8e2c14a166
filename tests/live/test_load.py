"""Many connections at once and many calls: every one is answered, in order, as the core answers it; memory stays flat.

`make soak` runs it in full: 1,000 connections, 100,000 calls; `-rP` shows the figures.
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.service import Caller, answer
from tests.support import rpc
from tests.support.asking import SERVER, STRANGER
from tests.support.serving import LOOPBACK
from tests.support.start import start_objects, start_path

CONNECTIONS = int(os.environ.get("NETINFO_CONNECTIONS", "250"))
CALLS = int(os.environ.get("NETINFO_CALLS", "10000"))
NI = rpc.NETINFO
WINDOW, ROUNDS = 10, 4
MOST_GROWTH = 8 << 20


def mixed() -> list[tuple[bytes, bytes]]:
    """Calls of every kind that reads, and what the core answers; without their xids."""
    domain = Host(name=b"vm").add(b"network", start_objects("network"))
    name, users = rpc.opaque("name"), rpc.opaque("users")
    asked = [
        (2, b""), (3, rpc.ni_id(3)), (4, rpc.ni_id(3)), (7, rpc.ni_id(7)), (9, rpc.ni_id(0)),
        (10, rpc.ni_id(0) + name + users), (11, rpc.ni_id(3) + name), (14, rpc.ni_id(4) + rpc.words(0)),
        (17, rpc.ni_id(7)), (20, rpc.ni_id(4) + rpc.words(0, 0)), (23, rpc.ni_id(0)), (25, rpc.words(0)),
        (28, rpc.ni_id(0) + name + users), (99, b""), (7, rpc.ni_id(999)), (10, rpc.ni_id(0) + name),
    ]  # fmt: skip
    calls = [rpc.call(0, NI, 2, number, body)[4:] for number, body in asked]
    caller = Caller(STRANGER, SERVER, Transport.TCP)
    return [(call, answer({NI: domain}, bytes(4) + call, caller)[0][4:]) for call in calls]


async def converse(port: int, number: int, count: int, kinds: list[tuple[bytes, bytes]], ready: asyncio.Barrier) -> int:
    """One connection's calls; how many were answered right."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    await ready.wait()
    right = 0
    for begin in range(0, count, WINDOW):
        window = range(begin, min(begin + WINDOW, count))
        for xid in window:
            writer.write(rpc.record(xid.to_bytes(4, "big") + kinds[(number + xid) % len(kinds)][0]))
        await writer.drain()
        for xid in window:
            data, last = b"", False
            while not last:
                mark = int.from_bytes(await reader.readexactly(4), "big")
                last = bool(mark >> 31)
                data += await reader.readexactly(mark & 0x7FFFFFFF)
            right += data == xid.to_bytes(4, "big") + kinds[(number + xid) % len(kinds)][1]
    writer.close()
    return right


async def flood(port: int, calls: int) -> int:
    kinds, ready = mixed(), asyncio.Barrier(CONNECTIONS)
    every = (converse(port, each, calls // CONNECTIONS, kinds, ready) for each in range(CONNECTIONS))
    return sum(await asyncio.gather(*every))


def memory(process: subprocess.Popen) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_many_connections_and_calls() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, CONNECTIONS + 200), hard), hard))
    command = [sys.executable, "-m", "netinfo_scapy", "serve", str(start_path("network"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            port = int(server.stdout.readline().split()[-1])
            each = CALLS // ROUNDS // CONNECTIONS * CONNECTIONS
            sizes, started = [], time.monotonic()
            for _ in range(ROUNDS):
                assert asyncio.run(flood(port, each)) == each
                sizes.append(memory(server))
            seconds = time.monotonic() - started
        finally:
            server.kill()
    told, speed = ", ".join(f"{size / 1e6:.1f}" for size in sizes), ROUNDS * each / seconds
    sys.stdout.write(
        f"{CONNECTIONS:,} connections at once, {ROUNDS * each:,} calls in {seconds:.1f} s: {speed:,.0f} a second; "
        f"MB of memory after each round: {told}\n"
    )
    assert sizes[-1] - sizes[0] < MOST_GROWTH
