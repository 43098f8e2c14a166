"""Work that may hang, in a thread that nobody has to wait for: not its caller, and not the end of the process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from netinfo_scapy.live.errors import ClientError

T = TypeVar("T")


def begin(work: Callable[[], T]) -> Future[T]:
    """Have work done. What it may raise: ClientError, OSError, ValueError."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except (ClientError, OSError, ValueError) as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
