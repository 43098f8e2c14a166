"""The sockets of a server: which ports, and what to say when they cannot be had."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from netinfo_scapy.live.channels import RESERVED

BACKLOG = 512
"""Connections that wait to be accepted; a real netinfod has 2."""

_TRIES = 64


class ListenError(Exception):
    """A server cannot listen there. Its text is one line: what, why, and what to do."""


class Pair(NamedTuple):
    """A program's two sockets, bound; the second one listens."""

    udp: socket.socket
    tcp: socket.socket

    @property
    def ports(self) -> tuple[int, int]:
        """Of UDP and TCP."""
        return self.udp.getsockname()[1], self.tcp.getsockname()[1]

    def close(self) -> None:
        """Both."""
        self.udp.close()
        self.tcp.close()


_REASONS = {
    errno.EADDRINUSE: "another process holds it; stop that one, or choose another port",
    errno.EACCES: "ports below 1024 are root's; start it as root, or choose a port from 1024 on",
    errno.EADDRNOTAVAIL: "this is no address of this machine; give --listen one that is",
    errno.EAFNOSUPPORT: "this machine does not speak that kind of address; give --listen another",
}


def _error(transport: str, address: str, port: int, error: OSError) -> ListenError:
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return ListenError(f"cannot listen on {transport} {address} port {port}: {reason}")


def is_own(address: str) -> bool:
    """Whether an address is one of this machine's: whether a socket can be bound to it. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def open_pair(address: str, port: int | None) -> Pair:
    """The sockets of a program, on one port; None: on the ports that a real host would take.

    Those are the next two that are free from 600 to 1023 for root, any two for others. Raises ListenError.
    """
    if port is not None:
        return _opened(address, port, port)
    failed = ListenError(f"no two ports next to each other are free at {address}; give the ports")
    for candidate in _candidates():
        try:
            return _opened(address, candidate, candidate + 1 if candidate else None)
        except ListenError as error:
            if not isinstance(error.__cause__, OSError) or error.__cause__.errno not in (
                errno.EADDRINUSE,
                errno.EACCES,
            ):
                raise
            failed = error
    raise failed


def _candidates() -> Iterator[int]:
    """UDP ports to try; 0 is any. netinfod begins at 600 + its process id modulo 424."""
    if os.geteuid() == 0:
        start = os.getpid() % len(RESERVED)
        yield from (RESERVED[(start + each) % len(RESERVED)] for each in range(len(RESERVED) - 1))
    yield from (0 for _ in range(_TRIES))


def _opened(address: str, udp_port: int, tcp_port: int | None) -> Pair:
    """tcp_port: None: the one behind that of UDP."""
    udp = _bound(socket.SOCK_DGRAM, address, udp_port)
    try:
        port = udp.getsockname()[1] + 1 if tcp_port is None else tcp_port
        if port == 0:
            port = udp.getsockname()[1]
        tcp = _bound(socket.SOCK_STREAM, address, port)
    except ListenError:
        udp.close()
        raise
    return Pair(udp, tcp)


def _bound(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    transport = "udp" if kind is socket.SOCK_DGRAM else "tcp"
    try:
        made = socket.socket(family, kind)
    except OSError as error:
        raise _error(transport, address, port, error) from error
    try:
        made.setblocking(False)
        if kind is socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        if kind is socket.SOCK_STREAM:
            made.listen(BACKLOG)
    except OverflowError as error:
        made.close()
        raise ListenError(f"cannot listen on {transport} {address}: {port} is no port") from error
    except OSError as error:
        made.close()
        raise _error(transport, address, port, error) from error
    return made
