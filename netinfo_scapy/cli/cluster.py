"""The workers of a Dask scheduler, on as many machines as there are: handing out, retrying and losing is Dask's."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from netinfo_scapy.capture.errors import CaptureError

if TYPE_CHECKING:
    from netinfo_scapy.analysis.part import Watch
    from netinfo_scapy.analysis.reading import Reading

_TIMEOUT = 10
"""Seconds for a connection to a scheduler; twice as much until it has answered."""

_RETRIES = 2
"""How often a task that failed is tried again: a server of files may have had a bad moment."""

_SAME = ("netinfo_scapy", "distributed", "python")
"""What has to be of the same version here and on each worker; of Python, the first two numbers."""

_Outcome = TypeVar("_Outcome")


class _Counted(Executor):
    """Dask's executor; what a task has gone through is added to a watch when it is done."""

    def __init__(self, executor: Executor, watch: Watch) -> None:
        self._executor, self._watch = executor, watch

    def submit(self, task: Callable[..., _Outcome], /, *args: Any, **named: Any) -> Future[_Outcome]:
        """Hand out a task."""
        future = self._executor.submit(task, *args, **named)
        future.add_done_callback(self._count)
        return future

    def _count(self, future: Future[Any]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._watch.add(future.result().walked)


@contextmanager
def on_dask(reading: Reading, scheduler: str, jobs: int | None) -> Iterator[tuple[Executor, int]]:
    """The workers of a scheduler, and into how many parts work is divided; as many as they have threads, if not given.

    Raises typer.BadParameter where they cannot be used, CaptureError where the work cannot be finished.
    """
    try:
        from distributed import KilledWorker
    except ImportError as error:
        raise typer.BadParameter("--scheduler needs Dask: pip install 'netinfo-scapy[dask]'") from error
    # What is wrong is said here, in one line; Dask's loggers would tell it with tracebacks, each at a level of its own.
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="distributed")
    try:
        client = _connect(scheduler)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        _refuse(f"{scheduler!r} cannot be reached ({_line(error)}); write tcp://HOST:8786")
    with client:
        threads = _check(client, scheduler)
        executor = client.get_executor(pure=False, retries=_RETRIES)
        try:
            yield _Counted(executor, reading.watch), jobs or threads
        except KilledWorker as error:
            raise CaptureError(
                "the same part of the work ended several workers, one after the other; they may need more memory"
            ) from error
        except CancelledError as error:
            raise CaptureError(f"the scheduler {scheduler} went away before all was done; start again") from error
        except (OSError, ImportError, AttributeError, RuntimeError) as error:
            raise CaptureError(f"a worker of {scheduler} failed: {_line(error)}") from error


def _connect(scheduler: str) -> Any:
    """A client of a scheduler. Raises what Dask does, and TimeoutError where something else than Dask is silent."""
    from distributed import Client

    made: SimpleQueue[Any] = SimpleQueue()

    def connect() -> None:
        try:
            made.put(Client(scheduler, timeout=f"{_TIMEOUT}s", set_as_default=False))
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            made.put(error)

    # Dask's own limit is for the connection, not for what is said on it. A thread that waits on is left behind.
    Thread(target=connect, daemon=True).start()
    try:
        client = made.get(timeout=2 * _TIMEOUT)
    except Empty:
        raise TimeoutError(f"no answer of a scheduler within {2 * _TIMEOUT} s") from None
    if isinstance(client, BaseException):
        raise client
    return client


def _check(client: Any, scheduler: str) -> int:
    """How many threads the workers have; refuses them if they have none, or not the same versions as this process."""
    threads = sum(client.nthreads().values())
    if not threads:
        _refuse(f"{scheduler!r} has no workers; start some with: dask worker {scheduler}")
    versions = client.get_versions(packages=["netinfo_scapy"])
    here = versions["client"]["packages"]
    for worker, found in versions["workers"].items():
        for package in _SAME:
            mine, its = _version(here, package), _version(found["packages"], package)
            if mine != its:
                name = package.replace("_", "-")
                has = f"has {name} {its}" if its else f"lacks {name}"
                _refuse(f"{scheduler!r}: its worker {worker} {has}; {name} {mine} is needed, as here")
    return int(threads)


def _version(packages: dict[str, str | None], package: str) -> str | None:
    version = packages.get(package)
    return ".".join(version.split(".")[:2]) if version and package == "python" else version


def _refuse(text: str) -> NoReturn:
    raise typer.BadParameter(f"--scheduler {text}")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
