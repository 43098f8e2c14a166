"""Credentials by kind: none, unix, long, password, short (RFC 5531, 8.2 and appendix A; docs/specification.md, 8.1)."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.secret import inverted

_LONGEST_NAME, _MOST_GROUPS = 255, 16
_NO_SECRET = ("NetInfo.STATISTICS", "checksum")
"""A word in the place of a password, and the procedure that takes it for a question."""

Kind = Literal["none", "unix", "long", "password", "short"]


class Credential(Struct, frozen=True, forbid_unknown_fields=True):
    """A credential.

    kind: none; unix: a user of a machine; long: the longest that a user of a machine can have, 340 bytes;
    password: a NetInfo client's, the password in the place of the machine's name; short: an opaque short form.
    over: bytes put behind what the body holds; a body of more than 400 bytes is refused by servers.
    """

    kind: Kind = "none"
    machinename: str = "client"
    password: str = ""
    uid: int = 0
    gid: int = 0
    gids: list[int] = []
    stamp: int = 0
    over: int = 0

    @property
    def flavor(self) -> int:
        """The flavor's number."""
        return {"none": rpc.AUTH_NONE, "short": 2}.get(self.kind, rpc.AUTH_SYS)

    def _fields(self) -> dict[str, Any]:
        """What an AUTH_SYS body holds."""
        name, gids = self.machinename.encode(), self.gids
        if self.kind == "password":
            name = inverted(self.password.encode("ascii", "replace"))
        elif self.kind == "long":
            name = name.ljust(_LONGEST_NAME, b"x")
            gids = [*gids, *range(100, 100 + _MOST_GROUPS - len(gids))]
        return {"stamp": self.stamp, "machinename": name, "uid": self.uid, "gid": self.gid, "gids": gids}

    def body(self) -> bytes:
        """Its body."""
        if self.kind == "none":
            made = b""
        elif self.kind == "short":
            made = self.stamp.to_bytes(4, "big") * 2
        else:
            made = encode(rpc.AUTH_SYS_BODY, self._fields())
        return made + b"x" * self.over

    @property
    def machinename_length(self) -> int | None:
        """Bytes of the machine's name; None where there is none."""
        return len(self._fields()["machinename"]) if self.flavor == rpc.AUTH_SYS else None

    def shown(self, procedure: str = "") -> dict[str, Any]:
        """What an observer says of it, a password hidden. procedure: that of the call, by name."""
        flavor = {"flavor": rpc.FLAVOR.label(self.flavor)}
        if self.flavor != rpc.AUTH_SYS:
            return flavor
        fields, secret = self._fields(), self.kind == "password" and bool(self.password)
        if (procedure, self.password) == _NO_SECRET:
            secret = False
        name = None if secret else text_of(fields["machinename"])
        return {**flavor, **fields, "machinename": name, "password_present": secret}

    def anomalies(self) -> list[str]:
        """What is odd about it."""
        return ["bad-credential"] if (self.over and self.kind != "short") or len(self.body()) > 400 else []


NONE = Credential()


def unix(machinename: str = "client", uid: int = 0, gid: int = 0, gids: list[int] | None = None) -> Credential:
    """A user of a machine (AUTH_UNIX)."""
    return Credential("unix", machinename=machinename, uid=uid, gid=gid, gids=gids or [])


def password(password: str, uid: int = 0) -> Credential:
    """A user who proves to be one. The password is ASCII."""
    return Credential("password", password=password, uid=uid)
