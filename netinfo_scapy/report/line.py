"""A message as one line for people."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from netinfo_scapy.analysis.values import local_time
from netinfo_scapy.protocol.netinfo import NONE_INDEX
from netinfo_scapy.report.escape import printable, shown
from netinfo_scapy.report.message_object import MessageObject

MOST_CHARACTERS = 200
"""Of the arguments or the result, unless all is asked for."""


def message_line(message: MessageObject, zone: tzinfo | None, full: bool = False) -> str:
    """Frame, time, flow, what it is, what it says, what is odd about it."""
    name = message.name or "(call not seen)"
    arrow = "->" if message.type == "call" else "<-"
    ends = [f"{message.src_ip}:{message.src_port}", f"{message.dst_ip}:{message.dst_port}"]
    client, server = ends if message.type == "call" else reversed(ends)
    said = [name, *(_call(message) if message.type == "call" else _reply(message))]
    body = _value(message.arguments if message.type == "call" else message.result)
    if not full and len(body) > MOST_CHARACTERS:
        body = f"{body[:MOST_CHARACTERS]}... ({len(body) - MOST_CHARACTERS} characters more)"
    remarks = ["retransmission"] * message.retransmission + message.anomalies
    odd = f"  [{', '.join(remarks)}]" if remarks else ""
    head = f"{message.frame:>6}  {local_time(message.time, zone)}  {message.transport}  {client} {arrow} {server}"
    return printable("  ".join(part for part in (head, " ".join(said), body) if part) + odd)


def _call(message: MessageObject) -> list[str]:
    credential = message.credential
    if credential is None or credential.flavor == "AUTH_NONE":
        return []
    if not isinstance(credential.uid, int):
        return [f"({credential.flavor})"]
    name = credential.machinename
    if isinstance(credential.password, str | dict):
        carried = f", password {shown(credential.password)}"
    elif credential.password_present:
        carried = ", with a password"
    else:
        carried = f"@{shown(name)}" if isinstance(name, str | dict) and name else ""
    return [f"(uid {credential.uid}{carried})"]


def _reply(message: MessageObject) -> list[str]:
    detail = f"/{message.auth_status}" if message.auth_status else ""
    if message.mismatch:
        detail = f" {message.mismatch.low}..{message.mismatch.high}"
    status = message.status or message.accept_status or message.reject_status or message.reply_status or "?"
    taken = "" if message.rtt_seconds is None else f" {message.rtt_seconds * 1000:.3f} ms"
    return [f"{status}{detail}{taken}"]


def _value(value: Any) -> str:
    """A decoded value, compact: 17/5 for an id, name=(a, b) for a property."""
    match value:
        case None:
            return ""
        case {"hex": str(data), **rest} if not rest:
            return f"0x{data}"
        case {"object": number, "instance": instance, **rest} if not rest:
            return f"{number}/{instance}"
        case {"name": name, "values": values, **rest} if not rest:
            return f"{_value(name)}={_value(values)}"
        case {"where": number, **rest} if number == NONE_INDEX:
            return _value({**rest, "where": "end"})
        case dict():
            return " ".join(f"{key}={_value(each) if each is not None else 'none'}" for key, each in value.items())
        case list():
            return f"({', '.join(_value(each) if each is not None else 'none' for each in value)})"
        case _:
            return str(value)
