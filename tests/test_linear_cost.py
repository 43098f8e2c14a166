"""The cost of reading grows with the packets and not faster, whatever they are; and what is held has its bounds.

`NETINFO_COST` multiplies the sizes.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from netinfo_scapy.analysis.account import Account
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from tests.support import adversary

SCALE = float(os.environ.get("NETINFO_COST", "1"))
BASE = int(4_000 * SCALE)
LARGE_FRAMES = frozenset({"near-misses", "overlapping", "overlapping-all"})
"""Streams of full segments, of which a tenth is enough."""

ROUNDS = 3
CLEAR = 2.5
"""What twice the packets may cost in a single round, for which no other round is needed."""
FACTOR = 3.2
"""What twice the packets may cost, in the median; 2 is linear, 4 is quadratic."""

LEAST = 0.02
"""Seconds that are too few to tell anything."""


def base_of(name: str) -> int:
    return BASE // 10 if name in LARGE_FRAMES else BASE


def cost(make: Callable[[int], Iterator[bytes]], count: int) -> float:
    """Seconds of this process to decode and count some frames."""
    frames = [Frame(FrameRef(0, at + 1, at * 1000), 1, len(data), data) for at, data in enumerate(make(count))]
    decoder, account = Decoder(Interest(), Limits()), Account()
    gc.collect()
    gc.disable()  # its rounds come when the frames of all sizes make them due
    try:
        begun = time.process_time()
        for at in range(0, len(frames), 500):
            account.feed_all(decoder.feed_all(frames[at : at + 500]))
        account.feed_all(decoder.finish())
        account.facts()
        return time.process_time() - begun
    finally:
        gc.enable()


def grows_linearly(make: Callable[[int], Iterator[bytes]], count: int) -> tuple[bool, list[float]]:
    sizes = [count, 2 * count, 4 * count]
    # In turns, so that a slow spell of the machine hits all sizes.
    times = [[cost(make, size) for size in sizes]]
    if within(CLEAR, times[0]):
        return True, times[0]
    times += [[cost(make, size) for size in sizes] for _ in range(ROUNDS - 1)]
    found = [statistics.median(each) for each in zip(*times, strict=True)]
    return within(FACTOR, found), found


def within(factor: float, times: list[float]) -> bool:
    return all(after <= max(factor * before, LEAST) for before, after in pairwise(times))


@pytest.mark.parametrize("name", adversary.STREAMS)
def test_twice_the_packets_cost_twice(name: str) -> None:
    for _ in range(3):
        linear, found = grows_linearly(adversary.STREAMS[name], base_of(name))
        if linear:
            return
    pytest.fail(f"{name}: seconds {found} for {base_of(name)} frames, twice and four times as many")


MEMORY = """
import resource, sys
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from tests.support import adversary
limits = Limits(pending_calls=500, connections=300, buffered_bytes=1 << 20, learned_endpoints=500)
decoder = Decoder(Interest(most=500), limits)
held = []
for count in map(int, sys.argv[2:]):
    for at, data in enumerate(adversary.STREAMS[sys.argv[1]](count)):
        decoder.feed(Frame(FrameRef(0, at + 1, at * 1000), 1, len(data), data))
    held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(held[1] - held[0])
"""


@pytest.mark.parametrize("name", adversary.STREAMS)
def test_memory_is_bounded(name: str) -> None:
    """Three times as much again adds next to nothing to the peak, in KiB, once the limits are reached."""
    count = 2 * base_of(name)
    words = [sys.executable, "-c", MEMORY, name, str(count), str(3 * count)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 6_000 + 3 * count * 0.25
