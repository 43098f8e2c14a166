"""A message as the object that `messages --format ndjson` prints; its JSON Schema is made from these classes.

Secrets: a `machinename` that carries a password is null unless it is asked to be revealed.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from netinfo_scapy.analysis.naming import name_of, rpc_statuses
from netinfo_scapy.analysis.redaction import redacted
from netinfo_scapy.analysis.summary import Count, Port, Text, Time, UInt32
from netinfo_scapy.analysis.values import file_name, plain, rfc3339, text_of
from netinfo_scapy.capture.message import Message
from netinfo_scapy.capture.sources import Capture
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import Auth, CallHeader, ReplyHeader, read_credential
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.secret import carried_password

STATISTICS = find_procedure(NETINFO.number, NETINFO.version, 1)


class Credential(Struct, frozen=True, omit_defaults=True):
    """A call's credential. The further keys are those of AUTH_SYS; null where its body cannot be read.

    machinename: null where it carries a password (`password_present`); then `password`, if that is revealed.
    """

    flavor: str
    stamp: UInt32 | UnsetType | None = UNSET
    machinename: Text | UnsetType | None = UNSET
    uid: UInt32 | UnsetType | None = UNSET
    gid: UInt32 | UnsetType | None = UNSET
    gids: list[UInt32] | UnsetType | None = UNSET
    password_present: bool | UnsetType | None = UNSET
    password: Text | UnsetType = UNSET


class Verifier(Struct, frozen=True):
    """A verifier. length: bytes of its body; null where the message ends before it."""

    flavor: str
    length: Count | None


class Mismatch(Struct, frozen=True):
    """The versions that the server has."""

    low: UInt32
    high: UInt32


class MessageObject(Struct, frozen=True):
    """One RPC message. A field that has no place in it, or that it ends before, is null.

    frame: the highest-numbered frame (from 1) among those that first delivered a byte of the
        message; time is that frame's.
    length: bytes of the message without record marks, up to the first hole where it is incomplete.
    program, version, procedure, name: on a reply its call's.
    call_frame, rtt_seconds: from the call's first transmission.
    retransmission: a UDP call equal to an earlier one.
    """

    capture: str
    frame: Count
    time: Time
    transport: Literal["udp", "tcp"]
    src_ip: str
    src_port: Port
    dst_ip: str
    dst_port: Port
    community_id: str
    length: Count
    fragments: Count
    xid: UInt32
    type: Literal["call", "reply"]
    program: UInt32 | None
    version: UInt32 | None
    procedure: UInt32 | None
    name: str | None
    credential: Credential | None
    verifier: Verifier | None
    arguments: dict[str, Any] | None
    result: dict[str, Any] | None
    reply_status: str | None
    accept_status: str | None
    reject_status: str | None
    auth_status: str | None
    mismatch: Mismatch | None
    status: str | None
    call_frame: Count | None
    rtt_seconds: float | None
    retransmission: bool
    anomalies: list[str]


def message_object(
    message: Message, captures: list[Capture], reveal: bool = False, hide_hashes: bool = False
) -> MessageObject:
    """The object of a message. captures: those that `FrameRef.capture` counts.

    reveal: show passwords. hide_hashes: show of a hash its scheme and first two characters.
    """
    record, header, called = message.record, message.header, message.called
    flow, at = record.flow, record.at
    is_call = isinstance(header, CallHeader)
    anomalies = sorted(each.value for each in message.check())
    value = plain(redacted(message) if hide_hashes else message.value())
    statuses = rpc_statuses(header) if isinstance(header, ReplyHeader) else dict.fromkeys(STATUSES)
    capture = captures[at.capture]
    return MessageObject(
        capture=file_name(capture.name),
        frame=at.number,
        time=rfc3339(at.time_ns, capture.digits),
        transport=flow.transport.label,
        src_ip=flow.source.ip,
        src_port=flow.source.port,
        dst_ip=flow.target.ip,
        dst_port=flow.target.port,
        community_id=flow.community_id,
        length=len(record.data),
        fragments=record.fragments,
        xid=message.xid,
        type="call" if is_call else "reply",
        program=called.program if called else None,
        version=called.version if called else None,
        procedure=called.procedure if called else None,
        name=name_of(message),
        credential=credential_object(header.credential, message.row is STATISTICS, reveal)
        if isinstance(header, CallHeader)
        else None,
        verifier=_verifier(header.verifier),
        arguments=value if is_call else None,
        result=None if is_call else value,
        mismatch=_mismatch(header),
        status=None if message.status is None else NI_STATUS.label(message.status),
        call_frame=message.call.record.at.number if message.call else None,
        rtt_seconds=None if message.rtt_ns is None else message.rtt_ns / 1e9,
        retransmission=message.first is not None,
        anomalies=anomalies,
        **statuses,
    )


STATUSES = ("reply_status", "accept_status", "reject_status", "auth_status")


def as_dict(item: Struct) -> dict[str, Any]:
    """A message object or summary as the plain dict that its JSON is."""
    built: dict[str, Any] = msgspec.to_builtins(item)
    return built


def _mismatch(header: CallHeader | ReplyHeader) -> Mismatch | None:
    if isinstance(header, CallHeader) or header.mismatch is None:
        return None
    return Mismatch(header.mismatch.low, header.mismatch.high)


def _verifier(verifier: Auth | None) -> Verifier | None:
    if verifier is None:
        return None
    return Verifier(rpc.FLAVOR.label(verifier.flavor), None if verifier.body is None else len(verifier.body))


def credential_object(credential: Auth | None, on_statistics: bool, reveal: bool) -> Credential | None:
    """The object of a call's credential. on_statistics: the call is NetInfo's STATISTICS. reveal: show passwords."""
    if credential is None:
        return None
    flavor = rpc.FLAVOR.label(credential.flavor)
    if credential.flavor != rpc.AUTH_SYS:
        return Credential(flavor)
    fields = None if credential.body is None else read_credential(credential, set())
    if fields is None:
        return Credential(flavor, None, None, None, None, None, None)
    password = carried_password(fields["machinename"], on_statistics)
    return Credential(
        flavor,
        fields["stamp"],
        text_of(fields["machinename"]) if password is None else None,
        fields["uid"],
        fields["gid"],
        fields["gids"],
        password is not None,
        text_of(password.reveal()) if password is not None and reveal else UNSET,
    )
