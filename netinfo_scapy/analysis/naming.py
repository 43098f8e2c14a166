"""What a message is called: its procedure, its status, the tags and the user it concerns."""

from __future__ import annotations

from typing import Any, cast

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import ReplyHeader, read_credential
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import procedure_name

_TAG_KEYS = ("tag", "server_tag")
SUCCESS = rpc.ACCEPT_STATUS.label(rpc.SUCCESS)
"""The status of a reply that says no more than that the call was carried out."""

# A plain message tells most of it without its header being read.


def program_of(message: Message) -> int | None:
    """The number of the program called; None where `name_of` is."""
    call = message if message.is_call else message.call
    if call is not None and call.plain:
        return call.program
    header = message.called
    return header.program if header else None


def name_of(message: Message) -> str | None:
    """`NetInfo.READ`; None on a reply whose call was not seen, or where the header is cut short."""
    walks = message.walks
    if walks is not None:
        return walks.name
    header = message.called
    if header is None or header.program is None or header.version is None or header.procedure is None:
        return None
    return procedure_name(header.program, header.version, header.procedure)


def rpc_statuses(header: ReplyHeader) -> dict[str, str | None]:
    """The four statuses of a reply by name, as RFC 5531 calls them."""
    named = (
        ("reply_status", rpc.REPLY_STATUS, header.reply_status),
        ("accept_status", rpc.ACCEPT_STATUS, header.accept_status),
        ("reject_status", rpc.REJECT_STATUS, header.reject_status),
        ("auth_status", rpc.AUTH_STATUS, header.auth_status),
    )
    return {key: None if number is None else enum.label(number) for key, enum, number in named}


def status_of(message: Message) -> str | None:
    """The ni_status where the result has one, else the RPC status; None on a call."""
    if message.is_call:
        return None
    if message.status is not None:
        return NI_STATUS.label(message.status)
    if message.plain:
        return SUCCESS
    names = rpc_statuses(cast("ReplyHeader", message.header))
    return names["accept_status"] or names["reject_status"] or names["reply_status"]


def credential_of(message: Message) -> dict[str, Any] | None:
    """What the call's AUTH_SYS credential holds; None for other flavors."""
    header = message.called
    if header is None or header.credential is None or header.credential.flavor != rpc.AUTH_SYS:
        return None
    return read_credential(header.credential, set())


def user_of(message: Message) -> int | None:
    """The uid of the call's AUTH_SYS credential."""
    call = message if message.is_call else message.call
    if call is not None and call.plain:
        return call.uid if call.uid >= 0 else None
    credential = credential_of(message)
    return credential["uid"] if credential else None


def named_tags(message: Message) -> set[bytes]:
    """The NetInfo tags that a nibind message's arguments or result name, forwarded ones included."""
    walks = message.walks
    if walks is None or not (walks.program == NIBIND.number or walks.forwards):
        return set()
    value = message.value() or {}
    inner = value.get("arguments") or value.get("result")
    values = [value, inner if isinstance(inner, dict) else {}, *value.get("registrations", ())]
    return {each[key] for each in values for key in _TAG_KEYS if isinstance(each.get(key), bytes)}
