"""A reading divided among processes, on this machine or on many.

Two ways, by what the files hold:

* where little of them is of interest, walking through them is the work: each file is sifted
  by a process of its own, and what remains is decoded here, in order (`Sifting`);
* else decoding is the work: each process reads all files and decodes its share of the
  conversations (`SharedReading`).

Both run their tasks on anything that is a `concurrent.futures.Executor`: a pool of
processes, or Dask's. Tasks and what they give are plain values; a task that is lost with
its process can be done again by another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from contextlib import closing
from typing import TypeVar

from msgspec import Struct

from netinfo_scapy.analysis.directory.sightings import Until
from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.part import PartReading, Watch
from netinfo_scapy.capture.captures import Capture, Report
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.interest import Interest, Lessons
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.capture.sources import open_named

_MOST_SIFTED = 16 << 20
"""Bytes that a process hands over of a file at the most; of one with more, this process reads the rest itself."""

_MOST_AHEAD = 128
"""Files handed out to be sifted at once at the most, as each may come to `_MOST_SIFTED` that wait here."""

_LOOK_SECONDS = 0.1
"""How often it is looked whether to end early, while others work."""

_SAMPLE = 4 << 20
_SPARSE = 0.1
"""Bytes walked to see what files are like, and the share of their frames up to which they are sifted."""

watch = Watch()
"""This process's; a pool's processes get one that they share with the process that made them."""


class Share(Struct, frozen=True):
    """A share of a sensor's conversations. files: the address and index of each, in order. cuts: as in `Account`."""

    files: tuple[tuple[str, int], ...]
    ports: frozenset[tuple[int, int]]
    lessons: Lessons
    limits: Limits
    wanted: Filter | None
    cuts: tuple[Until | None, ...]
    share: int
    shares: int


class Shared(Struct, frozen=True):
    """What decoding a share came to. reports: of the files, in order. refused: as `Interest.refused`.

    walked: bytes of the files gone through.
    """

    facts: Facts
    lessons: Lessons
    reports: list[Report]
    messages_read: int
    passed: int
    refused: int
    walked: int


_Outcome = TypeVar("_Outcome")


def _outcome(future: Future[_Outcome], reading: Watch) -> _Outcome | None:
    """What a task came to; None if it was called off, because the reading is to end before it is done."""
    while not future.done():
        # A pool's process sees by itself that it is to end, and tells how far it came.
        if reading.stopped and future.cancel():
            break
        wait([future], _LOOK_SECONDS)
    return None if reading.stopped and future.cancelled() else future.result()


def _opened(address: str, index: int) -> Capture:
    """A file that the process that gave the task could open. Raises CaptureError where this one cannot."""
    capture = open_named(address, index)
    if capture.unreadable:
        raise CaptureError(f"{address}: {capture.error}; every worker has to find it under this name")
    return capture


def _files(captures: Sequence[Capture]) -> tuple[tuple[str, int], ...]:
    return tuple((capture.address or capture.name, capture.index) for capture in captures)


def decode_share(task: Share, reading: Watch | None = None) -> Shared:
    """Decode a share of the conversations. Raises CaptureError for a file that cannot be opened.

    reading: told how far it is; this process's `watch`, if not given.
    """
    captures = [_opened(address, index) for address, index in task.files]
    interest = Interest.knowing(task.ports, task.lessons, task.limits.learned_endpoints)
    part = PartReading(
        captures,
        interest,
        task.limits,
        wanted=task.wanted,
        share=task.share,
        shares=task.shares,
        watch=reading or watch,
        cuts=task.cuts,
    )
    facts = part.facts()
    reports = [capture.report() for capture in captures]
    walked = sum(capture.position for capture in captures)
    return Shared(facts, interest.lessons(), reports, part.messages_read, part.passed, interest.refused, walked)


class Sift(Struct, frozen=True):
    """A file to be sifted. ports: numbers of interest, as `Interest.ports`. replies: as in `Sieve`, at the start."""

    address: str
    index: int
    ports: bytes
    replies: bool


class Sifted(Struct, frozen=True):
    """What remains of a file; no frames where it is too much. cut_frames: of those left out.

    walked: bytes of the file gone through for good. replies: as the task said.
    """

    frames: list[Frame] | None
    cut_frames: int
    report: Report
    walked: int
    replies: bool


def sift(task: Sift) -> Sifted:
    """Walk through a file and keep what a decoder may have to see. Raises CaptureError if it cannot be opened."""
    capture = _opened(task.address, task.index)
    sieve = Sieve(bytearray(task.ports), replies=task.replies)
    frames: list[Frame] = []
    size = at = 0
    for batch in capture.batches(sieve):
        watch.add(capture.position - at)
        at = capture.position
        frames += batch
        size += sum(len(frame.data) for frame in batch)
        if size > _MOST_SIFTED or watch.stopped:
            return Sifted(None, 0, capture.report(), 0, task.replies)
    return Sifted(frames, sieve.cut_frames, capture.report(), capture.position, task.replies)


def is_sparse(captures: Sequence[Capture], interest: Interest) -> bool:
    """Whether little of the files is of interest, by a look at the beginning of some."""
    kept = frames = 0
    for address, index in _files(captures)[:: max(1, len(captures) // 4)]:
        sieve = Sieve(interest.ports)
        looked_at = open_named(address, index)
        with closing(looked_at.batches(sieve)) as batches:
            for _ in batches:
                if looked_at.position >= _SAMPLE:
                    break
        kept, frames = kept + sieve.kept, frames + looked_at.frames_read
    return kept <= _SPARSE * frames


class SharedReading:
    """A reading of which each process decodes a share. joins: this one does, too; what it finds needs no way here."""

    def __init__(
        self,
        captures: Sequence[Capture],
        interest: Interest,
        limits: Limits,
        wanted: Filter | None,
        cuts: Sequence[Until | None],
        jobs: int,
        reading: Watch,
        joins: bool = False,
    ) -> None:
        self.messages_read = self.passed = 0
        self._captures, self._interest, self._limits = captures, interest, limits
        self._wanted, self._jobs, self._reading = wanted, jobs, reading
        self._cuts = tuple(cuts)
        self._joins = joins

    def facts(self, executor: Executor) -> Facts:
        """Everything of interest, counted; of a reading that is stopped, what is done by then."""
        files = _files(self._captures)
        ports, lessons = self._interest.given, self._interest.known()
        tasks = [
            Share(files, ports, lessons, self._limits, self._wanted, self._cuts, share, self._jobs)
            for share in range(self._jobs)
        ]
        mine = tasks.pop(0) if self._joins else None
        futures = [executor.submit(decode_share, task) for task in tasks]
        found = [] if mine is None else [decode_share(mine, self._reading)]
        facts: Facts | None = None
        reports: list[list[Report]] = []
        for shared in (*found, *(_outcome(future, self._reading) for future in futures)):
            if shared is None:
                continue
            facts = shared.facts if facts is None else merge(facts, shared.facts)
            self._interest.adopt(shared.lessons)
            self._interest.refused += shared.refused
            self.messages_read += shared.messages_read
            self.passed += shared.passed
            reports.append(shared.reports)
        if reports:
            for capture, told in zip(self._captures, zip(*reports, strict=True), strict=True):
                # All tell the same, unless a file could not be read to its end by one of them.
                capture.adopt(next((report for report in told if report.error), told[0]))
        return facts or Facts()


class Sifting:
    """A source of frames for `PartReading`: other processes walk through the files, some ahead of the decoder."""

    def __init__(
        self, executor: Executor, captures: Sequence[Capture], interest: Interest, jobs: int, reading: Watch
    ) -> None:
        self._executor = executor
        self._left = deque(_files(captures))
        self._ports = bytes(interest.ports)
        self._ahead = min(2 * jobs, _MOST_AHEAD)
        self._reading = reading
        self._futures: deque[Future[Sifted]] = deque()

    def batches(self, capture: Capture, sieve: Sieve) -> Iterator[list[Frame]]:
        """The frames of a capture that a decoder may have to see. To be asked for each capture in order."""
        while self._left and len(self._futures) < self._ahead and not self._reading.stopped:
            address, index = self._left.popleft()
            self._futures.append(self._executor.submit(sift, Sift(address, index, self._ports, sieve.replies)))
        sifted = _outcome(self._futures.popleft(), self._reading) if self._futures else None
        if sifted is None:
            return
        # A call of an earlier file may be forwarded, and its answer be in this one.
        lacks_replies = sieve.replies and not sifted.replies
        if sifted.frames is None or lacks_replies:
            yield from capture.batches(sieve)
            return
        capture.adopt(sifted.report)
        sieve.cut_frames += sifted.cut_frames
        yield [frame for frame in sifted.frames if sieve.takes(frame)]
