"""`listening` against sockets of this process, with what the kernel's own table says of them."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import jsonschema

from netinfo_scapy.report.schema import schema
from tests.cli.test_commands import one_line
from tests.support.commands import call as run
from tests.support.servers import HOST, Server, free_port


def inode(sock: socket.socket) -> str:
    return Path(f"/proc/self/fd/{sock.fileno()}").readlink().name.strip("socket:[]")


def test_who_holds_a_port() -> None:
    with Server() as server, socket.create_connection((HOST, server.port)) as client:
        assert any(inode(client) in line for line in Path("/proc/net/tcp").read_text().splitlines())
        done = run("listening", server.port, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        for each in found:
            jsonschema.validate(each, schema("listening"))
        assert [(each["transport"], each["state"], each["pid"]) for each in found] == [
            ("tcp", "LISTEN", os.getpid()),
            ("udp", None, os.getpid()),
        ]
        assert found[0]["address"] == HOST
        assert found[0]["command"] == Path("/proc/self/cmdline").read_text().strip("\0").split("\0")
        every = run("listening", server.port, "--connections").stdout
        assert f"<-> {HOST}:{client.getsockname()[1]} ESTABLISHED" in every
        assert f"(pid {os.getpid()}, " in every


def test_nobody_holds_it() -> None:
    port = free_port()
    done = run("listening", port)
    assert (done.returncode, done.stdout) == (0, "")
    assert one_line(done.stderr)
    assert f"nothing holds port {port}" in done.stderr


def test_the_default_is_961() -> None:
    assert "961" in run("listening").stderr + run("listening").stdout
