"""The few calls that a server makes itself, over UDP: PING of a netinfod, registration with a port mapper."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.calls import make_call
from netinfo_scapy.live.channels import RESERVED
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import XdrError, decode
from netinfo_scapy.protocol.message import ReplyHeader, read_header
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import PORTMAP_PORT
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import Struct

_LOOPBACK = "127.0.0.1"
_TRIES = 3
_PING = NETINFO.procedures[0]
_SET, _UNSET = (next(row for row in PORTMAP.procedures if row.name == name) for name in ("SET", "UNSET"))


class RegistrationError(Exception):
    """The port mapper of this machine does not register a program. Its text is one line."""


class Registration(NamedTuple):
    """A program's port, as a port mapper knows it."""

    program: Program
    transport: Transport
    port: int


class _Waiting(asyncio.DatagramProtocol):
    """Waits for the answer to one call."""

    def __init__(self, xid: int) -> None:
        self.answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._xid = xid.to_bytes(4, "big")

    def datagram_received(self, data: bytes, _address: Any) -> None:
        if data[:4] == self._xid and not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, _error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_result(None)


async def ask(
    port: int, program: Program, row: Procedure, arguments: dict[str, Any] | None, seconds: float, tries: int = 1
) -> bytes | None:
    """The result of a call to loopback, still encoded; None where it was not carried out, or nobody answers.

    seconds: of each try. Root asks from a reserved port, as port mappers want it.
    """
    xid = int.from_bytes(os.urandom(4), "big")
    message = make_call(program, row, arguments, xid).message
    transport, waiting = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Waiting(xid), sock=_socket(port)
    )
    try:
        for _ in range(tries):
            transport.sendto(message)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return _result(await asyncio.shield(waiting.answer))
        return None
    finally:
        transport.close()


def _socket(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    if os.geteuid() == 0:
        for own in reversed(RESERVED):
            with suppress(OSError):
                made.bind((_LOOPBACK, own))
                break
    made.connect((_LOOPBACK, port))
    return made


def _result(reply: bytes | None) -> bytes | None:
    header = read_header(reply) if reply else None
    carried_out = isinstance(header, ReplyHeader) and header.whole and header.accept_status == rpc.SUCCESS
    return reply[header.end :] if reply and header and carried_out else None


async def answers_ping(port: int) -> bool:
    """Whether a netinfod answers on a UDP port of this machine, within the second that nibindd waits."""
    return await ask(port, NETINFO, _PING, None, 1.0) is not None


async def register(registrations: Iterable[Registration], port: int = PORTMAP_PORT) -> None:
    """Register programs with the port mapper of this machine, in the place of what it has. Raises RegistrationError."""
    wanted = list(registrations)
    await unregister(wanted, port)
    for each in wanted:
        done = await _change(_SET, each, port)
        if done is None:
            raise RegistrationError(
                f"the port mapper at {_LOOPBACK} port {port} does not answer; start rpcbind, or give --portmap"
            )
        if not done:
            raise RegistrationError(
                f"the port mapper refuses to register {each.program.name}; only root may do that, and "
                "not while another server is registered"
            )


async def unregister(registrations: Iterable[Registration], port: int = PORTMAP_PORT) -> None:
    """Have the port mapper forget programs; nothing happens where it does not answer."""
    for program in {each.program.number: each for each in registrations}.values():
        if await _change(_UNSET, program, port) is None:
            return


async def _change(row: Procedure, given: Registration, port: int) -> bool | None:
    """What the port mapper says; None: nothing."""
    arguments = {
        "program": given.program.number,
        "version": given.program.version,
        "protocol": int(given.transport),
        "port": given.port,
    }
    result = await ask(port, PORTMAP, row, arguments, 1.0, _TRIES)
    if result is None or not isinstance(row.result, Struct):
        return None
    try:
        return bool(decode(row.result, result)[0]["done"])
    except XdrError:
        return None
