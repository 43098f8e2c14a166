"""Releases of Apple's netinfod, and what each has in STATISTICS (docs/specification.md, 6.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from netinfo_scapy.protocol.netinfo import NETINFO

_OLDEST = 208
"""The oldest release of which it is known."""


class Statistic(NamedTuple):
    """A property of STATISTICS. since: the release that added it, or the oldest one known."""

    name: str
    since: int = _OLDEST


STATISTICS = (
    Statistic("checksum"),
    Statistic("server_version"),
    Statistic("tag"),
    Statistic("ip_address"),
    Statistic("hostname"),
    Statistic("domain_servers", 272),
    Statistic("write_locked"),
    Statistic("notify_threads"),
    Statistic("notifications_pending"),
    Statistic("authentications"),
    Statistic("readall_proxies"),
    Statistic("cleanup_wait"),
    Statistic("total_calls"),
    Statistic("binding"),
    Statistic("connections", 233),
    *(Statistic(row.name.lower()) for row in NETINFO.procedures),
)
"""In the order in which they are answered."""

RELEASES = tuple(sorted({each.since for each in STATISTICS}))
"""The releases that changed it, the oldest first; the next ones have what the one before has."""


def statistics_of(release: int) -> list[str]:
    """The names that a release answers STATISTICS with, in order."""
    return [each.name for each in STATISTICS if each.since <= release]


def titled(release: int) -> str:
    """The releases that answer as one of `RELEASES` does: `233 to 271`, `272 or later`."""
    following = [each for each in RELEASES if each > release]
    return f"{release} to {following[0] - 1}" if following else f"{release} or later"


def release_of(names: Sequence[str]) -> str | None:
    """The releases whose STATISTICS has these names in this order; None where none has."""
    return next((titled(each) for each in RELEASES if statistics_of(each) == list(names)), None)
