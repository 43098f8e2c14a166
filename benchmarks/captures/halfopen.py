"""SYNs to port 961 that nobody answers, each from another address and port."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.captures.clients import server
from benchmarks.captures.expected import Expected
from benchmarks.captures.flows import SYN, Endpoint, TcpFlow
from benchmarks.captures.pcap import Timed

_NET = 0xC6120000
_ADDRESSES, _FIRST_PORT = 1 << 16, 1024


def halfopen(packets: int, expected: Expected, seed: int = 4, rate: float = 50_000.0) -> Iterator[Timed]:
    """So many attempts to connect."""
    random = Random(seed)
    expected.connections += packets
    expected.bounded = True
    for number in range(packets):
        source = Endpoint(_NET + number % _ADDRESSES, _FIRST_PORT + number // _ADDRESSES)
        flow = TcpFlow(source, server(random), random.getrandbits(32), timestamps=False)
        yield int(number / rate * 1_000_000), flow.send(SYN, 0, 0)
