"""How a reading is divided: what falls to each process, and whether there is anything to hand out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise

from msgspec import Struct

from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.flows import ALL_BUCKETS, BUCKETS, Buckets
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.capture.sources import open_named

_SAMPLE = 1 << 20
_SPARSE = 0.1
"""Bytes of a file walked to see what it is like, and the share of the frames up to which files are sifted."""

_HEAD_START = 3 << 19
_MOST_AHEAD = 0.25
"""Bytes that this process reads while another begins, and packs what it found; of all bytes no more than this part."""

_UNEVEN = 1.25
"""How much more than its share of the bytes a process may get where whole sensors are dealt out."""


class Lot(Struct, frozen=True):
    """What falls to one process: of some sensors' files, each group in order, the conversations of some buckets."""

    groups: Sequence[Sequence[Capture]]
    buckets: Buckets = ALL_BUCKETS


def by_conversation(groups: Sequence[Sequence[Capture]], jobs: int, joins: bool = False) -> list[Lot]:
    """All files for each process, and a share of the conversations.

    joins: the first lot is for the process that deals them out, and larger by what it does before the others are there.
    """
    size = sum(capture.size or 0 for group in groups for capture in group)
    ahead = min(_HEAD_START / size, _MOST_AHEAD) if joins and size else 0
    others = (1 - ahead) / jobs
    ends = [0, *(round(BUCKETS * (1 - others * left)) for left in reversed(range(jobs)))]
    return [Lot(groups, Buckets(first, beyond)) for first, beyond in pairwise(ends) if first < beyond]


def by_sensor(groups: Sequence[Sequence[Capture]], jobs: int) -> list[Lot]:
    """Whole sensors for each process, about as many bytes as for any other; nothing where that cannot be."""
    sizes = [sum(capture.size or 1 for capture in group) for group in groups]
    dealt: list[list[int]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for place in sorted(range(len(groups)), key=lambda place: -sizes[place]):
        least = loads.index(min(loads))
        dealt[least].append(place)
        loads[least] += sizes[place]
    if len(groups) < jobs or max(loads) * jobs > _UNEVEN * sum(sizes):
        return []
    return [Lot([groups[place] for place in sorted(places)]) for places in dealt]


def named(captures: Sequence[Capture]) -> tuple[tuple[str, int], ...]:
    """What tells another process which files they are: of each its address and index."""
    return tuple((capture.address or capture.name, capture.index) for capture in captures)


def is_sparse(captures: Sequence[Capture], interest: Interest) -> bool:
    """Whether little of the files is of interest, by a look at the beginning of some."""
    kept = frames = 0
    for address, index in named(captures)[:: max(1, len(captures) // 4)]:
        sieve = Sieve(interest.ports)
        looked_at = open_named(address, index)
        with closing(looked_at.batches(sieve)) as batches:
            for _ in batches:
                if looked_at.position >= _SAMPLE:
                    break
        kept, frames = kept + sieve.kept, frames + looked_at.frames_read
    return kept <= _SPARSE * frames
