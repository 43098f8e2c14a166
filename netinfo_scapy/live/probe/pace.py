"""How fast a probe may send, and what it has sent."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from netinfo_scapy.analysis.probed import Cost
from netinfo_scapy.live.rpc_client import RpcClient


class Pace:
    """Waits before each message and connection, so that there are at most `rate` a second. Threads may share it."""

    def __init__(self, rate: float) -> None:
        self._pause = 1 / rate
        self._next = 0.0
        self._lock = Lock()
        self._clients: list[RpcClient] = []
        self._started = time.monotonic()

    def __call__(self) -> None:
        """Wait for the next place."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._pause
        if start > now:
            time.sleep(start - now)

    def client(self, kind: type[RpcClient], transport: str, **options: Any) -> Any:
        """A client that keeps the pace, and counts."""
        made = kind(transport, pace=self, **options)
        with self._lock:
            self._clients.append(made)
        return made

    def cost(self) -> Cost:
        """What was sent so far."""
        return Cost(
            calls=sum(each.sent for each in self._clients),
            answers=sum(each.received for each in self._clients),
            connections=sum(each.connections for each in self._clients),
            seconds=round(time.monotonic() - self._started, 3),
        )
