"""The fields that Wireshark shows and filters by, read off the protocol's types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.bootparam import BOOTPARAM
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.protocol.xdr import (
    Address,
    Array,
    Bool,
    Chain,
    Enum,
    FixedArray,
    FixedOpaque,
    Int,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    UInt,
    Union,
)


class Protocol(NamedTuple):
    """A protocol as Wireshark shows it. prefix: its filter, and what its fields begin with."""

    prefix: str
    name: str
    description: str
    number: int


PROTOCOLS = (
    Protocol("netinfo", "NetInfo", "NetInfo", NETINFO.number),
    Protocol("nibind", "nibind", "nibind, NetInfo's binder", NIBIND.number),
    # Wireshark has dissectors called portmap and bootparams.
    Protocol("ni_portmap", "portmap", "Port mapper, as netinfo-scapy reads it", PORTMAP.number),
    Protocol("ni_bootparam", "bootparam", "bootparam, as netinfo-scapy reads it", BOOTPARAM.number),
)

MESSAGE_TYPE = Enum("msg_type", "TYPE_", ((rpc.CALL, "call"), (rpc.REPLY, "reply")))

FIRST = ("ni_id", "opaque_auth")
"""Structs that are shown as their first field, the others below it."""

INLINE = ("reply", "accepted", "denied")
"""Unions of the RPC header that are no level of their own."""

ELEMENTS = {
    "values": "value",
    "names": "value",
    "children": "child",
    "ids": "id",
    "entries": "props",
    "gids": "gid",
    "procedures": "calls",
}
"""A list's field -> that of an element, where it is no struct."""

ALIASES = {
    "netinfo.key": "name",
    "netinfo.tag": "name",
    "netinfo.self_id": "id",
    "netinfo.parent_id": "id",
    "netinfo.parent": "id",
    "netinfo.target": "id",
    "netinfo.child": "id",
    "nibind.client_tag": "tag",
    "nibind.server_tag": "tag",
    "nibind.master_tag": "tag",
}
"""A field -> the one that finds it, too: netinfo.id is any directory, netinfo.name any name."""

_WORDS = {
    "addr": "address",
    "gid": "GID",
    "gids": "GIDs",
    "id": "ID",
    "ids": "IDs",
    "ip": "IP",
    "machinename": "machine name",
    "ni": "NetInfo",
    "prop": "property",
    "props": "properties",
    "rpc": "RPC",
    "tcp": "TCP",
    "udp": "UDP",
    "uid": "UID",
    "xid": "XID",
}


class Field(NamedTuple):
    """A field of Wireshark's, without its protocol's prefix.

    kind: how Wireshark keeps it. detail: the enumeration of its numbers, or what a frame number points at.
    """

    name: str
    kind: str
    label: str
    detail: str | None = None


# What no byte of a message says by itself.
_GATHERED = (
    Field("length", "uint", "Length"),
    Field("fragments", "uint", "Record fragments"),
    Field("segment", "frame", "Part in frame"),
    Field("message_frame", "frame", "Message in frame"),
    Field("call_frame", "frame", "Call in frame", "REQUEST"),
    Field("reply_frame", "frame", "Reply in frame", "RESPONSE"),
    Field("retransmission_of", "frame", "Retransmission of the call in frame", "RETRANS_PREV"),
    Field("time", "interval", "Time from the call"),
    Field("anomaly", "string", "Anomaly"),
    Field("credential_length", "uint", "Length of the credential"),
    Field("verifier_length", "uint", "Length of the verifier"),
    Field("password_present", "bool", "Password in the credential"),
    Field("password", "string", "Password"),
)


def label(name: str) -> str:
    """A field's or type's name for people."""
    words = " ".join(_WORDS.get(each, each) for each in name.split("_"))
    return words[0].upper() + words[1:]


def _kind(xdr: Type) -> tuple[str, str | None] | None:
    """How Wireshark keeps a value of a type; None for what holds others."""
    match xdr:
        case Address() | Octets():
            return "address", None
        case UInt():
            return "uint", None
        case Enum(name):
            return "uint", name
        case Int():
            return "int", None
        case Bool():
            return "bool", None
        case String():
            return "string", None
        case Opaque() | FixedOpaque():
            return "bytes", None
        case _:
            return None


_Use = tuple[str, str, str, str | None]
"""Owner, name, kind and detail of a field where a type uses it."""


def _uses(xdr: Type, owner: str, name: str) -> Iterator[_Use]:
    kind = _kind(xdr)
    if kind:
        yield owner, name, *kind
        return
    match xdr:
        case Optional(element):
            yield from _uses(element, owner, name)
        case Array(element) | FixedArray(element) | Chain(element):
            yield owner, name, "uint", None
            below = ELEMENTS[name] if not isinstance(element, Struct) else ""
            yield from _uses(element, owner, below)
        case Struct(own, ((_, first), *_)) if own in FIRST:
            yield from _uses(first, owner, name)
            if own == "ni_id":
                yield from _uses_of(xdr, skip=1)
        case Struct() | Union():
            yield from _uses_of(xdr)


def _uses_of(xdr: Struct | Union, skip: int = 0) -> Iterator[_Use]:
    match xdr:
        case Struct(owner, fields):
            for name, each in fields[skip:]:
                yield from _uses(each, owner, name)
        case Union(owner, discriminant, tag, arms):
            yield from _uses(tag, owner, discriminant)
            for _, arm in arms:
                yield from _uses_of(arm)


def _uses_of_header() -> Iterator[_Use]:
    for xdr in (rpc.RPC_CALL, rpc.RPC_REPLY):
        for owner, name, kind, detail in _uses_of(xdr):
            special = {"type": MESSAGE_TYPE.name, "procedure": "procedure"}.get(name)
            yield owner, name, kind, special or detail


def fields_of(protocol: Protocol) -> list[Field]:
    """The fields of a protocol.

    A name has one meaning: what no byte says and the RPC header come first, then the program's own, then
    credentials. A later meaning, or one of another kind, has the struct's name before it.
    """
    bodies = [
        use
        for program in PROGRAMS
        if program.number == protocol.number
        for row in program.procedures
        for xdr in (row.arguments, row.result, row.dialect)
        if xdr is not None
        for use in _uses_of(xdr)
    ]
    credentials = [use for xdr in rpc.CREDENTIAL_BODIES.values() for use in _uses_of(xdr)]
    known: dict[str, Field] = {each.name: each for each in _GATHERED}
    for origin in (list(_uses_of_header()), bodies, credentials):
        mine: dict[str, Field] = {}
        for owner, name, kind, detail in origin:
            plain = Field(name, kind, label(name), detail)
            taken = name in known or (name in mine and mine[name] != plain)
            field = Field(f"{owner}.{name}", kind, label(name), detail) if taken else plain
            mine.setdefault(field.name, field)
        known |= mine
    return list(known.values())
