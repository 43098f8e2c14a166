"""What the detectors need of a procedure, told once from their tables."""

from __future__ import annotations

from collections.abc import Sequence

from netinfo_scapy.analysis.findings.detector import Alike, Detector
from netinfo_scapy.capture.message import Message

Replies = tuple[tuple[Detector, frozenset[int] | None], ...]
"""Detectors, and the statuses that each needs."""


class Watched:
    """What the detectors need of one procedure.

    name: as `NetInfo.READ`. calls: those that see each call. replies: those that see replies, each with the statuses
    it needs. alike_calls, alike_replies, bodies: those that see one of many that are alike, by their peers or by their
    bodies. xids: those that see calls with one. readers: those that read every body. words: what else has to stand in
    one, as XDR has it, each with its readers. sees_calls, sees_replies, sees_bodies: whether there are any.
    """

    __slots__ = (
        "alike_calls",
        "alike_replies",
        "bodies",
        "calls",
        "name",
        "readers",
        "replies",
        "sees_bodies",
        "sees_calls",
        "sees_replies",
        "words",
        "xids",
    )

    def __init__(self, name: str, detectors: Sequence[Detector]) -> None:
        self.name = name
        by_peers = [each for each in detectors if each.needs.alike is Alike.PEERS]
        by_body = [each for each in detectors if each.needs.alike is Alike.BODY]
        self.calls = _calls(name, [each for each in detectors if each not in by_peers])
        self.replies = _replies(name, [each for each in detectors if each.needs.alike is Alike.NONE])
        self.alike_calls, self.alike_replies = _calls(name, by_peers), _replies(name, by_peers)
        self.bodies = _replies(name, by_body)
        self.xids: dict[int, tuple[Detector, ...]] = {}
        for each in detectors:
            for xid in each.needs.xids.get(name, ()):
                self.xids[xid] = (*self.xids.get(xid, ()), each)
        wanted = [(each, row) for each in detectors for row in each.needs.bodies if name in row.procedures]
        self.readers = tuple(each for each, row in wanted if not row.mentioning)
        self.words = tuple(
            (_string(word), tuple(each for each, row in wanted if word in row.mentioning))
            for word in dict.fromkeys(word for _, row in wanted for word in row.mentioning)
        )
        self.sees_calls = bool(self.calls or self.alike_calls or self.xids)
        self.sees_replies = bool(self.replies or self.alike_replies)
        self.sees_bodies = bool(self.bodies or self.readers or self.words)

    def of(self, message: Message) -> tuple[Detector, ...]:
        """The detectors that see a message, were none alike."""
        if not message.is_call:
            return needing(message.status, (*self.replies, *self.alike_replies, *self.bodies))
        return (*self.calls, *self.alike_calls, *self.xids.get(message.xid, ()))


def _calls(name: str, detectors: Sequence[Detector]) -> tuple[Detector, ...]:
    return tuple(each for each in detectors if name in each.needs.calls)


def _replies(name: str, detectors: Sequence[Detector]) -> Replies:
    return tuple((each, each.needs.statuses) for each in detectors if name in each.needs.replies)


def needing(status: int | None, replies: Replies) -> tuple[Detector, ...]:
    """The detectors that see a reply with a status."""
    return tuple(each for each, statuses in replies if statuses is None or status in statuses)


def _string(value: bytes) -> bytes:
    """A string as XDR has it (RFC 4506, 4.11)."""
    return len(value).to_bytes(4, "big") + value + bytes(-len(value) % 4)
