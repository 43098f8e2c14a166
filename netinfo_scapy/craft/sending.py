"""One call to a real server over a plain socket, and its answer."""

from __future__ import annotations

import socket
import time

from scapy.packet import Packet

from netinfo_scapy.aside import resolve
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.layers.streams import RPCSocket
from netinfo_scapy.protocol import rpc

TRANSMISSIONS = 3
_WAIT = 1.0
"""Transmissions over UDP, and seconds after each."""

_TCP_TIMEOUT = 5.0


def send_udp(call: Packet, host: str, port: int) -> tuple[RPC | None, float]:
    """The reply and the seconds it took; None where none came. Raises OSError."""
    family, address = resolve(host, port, socket.SOCK_DGRAM, time.monotonic() + TRANSMISSIONS * _WAIT)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        start = time.monotonic()
        for attempt in range(1, TRANSMISSIONS + 1):
            sock.send(bytes(call))
            while (left := start + attempt * _WAIT - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    data = sock.recv(65_535)
                except TimeoutError:
                    break
                reply = RPC(data) if data else None
                if isinstance(reply, RPC) and reply.answers(call[RPC]):
                    return reply, time.monotonic() - start
    return None, 0.0


def send_tcp(call: Packet, host: str, port: int, fragment: int | None) -> tuple[RPC | None, float]:
    """As `send_udp`, over a TCP connection of its own. fragment: bytes of a record fragment."""
    connection = RPCSocket.connect(host, port, timeout=_TCP_TIMEOUT, fragment=fragment)
    try:
        start = time.monotonic()
        connection.send(call)
        while (left := start + _TCP_TIMEOUT - time.monotonic()) > 0:
            connection.ins.settimeout(left)
            try:
                packet = connection.recv()
            except (EOFError, TimeoutError):
                break
            reply = None if packet is None else packet.getlayer(RPC)
            if isinstance(reply, RPC) and reply.type == rpc.REPLY and reply.call is not None:
                return reply, time.monotonic() - start
    finally:
        connection.close()
    return None, 0.0
