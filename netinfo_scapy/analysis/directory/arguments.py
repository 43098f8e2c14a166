"""The arguments of a write, as the server took them."""

from __future__ import annotations

from typing import Any

from netinfo_scapy.protocol import codec
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NETINFO, NI_ID

_ARGUMENTS = {row.name: row.arguments or NI_ID for row in NETINFO.procedures}

Values = dict[str, Any]


def arguments_of(procedure: str, sent: bytes) -> Values:
    """The arguments of a write, as the server took them."""
    found: set[Anomaly] = set()
    asked: Values = codec.decode(_ARGUMENTS[procedure], sent, 0, found)[0]
    return _cut(asked) if Anomaly.INNER_NUL in found else asked


def _cut(value: Any) -> Any:
    """Servers end a string at an inner NUL."""
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return value.split(b"\0", 1)[0] if isinstance(value, bytes) else value
