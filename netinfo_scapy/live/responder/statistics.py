"""STATISTICS: the 42 properties of release 208, in its order (docs/specification.md, 6.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netinfo_scapy.live.responder.store import WireProperty, wire_property
from netinfo_scapy.protocol.netinfo import NETINFO

if TYPE_CHECKING:
    from netinfo_scapy.live.responder.netinfod import Netinfod

SERVER_VERSION = 208
TELLERS, LATENCY = 5, 2
"""Clones that a master tells of its writes at once; seconds after the write."""

_CLEANUP_MINUTES = 30
_NAMES = tuple(row.name.lower().encode() for row in NETINFO.procedures)


class Counters:
    """Calls by procedure, and the microseconds they took. clock: seconds, from any moment."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.calls = [0] * len(_NAMES)
        self._nanoseconds = [0] * len(_NAMES)
        self._clock = clock
        self._started = clock()

    def count(self, procedure: int, nanoseconds: int) -> None:
        """One more call that was carried out."""
        self.calls[procedure] += 1
        self._nanoseconds[procedure] += nanoseconds

    def microseconds(self, procedure: int) -> int:
        """All calls together."""
        return self._nanoseconds[procedure] // 1000

    @property
    def minutes_to_cleanup(self) -> int:
        """Minutes left of the half hour between two cleanups."""
        return int(_CLEANUP_MINUTES - (self._clock() - self._started) / 60 % _CLEANUP_MINUTES)


def _texts(*values: object) -> list[bytes]:
    return [each if isinstance(each, bytes) else str(each).encode() for each in values]


def statistics(server: Netinfod) -> list[WireProperty]:
    """The properties; the running call is not yet counted."""
    counters, tally, clone = server.counters, server.tally, server.is_clone
    role = ["clone"] if clone else ["master", len(server.copies.clones())]
    bound = b"%s/%s" % (str(server.bound[1]).encode(), server.bound[0]) if server.bound else b"unknown"
    told = {
        "checksum": _texts(server.store.checksum),
        "server_version": _texts(SERVER_VERSION),
        "tag": _texts(server.tag, *role),
        "ip_address": _texts(server.host.address),
        "hostname": _texts(server.host.name),
        "write_locked": _texts("clone" if clone else "Yes" if server.transfers else "No"),
        "notify_threads": _texts(0, 0, 0) if clone else _texts(server.copies.telling, TELLERS, LATENCY),
        "notifications_pending": _texts(len(server.copies.pending)),
        "authentications": _texts(tally.good, tally.bad, tally.good_writes, tally.bad_writes),
        "readall_proxies": _texts(server.transfers, "loose" if clone else "strict"),
        "cleanup_wait": _texts(_CLEANUP_MINUTES, counters.minutes_to_cleanup),
        "total_calls": _texts(sum(counters.calls)),
        "binding": [bound],
    }
    calls = (
        wire_property(name, _texts(number, counters.calls[number], counters.microseconds(number)))
        for number, name in enumerate(_NAMES)
    )
    return [*(wire_property(name.encode(), values) for name, values in told.items()), *calls]
