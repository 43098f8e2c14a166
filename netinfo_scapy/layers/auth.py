"""Credentials and verifiers (RFC 5531, 8.2 and appendix A; RFC 2695; RFC 2203)."""

from __future__ import annotations

from struct import pack
from typing import Any

from scapy.fields import Field, PacketField
from scapy.packet import Packet

from netinfo_scapy.layers.fields import NamedWordField, WordField, XDRStringField
from netinfo_scapy.layers.structs import XDRPacket, XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.layers.values import XDRBytes, padding
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import XdrError, walk
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.secret import Secret, carried_password, inverted
from netinfo_scapy.protocol.wire import take_opaque

_FLAVORS = dict(rpc.FLAVOR.members)
_STATISTICS = 1


class _BodyField(XDRStringField):
    """A body as bytes. That of AUTH_SYS may carry a password where it does not hold its type."""

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        if pkt is not None and isinstance(x, bytes) and x and pkt.getfieldval("flavor") == rpc.AUTH_SYS:
            return f"({len(x)} bytes)"
        return super().i2repr(pkt, x)


class RPC_Auth(XDRStruct):
    """A credential or verifier of any flavor, its body as bytes."""

    xdr = rpc.OPAQUE_AUTH
    fields_desc = [NamedWordField("flavor", 0, _FLAVORS), _BodyField("body", b"", rpc.MAXIMUM_AUTH_BODY)]


class AUTH_NONE(RPC_Auth):
    """No credential (RFC 5531, 10.1)."""

    flavor = 0


class AUTH_SHORT(RPC_Auth):
    """A short form that the server gave (RFC 5531, appendix A)."""

    flavor = 2


class _RestField(Field[Any, Any]):
    """Bytes of a body after what its type holds; normally none. They are padded."""

    def __init__(self) -> None:
        super().__init__("rest", b"", "I")

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        value = val or b""
        return s + bytes(value) + padding(value)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, bytes]:
        left = max(8 + int(pkt.getfieldval("length")) - (len(pkt.original) - len(s)), 0)
        value, pad = s[:left], s[left : left + (-left & 3)]
        return s[left + len(pad) :], XDRBytes(value, pad=pad) if any(pad) else value

    def randval(self) -> Any:
        return None


class _Body(XDRPacket):
    """A credential whose body has a type: flavor, length, the body's fields."""

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.getfieldval("length") is None:
            size = len(pkt) - 8 - len(padding(self.getfieldval("rest") or b""))
            pkt = pkt[:4] + pack(">I", size) + pkt[8:]
        return pkt + pay

    @classmethod
    def holds(cls, data: bytes) -> int | None:
        """How many of the bytes it takes, flavor and length included."""
        try:
            body, end = take_opaque(data, 4, len(data), 0xFFFFFFFF, set())
            assert cls.xdr is not None
            walk(cls.xdr, body)
        except XdrError:
            return None
        return end


def _body_fields(flavor: int) -> list[Any]:
    fields = fields_of(rpc.CREDENTIAL_BODIES[flavor])
    return [NamedWordField("flavor", flavor, _FLAVORS), WordField("length", None), *fields, _RestField()]


class _MachineNameField(XDRStringField):
    """A host name, or a password in its place: that is not shown by itself."""

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        if isinstance(pkt, AUTH_SYS) and isinstance(x, bytes) and pkt.password is not None:
            return "(carries a password; .password.reveal() gives it)"
        return super().i2repr(pkt, x)


class AUTH_SYS(_Body):
    """A Unix user (RFC 5531, appendix A). NetInfo's clients put a password in the place of the host's name."""

    xdr = rpc.AUTH_SYS_BODY
    fields_desc = [
        _MachineNameField(each.name, each.default, each.maximum) if each.name == "machinename" else each
        for each in _body_fields(rpc.AUTH_SYS)
    ]

    @classmethod
    def with_password(cls, password: str | bytes, uid: int = 0, **fields: Any) -> AUTH_SYS:
        """The credential with which a NetInfo client proves to be a user: every bit of the password inverted.

        Text is taken as UTF-8. A password that is not ASCII cannot be told from a host's name: `.password` is None.
        Source: docs/specification.md, 8.1.
        """
        text = password.encode() if isinstance(password, str) else password
        return cls(machinename=inverted(text), uid=uid, **fields)

    @property
    def password(self) -> Secret | None:
        """The password it carries, which `.reveal()` shows; None where it carries none."""
        name = self.getfieldval("machinename")
        return carried_password(bytes(name), _on_statistics(self.parent)) if isinstance(name, bytes) else None


def _on_statistics(call: Packet | None) -> bool:
    return call is not None and (call.getfieldval("program"), call.getfieldval("procedure")) == (
        NETINFO.number,
        _STATISTICS,
    )


class AUTH_DH(_Body):
    """Diffie-Hellman (RFC 2695)."""

    xdr = rpc.CREDENTIAL_BODIES[rpc.AUTH_DH]
    fields_desc = _body_fields(rpc.AUTH_DH)


class RPCSEC_GSS(_Body):
    """RPCSEC_GSS (RFC 2203)."""

    xdr = rpc.CREDENTIAL_BODIES[rpc.RPCSEC_GSS]
    fields_desc = _body_fields(rpc.RPCSEC_GSS)


_BODIES: dict[int, type[XDRPacket]] = {rpc.AUTH_SYS: AUTH_SYS, rpc.AUTH_DH: AUTH_DH, rpc.RPCSEC_GSS: RPCSEC_GSS}
_OPAQUE: dict[int, type[XDRPacket]] = {0: AUTH_NONE, 2: AUTH_SHORT}


class AuthField(PacketField):
    """A credential or verifier; None writes AUTH_NONE.

    typed: read the body by its flavor, where it fits (credentials; a verifier's body has another type).
    """

    __slots__ = ["typed"]

    def __init__(self, name: str, typed: bool) -> None:
        super().__init__(name, None, AUTH_NONE)
        self.typed = typed

    def i2m(self, pkt: Packet | None, i: Any) -> bytes:
        """Its bytes."""
        return bytes(AUTH_NONE() if i is None else i)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Read flavor, length, body. Raises XdrError."""
        _, end = take_opaque(s, 4, len(s), 0xFFFFFFFF, set())
        flavor = int.from_bytes(s[:4], "big")
        cls = _BODIES.get(flavor) if self.typed else None
        if cls is None or cls.holds(s[:end]) is None:
            cls = _OPAQUE.get(flavor, RPC_Auth)
        return s[end:], cls(s[:end], _parent=pkt)
