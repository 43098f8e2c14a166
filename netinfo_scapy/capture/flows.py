"""Endpoints and flows: who talks to whom."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Literal, NamedTuple

from netinfo_scapy.protocol import words


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


def is_sent_to_many(key: bytes, size: int) -> bool:
    """Whether a target address is a multicast one, or looks like a broadcast one (its last byte is 255).

    key: as in `Lane`. size: bytes of an address.
    """
    if size == 16:
        return key[size] == 0xFF
    return key[2 * size - 1] == 0xFF or 0xE0 <= key[size] <= 0xEF


def turned(key: bytes) -> bytes:
    """The key of the other direction. key: as in `Lane`."""
    size = len(key) // 2 - 2
    return key[size : 2 * size] + key[:size] + key[2 * size + 2 :] + key[2 * size : 2 * size + 2]


BUCKETS = 64
"""Parts that conversations are divided into, wherever something is kept or done for a part of them."""


class Buckets(NamedTuple):
    """Some of them: from `first` on, up to `beyond`."""

    first: int = 0
    beyond: int = BUCKETS


ALL_BUCKETS = Buckets()

_BUCKETS = BUCKETS
_IPV4_KEY = 12


class Lane:
    """A flow as the decoder keeps it: made once, with the keys under which others find what belongs to it.

    source_port, target_port: of the endpoints. is_ipv4: its key is one of IPv4.
    key: source and target address, source and target port, as the bytes of a packet have them.
    asks: whose calls travel here: on UDP the source endpoint, on TCP this direction of the
        connection. answers: whose calls the replies that travel here answer.
    asks_bucket, answers_bucket: a number below `BUCKETS` of whose calls these are, by which all that has to
        do with them can be kept, and read, apart from the rest; on TCP that of the connection.
    to_many: the target is a multicast or broadcast address, it seems.
    taught: a program known to be served at the target, or -1.
    asking, answered: for `Pairing`, the client whose calls travel here, and that whose calls are answered here.
    connection: for `Connections`, the one that it is a direction of.
    cells, cells_of: for analysis, what is counted between the two, and whose it is.
    wanted, wanted_at: whether its packets are of interest, and by which state of `Interest`.
    """

    __slots__ = (
        "_first",
        "_flow",
        "_pair",
        "_peers",
        "_second",
        "_third",
        "answered",
        "answers",
        "answers_bucket",
        "asking",
        "asks",
        "asks_bucket",
        "cells",
        "cells_of",
        "connection",
        "is_ipv4",
        "is_tcp",
        "key",
        "source_port",
        "target_port",
        "taught",
        "to_many",
        "wanted",
        "wanted_at",
    )

    def __init__(self, is_tcp: bool, key: bytes) -> None:
        size = len(key) // 2 - 2
        self.key = key
        self.is_tcp = is_tcp
        self.is_ipv4 = len(key) == _IPV4_KEY
        self._first, self._second, self._third = words.u32(key, 0), words.u32(key, 4), words.u32(key, 8)
        self.source_port, self.target_port = words.u16(key, 2 * size), words.u16(key, 2 * size + 2)
        self.to_many = is_sent_to_many(key, size)
        if is_tcp:
            self.asks, self.answers = key, turned(key)
            both = words.mix(key, 0, size, self.source_port) + words.mix(key, size, 2 * size, self.target_port)
            self.asks_bucket = self.answers_bucket = both % _BUCKETS
        else:
            self.asks_bucket = words.mix(key, 0, size, self.source_port) % _BUCKETS
            self.answers_bucket = words.mix(key, size, 2 * size, self.target_port) % _BUCKETS
            self.asks = words.cut(key, 0, size) + words.cut(key, 2 * size, 2 * size + 2)
            self.answers = words.cut(key, size, 2 * size) + words.cut(key, 2 * size + 2, 2 * size + 4)
        self.taught = -1
        self.asking: Any = None
        self.answered: Any = None
        self.connection: Any = None
        self.cells: Any = None
        self.cells_of: Any = None
        self.wanted = False
        self.wanted_at = -1
        self._flow: Flow | None = None
        self._pair: bytes | None = None
        self._peers: bytes | None = None

    def back(self) -> Lane:
        """The other direction."""
        return Lane(self.is_tcp, turned(self.key))

    def is_back_of(self, other: Lane) -> bool:
        """Whether this is the other direction of a lane."""
        if self.is_ipv4 and other.is_ipv4:
            return (
                self._first == other._second
                and self._second == other._first
                and self.source_port == other.target_port
                and self.target_port == other.source_port
            )
        mine, others = self.key, other.key
        size = len(mine) // 2 - 2
        if len(others) != len(mine) or self.source_port != other.target_port or self.target_port != other.source_port:
            return False
        return words.is_same(mine, 0, others, size, size) and words.is_same(mine, size, others, 0, size)

    def pair(self) -> bytes:
        """A key that both directions have in common."""
        if self._pair is None:
            self._pair = min(self.key, turned(self.key))
        return self._pair

    def peers(self) -> bytes:
        """A key that is the same for all source ports."""
        if self._peers is None:
            size = len(self.key) // 2 - 2
            self._peers = words.cut(self.key, 0, 2 * size) + words.cut(self.key, 2 * size + 2, 2 * size + 4)
            if self.is_tcp:
                self._peers += _OF_TCP
        return self._peers

    @property
    def flow(self) -> Flow:
        """Between which endpoints."""
        if self._flow is None:
            size = len(self.key) // 2 - 2
            source = Endpoint(self.key[:size], self.source_port)
            target = Endpoint(self.key[size : 2 * size], self.target_port)
            self._flow = Flow(Transport.TCP if self.is_tcp else Transport.UDP, source, target)
        return self._flow

    @property
    def source(self) -> Endpoint:
        """Where its packets come from."""
        return self.flow.source

    @property
    def target(self) -> Endpoint:
        """Where its packets go."""
        return self.flow.target


_OF_TCP = b"tcp"


def is_same_lane(one: Lane, other: Lane) -> bool:
    """Whether two lanes are one, both of TCP or both of UDP."""
    return one is other or one.key == other.key


class Lanes:
    """The lanes in use; when there are too many, all are forgotten and made again as they come.

    Nothing is lost with a lane: what belongs to it is kept elsewhere, under its keys.
    """

    def __init__(self, most: int = 16_384) -> None:
        self._most = most
        self._udp: dict[bytes, Lane] = {}
        self._tcp: dict[bytes, Lane] = {}
        self._latest: list[Lane | None] = [None] * _LATEST

    def of(self, flow: Flow) -> Lane:
        """The lane of a flow."""
        source, target = flow.source, flow.target
        ports = source.port.to_bytes(2, "big") + target.port.to_bytes(2, "big")
        return self.find(flow.transport is Transport.TCP, source.address + target.address + ports)

    def lying(self, is_tcp: bool, buffer: bytes, at: int) -> Lane:
        """The lane of a key of IPv4 that lies in a buffer, as the headers of a packet have it."""
        place = words.mix(buffer, at, at + _IPV4_KEY, is_tcp) & (_LATEST - 1)
        lane = self._latest[place]
        if lane is not None and _lies(lane, is_tcp, buffer, at):
            return lane
        other = self._latest[place ^ 1]
        if other is not None and _lies(other, is_tcp, buffer, at):
            return other
        found = self.find(is_tcp, words.cut(buffer, at, at + _IPV4_KEY))
        self._latest[place ^ 1] = lane
        self._latest[place] = found
        return found

    def find(self, is_tcp: bool, key: bytes) -> Lane:
        """The lane of a key, as `Lane.key` has it."""
        lanes = self._tcp if is_tcp else self._udp
        lane = lanes.get(key)
        if lane is None:
            if len(lanes) >= self._most:
                lanes.clear()
                self._latest = [None] * _LATEST
            lane = lanes[key] = Lane(is_tcp, key)
        return lane


def _lies(lane: Lane, is_tcp: bool, buffer: bytes, at: int) -> bool:
    """Whether a lane's key is one of IPv4 that lies in a buffer."""
    return (
        lane.is_tcp == is_tcp
        and lane.is_ipv4
        and lane._first == words.u32(buffer, at)
        and lane._second == words.u32(buffer, at + 4)
        and lane._third == words.u32(buffer, at + 8)
    )


_LATEST = 16_384
"""Places for lanes that are found without making their key."""


@lru_cache(maxsize=65536)
def ip_text(address: bytes) -> str:
    """4 or 16 address bytes as text."""
    return str(ip_address(address))


@lru_cache(maxsize=65536)
def _community_id(flow: Flow) -> str:
    import communityid  # noqa: PLC0415 - costs more than most captures, and few outputs show it

    make = communityid.FlowTuple.make_tcp if flow.transport == Transport.TCP else communityid.FlowTuple.make_udp
    source, target = flow.source, flow.target
    return str(communityid.CommunityID().calc(make(source.address, target.address, source.port, target.port)))
