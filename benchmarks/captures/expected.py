"""What a reader must find in a capture, counted while it is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_NONE_OF = (
    "replies_without_call",
    "incomplete_records",
    "missed_bytes",
    "not_rpc",
    "cut_frames",
    "bad_checksums",
    "stray_segments",
    "lost_fragment_bytes",
)
"""Totals of `analyze` that are 0 in every capture made here."""


@dataclass
class Expected:
    """Counts by the names that `netinfo-scapy analyze --format json` gives them.

    calls, replies: by procedure, every transmission counted. connections: to port 961, attempted.
    bounded: the capture holds more than a reader must keep, so `totals.evicted` may be anything.
    """

    frames: int = 0
    bytes: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls_without_reply: int = 0
    retransmissions: int = 0
    duplicate_replies: int = 0
    connections: int = 0
    bounded: bool = False

    def report(self) -> dict[str, object]:
        """What `analyze` must say, as far as it is known by construction."""
        calls, replies = self.calls.total(), self.replies.total()
        totals = {
            "frames": self.frames,
            "bytes": self.bytes,
            "messages": calls + replies,
            "calls": calls,
            "replies": replies,
            "calls_without_reply": self.calls_without_reply,
            "retransmissions": self.retransmissions,
            "duplicate_replies": self.duplicate_replies,
        }
        totals |= dict.fromkeys(_NONE_OF, 0)
        if not self.bounded:
            totals["evicted"] = 0
        return {
            "totals": totals,
            "connections": {"attempted": self.connections},
            "procedures": {
                name: {
                    "calls": self.calls[name],
                    "replies": self.replies[name],
                    "statuses": {
                        status: count for (of, status), count in sorted((+self.statuses).items()) if of == name
                    },
                }
                for name in sorted(self.calls)
            },
        }
