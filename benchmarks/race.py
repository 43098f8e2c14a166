"""Everybody reads the same captures, in turns, round after round, each time in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.agreement import check
from benchmarks.captures.store import Made, cut, first
from benchmarks.contestants import Contestant, analyze, has_jobs
from benchmarks.measure import Run, Runs, run, warm

Say = Callable[[str], None]

PARTS = 8
"""Files that a capture is cut into for two processes."""


class Rounds(NamedTuple):
    """How often each is measured: those that are slow, and the others."""

    usual: int
    slow: int

    def of(self, contestant: Contestant) -> int:
        """How often this one is."""
        return self.slow if contestant.slow else self.usual


class Result(NamedTuple):
    """What came of a contestant on a capture.

    seconds: median, calculated for the whole capture where only a sample was read. start: the same
    for a capture of one packet. ratio: how often our time, 1.0 for our first form.
    counting_ratio: how often that of our first form that only counts; None where there is none.
    packets_read: those of the sample, or all. calls: of NetInfo, as the contestant tells.
    """

    title: str
    does: str
    ours: bool
    runs: Runs
    start: Runs
    seconds: float
    packets_read: int
    calls: int | None
    ratio: float
    counting_ratio: float | None


def race(made: Made, contestants: Iterable[Contestant], rounds: Rounds, say: Say) -> list[Result]:
    """Measure all contestants on a capture, one after the other, so many times.

    Raises CountsDifferError where a form of ours does not count what is there, before it is measured.
    """
    contestants = [each for each in contestants if each.missing is None]
    warm(made.path)
    with _output() as output:
        for each in contestants:
            if each.ours:
                say(f"{made.name}: checking the counts of {each.title}")
                run(each.command(made.path), output, each.environment)
                check(f"{each.title} on {made.name}", output, made.report)
        runs, calls = _in_turns(made, contestants, rounds, output, say)
        starts = _starts(first(made, 1), contestants, rounds.usual, output)
    return _results(made, contestants, runs, starts, calls)


@contextmanager
def _output() -> Iterator[Path]:
    """A file for what the readers print."""
    with TemporaryDirectory() as folder:
        yield Path(folder) / "output"


def _in_turns(
    made: Made, contestants: list[Contestant], rounds: Rounds, output: Path, say: Say
) -> tuple[list[Runs], list[int | None]]:
    """How long each takes for the capture, and the NetInfo calls it tells of."""
    taken: list[list[Run]] = [[] for _ in contestants]
    calls: list[int | None] = [None] * len(contestants)
    for turn in range(max(rounds)):
        for index in _order(turn, len(contestants)):
            each = contestants[index]
            if turn < rounds.of(each):
                say(f"{made.name}: round {turn + 1} of {rounds.of(each)}: {each.title}")
                taken[index].append(run(each.command(_file_for(each, made)), output, each.environment))
                calls[index] = each.calls(output) if turn == 0 else calls[index]
    return [Runs.of(each) for each in taken], calls


def _order(turn: int, count: int) -> list[int]:
    """In which order so many take their turns: what one leaves in caches is not always found by the same one."""
    return Random(turn).sample(range(count), count)


def _starts(path: Path, contestants: list[Contestant], rounds: int, output: Path) -> list[Runs]:
    """What each takes for a single packet."""
    taken: list[list[Run]] = [[] for _ in contestants]
    for turn in range(rounds):
        for index in _order(turn, len(contestants)):
            each = contestants[index]
            taken[index].append(run(each.command(path), output, each.environment))
    return [Runs.of(each) for each in taken]


def _file_for(contestant: Contestant, made: Made) -> Path:
    sampled = contestant.sample is not None and contestant.sample < made.packets
    return first(made, contestant.sample or 0) if sampled else made.path


def _results(
    made: Made, contestants: list[Contestant], runs: list[Runs], starts: list[Runs], calls: list[int | None]
) -> list[Result]:
    results: list[Result] = []
    counting = next((index for index, each in enumerate(contestants) if each.counts_only), None)
    for each, taken, start, found in zip(contestants, runs, starts, calls, strict=True):
        read = min(each.sample or made.packets, made.packets)
        seconds = taken.seconds
        if read < made.packets:
            seconds = start.seconds + max(seconds - start.seconds, 0.0) * made.packets / read
        ours = results[0].seconds if results else seconds
        # Forms of ours read all.
        ratio = None if counting is None else seconds / runs[counting].seconds
        results.append(
            Result(each.title, each.does, each.ours, taken, start, seconds, read, found, seconds / ours, ratio)
        )
    return results


class Together(NamedTuple):
    """Several files read by one process, and by two."""

    capture: str
    one: Runs
    two: Runs


def race_together(made: Made, rounds: int, say: Say) -> Together | None:
    """Read a capture that is cut into consecutive files with one process and with two. None where there is no option.

    Raises CountsDifferError.
    """
    if not has_jobs():
        return None
    parts = cut(made, PARTS)
    for part in parts:
        warm(part)
    files = [str(part) for part in parts]
    taken: dict[str, list[Run]] = {"1": [], "2": []}
    with _output() as output:
        for turn in range(rounds):
            for jobs, runs in taken.items():
                say(f"{made.name} in {PARTS} files: round {turn + 1} of {rounds}: --jobs {jobs}")
                runs.append(run(analyze("--jobs", jobs, *files), output))
                check(f"--jobs {jobs} on {made.name} in {PARTS} files", output, made.report)
    return Together(made.name, Runs.of(taken["1"]), Runs.of(taken["2"]))


class Memory(NamedTuple):
    """What our command had in memory at the most while it read a capture."""

    capture: str
    packets: int
    bytes: int
    seconds: float
    peak_bytes: int


def weigh(made: Made, say: Say) -> Memory:
    """Read a capture once, for its memory. Raises CountsDifferError."""
    say(f"{made.name}: {made.packets:,} packets, for the memory they take")
    with _output() as output:
        taken = run([*analyze(), str(made.path)], output)
        check(f"{made.name}, {made.packets:,} packets", output, made.report)
    return Memory(made.name, made.packets, made.bytes, taken.seconds, taken.peak_bytes)
