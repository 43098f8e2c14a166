"""What is said -> frames: streams, handshakes, acknowledgments, closes, datagrams, times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from scapy.layers.inet import UDP

from netinfo_scapy.craft.packets import (
    MSS,
    TTL,
    UDP_BYTES,
    Burst,
    Frame,
    Packet,
    Segment,
    Span,
    Stream,
    frame_bytes,
    tcp_header,
    transport_bytes,
)
from netinfo_scapy.craft.said import CLIENT, SERVER, Host, Said, Talk
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms.base import Transform

_STEP = Decimal("0.001")
"""Seconds from one frame to the next."""

_UNACKNOWLEDGED = 2 * MSS
"""Bytes after which a receiver acknowledges without waiting for something to say (RFC 9293, 3.8.6.3)."""

_TCP, _UDP = 6, 17
_LONGEST_DATAGRAM = 65_507
_FRAGMENT_BYTES = 1480
"""Bytes of the transport layer that a frame of Ethernet carries; a datagram that is longer goes in fragments."""


@dataclass
class _Connection:
    """A TCP connection under way: each side's initial number, bytes sent, bytes the peer has, bytes acknowledged."""

    initial: tuple[int, int]
    sent: list[int] = field(default_factory=lambda: [0, 0])
    received: list[int] = field(default_factory=lambda: [0, 0])
    acknowledged: list[int] = field(default_factory=lambda: [0, 0])


class Assembly:
    """Makes the frames of a scenario; the order in which things are said is kept."""

    def __init__(self, seed: int, start: Decimal, talks: Sequence[Talk], transforms: Sequence[Transform]) -> None:
        self._talks = talks
        self._transforms = transforms
        self._seed = seed
        self._time = start
        self._numbers = count(1)
        self._datagrams = count(1)
        self._idents: dict[str, int] = {}
        self._open: dict[int, _Connection] = {}
        self.datagrams: dict[int, Said] = {}
        """Which datagram is what."""
        self.spans: dict[Stream, list[Span]] = {}
        """Where in the streams of TCP conversations everything said stands."""
        self.streams: dict[Stream, bytearray] = {}
        """The bytes of every stream, as they were sent."""

    def frames(self, turns: Sequence[Said]) -> list[Frame]:
        """All frames. Raises ValueError for what no datagram can hold."""
        made: list[Frame] = []
        for said in _bursts(turns, self._talks):
            talk = self._talks[said[0].talk]
            self._time += sum(each.pause for each in said)
            packets = self._tcp(talk, said) if talk.transport == "tcp" else self._udp(talk, said[0])
            made += self._timed(packets)
        for number in list(self._open):
            if self._talks[number].closes:
                made += self._timed(self._close(self._talks[number]))
        for transform in self._transforms:
            made = transform.frames(made)
        return made

    def _timed(self, packets: Iterator[Packet]) -> Iterator[Frame]:
        for packet in self._carried(packets):
            self._time += packet.pause
            data = frame_bytes(packet)
            yield Frame(self._time, data, packet, len(data))
            self._time += _STEP

    def _carried(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        """Packets after the transforms of the network, none too long for Ethernet."""
        for packet in packets:
            now = [packet]
            for transform in self._transforms:
                now = [made for each in now for made in transform.packets(each)]
            for each in now:
                yield from _short_enough(each)

    # TCP

    def _packet(
        self, talk: Talk, side: int, kind: str, protocol: int, payload: bytes, stream: Stream, header: int
    ) -> Packet:
        source, target = talk.side(side), talk.side(1 - side)
        return Packet(
            kind, stream, source, target, protocol, next(self._numbers), self._ident(source), TTL, payload, header,
            segment=None, total=len(payload),
        )  # fmt: skip

    def _ident(self, host: Host) -> int:
        """The identification of a host's next IP packet: they count up, from a number of its own."""
        first = self._idents.get(host.ip)
        if first is None:
            first = Seeded(self._seed, "ident", host.ip).number(1, 0xFFFF)
        self._idents[host.ip] = (first + 1) & 0xFFFF
        return first

    def _segment(
        self, talk: Talk, side: int, kind: str, flags: str, segment: Segment | None, fin: bool = False
    ) -> Packet:
        """A TCP packet; it acknowledges all that its side has received."""
        connection = self._open[talk.number]
        own, other = connection.initial[side], connection.initial[1 - side]
        at = segment.start if segment else connection.sent[side]
        acknowledgment = 0
        if "A" in flags:
            connection.acknowledged[1 - side] = connection.received[1 - side]
            acknowledgment = other + 1 + connection.received[1 - side] + fin
        sequence = own if "S" in flags else own + 1 + at
        data, right = (segment.data, segment.right_checksum) if segment else (b"", True)
        source, target = talk.side(side), talk.side(1 - side)
        header = tcp_header(source, target, flags, sequence, acknowledgment)
        payload = transport_bytes(source, target, header, data, right)
        return self._packet(talk, side, kind, _TCP, payload, Stream(talk.number, side), len(payload) - len(data))

    def _begin(self, talk: Talk) -> Iterator[Packet]:
        numbers = Seeded(self._seed, "sequence", talk.number)
        self._open[talk.number] = _Connection((numbers.number(0, 0xFFFFFFFF), numbers.number(0, 0xFFFFFFFF)))
        for side, flags in ((CLIENT, "S"), (SERVER, "SA")):
            yield self._segment(talk, side, "handshake", flags, None)
        yield self._segment(talk, CLIENT, "handshake", "A", None)

    def _close(self, talk: Talk) -> Iterator[Packet]:
        connection = self._open[talk.number]
        yield self._segment(talk, CLIENT, "close", "FA", None)
        yield self._segment(talk, SERVER, "close", "FA", None, fin=True)
        connection.sent[CLIENT] += 1
        yield self._segment(talk, CLIENT, "close", "A", None, fin=True)
        del self._open[talk.number]

    def _tcp(self, talk: Talk, said: list[Said]) -> Iterator[Packet]:
        if talk.number not in self._open:
            yield from self._begin(talk)
        connection, side = self._open[talk.number], said[0].side
        burst = self._burst(talk, connection, said)
        if connection.acknowledged[side] < connection.received[side]:
            yield self._segment(talk, 1 - side, "acknowledgment", "A", None)
        segments = [
            Segment(at, burst.cut(at, min(at + MSS, burst.start + len(burst.data))))
            for at in range(burst.start, burst.start + len(burst.data), MSS)
        ]
        for transform in self._transforms:
            segments = transform.segments(segments, burst, Seeded(self._seed, transform.name, talk.number, burst.start))
        had = {connection.received[side]: connection.received[side]}
        for segment in segments:
            received = connection.received[side]
            if received - connection.acknowledged[side] >= _UNACKNOWLEDGED and segment.start >= received:
                yield self._segment(talk, 1 - side, "acknowledgment", "A", None)
            packet = self._segment(talk, side, "data", "PA", segment)
            heard = tuple(span.said for span in burst.spans if span.start < segment.end and segment.start < span.end)
            yield replace(packet, segment=segment, said=heard, ttl=segment.ttl, pause=segment.pause)
            if segment.altered < len(segment.data):
                had[segment.start] = max(segment.end, had.get(segment.start, 0))
            connection.received[side] = _reach(had, received)
        connection.sent[side] = connection.received[side] = burst.start + len(burst.data)

    def _burst(self, talk: Talk, connection: _Connection, said: list[Said]) -> Burst:
        side = said[0].side
        stream = Stream(talk.number, side)
        start = at = connection.sent[side]
        data, spans, marks = bytearray(), [], []
        for each in said:
            content = each.stream()
            spans.append(Span(each, at, at + len(content)))
            mark = at
            for size in each.fragments() if each.header is not None else ():
                marks.append(mark)
                mark += 4 + size
            data += content
            at += len(content)
        self.spans.setdefault(stream, []).extend(spans)
        self.streams.setdefault(stream, bytearray()).extend(data)
        return Burst(side, start, bytes(data), spans, marks)

    # UDP

    def _udp(self, talk: Talk, said: Said) -> Iterator[Packet]:
        number = next(self._datagrams)
        stream = Stream(talk.number, said.side, number)
        self.datagrams[number] = said
        data = said.data
        if len(data) > _LONGEST_DATAGRAM:
            raise ValueError(f"{len(data):,} bytes do not fit into a datagram; say it over TCP")
        self.spans[stream], self.streams[stream] = [Span(said, 0, len(data))], bytearray(data)
        if said.by is not None:
            talk = replace(talk, server=said.by)
        source, target = talk.side(said.side), talk.side(1 - said.side)
        payload = transport_bytes(source, target, UDP(sport=source.port, dport=target.port), data, True)
        packet = self._packet(talk, said.side, "data", _UDP, payload, stream, UDP_BYTES)
        yield replace(packet, segment=Segment(0, data), said=(said,))


def _bursts(turns: Sequence[Said], talks: Sequence[Talk]) -> Iterator[list[Said]]:
    """What goes together."""
    now: list[Said] = []
    for said in turns:
        joined = said.joined and talks[said.talk].transport == "tcp"
        if now and not (joined and (said.talk, said.side) == (now[-1].talk, now[-1].side)):
            yield now
            now = []
        now.append(said)
    if now:
        yield now


def _reach(had: dict[int, int], received: int) -> int:
    """How far a receiver has all bytes. had: ends of what came, by where it starts."""
    for start in sorted(had):
        if start <= received:
            received = max(received, had[start])
    return received


def _short_enough(packet: Packet) -> Iterator[Packet]:
    """A packet, in fragments where it is too long for a frame."""
    if len(packet.payload) <= _FRAGMENT_BYTES:
        yield packet
        return
    for at in range(0, len(packet.payload), _FRAGMENT_BYTES):
        part = packet.payload[at : at + _FRAGMENT_BYTES]
        more = packet.more or at + len(part) < len(packet.payload)
        yield replace(
            packet, payload=part, offset=packet.offset + at, more=more, pause=packet.pause if not at else Decimal(0)
        )
