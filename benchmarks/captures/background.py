"""Traffic that is not NetInfo: bulk data over TCP to 443, DNS over UDP, NFS over UDP and TCP. It has no end."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from benchmarks.captures import nfs
from benchmarks.captures.clients import make_clients
from benchmarks.captures.flows import ACK, FIN, PSH, SYN, Endpoint, Part, TcpFlow, UdpFlow, joined, part, word
from benchmarks.captures.pcap import Timed

_CLIENT_NET, _SERVER_NET = 0xC6120100, 0xC6130100
_HTTPS, _DNS = 443, 53
_BULK_FLOWS, _DNS_FLOWS, _NFS_FLOWS = 64, 200, 100
_BULK_TURNS = 400
"""Of a connection, on average; then another takes its place."""

_SHARES = (1.0, 0.60, 0.60)
"""How often a turn is one of bulk data (six packets on average), of DNS or of NFS (two or three)."""

_SEGMENT_BYTES, _SEGMENTS = 1448, 64
_TLS_APPLICATION_DATA = b"\x17\x03\x03"
_TLS_BYTES = 16_384
_LAST = 1 << 31
_ACKNOWLEDGED_AFTER = 30
_HEADER = struct.Struct(">HHHHHH")
_NAMES = ("www", "mail", "ns1", "ftp", "time", "oak1", "elm2", "ash3", "directory", "printers")


def background(random: Random, rate: float) -> Iterator[Timed]:
    """Packets in order of time; rate: how many a second, about."""
    later: list[Timed] = []
    clock = _Clock(later)
    turns = (_bulk(random, clock), _dns(random, clock), _nfs(random, clock))
    gap = 4.0 / rate * 1_000_000
    while True:
        clock.now += int(random.expovariate(1 / gap))
        for frame in random.choices(turns, _SHARES)[0]():
            now = clock.now
            while later and later[0][0] <= now:
                yield heappop(later)
            yield now, frame


class _Clock:
    """The time, in microseconds, and what is to come later."""

    def __init__(self, later: list[Timed]) -> None:
        self.now = 0
        self.later = later

    def after(self, delay: int, frame: bytes) -> None:
        """A frame that comes so many microseconds from now."""
        heappush(self.later, (self.now + delay, frame))


Turn = Callable[[], Iterator[bytes]]


def _tls_stream(random: Random) -> list[Part]:
    """Segments of a stream of TLS records of random data that can be sent over and over."""
    stream = bytearray()
    length = _SEGMENT_BYTES * _SEGMENTS
    while len(stream) < length:
        size = min(_TLS_BYTES, length - len(stream) - 5)
        stream += _TLS_APPLICATION_DATA + size.to_bytes(2, "big") + random.randbytes(size)
    whole = bytes(stream)
    return [part(whole[at : at + _SEGMENT_BYTES]) for at in range(0, length, _SEGMENT_BYTES)]


class _Bulk:
    """A download over HTTPS."""

    def __init__(self, random: Random) -> None:
        asker = Endpoint(_CLIENT_NET + random.randrange(1, 200), random.randrange(32_768, 61_000))
        peer = Endpoint(_SERVER_NET + random.randrange(1, 20), _HTTPS)
        self.client = TcpFlow(asker, peer, random.getrandbits(32), timestamps=True)
        self.server = TcpFlow(peer, asker, random.getrandbits(32), timestamps=True)
        self.sent = 0

    def opening(self, clock: int) -> Iterator[bytes]:
        """The handshake."""
        yield self.client.send(SYN, 0, clock)
        yield self.server.send(SYN | ACK, self.client.sequence, clock)
        yield self.client.send(ACK, self.server.sequence, clock)

    def closing(self, clock: int) -> Iterator[bytes]:
        """Both sides close."""
        yield self.server.send(FIN | ACK, self.client.sequence, clock)
        yield self.client.send(FIN | ACK, self.server.sequence, clock)
        yield self.server.send(ACK, self.client.sequence, clock)


def _bulk(random: Random, clock: _Clock) -> Turn:
    """Some segments of a download and an acknowledgment; now and then it ends and another begins."""
    stream = _tls_stream(random)
    flows = [_Bulk(random) for _ in range(_BULK_FLOWS)]

    def turn() -> Iterator[bytes]:
        index = int(random.random() * _BULK_FLOWS)
        flow = flows[index]
        milliseconds = clock.now // 1000
        if not flow.sent:
            yield from flow.opening(milliseconds)
        acknowledged = flow.client.sequence
        for _ in range(2 + int(random.random() * 7)):
            clock.now += 12
            yield flow.server.send(ACK, acknowledged, milliseconds, stream[flow.sent % _SEGMENTS])
            flow.sent += 1
        clock.now += 40
        yield flow.client.send(ACK, flow.server.sequence, milliseconds)
        if random.random() * _BULK_TURNS < 1:
            yield from flow.closing(milliseconds)
            flows[index] = _Bulk(random)

    return turn


def _dns(random: Random, clock: _Clock) -> Turn:
    """A question, and later its answer."""
    flows = []
    for number in range(_DNS_FLOWS):
        asker = Endpoint(_CLIENT_NET + 1 + number % 200, random.randrange(32_768, 61_000))
        peer = Endpoint(_SERVER_NET + 1, _DNS)
        flows.append((UdpFlow(asker, peer), UdpFlow(peer, asker)))
    deck = [_question(random) for _ in range(512)]

    def turn() -> Iterator[bytes]:
        ask, answer = flows[int(random.random() * _DNS_FLOWS)]
        question, answered = deck[int(random.random() * len(deck))]
        number = random.getrandbits(16)
        identification = Part(number.to_bytes(2, "big"), number)
        clock.after(300 + random.getrandbits(12), answer.frame(joined(identification, answered)))
        yield ask.frame(joined(identification, question))

    return turn


def _question(random: Random) -> tuple[Part, Part]:
    """A question for an address and its answer (RFC 1035), both from behind the identification."""
    labels = (f"{random.choice(_NAMES)}{random.randrange(1000)}", "site", "example")
    name = b"".join(bytes((len(label),)) + label.encode() for label in labels) + b"\0"
    asked = name + b"\0\x01\0\x01"
    found = b"\xc0\x0c\0\x01\0\x01" + random.randrange(86_400).to_bytes(4, "big") + b"\0\x04" + random.randbytes(4)
    query, answer = (_HEADER.pack(0, flags, 1, count, 0, 0)[2:] for flags, count in ((0x0100, 0), (0x8180, 1)))
    return part(query + asked), part(answer + asked + found)


class _NfsFlow(NamedTuple):
    """A client of NFS: both directions, and its credential."""

    call: UdpFlow | TcpFlow
    reply: UdpFlow | TcpFlow
    credential: Part


def _nfs(random: Random, clock: _Clock) -> Turn:
    """A call of NFS, and later its reply; over TCP, the acknowledgment, too."""
    flows = []
    for number, client in enumerate(make_clients(random)[:_NFS_FLOWS]):
        asker = Endpoint(_CLIENT_NET + 1 + number, random.choice(range(665, 853)))
        peer = Endpoint(_SERVER_NET + random.randrange(30, 34), nfs.PORT)
        if number % 2:
            flows.append(_NfsFlow(UdpFlow(asker, peer), UdpFlow(peer, asker), client.credential))
        else:
            call = TcpFlow(asker, peer, random.getrandbits(32), timestamps=True)
            reply = TcpFlow(peer, asker, random.getrandbits(32), timestamps=True)
            flows.append(_NfsFlow(call, reply, client.credential))
    deck = nfs.make_deck(random, 1_024)
    xids = [random.getrandbits(32) for _ in flows]
    busy_until = [0] * len(flows)

    def turn() -> Iterator[bytes]:
        index = int(random.random() * len(flows))
        while busy_until[index] >= clock.now:
            index = (index + 1) % len(flows)
        flow, exchange = flows[index], deck[int(random.random() * len(deck))]
        xids[index] = (xids[index] + 1) & 0xFFFFFFFF
        xid = word(xids[index])
        call = joined(xid, exchange.head, flow.credential, exchange.arguments)
        reply = joined(xid, exchange.reply)
        delay = 200 + random.getrandbits(9)
        busy_until[index] = clock.now + delay + _ACKNOWLEDGED_AFTER
        if isinstance(flow.call, UdpFlow) and isinstance(flow.reply, UdpFlow):
            clock.after(delay, flow.reply.frame(reply))
            yield flow.call.frame(call)
        elif isinstance(flow.call, TcpFlow) and isinstance(flow.reply, TcpFlow):
            yield from _over_tcp(flow.call, flow.reply, call, reply, clock, delay)

    return turn


def _over_tcp(client: TcpFlow, server: TcpFlow, call: Part, reply: Part, clock: _Clock, delay: int) -> Iterator[bytes]:
    milliseconds = clock.now // 1000
    call = joined(word(_LAST | len(call.data)), call)
    reply = joined(word(_LAST | len(reply.data)), reply)
    yield client.send(PSH | ACK, server.sequence, milliseconds, call)
    clock.after(delay, server.send(PSH | ACK, client.sequence, milliseconds, reply))
    clock.after(delay + _ACKNOWLEDGED_AFTER, client.send(ACK, server.sequence, milliseconds))
