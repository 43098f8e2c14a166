"""A call that a server of ours was sent, as the event that `serve --honeypot` prints."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from netinfo_scapy.analysis.naming import rpc_statuses
from netinfo_scapy.analysis.summary import Port, Time, UInt32
from netinfo_scapy.analysis.values import plain, rfc3339
from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.protocol.message import CallHeader, ReplyHeader, forwarded, read_arguments, read_header
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import find_procedure, procedure_name
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.report.message_object import STATISTICS, STATUSES, Credential, credential_object

_DIGITS = 6


class CallEvent(Struct, frozen=True):
    """One call. Keys and values are those of `messages --format ndjson`.

    answered: whether anything was sent back; reply_status and those behind it are null where not.
    """

    time: Time
    event: Literal["call"]
    transport: Literal["udp", "tcp"]
    src_ip: str
    src_port: Port
    dst_ip: str
    dst_port: Port
    community_id: str
    xid: UInt32
    program: UInt32
    version: UInt32
    procedure: UInt32
    name: str
    credential: Credential | None
    arguments: dict[str, Any] | None
    answered: bool
    reply_status: str | None
    accept_status: str | None
    reject_status: str | None
    auth_status: str | None
    status: str | None


def call_event(
    time_ns: int,
    transport: Transport,
    peer: Endpoint,
    local: Endpoint,
    header: CallHeader,
    arguments: dict[str, Any] | None,
    replies: tuple[bytes, ...],
    status: int | None,
    reveal: bool = False,
) -> CallEvent:
    """The event of a call. time_ns: since 1970. status: the ni_status answered. reveal: show passwords."""
    flow = Flow(transport, peer, local)
    # The header is whole, or the call would not be answered and seen: none of them is missing.
    program, version, procedure = header.program or 0, header.version or 0, header.procedure or 0
    row = find_procedure(program, version, procedure)
    reply = read_header(replies[0]) if replies else None
    return CallEvent(
        time=rfc3339(time_ns, _DIGITS),
        event="call",
        transport=transport.label,
        src_ip=peer.ip,
        src_port=peer.port,
        dst_ip=local.ip,
        dst_port=local.port,
        community_id=flow.community_id,
        xid=header.xid,
        program=program,
        version=version,
        procedure=procedure,
        name=procedure_name(program, version, procedure),
        credential=credential_object(header.credential, row is not None and row is STATISTICS, reveal),
        arguments=plain(_decoded(row, arguments)),
        answered=reply is not None,
        status=None if status is None else NI_STATUS.label(status),
        **(rpc_statuses(reply) if isinstance(reply, ReplyHeader) else dict.fromkeys(STATUSES)),
    )


def _decoded(row: Procedure | None, arguments: dict[str, Any] | None) -> dict[str, Any] | None:
    """Arguments, of which those of a call to forward are decoded, too."""
    inner = forwarded(arguments) if row is not None and row.forwards else None
    if inner is None or arguments is None:
        return arguments
    return {**arguments, "arguments": read_arguments(inner, arguments["arguments"], 0, set(), forwarding=False)}
