"""Endpoints and flows: who talks to whom."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal, NamedTuple

import communityid


class Transport(IntEnum):
    """The transports that carry ONC RPC, by IP protocol number."""

    TCP = 6
    UDP = 17

    @property
    def label(self) -> Literal["tcp", "udp"]:
        """The name as it stands in every output: "tcp" or "udp"."""
        return _LABELS[self]


_LABELS: dict[Transport, Literal["tcp", "udp"]] = {Transport.TCP: "tcp", Transport.UDP: "udp"}


class Endpoint(NamedTuple):
    """One side of a flow. address: 4 or 16 bytes, network order."""

    address: bytes
    port: int

    @property
    def ip(self) -> str:
        """The address as text, IPv6 in RFC 5952's short form."""
        return ip_text(self.address)


class Flow(NamedTuple):
    """One direction of a conversation on the wire."""

    transport: Transport
    source: Endpoint
    target: Endpoint

    @property
    def back(self) -> Flow:
        """The other direction of the same conversation."""
        return Flow(self.transport, self.target, self.source)

    @property
    def community_id(self) -> str:
        """Corelight's Community ID, version 1, seed 0; the same for both directions."""
        return _community_id(self)


@lru_cache(maxsize=65536)
def ip_text(address: bytes) -> str:
    """4 or 16 address bytes as text."""
    return str(ip_address(address))


_COMMUNITY_ID = communityid.CommunityID()


@lru_cache(maxsize=65536)
def _community_id(flow: Flow) -> str:
    make = communityid.FlowTuple.make_tcp if flow.transport == Transport.TCP else communityid.FlowTuple.make_udp
    source, target = flow.source, flow.target
    return str(_COMMUNITY_ID.calc(make(source.address, target.address, source.port, target.port)))
