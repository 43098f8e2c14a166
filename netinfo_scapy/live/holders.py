"""Which process of this machine holds a port, as `lsof -i :961` and netstat tell. Nothing is sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import psutil

from netinfo_scapy.analysis.held import Held


class NotToldError(Exception):
    """The system tells this user nothing about its sockets."""


class _Process(NamedTuple):
    name: str | None = None
    user: str | None = None
    command: list[str] | None = None


def holders(ports: set[int], connections: bool = False) -> list[Held]:
    """The sockets on these ports, by port. connections: also those of TCP that do not listen. Raises NotToldError."""
    try:
        found = psutil.net_connections(kind="inet")
    except (psutil.AccessDenied, PermissionError) as error:
        raise NotToldError from error
    held = [_held(each) for each in found if each.laddr and each.laddr.port in ports and _counts(each, connections)]
    return sorted(
        held, key=lambda each: (each.port, each.transport, each.state != "LISTEN", each.address, each.pid or 0)
    )


def _counts(found: Any, connections: bool) -> bool:
    return connections or found.type != socket.SOCK_STREAM or found.status == psutil.CONN_LISTEN


def _held(found: Any) -> Held:
    tcp = found.type == socket.SOCK_STREAM
    process = _Process() if found.pid is None else _process(found.pid)
    return Held(
        port=found.laddr.port,
        transport="tcp" if tcp else "udp",
        address=found.laddr.ip,
        state=found.status if tcp else None,
        peer_ip=found.raddr.ip if found.raddr else None,
        peer_port=found.raddr.port if found.raddr else None,
        pid=found.pid,
        process=process.name,
        user=process.user,
        command=process.command,
    )


def _process(pid: int) -> _Process:
    """What is known of a process, which may be gone by now."""
    return _Process(*(next(_asked(pid, question), None) for question in ("name", "username", "cmdline")))


def _asked(pid: int, question: str) -> Iterator[Any]:
    try:
        yield getattr(psutil.Process(pid), question)()
    except (psutil.Error, OSError, KeyError):
        return
