"""The processes of this machine that share the work of a command, and what they watch together.

A capture may have nothing in it that is worth another process; so they begin with the first task.
"""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from netinfo_scapy.analysis.part import Watch

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext

_TOLD_AT_ONCE = 1 << 20
"""Bytes gone through that a process tells the others together."""

_HANDING_OUT_SECONDS = 0.001
"""How long it takes about until a process that waits for a task has it."""

_Outcome = TypeVar("_Outcome")


class SharedWatch(Watch):
    """A `Watch` over several processes, each with one of its own.

    numbers: the bytes gone through, and whether to stop, as they share them; None while there is but this process.
    """

    def __init__(self, numbers: tuple[Any, Any] | None = None) -> None:
        self._numbers = numbers
        self._stopped = False
        self._untold = 0

    def share(self, context: BaseContext) -> tuple[Any, Any]:
        """What the watches of other processes share with this one from now on."""
        self._numbers = context.Value("q", 0), context.Value("b", 0, lock=False)
        # An interrupt may have come meanwhile.
        self.stopped = self._stopped
        return self._numbers

    @property
    def walked(self) -> int:  # type: ignore[override] # a plain number where nobody shares it
        """Bytes gone through by all, but for a little that others have not told yet."""
        return self._untold if self._numbers is None else int(self._numbers[0].value) + self._untold

    @property
    def stopped(self) -> bool:
        """Whether all are to end."""
        return self._stopped or (self._numbers is not None and bool(self._numbers[1].value))

    @stopped.setter
    def stopped(self, value: bool) -> None:
        self._stopped = value
        if self._numbers is not None:
            self._numbers[1].value = value

    def add(self, size: int) -> None:
        """So many bytes more."""
        self._untold += size
        if self._untold >= _TOLD_AT_ONCE and self._numbers is not None:
            told = self._numbers[0]
            with told.get_lock():
                told.value += self._untold
            self._untold = 0


class Pool(Executor):
    """So many processes. forks: whether they are copies of this one, which has all that is needed loaded."""

    def __init__(self, size: int, watch: SharedWatch, forks: bool) -> None:
        self._size, self._watch, self._forks = size, watch, forks
        self._begun: ProcessPoolExecutor | None = None
        self._idle = size

    def submit(self, task: Callable[..., _Outcome], /, *args: Any, **named: Any) -> Future[_Outcome]:
        """Hand out a task."""
        if self._begun is None:
            self._begun = self._begin()
        future = self._begun.submit(task, *args, **named)
        if self._idle:
            # Threads of this process hand it out, and have to wait for theirs while compiled code runs here.
            self._idle -= 1
            time.sleep(_HANDING_OUT_SECONDS)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the processes end, if there are any."""
        if self._begun is not None:
            self._begun.shutdown(wait, cancel_futures=cancel_futures)

    def _begin(self) -> ProcessPoolExecutor:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        context = multiprocessing.get_context("fork" if self._forks else "spawn")
        shared = self._watch.share(context)
        return ProcessPoolExecutor(self._size, mp_context=context, initializer=_watched, initargs=shared)


def _watched(*shared: Any) -> None:
    """A process of the pool begins. An interrupt is for the one that made it."""
    from netinfo_scapy.analysis import parallel

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    parallel.watch = SharedWatch(shared)
