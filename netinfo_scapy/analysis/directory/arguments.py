"""The arguments of a write, as the server took them."""

from __future__ import annotations

from typing import Any

from netinfo_scapy.protocol import codec, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NETINFO, NI_ID

_ARGUMENTS = {row.name: row.arguments or NI_ID for row in NETINFO.procedures}

_BY_PLACE = frozenset(
    ("WRITEPROP", "DESTROYPROP", "RENAMEPROP", "CREATENAME", "DESTROYNAME", "WRITENAME"),
)
"""Writes whose arguments begin with an id and a property's place."""
_OF_PARENT = frozenset(("CREATE", "DESTROY"))
"""Writes whose arguments begin with the id of the directory above; the others, with that of the directory."""
_INSTANCE_AT, _PLACE_AT = 4, 8

Values = dict[str, Any]


def instance_of(procedure: str, sent: bytes) -> int | None:
    """Of the directory, where its id stands first."""
    return None if procedure in _OF_PARENT else words.u32(sent, _INSTANCE_AT)


def place_of(procedure: str, sent: bytes) -> int | None:
    """Of the property that a write names by its place; None where it names none so."""
    return words.u32(sent, _PLACE_AT) if procedure in _BY_PLACE else None


def arguments_of(procedure: str, sent: bytes) -> Values:
    """The arguments of a write, as the server took them."""
    found: set[Anomaly] = set()
    asked: Values = codec.decode(_ARGUMENTS[procedure], sent, 0, found)[0]
    return _cut(asked) if found and Anomaly.INNER_NUL in found else asked


def _cut(value: Any) -> Any:
    """Servers end a string at an inner NUL."""
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return value.split(b"\0", 1)[0] if isinstance(value, bytes) else value
