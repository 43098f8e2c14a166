"""NetInfo over TCP: connections with record marks, acknowledgments, losses and disorder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from heapq import merge
from random import Random

from benchmarks.captures.clients import Client, client_port, make_clients, server
from benchmarks.captures.directory import make_domain
from benchmarks.captures.exchanges import REPLY_HEAD, Deck, Exchange
from benchmarks.captures.expected import Expected
from benchmarks.captures.flows import ACK, EMPTY, FIN, PSH, SYN, Endpoint, Part, TcpFlow, joined, part, word
from benchmarks.captures.pcap import Timed

CONNECTIONS = 200
_SMALL_MIX = {
    "READ": 60.0,
    "LOOKUP": 12.0,
    "LIST": 4.0,
    "CHILDREN": 5.0,
    "PARENT": 5.0,
    "SELF": 4.0,
    "ROOT": 2.0,
    "READPROP": 4.0,
    "WRITEPROP": 2.0,
    "CREATE": 2.0,
}
_LARGE_MIX = {"LISTALL": 2.0, "READALL": 3.0}
_DECK, _LARGE_DECK, _LONG_LISTS = 4_096, 256, 32
_LARGE = 0.24
"""How much of the calls has a reply of two to four segments."""

_SWAPPED, _LOST, _TWICE, _CALL_TWICE = 0.05, 0.04, 0.02, 0.01
"""Shares: of the large replies with two segments out of order, with one that comes late because it was
lost; of all replies and calls, with a segment that is sent again though it arrived."""

_ACKNOWLEDGED_APART = 0.2
"""Of the replies that wait for no further segment; the others are acknowledged by the next call."""

_NO_LAST_REPLY = 0.05
"""Of the connections: closed by the client before its last call is answered."""

FRAGMENT_BYTES = 1020
"""Of data in each fragment of a record, as netinfod sends it."""

_SEGMENT_BYTES = 1448
_LAST = 1 << 31
_OPENING, _CLOSING, _MOST_OF_EXCHANGE = 3, 3, 16
_LATE = 200_000
_mark_and_xid = struct.Struct(">II").pack


def streams(packets: int, expected: Expected, seed: int = 2, rate: float = 500.0) -> Iterator[Timed]:
    """So many packets of at most 200 connections that go on side by side; rate: packets a second."""
    random = Random(seed)
    deck = Deck(make_domain(random), random)
    small, large = deck.draw(_SMALL_MIX, _DECK), deck.draw(_LARGE_MIX, _LARGE_DECK)
    large += [deck.long_list() for _ in range(_LONG_LISTS)]
    clients = make_clients(random)
    count = max(min(CONNECTIONS, packets // 60), 1)
    pause = 3_000_000 * count / rate
    connections = [
        _Connection(Random(random.getrandbits(64)), clients[index % len(clients)], small, large, expected)
        for index in range(count)
    ]
    expected.connections += count
    yield from merge(
        *(
            connection.packets(packets * (index + 1) // count - packets * index // count, pause)
            for index, connection in enumerate(connections)
        )
    )


class _Connection:
    """One connection, from its SYN to its last acknowledgment."""

    def __init__(
        self, random: Random, client: Client, small: list[Exchange], large: list[Exchange], expected: Expected
    ) -> None:
        self.random = random
        self.small, self.large = small, large
        self.expected = expected
        self.credential = client.credential
        asker, peer = Endpoint(client.address, client_port(random)), server(random)
        timestamps = random.random() < 0.5
        self.client = TcpFlow(asker, peer, random.getrandbits(32), timestamps)
        self.server = TcpFlow(peer, asker, random.getrandbits(32), timestamps)
        self.xid = random.getrandbits(32)
        self.now = 0

    def packets(self, count: int, pause: float) -> Iterator[Timed]:
        """So many packets; pause: microseconds between exchanges, on average."""
        self.now = int(self.random.random() * pause)
        yield from self._open()
        left = count - _OPENING - _CLOSING
        unanswered = self.random.random() < _NO_LAST_REPLY
        left -= 2 * unanswered
        while left > 0:
            self.now += 1 + int(self.random.expovariate(1 / pause))
            # A single packet that is left over tells of a change of the client's window.
            exchange = self._exchange(plain=left < _MOST_OF_EXCHANGE) if left > 1 else [self._from_client(ACK)]
            left -= len(exchange)
            yield from exchange
        if unanswered:
            yield from self._unanswered()
        yield from self._close()

    def _from_client(self, flags: int, payload: Part = EMPTY) -> Timed:
        return self.now, self.client.send(flags, self.server.sequence, self.now // 1000, payload)

    def _from_server(self, flags: int, payload: Part = EMPTY) -> Timed:
        return self.now, self.server.send(flags, self.client.sequence, self.now // 1000, payload)

    def _wait(self, least: int = 20, mean: int = 200) -> None:
        self.now += least + int(self.random.expovariate(1 / mean))

    def _open(self) -> Iterator[Timed]:
        yield self.now, self.client.send(SYN, 0, self.now // 1000)
        self._wait()
        yield self._from_server(SYN | ACK)
        self._wait()
        yield self._from_client(ACK)

    def _close(self) -> Iterator[Timed]:
        self._wait()
        yield self._from_client(FIN | ACK)
        self._wait()
        yield self._from_server(FIN | ACK)
        self._wait()
        yield self._from_client(ACK)

    def _call(self, exchange: Exchange) -> Part:
        self.xid = (self.xid - 1) & 0xFFFFFFFF
        message = joined(word(self.xid), exchange.head, self.credential, exchange.arguments)
        self.expected.calls[exchange.name] += 1
        return joined(word(_LAST | len(message.data)), message)

    def _reply(self, exchange: Exchange) -> list[Part]:
        """A reply in fragments, cut into segments."""
        message = joined(word(self.xid), REPLY_HEAD, exchange.result)
        self.expected.replies[exchange.name] += 1
        self.expected.statuses[exchange.name, exchange.status] += 1
        length = len(message.data)
        if length <= FRAGMENT_BYTES:
            return [joined(word(_LAST | length), message)]
        stream = bytearray()
        for start in range(0, length, FRAGMENT_BYTES):
            fragment = message.data[start : start + FRAGMENT_BYTES]
            last = _LAST if start + FRAGMENT_BYTES >= length else 0
            stream += (last | len(fragment)).to_bytes(4, "big") + fragment
        whole = bytes(stream)
        return [part(whole[at : at + _SEGMENT_BYTES]) for at in range(0, len(whole), _SEGMENT_BYTES)]

    def _unanswered(self) -> Iterator[Timed]:
        exchange = self.small[0]
        self.expected.calls_without_reply += 1
        yield self._from_client(PSH | ACK, self._call(exchange))
        self._wait()
        yield self._from_server(ACK)

    def _exchange(self, plain: bool) -> list[Timed]:
        """A call and its reply; plain: in two packets."""
        random = self.random
        chosen = self.large if not plain and random.random() < _LARGE else self.small
        exchange = chosen[int(random.random() * len(chosen))]
        sequence, call = self.client.sequence, self._call(exchange)
        made = [self._from_client(PSH | ACK, call)]
        if not plain and random.random() < _CALL_TWICE:
            self.now += _LATE
            again = self.client.segment(sequence, PSH | ACK, self.server.sequence, self.now // 1000, call)
            made.append((self.now, again))
        self._wait(100, 500)
        segments = self._reply(exchange)
        if plain:
            made += [self._from_server(PSH | ACK, each) for each in segments]
        elif len(segments) == 1:
            made += self._in_one(segments[0])
        else:
            made += self._in_several(segments)
        return made

    def _in_one(self, segment: Part) -> Iterator[Timed]:
        sequence = self.server.sequence
        yield self._from_server(PSH | ACK, segment)
        if self.random.random() < _TWICE:
            self.now += _LATE
            again = self.server.segment(sequence, PSH | ACK, self.client.sequence, self.now // 1000, segment)
            yield self.now, again
        if self.random.random() < _ACKNOWLEDGED_APART:
            self._wait()
            yield self._from_client(ACK)

    def _in_several(self, segments: list[Part]) -> Iterator[Timed]:
        """A reply in several segments, now and then in disorder; every second one is acknowledged."""
        random, count = self.random, len(segments)
        sequence = self.server.sequence
        starts = [sequence + sum(len(each.data) for each in segments[:index]) for index in range(count)]
        self.server.sequence = (starts[-1] + len(segments[-1].data)) % (1 << 32)
        order = list(range(count))
        chance, place = random.random(), random.randrange(count - 1)
        late = chance < _LOST
        if late:
            order.append(order.pop(place))
        elif chance < _LOST + _SWAPPED:
            order[place], order[place + 1] = order[place + 1], order[place]
        elif chance < _LOST + _SWAPPED + _TWICE:
            order.insert(place + 1, place)
        arrived: set[int] = set()
        for turn, index in enumerate(order):
            self._wait(10, 30)
            if late and turn == count - 1:
                self.now += _LATE
            flags = PSH | ACK if index == count - 1 else ACK
            start = starts[index] % (1 << 32)
            yield self.now, self.server.segment(start, flags, self.client.sequence, self.now // 1000, segments[index])
            arrived.add(index)
            reached = next((each for each in range(count) if each not in arrived), count)
            if turn % 2 == 1 or reached <= max(arrived) or turn == len(order) - 1:
                self._wait()
                acknowledged = self.server.sequence if reached == count else starts[reached] % (1 << 32)
                yield self.now, self.client.segment(self.client.sequence, ACK, acknowledged, self.now // 1000)
