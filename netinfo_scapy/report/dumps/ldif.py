"""LDIF (RFC 2849) with the object classes of RFC 2307, for LDAP servers that took NetInfo's place.

Every directory is an entry below its parent's. A property is the attribute that `ldif_classes.py` has for it, where
each of its values can be one of that. Every other property is a value of `description` in nidump's raw notation, with
its place among the properties in front, so that nothing is lost: `3 "_writers" = ( "admin" );`.
A directory without what its class demands is an organizationalUnit; extensibleObject (RFC 4512, 4.3) then allows
the attributes it does have. What NetInfo does not have is not made up, but for the name of an entry that could not
have its own (missing, too long, or that of a sister), which it has beside its own; and the description that RFC 2307
demands of protocols and rpcs, which is the name.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.depth import check_depth
from netinfo_scapy.report.dumps.distinct import Distinct
from netinfo_scapy.report.dumps.ldif_classes import GENERAL, KINDS, UNIT, Attribute, Class, Kind, alike
from netinfo_scapy.report.dumps.raw import readable_property

_LINE = 76
_SAFE = re.compile(rb"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
_RDN_SPECIAL = re.compile(r'[,+"\\<>;=]|\A[ #]| \Z')
_LONGEST_RDN = 64
"""Characters of a name that is an entry's RDN. Servers have bounds; that of OpenLDAP's mdb is about 250 bytes."""

DEEPEST = 64
"""Directories within each other: each entry repeats the way to the root. A domain has about five levels."""

_BASES = {"dc": ("dcObject", "organization"), "o": ("organization",), "ou": ("organizationalUnit",)}
"""Attribute that a base begins with -> the classes of the entry there."""

_Attributes = dict[str, list[bytes]]


class BaseError(ValueError):
    """A base at which no entry can stand."""


class _Open(NamedTuple):
    """A directory whose entry is next. kind: what it is. below: what its children are."""

    directory: Directory
    parent: str
    rdn: str
    kind: Kind
    below: Kind


def default_base(tag: bytes | None) -> str:
    """The base of a domain: its tag as a domain component, `dc=network`; `dc=netinfo` where that cannot be one."""
    text = (tag or b"").decode("ascii", "replace")
    return f"dc={text}" if re.fullmatch(r"[A-Za-z0-9-]{1,63}", text) else "dc=netinfo"


def check_base(base: str) -> tuple[str, str]:
    """The attribute and value that a base begins with. Raises BaseError for what this writes no entry for."""
    name, _, value = base.partition(",")[0].partition("=")
    name, value = name.strip().lower(), value.strip()
    if name not in _BASES or not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?", value):
        raise BaseError(f"base {base!r} does not begin with dc=NAME, o=NAME or ou=NAME; write dc=example,dc=com")
    return name, value


def ldif(directory: Directory, base: str) -> Iterator[bytes]:
    """The lines of a tree's entries, its root at `base`, a parent before its children.

    Raises BaseError and TooDeepError, before the first line.

    There is no version line, as there is none in what slapcat writes: slapadd does not take one.
    """
    name, value = check_base(base)
    check_depth(directory, DEEPEST, "and LDIF repeats the way to the root in each name")
    yield from _entry(base, _BASES[name], _base_attributes(directory, name, value))
    left = _children(directory, base, KINDS.get(directory.first(b"name") or b"", GENERAL), top=True)
    while left:
        found = left.pop()
        classes, attributes = _as_entry(found.directory, found.kind)
        naming = GENERAL.naming if UNIT in classes else found.kind.naming
        named = attributes.setdefault(naming, [])
        if alike(found.rdn.encode()) not in {alike(each) for each in named}:
            named.append(found.rdn.encode())
        dn = f"{naming}={_RDN_SPECIAL.sub(_escaped, found.rdn)},{found.parent}"
        allowed = frozenset[str]().union(*(each.allows for each in classes))
        names = [each.name for each in classes] + ([] if allowed.issuperset(attributes) else ["extensibleObject"])
        yield from _entry(dn, names, attributes)
        left += _children(found.directory, dn, found.below, top=False)


def _children(directory: Directory, dn: str, kind: Kind, top: bool) -> list[_Open]:
    """The children, the last one first. top: whether their own children may be of a special kind."""
    names = Distinct(lambda name: alike(name.encode()))
    found = [
        _Open(
            child,
            dn,
            names.name(_rdn(child)),
            kind,
            KINDS.get(child.first(b"name") or b"", GENERAL) if top and kind is GENERAL else GENERAL,
        )
        for child in directory.children
    ]
    return found[::-1]


def _rdn(directory: Directory) -> str:
    name = directory.first(b"name")
    if name is not None and _NAME.holds(name):
        return " ".join(name.decode().split())[:_LONGEST_RDN].strip()
    return "unnamed" if directory.object is None else f"object {directory.object}"


_NAME = Attribute("cn")


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _base_attributes(directory: Directory, name: str, value: str) -> _Attributes:
    attributes: _Attributes = {name: [value.encode()]}
    if name == "dc":
        attributes["o"] = [value.encode()]
    described = [
        _described(place, each) for place, each in enumerate(directory.properties, 1) if each.values is not None
    ]
    return attributes | ({"description": described} if described else {})


def _as_entry(directory: Directory, kind: Kind) -> tuple[list[Class], _Attributes]:
    """The object classes and attributes of a directory."""
    attributes: _Attributes = {}
    described: list[bytes] = []
    seen: set[bytes] = set()
    for place, each in enumerate(directory.properties, 1):
        if each.values is None:
            continue
        fit = (
            [] if each.name in seen else [one for one in kind.attributes.get(each.name, ()) if _fits(one, each.values)]
        )
        seen.add(each.name)
        attributes.update({one.name: [one.prefix + value for value in each.values] for one in fit})
        if not fit:
            described.append(_described(place, each))
    if kind.computed:
        attributes.update({name: [value] for name, value in kind.computed(directory).items()})
    if described:
        attributes["description"] = described
    for name, source in kind.copies:
        if name not in attributes and source in attributes:
            attributes[name] = list(attributes[source])
    return _classes(kind, attributes), attributes


def _classes(kind: Kind, attributes: _Attributes) -> list[Class]:
    has = attributes.keys()
    structural = kind.structural if kind.structural.needs <= has else UNIT
    return [structural] + [each for each in kind.auxiliary if each.needs <= has and each.allows & has]


def _fits(attribute: Attribute, values: list[bytes]) -> bool:
    """Whether values can be those of an attribute, none lost: it is a set, and some have but one."""
    if not values or (attribute.single and len(values) > 1) or not all(map(attribute.holds, values)):
        return False
    return len({attribute.alike(value) for value in values}) == len(values)


def _described(place: int, each: Property) -> bytes:
    return b"%d %s" % (place, readable_property(each))


def _entry(dn: str, classes: list[str] | tuple[str, ...], attributes: _Attributes) -> Iterator[bytes]:
    yield from _line("dn", dn.encode())
    for name in ("top", *classes):
        yield from _line("objectClass", name.encode())
    for name, values in attributes.items():
        for value in values:
            yield from _line(name, value)
    yield b"\n"


def _line(name: str, value: bytes) -> Iterator[bytes]:
    """A line, folded where it is long (RFC 2849, note 2)."""
    line = name.encode() + (b": " + value if _SAFE.fullmatch(value) else b":: " + b64encode(value))
    yield line[:_LINE] + b"\n"
    for at in range(_LINE, len(line), _LINE - 1):
        yield b" " + line[at : at + _LINE - 1] + b"\n"
