"""A little NetInfo in much else, as at a busy place of a network."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from random import Random

from benchmarks.captures.background import background
from benchmarks.captures.dense import dense
from benchmarks.captures.expected import Expected
from benchmarks.captures.pcap import Timed
from benchmarks.captures.streams import streams

_NETINFO_SHARE = 0.001
_LEAST = 12
"""Packets of NetInfo over each of UDP and TCP, at the least."""


def mixed(packets: int, expected: Expected, seed: int = 3, rate: float = 20_000.0) -> Iterator[Timed]:
    """So many packets; one in a thousand is of NetInfo, half of these over UDP, half over TCP."""
    each = max(int(packets * _NETINFO_SHARE / 2), _LEAST)
    seconds = packets / rate
    yield from merge(
        islice(background(Random(seed), rate), packets - 2 * each),
        dense(each, expected, seed + 1, each / seconds),
        streams(each, expected, seed + 2, each / seconds),
    )
