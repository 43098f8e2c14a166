"""The processes that a command has work done by: a pool on this machine, or those of a Dask scheduler."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.remote import is_url

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from netinfo_scapy.analysis.reading import Reading

WORTH_IT = 32 << 20
"""Bytes of input below which one process is done before others have started."""


class Workers(NamedTuple):
    """executor: None for this process alone. jobs: parts into which work is divided."""

    executor: Executor | None
    jobs: int


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    from concurrent.futures import BrokenExecutor

    from netinfo_scapy.cli.pool import Pool, SharedWatch

    reading.watch = watch = SharedWatch()
    reading.joins = True
    # A copy of this process has all that is needed loaded; no thread of it holds anything, unless fsspec has some.
    forks = sys.platform == "linux" and not any(is_url(capture.name) for capture in reading.captures)
    # This process is one of them.
    pool = Pool(jobs - 1, watch, forks)
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
