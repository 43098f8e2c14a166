"""Which release of netinfod answers, by the names in its STATISTICS (docs/specification.md)."""

from __future__ import annotations

from collections.abc import Sequence

from netinfo_scapy.protocol.netinfo import NETINFO

STATISTICS_HEAD = (
    "checksum", "server_version", "tag", "ip_address", "hostname", "write_locked", "notify_threads",
    "notifications_pending", "authentications", "readall_proxies", "cleanup_wait", "total_calls", "binding",
)  # fmt: skip
"""What STATISTICS of release 208 begins with; then the procedures, in the order of their numbers."""

_LATER = {"connections": "233", "domain_servers": "272"}
"""Properties that later releases have between those: from which release on."""


def release_of(names: Sequence[str]) -> str | None:
    """The release of netinfod whose STATISTICS has these names in this order; None where no release has."""
    plain = [name for name in names if name not in _LATER]
    if plain != [*STATISTICS_HEAD, *(row.name.lower() for row in NETINFO.procedures)]:
        return None
    newest = [release for name, release in _LATER.items() if name in names]
    return f"{newest[-1]} or later" if newest else "208 or earlier"
