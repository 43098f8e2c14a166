"""Calls and replies by name with plain values: their bytes, and what an observer decodes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from netinfo_scapy.analysis.values import plain
from netinfo_scapy.craft import arguments
from netinfo_scapy.craft.credentials import Credential
from netinfo_scapy.craft.encoding import Place, encoded, filled, places, with_instance
from netinfo_scapy.craft.said import CLIENT, SERVER, Said
from netinfo_scapy.craft.truth import Expected
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import find_procedure, procedure_name
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.xdr import Enum, Struct, Union

_INSTANCE_OF_PREVIOUS = 1
_NO_VERIFIER = {"flavor": 0, "body": b""}


class Call(NamedTuple):
    """A call inside a call, for CALLIT. values: its arguments."""

    name: str
    values: Mapping[str, Any] = {}


class _Numbers(NamedTuple):
    program: int
    version: int
    procedure: int
    row: Procedure | None


class _Body(NamedTuple):
    """A body: its bytes, the value decoded, the status in it, what stands where; what an observer notes of it."""

    data: bytes
    value: dict[str, Any] | None = None
    status: str | None = None
    places: list[Place] = []  # noqa: RUF012 - never changed
    anomalies: tuple[str, ...] = ()


def numbers_of(name: str) -> _Numbers:
    """Program, version and procedure of a name: `NetInfo.READ`, or numbers as `100003.3.6`. Raises ValueError."""
    parts = name.split(".")
    if len(parts) == 3 and all(each.isascii() and each.isdigit() for each in parts):
        program, version, procedure = map(int, parts)
        if max(program, version, procedure) >= 1 << 32:
            raise ValueError(f"{name}: a number of more than 32 bits")
        return _Numbers(program, version, procedure, find_procedure(program, version, procedure))
    found, row = arguments.find(name)
    return _Numbers(found.number, found.version, row.number, row)


def make_call(
    talk: int, name: str, xid: int, credential: Credential, values: Mapping[str, Any], body: bytes | None
) -> Said:
    """A call. body: the bytes of its arguments, for a procedure that is not known. Raises ValueError."""
    numbers = numbers_of(name)
    made = _arguments(name, numbers.row, values, body)
    header = {
        "xid": xid,
        "type": rpc.CALL,
        "rpc_version": rpc.RPC_VERSION,
        "program": numbers.program,
        "version": numbers.version,
        "procedure": numbers.procedure,
        "credential": {"flavor": credential.flavor, "body": credential.body()},
        "verifier": _NO_VERIFIER,
    }
    expected = Expected(
        type="call",
        name=procedure_name(*numbers[:3]),
        xid=xid,
        program=numbers.program,
        version=numbers.version,
        procedure=numbers.procedure,
        credential=credential.shown(procedure_name(*numbers[:3])),
        arguments=made.value,
        anomalies=[*credential.anomalies(), *_odd(made)],
    )
    return Said(talk, CLIENT, 0, header, made.data, made.places, expected, credential, called=expected.name)


def _arguments(name: str, row: Procedure | None, values: Mapping[str, Any], body: bytes | None) -> _Body:
    if row is None or body is not None:
        if values:
            raise ValueError(f"{name}: its arguments are not known; give them as bytes (body)")
        if row is not None:
            raise ValueError(f"{name}: its arguments are known; give them by name, or odd ones by a transform")
        return _Body(body or b"")
    if row.forwards:
        return _forwarded(name, row, values)
    if row.arguments is None:
        filled(Struct("", ()), values, name)
        return _Body(b"")
    value = filled(row.arguments, values, name)
    return _Body(encoded(row.arguments, value, name), plain(value), None, places(row.arguments, value))


def _odd(body: _Body) -> list[str]:
    """What an observer notes of a body that is well made."""
    texts = [body.data[each.start : each.start + each.length] for each in body.places if each.kind == "string"]
    return [*body.anomalies, *(["inner-nul"] if any(0 in text for text in texts) else [])]


def _forwarded(name: str, row: Procedure, values: Mapping[str, Any]) -> _Body:
    """The arguments of CALLIT: those of the call that it forwards."""
    inner = values.get("call")
    if not isinstance(inner, Call) or len(values) > 1:
        raise ValueError(f"{name}: give the call that it forwards (call), and nothing else")
    numbers = numbers_of(inner.name)
    if numbers.row is not None and numbers.row.forwards:
        raise ValueError(f"{name}: the call that it forwards cannot forward another one")
    made = _arguments(inner.name, numbers.row, inner.values, None)
    assert row.arguments is not None
    value = {**numbers._asdict(), "arguments": made.data}
    del value["row"]
    shifted = [each._replace(what=f"arguments.{each.what}", start=each.start + 16) for each in made.places]
    shown = {**value, "arguments": made.value}
    return _Body(encoded(row.arguments, value, name), shown, None, shifted)


def _reply(call: Said, reply: dict[str, Any], body: _Body, accept: str | None = None) -> Said:
    assert call.header is not None and call.expected is not None
    asked = call.expected
    expected = Expected(
        type="reply",
        name=asked.name,
        xid=asked.xid,
        program=asked.program,
        version=asked.version,
        procedure=asked.procedure,
        result=body.value,
        reply_status="MSG_DENIED" if reply["reply_status"] else "MSG_ACCEPTED",
        accept_status=accept,
        status=body.status,
        anomalies=_odd(body),
    )
    header = {"xid": call.header["xid"], "type": rpc.REPLY, "reply": reply}
    return Said(call.talk, SERVER, call.exchange, header, body.data, body.places, expected, call=call)


def make_reply(
    call: Said,
    values: Mapping[str, Any],
    status: str | int | None,
    body: bytes | None,
    inner: Call | None = None,
    previous: bool = False,
) -> Said:
    """The reply to a call that succeeded. status: an ni_status by name or number. previous: as in `Talk`.

    Raises ValueError.
    """
    assert call.header is not None and call.expected is not None
    row = find_procedure(call.header["program"], call.header["version"], call.header["procedure"])
    title = f"reply to {call.expected.name}"
    if row is None or body is not None:
        if values or status is not None:
            raise ValueError(f"{title}: its result is not known; give it as bytes (body)")
        if row is not None:
            raise ValueError(f"{title}: its result is known; give it by name")
        made = _Body(body or b"")
    elif row.forwards:
        made = _forwarded_result(title, row, inner, values, status, previous)
    else:
        made = _result_of(title, row, values, status, previous)
    reply = {"reply_status": 0, "verifier": _NO_VERIFIER, "accepted": {"accept_status": rpc.SUCCESS}}
    return _reply(call, reply, made, "SUCCESS")


def _result_of(
    title: str, row: Procedure, values: Mapping[str, Any], status: str | int | None, previous: bool
) -> _Body:
    """A procedure's result. That of Previous has instances of 1; some are of another type, which shows in the bytes."""
    if not previous:
        return _result(title, row.result, values, status)
    made = _result(title, row.dialect or row.result, values, status, instance=_INSTANCE_OF_PREVIOUS)
    try:
        usual = _result(title, row.result, values, status, instance=_INSTANCE_OF_PREVIOUS).data
    except ValueError:
        usual = None
    return made if made.data == usual else made._replace(anomalies=("dialect-previous",))


def _result(
    title: str,
    xdr: Struct | Union | None,
    values: Mapping[str, Any],
    status: str | int | None,
    instance: int | None = None,
) -> _Body:
    """A result of a type. instance: that of every id in it, whatever is said. Raises ValueError."""
    has_status = isinstance(xdr, Union) or (xdr is not None and dict(xdr.fields).get("status") is NI_STATUS)
    if not has_status:
        if status is not None:
            raise ValueError(f"{title}: it has no status")
        value = filled(xdr if isinstance(xdr, Struct) else Struct("", ()), values, title)
        if not isinstance(xdr, Struct):
            return _Body(b"")
        return _Body(encoded(xdr, value, title), plain(value), None, places(xdr, value))
    number = 0 if status is None else _number(title, NI_STATUS, status)
    arm = dict(xdr.arms).get(number) if isinstance(xdr, Union) else None
    assert xdr is not None
    value = filled(arm or Struct("", ()), values, title if arm else f"{title} with {NI_STATUS.label(number)}")
    if instance is not None and arm is not None:
        value = with_instance(arm, value, instance)
    whole = {"status": number, **value}
    shown = plain(value) if arm else None
    return _Body(encoded(xdr, whole, title), shown, NI_STATUS.label(number), places(xdr, whole))


def _forwarded_result(
    title: str,
    row: Procedure,
    inner: Call | None,
    values: Mapping[str, Any],
    status: str | int | None,
    previous: bool,
) -> _Body:
    """The result of CALLIT: a port or an address, and the result of the call that was forwarded."""
    assert isinstance(row.result, Struct) and inner is not None
    within = numbers_of(inner.name).row
    [(where, _), _] = row.result.fields
    given = values.get("result", {})
    if within is None:
        made = _Body(given if isinstance(given, bytes) else b"")
    elif isinstance(given, Mapping):
        made = _result_of(title, within, given, status, previous)
    else:
        raise ValueError(f"{title}: result: the values of {inner.name}'s result are wanted")
    outer = filled(row.result, {**{key: each for key, each in values.items() if key != "result"}}, title)
    value = {where: outer[where], "result": made.data}
    start = next(each.start for each in places(row.result, value) if each.what == "result" and each.kind == "opaque")
    shifted = [each._replace(what=f"result.{each.what}", start=each.start + start) for each in made.places]
    shown = {**plain(value), "result": made.value}
    return _Body(encoded(row.result, value, title), shown, made.status, shifted, made.anomalies)


def _number(title: str, enum: Enum, given: str | int) -> int:
    if isinstance(given, int):
        return given
    for number, name in enum.members:
        if name == given:
            return number
    raise ValueError(f"{title}: {given!r} is no {enum.name}; known are {', '.join(name for _, name in enum.members)}")


_ERRORS = {
    name: (enum, number)
    for enum in (rpc.ACCEPT_STATUS, rpc.REJECT_STATUS, rpc.AUTH_STATUS)
    for number, name in enum.members
}

_NO_ERRORS = ("SUCCESS", "AUTH_ERROR", "AUTH_OK")


def make_error(call: Said, name: str, low: int = 2, high: int = 2) -> Said:
    """The reply to a call that was refused: an accept, reject or auth status of RFC 5531 by name.

    low, high: the versions that the server has, where the status tells them. Raises ValueError.
    """
    if name not in _ERRORS or name in _NO_ERRORS:
        known = ", ".join(each for each in _ERRORS if each not in _NO_ERRORS)
        raise ValueError(f"{name}: no error of RPC; known are {known}")
    enum, number = _ERRORS[name]
    versions = {"mismatch": {"low": low, "high": high}} if name.endswith("_MISMATCH") else {}
    if enum is rpc.ACCEPT_STATUS:
        reply: dict[str, Any] = {
            "reply_status": 0,
            "verifier": _NO_VERIFIER,
            "accepted": {"accept_status": number, **versions},
        }
        said = _reply(call, reply, _Body(b""), name)
    else:
        denied = (
            {"reject_status": 1, "auth_status": number} if enum is rpc.AUTH_STATUS else {"reject_status": 0, **versions}
        )
        said = _reply(call, {"reply_status": 1, "denied": denied}, _Body(b""))
        assert said.expected is not None
        said.expected.reject_status = "AUTH_ERROR" if enum is rpc.AUTH_STATUS else name
        said.expected.auth_status = name if enum is rpc.AUTH_STATUS else None
    assert said.expected is not None
    said.expected.mismatch = versions.get("mismatch")
    return said
