"""A reading divided among processes, on this machine or on many.

Three ways, by what the files hold:

* where decoding is the work, each process reads all files and decodes its share of the
  conversations (`lots.by_conversation`);
* where little of the files is of interest, walking through them is the work, and where there are sensors for
  all processes, each has some to itself (`lots.by_sensor`);
* else the processes sift a sensor's files, each some of them, and what remains is decoded here, in order
  (`Sifting`).

All run their tasks on anything that is a `concurrent.futures.Executor`: a pool of
processes, or Dask's. Tasks and what they give are plain values; a task that is lost with
its process can be done again by another.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

from msgspec import Struct

from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.lots import Lot, named
from netinfo_scapy.analysis.part import PartReading, Watch
from netinfo_scapy.capture.captures import Capture, Report
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.flows import Buckets
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

watch = Watch()
"""This process's; a pool's processes get one that they share with the process that made them."""


class Share(Struct, frozen=True):
    """What a process is to count. sensors: of each, the address and index of its files, in order.

    cuts: as in `Account`. buckets: as in `Lot`.
    """

    sensors: tuple[tuple[tuple[str, int], ...], ...]
    ports: frozenset[tuple[int, int]]
    lessons: Lessons
    limits: Limits
    wanted: Filter | None
    cuts: tuple[Until | None, ...]
    buckets: Buckets


class Shared(Struct, frozen=True):
    """What counting a share came to. reports: of the files, by their index. refused: as `Interest.refused`.

    facts: in portions, pickled, so that none is unpacked before there is room for it; taken out as they are added.
    Empty where they were counted together with others. walked: bytes of the files gone through.
    """

    facts: list[bytes]
    lessons: Lessons
    reports: dict[int, Report]
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


def decode_share(task: Share, reading: Watch | None = None, account: Account | None = None) -> Shared:
    """Decode and count a share. Raises CaptureError for a file that cannot be opened.

    reading: told how far it is; this process's `watch`, if not given. account: counts it, together with others.
    """
    counting = account or Account(task.limits, task.cuts)
    interest = Interest.knowing(task.ports, task.lessons, task.limits.learned_endpoints)
    reports: dict[int, Report] = {}
    messages_read = passed = walked = 0
    for files in task.sensors:
        captures = [_opened(address, index) for address, index in files]
        part = PartReading(
            captures,
            interest,
            task.limits,
            counting,
            wanted=task.wanted,
            buckets=task.buckets,
            watch=reading or watch,
        )
        part.count()
        counting.add(part.told())
        messages_read += part.messages_read
        passed += part.passed
        for capture in captures:
            reports[capture.index] = capture.report()
            walked += capture.position
    found = counting.finish().portions() if account is None else ()
    facts = [pickle.dumps(portion, pickle.HIGHEST_PROTOCOL) for portion in found]
    return Shared(facts, interest.lessons(), reports, messages_read, passed, interest.refused, walked)


class Sift(Struct, frozen=True):
    """A file to be sifted. place: its index. ports: numbers of interest, as `Interest.ports`.

    replies: as in `Sieve`, at the start.
    """

    address: str
    place: int
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
    capture = _opened(task.address, task.place)
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


class SharedReading:
    """A reading of which each process counts a lot. joins: this one does, too; what it finds needs no way here."""

    def __init__(
        self,
        interest: Interest,
        limits: Limits,
        wanted: Filter | None,
        cuts: Sequence[Until | None],
        reading: Watch,
        joins: bool = False,
    ) -> None:
        self.messages_read = self.passed = 0
        self._interest, self._limits, self._wanted = interest, limits, wanted
        self._reading, self._joins = reading, joins
        self._cuts = tuple(cuts)

    def count(self, lots: Sequence[Lot], account: Account, executor: Executor) -> None:
        """Have everything of interest counted; of a reading that is stopped, what is done by then."""
        tasks = [self._task(lot) for lot in lots]
        mine = tasks.pop(0) if self._joins else None
        futures = [executor.submit(decode_share, task) for task in tasks]
        found = [] if mine is None else [decode_share(mine, self._reading, account)]
        # Now already, as others may need a moment more.
        account.finish()
        reports: list[dict[int, Report]] = []
        for shared in (*found, *(_outcome(future, self._reading) for future in futures)):
            if shared is None:
                continue
            while shared.facts:
                facts: Facts = pickle.loads(shared.facts.pop(0))
                account.add(facts)
                facts.sightings.leave()
            self._interest.adopt(shared.lessons)
            self._interest.refused += shared.refused
            self.messages_read += shared.messages_read
            self.passed += shared.passed
            reports.append(shared.reports)
        for capture in {capture.index: capture for lot in lots for group in lot.groups for capture in group}.values():
            told = [each[capture.index] for each in reports if capture.index in each]
            if told:
                # All tell the same, unless a file could not be read to its end by one of them.
                capture.adopt(next((report for report in told if report.error), told[0]))

    def _task(self, lot: Lot) -> Share:
        sensors = tuple(named(group) for group in lot.groups)
        ports, lessons = self._interest.given, self._interest.known()
        return Share(sensors, ports, lessons, self._limits, self._wanted, self._cuts, lot.buckets)


class Sifting:
    """A source of frames for `PartReading`: other processes walk through the files, some ahead of the decoder.

    joins: of as many files as there are jobs, this process walks through the first one.
    """

    def __init__(
        self,
        executor: Executor,
        captures: Sequence[Capture],
        interest: Interest,
        jobs: int,
        reading: Watch,
        joins: bool = False,
    ) -> None:
        self._executor = executor
        self._left = deque(enumerate(named(captures)))
        self._ports = bytes(interest.ports)
        self._jobs, self._joins = jobs, joins
        self._ahead = min(2 * jobs, _MOST_AHEAD)
        self._reading = reading
        self._futures: dict[int, Future[Sifted]] = {}  # by the index of the file

    def batches(self, capture: Capture, sieve: Sieve) -> Iterator[list[Frame]]:
        """The frames of a capture that a decoder may have to see. To be asked for each capture in order."""
        while self._left and len(self._futures) < self._ahead and not self._reading.stopped:
            place, (address, index) = self._left.popleft()
            if not self._joins or place % self._jobs:
                task = Sift(address, index, self._ports, sieve.replies)
                self._futures[index] = self._executor.submit(sift, task)
        future = self._futures.pop(capture.index, None)
        if future is not None:
            sifted = _outcome(future, self._reading)
            if sifted is None:
                return
            # A call of an earlier file may be forwarded, and its answer be in this one.
            if sifted.frames is not None and (sifted.replies or not sieve.replies):
                capture.adopt(sifted.report)
                sieve.cut_frames += sifted.cut_frames
                yield [frame for frame in sifted.frames if sieve.takes(frame)]
                return
        yield from capture.batches(sieve)
