"""ONC RPC version 2 (RFC 5531): the message as a Scapy layer.

    IP(dst="192.0.2.1") / UDP() / RPC() / NI_PING_Call()

A reply names no procedure: `RPC.call` is its call, which `RPCSession`, `netinfo()`, the
socket and `sr1()` (through `answers`) give it; without that its result stays `Raw`.
"""

from __future__ import annotations

from typing import Any

from scapy.config import conf
from scapy.fields import ConditionalField, XIntField
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet

from netinfo_scapy.layers.auth import AuthField
from netinfo_scapy.layers.fields import NamedWordField, WordField
from netinfo_scapy.layers.known import find_classes
from netinfo_scapy.layers.table import PROGRAM_NAMES, field_is
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode
from netinfo_scapy.protocol.message import (
    Auth,
    CallHeader,
    body_is_protected,
    forwarded_procedure,
    read_body,
    read_header,
)
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import find_procedure, procedure_name

_CALL, _REPLY = field_is("type", rpc.CALL), field_is("type", rpc.REPLY)


def _accepted(packet: Packet) -> bool:
    return _REPLY(packet) and packet.getfieldval("reply_status") == 0


def _denied(packet: Packet) -> bool:
    return _REPLY(packet) and packet.getfieldval("reply_status") == 1


def _mismatched(packet: Packet) -> bool:
    return (_accepted(packet) and packet.getfieldval("accept_status") == 2) or (
        _denied(packet) and packet.getfieldval("reject_status") == 0
    )


class RPC(Packet):
    """An RPC call or reply, up to its arguments or result (RFC 5531, 9).

    call: on a reply, the RPC layer of the call it answers, where that is known.
    first: on a call that is a UDP retransmission, the RPC layer of the first transmission.
    noted: anomalies that reassembly and pairing found, beside those of the bytes.
    """

    name = "ONC RPC"
    __slots__ = ["call", "first", "noted"]
    fields_desc = [
        XIntField("xid", 0),
        NamedWordField("type", 0, {0: "call", 1: "reply"}),
        ConditionalField(WordField("rpc_version", 2), _CALL),
        ConditionalField(NamedWordField("program", NETINFO.number, PROGRAM_NAMES), _CALL),
        ConditionalField(WordField("version", NETINFO.version), _CALL),
        ConditionalField(WordField("procedure", 0), _CALL),
        ConditionalField(AuthField("credential", typed=True), _CALL),
        ConditionalField(NamedWordField("reply_status", 0, dict(rpc.REPLY_STATUS.members)), _REPLY),
        ConditionalField(AuthField("verifier", typed=False), lambda packet: _CALL(packet) or _accepted(packet)),
        ConditionalField(NamedWordField("accept_status", 0, dict(rpc.ACCEPT_STATUS.members)), _accepted),
        ConditionalField(NamedWordField("reject_status", 1, dict(rpc.REJECT_STATUS.members)), _denied),
        ConditionalField(WordField("low", 2), _mismatched),
        ConditionalField(WordField("high", 2), _mismatched),
        ConditionalField(
            NamedWordField("auth_status", 5, dict(rpc.AUTH_STATUS.members)),
            lambda packet: _denied(packet) and packet.getfieldval("reject_status") == 1,
        ),
    ]

    def __init__(
        self, _pkt: bytes = b"", *args: Any, call: RPC | None = None, noted: Any = frozenset(), **fields: Any
    ) -> None:
        object.__setattr__(self, "call", call)
        object.__setattr__(self, "first", None)
        object.__setattr__(self, "noted", frozenset(noted))
        super().__init__(_pkt, *args, **fields)

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *_args: Any, **_kwargs: Any) -> type[Packet]:
        """Raw for bytes that are no RPC message or end inside its header."""
        if not _pkt:
            return cls
        header = read_header(bytes(_pkt))
        return cls if header is not None and header.whole else conf.raw_layer

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """The procedure's class, if the bytes hold its type."""
        raw: type[Packet] = conf.raw_layer
        called = self if _CALL(self) else self.call
        if called is None or Anomaly.INCOMPLETE_RECORD in self.noted:
            return raw
        if not _CALL(self) and not (_accepted(self) and self.accept_status == rpc.SUCCESS):
            return raw
        classes = find_classes(called.program, called.version, called.procedure)
        if classes is None or called._protected():
            return raw
        if _CALL(self):
            return classes.call if _end(classes.call, payload) is not None else raw
        end = _end(classes.reply, payload)
        previous = classes.previous
        if previous is not None and end != len(payload) and _end(previous, payload) == len(payload):
            return previous
        return raw if end is None else classes.reply

    def _protected(self) -> bool:
        credential = self.getfieldval("credential")
        if not isinstance(credential, Packet) or credential.getfieldval("flavor") != rpc.RPCSEC_GSS:
            return False
        try:
            fields, _ = decode(rpc.OPAQUE_AUTH, bytes(credential))
        except XdrError:
            return True  # made with a length of its own; who can tell what it protects
        return body_is_protected(Auth(rpc.RPCSEC_GSS, fields["body"]))

    def do_dissect_payload(self, s: bytes) -> None:
        """As any layer; what is void has a layer of its own, too."""
        if s:
            super().do_dissect_payload(s)
            return
        cls = self.guess_payload_class(b"")
        if cls is not conf.raw_layer:
            self.add_payload(cls(_underlayer=self))

    def give_call(self, call: Packet) -> None:
        """Tell a reply which call it answers; its result is dissected by that. call: a packet with an RPC layer."""
        body = bytes(self.payload)
        self.remove_payload()
        self.call = call[RPC]
        self.do_dissect_payload(body)

    def add_payload(self, payload: Any) -> None:
        """As any layer; a program of another port than 961 takes its port along."""
        super().add_payload(payload)
        port = getattr(type(payload), "default_port", None)
        if port is not None:
            mine = {lower: {**fields, "dport": port} for lower, fields in self.overload_fields.items()}
            object.__setattr__(self, "overload_fields", mine)
            if self.underlayer is not None and type(self.underlayer) in mine:
                self.underlayer.overloaded_fields = mine[type(self.underlayer)]

    def copy(self) -> RPC:
        """A copy that knows the same call."""
        clone = super().copy()
        clone.call, clone.first, clone.noted = self.call, self.first, self.noted
        object.__setattr__(clone, "overload_fields", self.overload_fields)
        return clone

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.build(), self.call, self.noted, self.time, self.comments)

    @property
    def anomalies(self) -> tuple[str, ...]:
        """What is odd about the message, as identifiers in order; docs/protocol.md has their meanings."""
        data = bytes(self)
        header = read_header(data)
        found: set[Anomaly] = set(self.noted)
        if header is None:
            return tuple(sorted(found))
        found |= header.anomalies
        called, inner = header if isinstance(header, CallHeader) else None, None
        if self.call is not None and called is None:
            asked = bytes(self.call)
            head = read_header(asked)
            if isinstance(head, CallHeader):
                called = head
                row = _row(head)
                inner = forwarded_procedure(row, asked, head.end) if row and row.forwards else None
        elif called is None:
            found.add(Anomaly.REPLY_WITHOUT_CALL)
        if Anomaly.INCOMPLETE_RECORD not in found:
            read_body(header, data, _row(called), called, inner, found, make=False)
        return tuple(sorted(found))

    def hashret(self) -> bytes:
        """Calls and replies of one xid belong together.

        Not over UDP: an ICMP error may quote too little to have the xid, and `answers` looks at it anyway.
        """
        if isinstance(self.underlayer, UDP):
            return b""
        return bytes(self)[:4]

    def answers(self, other: Packet) -> int:
        """Whether this is the reply to a call. A reply that is, is dissected by it."""
        if not isinstance(other, RPC) or not (_REPLY(self) and _CALL(other) and self.xid == other.xid):
            return 0
        if self.call is None:
            self.give_call(other)
        return 1

    def mysummary(self) -> Any:
        """What is said, where no layer of the procedure says it."""
        if _CALL(self):
            return f"RPC call {procedure_name(self.program, self.version, self.procedure)}", [UDP, TCP]
        call = self.call
        name = f" {procedure_name(call.program, call.version, call.procedure)}" if call is not None else ""
        names = [self.sprintf(f"%{each}%") for each in _said(self)]
        return f"RPC reply{name} {' '.join(names)}", [UDP, TCP]


def _said(reply: Packet) -> list[str]:
    if _accepted(reply):
        return ["accept_status"]
    if not _denied(reply):
        return ["reply_status"]
    return ["reject_status", "auth_status"] if reply.getfieldval("reject_status") == 1 else ["reject_status"]


def _restored(data: bytes, call: RPC | None, noted: Any, time: Any, comments: Any) -> Packet:
    packet: Packet = RPC(data, call=call, noted=noted) if RPC.dispatch_hook(data) is RPC else RPC(data)
    packet.time, packet.comments = time, comments
    return packet


def _row(called: CallHeader | None) -> Any:
    if called is None or called.program is None or called.version is None or called.procedure is None:
        return None
    return find_procedure(called.program, called.version, called.procedure)


def _end(cls: type[Packet], data: bytes) -> int | None:
    """How many of the bytes a class takes; a class that cannot tell takes all."""
    holds = getattr(cls, "holds", None)
    return len(data) if holds is None else holds(data)
