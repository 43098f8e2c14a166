"""NetInfo over UDP and nothing else: each packet is a message."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from benchmarks.captures.clients import client_port, make_clients, server
from benchmarks.captures.directory import make_domain
from benchmarks.captures.exchanges import REPLY_HEAD, Deck, Exchange
from benchmarks.captures.expected import Expected
from benchmarks.captures.flows import Endpoint, Part, UdpFlow, joined, word
from benchmarks.captures.pcap import Timed

_MIX = {
    "READ": 62.0,
    "LOOKUP": 14.0,
    "LIST": 1.5,
    "CHILDREN": 1.5,
    "PARENT": 5.0,
    "SELF": 5.0,
    "STATISTICS": 1.0,
    "ROOT": 2.0,
    "READPROP": 4.0,
    "WRITEPROP": 1.5,
    "CREATE": 1.0,
    "PING": 1.5,
}
_DECK = 4_096
_SOCKETS = 4
"""Of each client."""

_UNANSWERED, _ANSWERED_LATE, _ANSWERED_TWICE = 0.001, 0.005, 0.001
"""Shares of calls: never answered, and sent again five times; answered only when sent again; answered both times."""

_RESENDS = 5
_SECOND = 1_000_000


class _Socket(NamedTuple):
    """A client's socket, to one server."""

    call: UdpFlow
    reply: UdpFlow
    credential: Part


def _make_sockets(random: Random) -> list[_Socket]:
    made, taken = [], set()
    for client in make_clients(random):
        for _ in range(_SOCKETS):
            endpoint = Endpoint(client.address, client_port(random))
            while endpoint in taken:
                endpoint = Endpoint(client.address, client_port(random))
            taken.add(endpoint)
            peer = server(random)
            made.append(_Socket(UdpFlow(endpoint, peer), UdpFlow(peer, endpoint), client.credential))
    return made


def dense(packets: int, expected: Expected, seed: int = 1, rate: float = 500.0) -> Iterator[Timed]:
    """So many packets, calls and their replies; rate: packets a second."""
    random = Random(seed)
    deck = Deck(make_domain(random), random).draw(_MIX, _DECK)
    sockets = _make_sockets(random)
    xids = [random.getrandbits(32) for _ in sockets]
    later: list[Timed] = []
    now, left = 0, packets
    while left > 0:
        now += 1 + int(random.expovariate(rate / 2) * _SECOND)
        while later and later[0][0] <= now:
            yield heappop(later)
        index = int(random.random() * len(sockets))
        xids[index] = (xids[index] - 1) & 0xFFFFFFFF
        exchange = deck[int(random.random() * _DECK)]
        resends, replies = _fate(random, left)
        left -= 1 + resends + len(replies)
        _count(expected, exchange, resends, len(replies))
        socket, xid = sockets[index], word(xids[index])
        call = joined(xid, exchange.head, socket.credential, exchange.arguments)
        yield now, socket.call.frame(call)
        for resend in range(1, resends + 1):
            heappush(later, (now + resend * _SECOND, socket.call.frame(call)))
        for delay in replies:
            heappush(later, (now + delay, socket.reply.frame(joined(xid, REPLY_HEAD, exchange.result))))
    while later:
        yield heappop(later)


def _fate(random: Random, left: int) -> tuple[int, list[int]]:
    """How often a call is sent again, and after how many microseconds its replies come; `left` packets at most."""
    chance, delay = random.random(), 150 + int(random.expovariate(1 / 400))
    if left == 1:
        return 0, []
    if left <= _RESENDS or chance >= _UNANSWERED + _ANSWERED_LATE + _ANSWERED_TWICE:
        return 0, [delay]
    if chance < _UNANSWERED:
        return _RESENDS, []
    if chance < _UNANSWERED + _ANSWERED_LATE:
        return 1, [_SECOND + delay]
    return 1, [_SECOND + delay, _SECOND + delay + 40]


def _count(expected: Expected, exchange: Exchange, resends: int, replies: int) -> None:
    expected.calls[exchange.name] += 1 + resends
    expected.replies[exchange.name] += replies
    expected.statuses[exchange.name, exchange.status] += replies
    expected.retransmissions += resends
    expected.calls_without_reply += not replies
    expected.duplicate_replies += max(replies - 1, 0)
