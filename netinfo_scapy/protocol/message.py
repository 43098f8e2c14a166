"""An RPC message's parts: header, credential, arguments, result (RFC 5531, 9).

Reading never fails: what is odd or cannot be read is an anomaly, and the rest is kept.
Each reading function either makes values or only checks, with the same anomalies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode, prefix, walk
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.walks import has_status
from netinfo_scapy.protocol.xdr import Struct, Union

SMALLEST_MESSAGE = 8
"""Bytes (xid and type) without which something is no RPC message."""

_TYPE_BYTES = bytes(3)
_KNOWN_ACCEPT = frozenset(number for number, _ in rpc.ACCEPT_STATUS.members)
_KNOWN_REJECT = frozenset(number for number, _ in rpc.REJECT_STATUS.members)


class Auth(NamedTuple):
    """A credential or a verifier. body: None where the message ends before it does."""

    flavor: int
    body: bytes | None


class Mismatch(NamedTuple):
    """The versions that a server has."""

    low: int
    high: int


class CallHeader(NamedTuple):
    """A call up to its arguments. A field is None where the message ends before it."""

    xid: int
    rpc_version: int | None
    program: int | None
    version: int | None
    procedure: int | None
    credential: Auth | None
    verifier: Auth | None
    whole: bool
    end: int
    anomalies: frozenset[Anomaly]


class ReplyHeader(NamedTuple):
    """A reply up to its result. A field is None where it has no place or the message ends before it."""

    xid: int
    reply_status: int | None
    verifier: Auth | None
    accept_status: int | None
    reject_status: int | None
    auth_status: int | None
    mismatch: Mismatch | None
    whole: bool
    end: int
    anomalies: frozenset[Anomaly]


def is_message(head: bytes | bytearray) -> bool:
    """Whether the bytes begin like an RPC message: an xid, then the type of a call or a reply."""
    return len(head) >= SMALLEST_MESSAGE and head[4:7] == _TYPE_BYTES and head[7] <= rpc.REPLY


def read_header(data: bytes) -> CallHeader | ReplyHeader | None:
    """The header of a message; None where the bytes are no message at all (`is_message`)."""
    if not is_message(data):
        return None
    kind = rpc.RPC_CALL if data[7] == rpc.CALL else rpc.RPC_REPLY
    found: set[Anomaly] = set()
    try:
        fields, end = decode(kind, data, 0, found)
        whole = True
    except XdrError:
        fields, end, whole = prefix(kind, data), len(data), False
        found.add(Anomaly.TRUNCATED_HEADER)
    if data[7] == rpc.CALL:
        return _call(fields, whole, end, found)
    return _reply(fields, whole, end, found)


def _auth(fields: dict[str, Any] | None) -> Auth | None:
    if not fields:
        return None
    return Auth(fields["flavor"], fields.get("body"))


def _call(fields: dict[str, Any], whole: bool, end: int, found: set[Anomaly]) -> CallHeader:
    credential = _auth(fields.get("credential"))
    version = fields.get("rpc_version")
    if version is not None and version != rpc.RPC_VERSION:
        found.add(Anomaly.RPC_VERSION)
    if credential and credential.body is not None:
        read_credential(credential, found)
    return CallHeader(
        fields["xid"],
        version,
        fields.get("program"),
        fields.get("version"),
        fields.get("procedure"),
        credential,
        _auth(fields.get("verifier")),
        whole,
        end,
        frozenset(found),
    )


def _reply(fields: dict[str, Any], whole: bool, end: int, found: set[Anomaly]) -> ReplyHeader:
    reply = fields.get("reply", {})
    accepted, denied = reply.get("accepted", {}), reply.get("denied", {})
    reply_status, accept, reject = reply.get("reply_status"), accepted.get("accept_status"), denied.get("reject_status")
    if (
        (reply_status is not None and reply_status > 1)
        or (accept is not None and accept not in _KNOWN_ACCEPT)
        or (reject is not None and reject not in _KNOWN_REJECT)
    ):
        found.add(Anomaly.UNKNOWN_RPC_STATUS)
    mismatch = accepted.get("mismatch") or denied.get("mismatch")
    return ReplyHeader(
        fields["xid"],
        reply_status,
        _auth(reply.get("verifier")),
        accept,
        reject,
        denied.get("auth_status"),
        Mismatch(mismatch["low"], mismatch["high"]) if mismatch and "high" in mismatch else None,
        whole,
        end,
        frozenset(found),
    )


def read_credential(credential: Auth, found: set[Anomaly]) -> dict[str, Any] | None:
    """What a credential's body holds; None where the flavor says nothing of it or it does not fit.

    A body over 400 bytes, one that does not hold its type, and bytes after it are found.
    """
    body = credential.body or b""
    if len(body) > rpc.MAXIMUM_AUTH_BODY or (credential.flavor == rpc.AUTH_NONE and body):
        found.add(Anomaly.BAD_CREDENTIAL)
    kind = rpc.CREDENTIAL_BODIES.get(credential.flavor)
    if kind is None:
        return None
    try:
        fields, end = decode(kind, body, 0, found)
    except XdrError:
        found.add(Anomaly.BAD_CREDENTIAL)
        return None
    if end != len(body):
        found.add(Anomaly.BAD_CREDENTIAL)
    return fields


def body_is_protected(credential: Auth | None) -> bool:
    """Whether RPCSEC_GSS replaces or protects the arguments and the result (RFC 2203, 5)."""
    if credential is None or credential.flavor != rpc.RPCSEC_GSS:
        return False
    fields = read_credential(credential, set())
    return fields is None or (fields.get("gss_procedure"), fields.get("service")) != (rpc.GSS_DATA, rpc.GSS_NO_SERVICE)


def _read(
    xdr: Struct | Union | None, data: bytes, offset: int, found: set[Anomaly], make: bool
) -> tuple[dict[str, Any] | None, int]:
    if xdr is None:
        return None, offset
    if make:
        return decode(xdr, data, offset, found)
    return None, walk(xdr, data, offset, found)


def _failure(error: XdrError, truncated: Anomaly) -> Anomaly:
    return Anomaly.OVER_LIMIT if error.over_limit else truncated


def read_arguments(
    row: Procedure, data: bytes, offset: int, found: set[Anomaly], make: bool = True, forwarding: bool = True
) -> dict[str, Any] | None:
    """The arguments of a call from `offset` on, or None: void, undecodable, or only checked.

    forwarding: read the call that they forward, too; not that call's own, or one packet could hold thousands.
    """
    try:
        value, end = _read(row.arguments, data, offset, found, make or row.forwards)
    except XdrError as error:
        found.add(_failure(error, Anomaly.TRUNCATED_ARGUMENTS))
        return None
    if end < len(data):
        found.add(Anomaly.BYTES_LEFT_OVER)
    if row.forwards and value is not None:
        inner, raw = forwarded(value), value["arguments"]
        if inner and not forwarding:
            found.add(Anomaly.NESTED_FORWARD)
            inner = None
        value["arguments"] = read_arguments(inner, raw, 0, found, make, forwarding=False) if inner else None
    return value if make else None


def forwarded(arguments: dict[str, Any] | None) -> Procedure | None:
    """The procedure that the decoded arguments of a CALLIT name, where it is known."""
    if arguments is None:
        return None
    return find_procedure(arguments["program"], arguments["version"], arguments["procedure"])


def forwarded_procedure(row: Procedure, data: bytes, offset: int) -> Procedure | None:
    """The procedure that a CALLIT, still encoded, calls."""
    if row.arguments is None:
        return None
    return forwarded(prefix(row.arguments, data, offset)) if len(data) - offset >= 12 else None


class Result(NamedTuple):
    """status: the ni_status, where the result has one. value: the rest, or None."""

    status: int | None
    value: dict[str, Any] | None


def read_result(
    row: Procedure, inner: Procedure | None, data: bytes, offset: int, found: set[Anomaly], make: bool = True
) -> Result:
    """The result of a successful reply from `offset` on.

    row: the procedure called; inner: what a CALLIT called through it.
    """
    mine: set[Anomaly] = set()
    xdr = row.result
    value: dict[str, Any] | None = None
    readable = False
    try:
        value, end = _read(xdr, data, offset, mine, make or row.forwards)
        readable = True
        if end < len(data):
            mine.add(Anomaly.BYTES_LEFT_OVER)
    except XdrError as error:
        mine.add(_failure(error, Anomaly.TRUNCATED_RESULT))
    if row.dialect and (not readable or Anomaly.BYTES_LEFT_OVER in mine):
        spoken = _dialect(row.dialect, data, offset, make)
        if spoken:
            xdr, (value, mine), readable = row.dialect, spoken, True
    found |= mine
    status = _status(xdr, data, offset)
    if row.forwards and value is not None:
        raw = value["result"]
        within = read_result(inner, None, raw, 0, found, make) if inner else Result(None, None)
        status, value["result"] = within
    if not make or not readable or value is None:
        return Result(status, None)
    value.pop("status", None)
    return Result(status, value or None)


def _dialect(
    xdr: Struct | Union, data: bytes, offset: int, make: bool
) -> tuple[dict[str, Any] | None, set[Anomaly]] | None:
    """The result read as the Previous emulator writes it, if that fits to the last byte."""
    found = {Anomaly.DIALECT_PREVIOUS}
    try:
        value, end = _read(xdr, data, offset, found, make)
    except XdrError:
        return None
    return (value, found) if end == len(data) else None


def _status(xdr: Struct | Union | None, data: bytes, offset: int) -> int | None:
    """The ni_status that a result begins with, even where what follows cannot be read."""
    if not has_status(xdr) or len(data) - offset < 4:
        return None
    return int.from_bytes(data[offset : offset + 4], "big")


def read_body(
    header: CallHeader | ReplyHeader,
    data: bytes,
    row: Procedure | None,
    called: CallHeader | None,
    inner: Procedure | None,
    found: set[Anomaly],
    make: bool = True,
) -> Result:
    """The arguments or the result of a message whose bytes are all there.

    row, called: the procedure and the header of the call (this message's own, or that it answers), where
    known. inner: what a CALLIT called through it.
    """
    if not header.whole:
        return Result(None, None)
    if isinstance(header, ReplyHeader) and header.accept_status != rpc.SUCCESS:
        if header.end < len(data) and Anomaly.UNKNOWN_RPC_STATUS not in header.anomalies:
            found.add(Anomaly.BYTES_LEFT_OVER)
        return Result(None, None)
    if called and body_is_protected(called.credential):
        found.add(Anomaly.PROTECTED_BODY)
        return Result(None, None)
    if row is None:
        return Result(None, None)
    if isinstance(header, CallHeader):
        return Result(None, read_arguments(row, data, header.end, found, make))
    return read_result(row, inner, data, header.end, found, make)
