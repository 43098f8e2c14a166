"""A reading divided among processes, on this machine or on many.

Two ways, by what the files hold:

* where little of them is of interest, walking through them is the work: each file is sifted
  by a process of its own, and what remains is decoded here, in order (`Sifting`);
* else decoding is the work: each process reads all files and decodes its share of the
  conversations (`SharedReading`).

Both run their tasks on anything that is a `concurrent.futures.Executor`: a pool of
processes, or Dask's. Tasks and what they give are plain values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from dataclasses import dataclass

from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.part import PartReading, Watch
from netinfo_scapy.capture.captures import Capture, Report
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.interest import Interest, Lessons
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.capture.sources import open_named

_MOST_SIFTED = 16 << 20
"""Bytes that a process hands over of a file at the most; of one with more, this process reads the rest itself."""

_SAMPLE = 4 << 20
_SPARSE = 0.1
"""Bytes walked to see what files are like, and the share of their frames up to which they are sifted."""

watch = Watch()
"""This process's; a pool's processes get one that they share with the process that made them."""


@dataclass(frozen=True)
class Share:
    """A share of a sensor's conversations. names: its files, in order, whose indices begin at `first`."""

    names: tuple[str, ...]
    first: int
    ports: frozenset[tuple[int, int]]
    lessons: Lessons
    limits: Limits
    wanted: Filter | None
    share: int
    shares: int


@dataclass(frozen=True)
class Shared:
    """What decoding a share came to. reports: of the files, in order. refused: as `Interest.refused`."""

    facts: Facts
    lessons: Lessons
    reports: list[Report]
    messages_read: int
    passed: int
    refused: int


def decode_share(task: Share) -> Shared:
    """Decode a share of the conversations."""
    captures = [open_named(name, task.first + at) for at, name in enumerate(task.names)]
    interest = Interest.knowing(task.ports, task.lessons, task.limits.learned_endpoints)
    part = PartReading(
        captures, interest, task.limits, wanted=task.wanted, share=task.share, shares=task.shares, watch=watch
    )
    facts = part.facts()
    reports = [capture.report() for capture in captures]
    return Shared(facts, interest.lessons(), reports, part.messages_read, part.passed, interest.refused)


@dataclass(frozen=True)
class Sift:
    """A file to be sifted. ports: numbers of interest, as `Interest.ports`."""

    name: str
    index: int
    ports: bytes


@dataclass(frozen=True)
class Sifted:
    """What remains of a file; no frames where it is too much. cut_frames: of those left out."""

    frames: list[Frame] | None
    cut_frames: int
    report: Report


def sift(task: Sift) -> Sifted:
    """Walk through a file and keep what a decoder may have to see."""
    capture = open_named(task.name, task.index)
    sieve = Sieve(bytearray(task.ports), replies=True)
    frames: list[Frame] = []
    size = at = 0
    for batch in capture.batches(sieve):
        watch.add(capture.position - at)
        at = capture.position
        frames += batch
        size += sum(len(frame.data) for frame in batch)
        if size > _MOST_SIFTED or watch.stopped:
            return Sifted(None, 0, capture.report())
    return Sifted(frames, sieve.cut_frames, capture.report())


def is_sparse(captures: Sequence[Capture], interest: Interest) -> bool:
    """Whether little of the files is of interest, by a look at the beginning of some."""
    kept = frames = 0
    for capture in captures[:: max(1, len(captures) // 4)]:
        sieve = Sieve(interest.ports, replies=True)
        looked_at = open_named(capture.name, 0)
        with closing(looked_at.batches(sieve)) as batches:
            for _ in batches:
                if looked_at.position >= _SAMPLE:
                    break
        kept, frames = kept + sieve.kept, frames + looked_at.frames_read
    return kept <= _SPARSE * frames


class SharedReading:
    """A reading of which each process decodes a share."""

    def __init__(
        self, captures: Sequence[Capture], interest: Interest, limits: Limits, wanted: Filter | None, jobs: int
    ) -> None:
        self.messages_read = self.passed = 0
        self._captures, self._interest, self._limits = captures, interest, limits
        self._wanted, self._jobs = wanted, jobs

    def facts(self, executor: Executor) -> Facts:
        """Everything of interest, counted."""
        names = tuple(capture.name for capture in self._captures)
        ports, lessons = self._interest.given, self._interest.lessons()
        futures = [
            executor.submit(
                decode_share,
                Share(names, self._captures[0].index, ports, lessons, self._limits, self._wanted, share, self._jobs),
            )
            for share in range(self._jobs)
        ]
        facts = Facts()
        for at, future in enumerate(futures):
            shared = future.result()
            facts = merge(facts, shared.facts)
            self._interest.adopt(shared.lessons)
            self._interest.refused += shared.refused
            self.messages_read += shared.messages_read
            self.passed += shared.passed
            if at == 0:
                for capture, report in zip(self._captures, shared.reports, strict=True):
                    capture.adopt(report)
        return facts


class Sifting:
    """A source of frames for `PartReading`: other processes walk through the files, some ahead of the decoder."""

    def __init__(self, executor: Executor, captures: Sequence[Capture], interest: Interest, ahead: int) -> None:
        self._executor = executor
        self._left = deque(captures)
        self._ports = bytes(interest.ports)
        self._ahead = ahead
        self._futures: deque[Future[Sifted]] = deque()

    def batches(self, capture: Capture, sieve: Sieve) -> Iterator[list[Frame]]:
        """The frames of a capture that a decoder may have to see. To be asked for each capture in order."""
        while self._left and len(self._futures) < self._ahead:
            following = self._left.popleft()
            task = Sift(following.name, following.index, self._ports)
            self._futures.append(self._executor.submit(sift, task))
        sifted = self._futures.popleft().result()
        if sifted.frames is None:
            yield from capture.batches(sieve)
            return
        capture.adopt(sifted.report)
        sieve.cut_frames += sifted.cut_frames
        yield [frame for frame in sifted.frames if sieve.takes(frame)]
