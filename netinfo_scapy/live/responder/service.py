"""A call -> its answer: what every program of a host has in common (RFC 5531, 9; docs/specification.md, 3).

Theory of operation. The checks come in the order in which a real server makes them: is it a call at all (else
silence), RPC version 2 (else silence), credentials, program, version, transport, procedure, arguments. Then the
program's own function gives a result, which the codec writes. A function ends otherwise by an exception:
`Refused` is an ni_status alone, `Failed` an accepted call that could not be carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode, encode
from netinfo_scapy.protocol.message import Auth, CallHeader, read_header
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import RESERVED_BELOW, find_procedure
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.walks import has_status
from netinfo_scapy.protocol.xdr import Struct, Union

LONGEST_DATAGRAM = 8_800
"""Bytes of a message over UDP."""

_NUMBERS = {name.removeprefix("NI_"): number for number, name in NI_STATUS.members}
_AUTH_BADCRED, _AUTH_REJECTEDCRED, _AUTH_TOOWEAK = 1, 2, 5
_PROG_UNAVAIL, _PROG_MISMATCH, _PROC_UNAVAIL, _GARBAGE_ARGS, _SYSTEM_ERR = 1, 2, 3, 4, 5
_LOOPBACK_4, _LOOPBACK_6 = 127, bytes(15) + b"\1"


class Refused(Exception):  # noqa: N818 - an answer, no error
    """The answer is an ni_status and nothing more. name: without its NI_."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.status = _NUMBERS[name]


class Failed(Exception):  # noqa: N818 - an answer, no error
    """The answer is SYSTEM_ERR. head: what of the result has been sent by then (over TCP), if anything."""

    def __init__(self, head: bytes | None = None) -> None:
        super().__init__()
        self.head = head


class Caller(NamedTuple):
    """Who asks, and how.

    flavor: of the credential; fields: what AUTH_SYS says.
    """

    peer: Endpoint
    local: Endpoint
    transport: Transport
    flavor: int = rpc.AUTH_NONE
    fields: dict[str, Any] | None = None

    @property
    def is_here(self) -> bool:
        """Whether the call comes from the server's own host: from loopback, or from the address it was sent to."""
        address = self.peer.address
        if address == self.local.address:
            return True
        return address[0] == _LOOPBACK_4 if len(address) == 4 else address == _LOOPBACK_6

    @property
    def is_root_here(self) -> bool:
        """Whether the call comes from a port that only root of this very host can take."""
        return self.is_here and self.peer.port < RESERVED_BELOW


class Service(Protocol):
    """A program of a host.

    own_results: results are written as the tables' `dialect` has them. fragment: data bytes of a TCP fragment.
    """

    program: Program
    own_results: bool
    fragment: int

    def offers(self, row: Procedure) -> bool:
        """Whether the procedure is there."""

    def offers_over_udp(self, row: Procedure | None) -> bool:
        """Whether it is served over UDP."""

    def call(self, row: Procedure, caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The result. Raises Refused, Failed, Silent."""

    def trusts(self, caller: Caller) -> bool:
        """Whether a connection is served at all."""


class Silent(Exception):  # noqa: N818 - an answer, no error
    """There is no answer."""


@dataclass(kw_only=True)
class Seen:
    """A call that was answered, or not.

    header: of the call. row: its procedure, where that is known. arguments: decoded, None where void or
    undecodable. status: the ni_status answered. replies: the messages sent back.
    """

    caller: Caller
    header: CallHeader
    row: Procedure | None
    arguments: dict[str, Any] | None
    status: int | None
    replies: tuple[bytes, ...]
    service: Service | None


Observer = Callable[[Seen], None]


def _header(status: int, **rest: Any) -> bytes:
    accepted = {"accept_status": status, **rest}
    return encode(
        rpc.RPC_REPLY,
        {
            "xid": 0,
            "type": rpc.REPLY,
            "reply": {"reply_status": 0, "verifier": {"flavor": rpc.AUTH_NONE, "body": b""}, "accepted": accepted},
        },
    )[4:]


def _denial(why: int) -> bytes:
    denied = {"reject_status": 1, "auth_status": why}
    return encode(rpc.RPC_REPLY, {"xid": 0, "type": rpc.REPLY, "reply": {"reply_status": 1, "denied": denied}})[4:]


_ACCEPTED = {status: _header(status) for status, _ in rpc.ACCEPT_STATUS.members if status != _PROG_MISMATCH}
_DENIED = {why: _denial(why) for why in (_AUTH_BADCRED, _AUTH_REJECTEDCRED, _AUTH_TOOWEAK)}


def answer(
    services: Mapping[int, Service], data: bytes, caller: Caller, observe: Observer | None = None
) -> tuple[bytes, ...]:
    """The messages that answer a call: one; none, where a real server keeps silent; two, after a result that broke off.

    services: those on the port that was called, by program number. caller: its credential is read from the call.
    """
    header = read_header(data)
    if not isinstance(header, CallHeader) or not header.whole or header.credential is None or header.verifier is None:
        return ()
    seen = Seen(caller=caller, header=header, row=None, arguments=None, status=None, replies=(), service=None)
    xid = header.xid.to_bytes(4, "big")
    bodies = _bodies(services, data, header, header.credential, seen)
    seen.replies = tuple(xid + body for body in bodies)
    if observe is not None:
        observe(seen)
    return seen.replies


def _bodies(
    services: Mapping[int, Service], data: bytes, header: CallHeader, credential: Auth, seen: Seen
) -> tuple[bytes, ...]:
    """What follows the xid of each message that answers."""
    verifier = header.verifier
    if header.rpc_version != rpc.RPC_VERSION or _too_long(credential) or verifier is None or _too_long(verifier):
        return ()
    if credential.flavor not in (rpc.AUTH_NONE, rpc.AUTH_SYS):
        return (_DENIED[_AUTH_REJECTEDCRED],)
    fields = None
    if credential.flavor == rpc.AUTH_SYS:
        try:
            fields, _ = decode(rpc.AUTH_SYS_BODY, credential.body or b"")
        except XdrError:
            return (_DENIED[_AUTH_BADCRED],)
    seen.caller = seen.caller._replace(flavor=credential.flavor, fields=fields)
    service = services.get(header.program or 0)
    if service is None:
        return (_ACCEPTED[_PROG_UNAVAIL],)
    seen.service = service
    version = service.program.version
    if header.version != version:
        return (_header(_PROG_MISMATCH, mismatch={"low": version, "high": version}),)
    row = find_procedure(service.program.number, version, header.procedure or 0)
    if row is not None and not service.offers(row):
        row = None
    seen.row = row
    if seen.caller.transport is Transport.UDP and not service.offers_over_udp(row):
        return (_DENIED[_AUTH_TOOWEAK],)
    if row is None:
        return (_ACCEPTED[_PROC_UNAVAIL],)
    try:
        seen.arguments = read_arguments(row, data, header.end)
    except XdrError:
        return (_ACCEPTED[_GARBAGE_ARGS],)
    return _carried_out(service, row, seen)


def _too_long(auth: Auth) -> bool:
    return len(auth.body or b"") > rpc.MAXIMUM_AUTH_BODY


def _carried_out(service: Service, row: Procedure, seen: Seen) -> tuple[bytes, ...]:
    over_udp = seen.caller.transport is Transport.UDP
    xdr = result_type(service, row)
    try:
        body = _result(service, row, xdr, seen)
    except Silent:
        return ()
    except Failed as failed:
        if failed.head is None or over_udp:
            return (_ACCEPTED[_SYSTEM_ERR],)
        return (_ACCEPTED[rpc.SUCCESS] + failed.head, _ACCEPTED[_SYSTEM_ERR])
    reply = _ACCEPTED[rpc.SUCCESS] + body
    return (reply if not over_udp or len(reply) + 4 <= LONGEST_DATAGRAM else _ACCEPTED[_SYSTEM_ERR],)


def _result(service: Service, row: Procedure, xdr: Struct | Union | None, seen: Seen) -> bytes:
    try:
        result = service.call(row, seen.caller, seen.arguments or {})
    except Refused as refused:
        if not has_status(xdr):
            raise Failed from None
        result = {"status": refused.status}
    if xdr is None:
        return b""
    result = result or {}
    seen.status = result.get("status") if has_status(xdr) else None
    encoded: bytes | None = result.get("encoded")
    return encode(xdr, result) if encoded is None else encoded


def result_type(service: Service, row: Procedure) -> Struct | Union | None:
    """The type of a procedure's result, as the service writes it."""
    return row.dialect if service.own_results and row.dialect else row.result


def read_arguments(row: Procedure, data: bytes, offset: int = 0) -> dict[str, Any] | None:
    """The arguments as a C program has them: bytes behind them are ignored, a string ends at its first NUL.

    Raises XdrError.
    """
    if row.arguments is None:
        return None
    found: set[Anomaly] = set()
    arguments, _ = decode(row.arguments, data, offset, found)
    return _cut(arguments) if Anomaly.INNER_NUL in found else arguments


def _cut(value: Any) -> Any:
    match value:
        case bytes():
            return value.partition(b"\0")[0]
        case list():
            return [_cut(each) for each in value]
        case dict():
            return {name: _cut(each) for name, each in value.items()}
        case _:
            return value
