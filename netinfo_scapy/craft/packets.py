"""Segments, IP packets and frames in the making, with what each delivers of which stream."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether

from netinfo_scapy.craft.said import Host, Said

ETHERNET_BYTES, IP_BYTES, UDP_BYTES = 14, 20, 8
MSS = 1460
TTL = 64
_WINDOW = 65_535
_TCP, _UDP = 6, 17
_CHECKSUM_AT = {_TCP: 16, _UDP: 6}


@dataclass(frozen=True)
class Segment:
    """Bytes of one side's stream on their way: a TCP segment, or a datagram.

    start: where in the stream they stand, 0 being the first byte. altered: so many of the first ones are not those that
    the sender means; all of chaff. ambiguous: no passive observer can tell these. pause: seconds before it.
    """

    start: int
    data: bytes
    ttl: int = TTL
    right_checksum: bool = True
    altered: int = 0
    ambiguous: bool = False
    pause: Decimal = Decimal(0)

    @property
    def end(self) -> int:
        """Where in the stream the next byte stands."""
        return self.start + len(self.data)


class Span(NamedTuple):
    """Where something that is said stands in its side's stream, marks included."""

    said: Said
    start: int
    end: int


@dataclass(frozen=True)
class Burst:
    """What one side of a TCP conversation sends at once.

    start: where in its stream. data: the bytes. spans: what is said with them. marks: where in the stream record
    fragments begin.
    """

    side: int
    start: int
    data: bytes
    spans: list[Span]
    marks: list[int]

    def cut(self, start: int, end: int) -> bytes:
        """The bytes between two places in the stream."""
        return self.data[start - self.start : end - self.start]


class Stream(NamedTuple):
    """One side's stream of bytes. datagram: its number where it is one, else 0."""

    talk: int
    side: int
    datagram: int = 0


@dataclass(frozen=True)
class Packet:
    """An IP packet, or a fragment of one.

    kind: handshake, data, acknowledgment or close. number: the same for all fragments of a packet.
    payload: what it carries of the transport layer; offset: where that stands in the whole.
    header: bytes of the transport layer's header. segment: what is delivered; None without data.
    said: what its bytes are of. altered: so many of the first bytes of a fragment are not those that were sent.
    """

    kind: str
    stream: Stream
    source: Host
    target: Host
    protocol: int
    number: int
    ident: int
    ttl: int
    payload: bytes
    header: int
    segment: Segment | None
    said: tuple[Said, ...] = ()
    offset: int = 0
    more: bool = False
    altered: int = 0
    total: int = 0
    pause: Decimal = Decimal(0)


@dataclass(frozen=True)
class Frame:
    """A frame with its time; `captured` is less than its length where the capture cut it."""

    time: Decimal
    data: bytes
    packet: Packet
    captured: int


def transport_bytes(source: Host, target: Host, above: TCP | UDP, data: bytes, right_checksum: bool) -> bytes:
    """The transport layer of a packet with its checksum."""
    whole = bytes(IP(src=source.ip, dst=target.ip) / above / data)[IP_BYTES:]
    if right_checksum:
        return whole
    at = _CHECKSUM_AT[_TCP if isinstance(above, TCP) else _UDP]
    wrong = int.from_bytes(whole[at : at + 2], "big") ^ 0x5555
    return whole[:at] + (wrong or 0x1111).to_bytes(2, "big") + whole[at + 2 :]


def tcp_header(source: Host, target: Host, flags: str, sequence: int, acknowledgment: int) -> TCP:
    """A TCP header; that of a SYN tells the largest segment."""
    return TCP(
        sport=source.port,
        dport=target.port,
        seq=sequence & 0xFFFFFFFF,
        ack=acknowledgment & 0xFFFFFFFF,
        flags=flags,
        window=_WINDOW,
        options=[("MSS", MSS)] if "S" in flags else [],
    )


def frame_bytes(packet: Packet) -> bytes:
    """The frame of an IP packet."""
    return bytes(
        Ether(src=packet.source.mac, dst=packet.target.mac, type=0x0800)
        / IP(
            src=packet.source.ip,
            dst=packet.target.ip,
            proto=packet.protocol,
            id=packet.ident,
            ttl=packet.ttl,
            flags=1 if packet.more else 0,
            frag=packet.offset // 8,
        )
        / packet.payload
    )
