"""A call as the bytes of a message, and an answer judged by its call. No sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netinfo_scapy.live.channels import Place
from netinfo_scapy.live.errors import BadAnswerError, StatusError, rpc_error
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import MEANINGS, Anomaly
from netinfo_scapy.protocol.codec import XdrError, each_of, encode, prefix
from netinfo_scapy.protocol.message import ReplyHeader, forwarded, read_header, read_result
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import procedure_name
from netinfo_scapy.protocol.secret import Secret, inverted
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import Chain, Union

Values = dict[str, Any]
"""Decoded arguments or a result: the keys of the protocol's tables; text is bytes."""

_NI_OK = 0
_UNREADABLE = frozenset({Anomaly.TRUNCATED_RESULT, Anomaly.OVER_LIMIT})
_CUT = MEANINGS[Anomaly.TRUNCATED_RESULT.value].rstrip(".")
_NO_AUTH = {"flavor": rpc.AUTH_NONE, "body": b""}


def as_user(uid: int, password: Secret | None = None) -> Values:
    """The credential of a user: AUTH_SYS, its password inverted in the machinename (docs/specification.md, 8.1)."""
    machinename = b"" if password is None else inverted(password.reveal())
    body = {"stamp": int(time.time()) & 0xFFFFFFFF, "machinename": machinename, "uid": uid, "gid": 0, "gids": []}
    return {"flavor": rpc.AUTH_SYS, "body": encode(rpc.AUTH_SYS_BODY, body)}


def anonymous() -> Values:
    """The credential of nobody: AUTH_NONE."""
    return _NO_AUTH


@dataclass(frozen=True)
class Call:
    """A call ready to be sent. row: None for a procedure that is not in the tables. message: its bytes."""

    program: int
    version: int
    procedure: int
    row: Procedure | None
    arguments: Values | None
    xid: int
    message: bytes

    @property
    def name(self) -> str:
        """As `NetInfo.READ`."""
        return procedure_name(self.program, self.version, self.procedure)


def make_call(
    program: Program,
    row: Procedure,
    arguments: Values | None,
    xid: int,
    credential: Values = _NO_AUTH,
) -> Call:
    """A procedure's call. Raises XdrError where the arguments do not fit."""
    body = encode(row.arguments, arguments or {}) if row.arguments else b""
    message = header(program.number, program.version, row.number, xid, credential) + body
    return Call(program.number, program.version, row.number, row, arguments, xid, message)


def odd_call(
    program: int,
    version: int,
    procedure: int,
    xid: int,
    arguments: bytes = b"",
    *,
    row: Procedure | None = None,
    credential: Values = _NO_AUTH,
    rpc_version: int = rpc.RPC_VERSION,
) -> Call:
    """Any call, right or wrong. row: of what the answer is read by, if it is a success."""
    message = header(program, version, procedure, xid, credential, rpc_version) + arguments
    return Call(program, version, procedure, row, None, xid, message)


def header(
    program: int,
    version: int,
    procedure: int,
    xid: int,
    credential: Values = _NO_AUTH,
    rpc_version: int = rpc.RPC_VERSION,
) -> bytes:
    """The header of any call, right or wrong."""
    return encode(
        rpc.RPC_CALL,
        {
            "xid": xid,
            "type": rpc.CALL,
            "rpc_version": rpc_version,
            "program": program,
            "version": version,
            "procedure": procedure,
            "credential": credential,
            "verifier": _NO_AUTH,
        },
    )


@dataclass(frozen=True)
class Answer:
    """What a call was answered with. value: the result but for its status. anomalies: what is odd about it."""

    value: Values
    status: int | None
    anomalies: frozenset[Anomaly]


def xid_of(message: bytes) -> int:
    """The xid of anything that is long enough to have one, else -1."""
    return int.from_bytes(message[:4], "big") if len(message) >= 4 else -1


def read_answer(call: Call, message: bytes, place: Place) -> Answer:
    """The result of a call. Raises RpcError, StatusError, BadAnswerError."""
    answer = read_any_answer(call, message, place)
    if answer.status not in (None, _NI_OK):
        raise StatusError.of(place.step, str(place), call.name, answer.status or 0)
    return answer


def read_success(call: Call, message: bytes, place: Place) -> ReplyHeader:
    """The header of the answer to a call that was carried out. Raises RpcError, BadAnswerError."""
    reply = read_header(message)
    if not isinstance(reply, ReplyHeader):
        raise bad_answer(call, place, "no RPC reply came back")
    if not reply.whole:
        raise bad_answer(call, place, "the reply ends in its header")
    if Anomaly.UNKNOWN_RPC_STATUS in reply.anomalies:
        raise bad_answer(call, place, "the reply has a status that RPC does not know")
    failure = rpc_error(place.step, str(place), call.name, reply)
    if failure:
        raise failure
    return reply


def read_any_answer(call: Call, message: bytes, place: Place) -> Answer:
    """As `read_answer`, the ni_status being part of the answer. Raises RpcError, BadAnswerError."""
    reply = read_success(call, message, place)
    found = set(reply.anomalies)
    if call.row is None:
        return Answer({}, None, frozenset(found))
    inner = forwarded(call.arguments) if call.row.forwards else None
    result = read_result(call.row, inner, message, reply.end, found)
    odd = found & _UNREADABLE
    if odd:
        raise bad_answer(call, place, MEANINGS[min(odd).value].rstrip("."))
    return Answer(result.value or {}, result.status, frozenset(found))


def read_chain(call: Call, message: bytes, place: Place) -> tuple[Values, Iterator[Values]]:
    """An answer that ends in a chain, as READALL's: what stands before it, and its elements one by one.

    It can be 64 MiB long, and would be many times that if all were made at once. Raises RpcError, StatusError,
    BadAnswerError; the last one also while the elements are taken.
    """
    at = read_success(call, message, place).end
    assert call.row is not None and isinstance(call.row.result, Union)
    head = prefix(call.row.result, message, at)
    *before, (_, chain) = dict(call.row.result.arms)[_NI_OK].fields
    assert isinstance(chain, Chain)
    if head.get("status", _NI_OK) != _NI_OK:
        raise StatusError.of(place.step, str(place), call.name, head["status"])
    if len(head) <= len(before):
        raise bad_answer(call, place, _CUT)
    # What stands before the chain are words.
    elements = _elements(call, chain, message, at + 4 * len(head), place)
    return {name: head[name] for name, _ in before}, elements


def _elements(call: Call, chain: Chain, message: bytes, at: int, place: Place) -> Iterator[Values]:
    try:
        yield from each_of(chain, message, at)
    except XdrError:
        raise bad_answer(call, place, _CUT) from None


def status_name(number: int) -> str:
    """The name of an ni_status."""
    return NI_STATUS.label(number)


def bad_answer(call: Call, place: Place, reason: str) -> BadAnswerError:
    """The error of an answer that is none."""
    return BadAnswerError(place.step, str(place), f"{call.name}: {reason[0].lower()}{reason[1:]}")
