"""Which ports are dissected as RPC: 961 and 111, and those that are added."""

from __future__ import annotations

from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet, bind_bottom_up, bind_top_down, split_bottom_up

from netinfo_scapy.layers.record import RPCRecord, RPCRecords
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

CLIENT_PORT = 49161
"""The port that a crafted call comes from unless it says otherwise: an unprivileged one that is nobody's."""

_BOUND: list[tuple[type[Packet], type[Packet]]] = [(UDP, RPC), (TCP, RPCRecord)]


def bind_rpc_port(port: int, transport: str | None = None) -> None:
    """Dissect what goes to and comes from a port as RPC. transport: "udp" or "tcp"; both, if None.

    >>> bind_rpc_port(1033)
    """
    for lower, upper in _chosen(port, transport):
        for side in ("sport", "dport"):
            split_bottom_up(lower, upper, **{side: port})
            bind_bottom_up(lower, upper, **{side: port})


def unbind_rpc_port(port: int, transport: str | None = None) -> None:
    """Undo `bind_rpc_port`."""
    for lower, upper in _chosen(port, transport):
        for side in ("sport", "dport"):
            split_bottom_up(lower, upper, **{side: port})


def _chosen(port: int, transport: str | None) -> list[tuple[type[Packet], type[Packet]]]:
    if not isinstance(port, int) or not 0 <= port <= 65535:
        raise ValueError(f"{port!r} is no port number: 0 to 65535")
    found = [(lower, upper) for lower, upper in _BOUND if transport in (None, lower.__name__.lower())]
    if not found:
        raise ValueError(f"{transport!r} is no transport of RPC: udp or tcp")
    return found


for _port in (NETINFO_PORT, PORTMAP_PORT):
    bind_rpc_port(_port)
bind_top_down(UDP, RPC, sport=CLIENT_PORT, dport=NETINFO_PORT)
for _layer in (RPC, RPCRecord, RPCRecords):
    bind_top_down(TCP, _layer, sport=CLIENT_PORT, dport=NETINFO_PORT)

__all__ = ["bind_rpc_port", "unbind_rpc_port"]
