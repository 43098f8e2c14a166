"""Work that may hang, in a thread that nobody has to wait for: not its caller, and not the end of the process."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T], *raises: type[Exception]) -> Future[T]:
    """Have work done. raises: what it may raise beside OSError and ValueError."""
    expected: tuple[type[Exception], ...] = (OSError, ValueError, *raises)
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except expected as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def resolve(host: str, port: int, kind: socket.SocketKind, until: float) -> list[tuple[socket.AddressFamily, Any]]:
    """The socket addresses of a host, those of IPv4 first: NetInfo is older than IPv6.

    getaddrinfo(3) has no timeout of its own. until: a moment of `time.monotonic()`. Raises gaierror; TimeoutError.
    """
    try:
        with suppress(socket.gaierror):
            return _sorted(socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST))
        asked = begin(lambda: socket.getaddrinfo(host, port, type=kind))
        return _sorted(asked.result(max(until - time.monotonic(), 0)))
    except TimeoutError:
        raise TimeoutError(errno.ETIMEDOUT, "the name service did not answer in time") from None
    except ValueError:
        raise socket.gaierror(socket.EAI_NONAME, "that is no name of a host") from None


def _sorted(found: list[Any]) -> list[tuple[socket.AddressFamily, Any]]:
    addresses = [(family, address) for family, _, _, _, address in found]
    return sorted(addresses, key=lambda each: each[0] != socket.AF_INET)
