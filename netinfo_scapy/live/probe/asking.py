"""Calls of a probe, right or wrong on purpose, and how they ended in a word."""

from __future__ import annotations

from netinfo_scapy.live import calls
from netinfo_scapy.live.calls import Answer, Values
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import (
    AcceptedError,
    ClientError,
    ClosedError,
    DeniedError,
    NoAnswerError,
    StatusError,
)
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Procedure

ROWS = {row.name: row for row in NETINFO.procedures}
"""The procedures by name."""

_SILENCE = 1.0
"""Seconds after which no answer is taken for silence."""


def outcome(answer: Answer | ClientError) -> str:
    """How a call ended, in one or two words."""
    match answer:
        case Answer(status=int(status)):
            return calls.status_name(status)
        case Answer():
            return "SUCCESS"
        case StatusError(name=name):
            return name
        case AcceptedError(name=name, mismatch=versions):
            return f"{name} {versions.low}..{versions.high}" if versions else name
        case DeniedError(auth_name=str(name)):
            return name
        case DeniedError(name=name):
            return name
        case NoAnswerError():
            return "no answer"
        case ClosedError():
            return "closed"
        case _:
            return "no RPC answer"


def asked(
    client: NetInfo_Client, name: str, arguments: Values | None = None, extra: bytes = b""
) -> Answer | ClientError:
    """A call of a procedure. extra: bytes behind its arguments."""
    row = ROWS[name]
    body = encode(row.arguments, arguments or {}) if row.arguments else b""
    return odd(client, row.number, body + extra, row)


def odd(
    client: NetInfo_Client,
    procedure: int,
    body: bytes = b"",
    row: Procedure | None = None,
    *,
    version: int = NETINFO.version,
    credential: Values | None = None,
    rpc_version: int = 2,
) -> Answer | ClientError:
    """A call by number. row: by which a success is read. The others: what a correct call has, unless given."""
    call = calls.odd_call(
        NETINFO.number,
        version,
        procedure,
        client.next_xid(),
        body,
        row=row,
        credential=credential or calls.anonymous(),
        rpc_version=rpc_version,
    )
    return client.ask(call, timeout=_SILENCE if rpc_version != 2 else None)
