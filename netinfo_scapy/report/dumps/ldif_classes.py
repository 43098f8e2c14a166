"""RFC 2307's object classes, and which properties of NetInfo are which of their attributes.

The classes' attributes are those of OpenLDAP's core, cosine, nis and misc schemas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from unicodedata import normalize

from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.report.dumps.flat import FLAT


def squashed(value: bytes) -> str:
    """What values of an exact matching rule have in common that are equal (RFC 4518: spaces in a row are one)."""
    return " ".join(value.decode().split())


def alike(value: bytes) -> str:
    """The same of a rule that ignores case."""
    if value.isascii():
        return " ".join(value.decode().lower().split())
    return " ".join(normalize("NFKD", normalize("NFKD", value.decode()).casefold()).split())


def _is_text(value: bytes) -> bool:
    """A Directory String (RFC 4517, 3.3.6); without controls and marks, which servers prepare away."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() and alike(value) != ""


def _is_ia5(value: bytes) -> bool:
    return value.isascii() and _is_text(value)


def _is_number(value: bytes) -> bool:
    return re.fullmatch(rb"0|-?[1-9][0-9]{0,18}", value) is not None


def _is_boot_parameter(value: bytes) -> bool:
    """`key=server:path` (RFC 2307, 2.4)."""
    return re.fullmatch(rb"[A-Za-z0-9-]+=[A-Za-z0-9-]+:[\x21-\x7e]+", value) is not None


class Attribute(NamedTuple):
    """An attribute. holds: whether a value is one for it. alike: what equal ones have in common."""

    name: str
    holds: Callable[[bytes], bool] = _is_text
    alike: Callable[[bytes], str] = alike
    single: bool = False
    prefix: bytes = b""


class Class(NamedTuple):
    """An object class. needs: attributes it demands; allows: those it has room for, these included."""

    name: str
    needs: frozenset[str]
    allows: frozenset[str]


class Kind(NamedTuple):
    """What the children of a directory are as entries.

    structural: the class of an entry. auxiliary: those it has too, if it has what they need and something they allow.
    naming: the attribute of its RDN. attributes: those that a property is, each of them. copies: an attribute, and
    whose values it has if it would have none. computed: attributes made of several properties.
    """

    structural: Class
    naming: str
    attributes: dict[bytes, tuple[Attribute, ...]]
    auxiliary: tuple[Class, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    computed: Callable[[Directory], dict[str, bytes]] | None = None


def _class(name: str, needs: str, allows: str = "") -> Class:
    return Class(name, frozenset(needs.split()), frozenset(f"{needs} {allows}".split()))


def _ia5(name: str, single: bool = False, exact: bool = False) -> Attribute:
    return Attribute(name, _is_ia5, squashed if exact else alike, single)


def _number(name: str) -> Attribute:
    return Attribute(name, _is_number, squashed, single=True)


_CN = Attribute("cn")
_DESCRIBED = "description seeAlso l o ou"


def _fstab(mount: Directory) -> dict[str, bytes]:
    line = FLAT["fstab"].line(mount)
    return {"nisMapName": b"fstab", "nisMapEntry": line} if _is_ia5(line) and line == line.strip() else {}


UNIT = _class("organizationalUnit", "ou", _DESCRIBED)
GENERAL = Kind(UNIT, "ou", {b"name": (Attribute("ou"),)})
"""What any directory can be."""

_PASSWORD = (Attribute("userPassword", bool, bytes.hex, prefix=b"{CRYPT}"),)

KINDS = {
    b"users": Kind(
        _class("account", "uid", f"host {_DESCRIBED}"),
        "uid",
        {
            b"name": (Attribute("uid"),),
            b"passwd": _PASSWORD,
            b"uid": (_number("uidNumber"),),
            b"gid": (_number("gidNumber"),),
            b"realname": (Attribute("cn"), _ia5("gecos", single=True)),
            b"home": (_ia5("homeDirectory", single=True, exact=True),),
            b"shell": (_ia5("loginShell", single=True, exact=True),),
        },
        auxiliary=(
            _class("posixAccount", "cn uid uidNumber gidNumber homeDirectory", "userPassword loginShell gecos"),
            _class("shadowAccount", "uid userPassword"),
        ),
        copies=(("cn", "uid"),),
    ),
    b"groups": Kind(
        _class("posixGroup", "cn gidNumber", "userPassword memberUid description"),
        "cn",
        {
            b"name": (_CN,),
            b"passwd": _PASSWORD,
            b"gid": (_number("gidNumber"),),
            b"users": (_ia5("memberUid", exact=True),),
        },
    ),
    b"machines": Kind(
        _class("device", "cn", f"serialNumber owner {_DESCRIBED}"),
        "cn",
        {
            b"name": (_CN,),
            b"ip_address": (_ia5("ipHostNumber"),),
            b"en_address": (_ia5("macAddress"),),
            b"bootfile": (_ia5("bootFile", exact=True),),
            b"bootparams": (Attribute("bootParameter", _is_boot_parameter, squashed),),
            b"serialnumber": (
                Attribute("serialNumber", lambda value: re.fullmatch(rb"[A-Za-z0-9-]+", value) is not None),
            ),
        },
        auxiliary=(
            _class("ipHost", "cn ipHostNumber"),
            _class("ieee802Device", "", "macAddress"),
            _class("bootableDevice", "", "bootFile bootParameter"),
        ),
    ),
    b"networks": Kind(
        _class("ipNetwork", "cn ipNetworkNumber", "ipNetmaskNumber l description"),
        "cn",
        {
            b"name": (_CN,),
            b"address": (_ia5("ipNetworkNumber", single=True),),
            b"netmask": (_ia5("ipNetmaskNumber", single=True),),
        },
    ),
    b"services": Kind(
        _class("ipService", "cn ipServicePort ipServiceProtocol", "description"),
        "cn",
        {b"name": (_CN,), b"port": (_number("ipServicePort"),), b"protocol": (Attribute("ipServiceProtocol"),)},
    ),
    b"protocols": Kind(
        _class("ipProtocol", "cn ipProtocolNumber description"),
        "cn",
        {b"name": (_CN,), b"number": (_number("ipProtocolNumber"),)},
        copies=(("description", "cn"),),
    ),
    b"rpcs": Kind(
        _class("oncRpc", "cn oncRpcNumber description"),
        "cn",
        {b"name": (_CN,), b"number": (_number("oncRpcNumber"),)},
        copies=(("description", "cn"),),
    ),
    b"mounts": Kind(
        _class("nisObject", "cn nisMapName nisMapEntry", "description"), "cn", {b"name": (_CN,)}, computed=_fstab
    ),
    b"aliases": Kind(
        _class("nisMailAlias", "cn", "rfc822MailMember"),
        "cn",
        {b"name": (_CN,), b"members": (_ia5("rfc822MailMember"),)},
    ),
}
"""Name of a directory at the top -> what its children are."""
