"""The processes that a command has work done by: a pool on this machine, or those of a Dask scheduler."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from netinfo_scapy.analysis.part import Watch
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.remote import is_url

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from netinfo_scapy.analysis.reading import Reading

WORTH_IT = 32 << 20
"""Bytes of input below which one process is done before others have started."""


_TOLD_AT_ONCE = 1 << 20
"""Bytes gone through that a process tells the others together."""


class Workers(NamedTuple):
    """executor: None for this process alone. jobs: parts into which work is divided."""

    executor: Executor | None
    jobs: int


class SharedWatch(Watch):
    """A `Watch` over several processes, each with one of its own. walked, stopped: numbers that they share."""

    def __init__(self, walked: Any, stopped: Any) -> None:
        self._walked, self._stopped = walked, stopped
        self._untold = 0

    @property
    def walked(self) -> int:  # type: ignore[override]
        """Bytes gone through by all, but for a little that others have not told yet."""
        return int(self._walked.value) + self._untold

    @property
    def stopped(self) -> bool:
        """Whether all are to end."""
        return bool(self._stopped.value)

    @stopped.setter
    def stopped(self, value: bool) -> None:
        self._stopped.value = value

    def add(self, size: int) -> None:
        """So many bytes more."""
        self._untold += size
        if self._untold >= _TOLD_AT_ONCE:
            with self._walked.get_lock():
                self._walked.value += self._untold
            self._untold = 0


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(walked: Any, stopped: Any) -> None:
    """A process of the pool begins. An interrupt is for the one that made it."""
    from netinfo_scapy.analysis import parallel

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    parallel.watch = SharedWatch(walked, stopped)


@contextmanager
def workers(reading: Reading, jobs: int | None, scheduler: str | None) -> Iterator[Workers]:
    """What is to do the work of a reading. jobs: None for as many as there are processors."""
    if scheduler is not None:
        from netinfo_scapy.cli.cluster import on_dask

        with on_dask(reading, scheduler, jobs) as (executor, parts):
            yield Workers(executor, parts)
        return
    if jobs is None:
        jobs = cores() if (reading.size or 0) >= WORTH_IT else 1
    if jobs == 1:
        yield Workers(None, 1)
        return
    import multiprocessing
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    # Loaded here already, so that a copy of this process has it.
    from netinfo_scapy.analysis import parallel  # noqa: F401 - for its being loaded

    # A copy of this process has all that is needed loaded; it has no threads yet, unless fsspec has started some.
    forks = sys.platform == "linux" and not any(is_url(capture.name) for capture in reading.captures)
    context = multiprocessing.get_context("fork" if forks else "spawn")
    shared = context.Value("q", 0), context.Value("b", 0, lock=False)
    reading.watch = SharedWatch(*shared)
    reading.joins = True
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=shared)
    try:
        yield Workers(pool, jobs)
    except BaseException as error:
        # What they still do is of no use, and is not waited for.
        reading.watch.stopped = True
        if isinstance(error, BrokenExecutor):
            raise CaptureError(
                "a process that had a part of the work was killed, perhaps for lack of memory; try fewer: --jobs 1"
            ) from error
        raise
    finally:
        # Waited for: a pool that is still closing when Python ends may print a traceback.
        pool.shutdown(cancel_futures=True)
