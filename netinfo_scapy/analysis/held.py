"""Which process of this machine holds a port: the object that `netinfo-scapy listening --json` prints, one a line.

The JSON Schema is made from this class.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from netinfo_scapy.analysis.summary import Count, Port


class Held(Struct, frozen=True):
    """A socket on a port that was asked for.

    address: it is bound to; "::" and "0.0.0.0" are all. state: of TCP, as LISTEN or ESTABLISHED; null on UDP.
    peer_ip, peer_port: of a connection. pid, process, user, command: null where this user may not know them.
    """

    port: Count
    transport: Literal["udp", "tcp"]
    address: str
    state: str | None
    peer_ip: str | None
    peer_port: Port | None
    pid: Count | None
    process: str | None
    user: str | None
    command: list[str] | None
