"""Run as root in a network and mount namespace of its own: the real rpcbind, the responder, and a client of the time.

`unshare -nm python -m tests.support.in_namespace CAPTURE SOURCE` prints, as JSON, what each of them said.
"""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.support import rpc
from tests.support.serving import LOOPBACK, read_record
from tests.support.waiting import wait_for

APART = (
    [["unshare", "-nmpf", "--kill-child"]]
    if os.geteuid() == 0
    else [
        ["sudo", "-n", "unshare", "-nmpf", "--kill-child"],
        ["unshare", "--map-root-user", "--map-auto", "-nmpf", "--kill-child"],
    ]
)
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
TOOLS = ("rpcbind", "rpcinfo", "dumpcap", "unshare")


@cache
def apart() -> list[str] | None:
    """What runs a command in namespaces of its own here."""
    return next((each for each in APART if works([*each, "true"])), None)


def works(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return not subprocess.run(command, check=False, capture_output=True).returncode


def missing() -> str | None:
    """Why nothing can be run in a namespace here."""
    for tool in TOOLS:
        if shutil.which(tool, path=PATH) is None:
            return f"{tool} is not installed; `make test` installs it"
    if apart() is None:
        return "a network namespace of its own takes root, or a sudo without a password, or ids in /etc/subuid"
    return None


def run_inside(module: str, *words: str) -> Any:
    """What a module says, as JSON, when it is run in a namespace of its own."""
    command = [*(apart() or ()), "env", f"PATH={PATH}", sys.executable, "-m", module, *words]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=90).stdout)


def sh(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=20).stdout


def udp(port: int, call: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(call, (LOOPBACK, port))
        return client.recv(65_535)


def the_long_way() -> dict[str, object]:
    """Port mapper, nibind, NetInfo over TCP; and a BIND through CALLIT."""
    nibind = struct.unpack(">I", udp(111, rpc.getport(1))[-4:])[0]
    status, udp_port, tcp_port = struct.unpack(">3I", udp(nibind, rpc.getregister(2))[-12:])
    with socket.create_connection((LOOPBACK, tcp_port)) as client:
        client.sendall(rpc.record(rpc.root(3)) + rpc.record(rpc.read(4)))
        root, read = read_record(client)[0], read_record(client)[0]
    bind = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")
    forwarded = rpc.call(5, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(bind))
    found = {"nibind": nibind, "status": status, "ports": [udp_port, tcp_port], "root": root.hex(), "read": read.hex()}
    return found | {"bind": udp(111, forwarded).hex()}


def prepare() -> None:
    """A /run of our own, for rpcbind, and loopback."""
    sh("mount", "-t", "tmpfs", "tmpfs", "/run")
    sh("mkdir", "-p", "/run/rpcbind")
    sh("ip", "link", "set", "lo", "up")


@contextmanager
def recorded(capture: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real rpcbind, and dumpcap, which records loopback and is given."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-w", capture], **quiet) as dump,
        subprocess.Popen(["rpcbind", "-f", "-r"], **quiet) as rpcbind,
    ):
        try:
            wait_for(lambda: "100000" in sh("rpcinfo", "-p", LOOPBACK))
            yield dump
        finally:
            time.sleep(0.3)
            dump.terminate()
            rpcbind.terminate()


@contextmanager
def served(source: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The responder, registered with rpcbind, and the two lines that it says when it listens; stopped in the end."""
    command = [sys.executable, "-m", "netinfo_scapy", "serve", source, "--register"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield server, [server.stdout.readline() for _ in range(2)]
        finally:
            server.terminate()
            server.wait(10)


def main(capture: str, source: str) -> None:
    prepare()
    told: dict[str, object] = {}
    with recorded(capture):
        with served(source) as (server, said):
            told["listening"] = said
            told["registered"] = sh("rpcinfo", "-p", LOOPBACK)
            told["answers"] = [sh("rpcinfo", "-T", over, LOOPBACK, "200100001", "1") for over in ("udp", "tcp")]
            told["long_way"] = the_long_way()
            server.terminate()
            told["ended"] = [server.wait(10), server.stderr.read()]
        told["afterwards"] = sh("rpcinfo", "-p", LOOPBACK)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
