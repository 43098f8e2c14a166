"""A call inside a call: portmap CALLIT, rpcbind CALLIT, BCAST and INDIRECT (RFC 1833).

These rows get a field by hand, because what their opaque holds is told by other fields, and in
a reply by the call.
"""

from __future__ import annotations

from typing import Any

from scapy.config import conf
from scapy.fields import AnyField, PacketField
from scapy.packet import Packet

from netinfo_scapy.layers.known import find_classes
from netinfo_scapy.layers.table import field_name, fields_of
from netinfo_scapy.layers.values import XDRBytes, announced, padding
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.wire import take_opaque
from netinfo_scapy.protocol.xdr import Struct, Union


class ForwardedField(PacketField):
    """An opaque that holds another procedure's arguments or result: a packet, `Raw` where it is not known.

    Bytes may be given; `XDRBytes` with a length of their own.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, conf.raw_layer(b""), conf.raw_layer)

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Bytes as a `Raw`."""
        if isinstance(x, str | bytes):
            x = conf.raw_layer(load=x)
        return super().any2i(pkt, x)

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Append length, bytes, padding."""
        load = getattr(val, "load", None) if isinstance(val, conf.raw_layer) else None
        body = load if isinstance(load, XDRBytes) else b"" if val is None else bytes(val)
        return s + (announced(body) & 0xFFFFFFFF).to_bytes(4, "big") + bytes(body) + padding(body)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Read an opaque and what is in it. Raises XdrError."""
        body, end = take_opaque(s, 0, len(s), 0xFFFFFFFF, set())
        pad = s[4 + len(body) : end]
        if any(pad):
            return s[end:], conf.raw_layer(load=XDRBytes(body, pad=pad))
        cls = _inside(pkt, self.name)
        if cls is None or (getattr(cls, "holds", None) is not None and cls.holds(body) is None):
            return s[end:], conf.raw_layer(load=body)
        return s[end:], cls(body, _parent=pkt) if body else cls(_parent=pkt)

    def randval(self) -> Any:
        """None: what is inside is fuzzed by itself."""
        return None


def _inside(pkt: Packet, name: str) -> Any:
    """The class of what is inside; None where it is unknown, or forwards in turn."""
    asked: Packet | None = pkt
    if name == "result":
        call = getattr(pkt.underlayer, "call", None)
        asked = None if call is None else call.payload
    if asked is None or "procedure" not in asked.fieldtype:
        return None
    classes = find_classes(*(int(asked.getfieldval(each)) for each in ("program", "version", "procedure")))
    if classes is None:
        return None
    cls = classes.reply if name == "result" else classes.call
    row: Procedure | None = getattr(cls, "row", None)
    return None if row is not None and row.forwards else cls


def forwarding_fields(xdr: Struct | Union | None) -> list[AnyField]:
    """As `fields_of`, with what is forwarded as a packet."""
    names = {field_name(each) for each in ("arguments", "result")}
    return [ForwardedField(each.name) if each.name in names else each for each in fields_of(xdr)]
