"""Our messages against a witness's: what agrees, what differs, what only one of the two has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import CallHeader, read_credential
from netinfo_scapy.witness.tshark import Seen


class Difference(NamedTuple):
    """One thing on which both do not agree.

    frame: ours, or tshark's where we have no such message. ours, tshark: what each says, as text.
    """

    frame: int
    field: str
    ours: str
    tshark: str


class Verdict(NamedTuple):
    """What comparing a capture came to. only_ours: frames of messages that tshark does not see."""

    ours: int
    tshark: int
    agreed: int
    differences: list[Difference]
    only_ours: list[int]


def compare(ours: Iterable[Message], theirs: Iterable[Seen]) -> Verdict:
    """Compare message by message; the same xid, type and frame is the same message."""
    mine: dict[tuple[int, bool], list[Message]] = defaultdict(list)
    other: dict[tuple[int, bool], list[Seen]] = defaultdict(list)
    for message in ours:
        mine[message.xid, message.is_call].append(message)
    for seen in theirs:
        other[seen.xid, seen.is_call].append(seen)
    verdict = Verdict(sum(map(len, mine.values())), sum(map(len, other.values())), 0, [], [])
    agreed = 0
    for key in mine.keys() | other.keys():
        for message_or_none, seen_or_none in _pairs(mine[key], other[key]):
            if message_or_none is None and seen_or_none is not None:
                verdict.differences.append(Difference(seen_or_none.frame, "message", "none", _title(seen_or_none)))
            elif message_or_none is not None and seen_or_none is None:
                verdict.only_ours.append(message_or_none.record.at.number)
            elif message_or_none is not None and seen_or_none is not None:
                found = list(_differences(message_or_none, seen_or_none))
                verdict.differences.extend(found)
                agreed += not found
    verdict.differences.sort()
    verdict.only_ours.sort()
    return verdict._replace(agreed=agreed)


def _pairs(mine: list[Message], other: list[Seen]) -> Iterable[tuple[Message | None, Seen | None]]:
    """Those of the same frame first; what is left in order."""
    left = list(other)
    alone: list[Message] = []
    for message in mine:
        match = next((seen for seen in left if seen.frame == message.record.at.number), None)
        if match is None:
            alone.append(message)
        else:
            left.remove(match)
            yield message, match
    for at in range(max(len(alone), len(left))):
        yield alone[at] if at < len(alone) else None, left[at] if at < len(left) else None


def _title(seen: Seen) -> str:
    return f"{'call' if seen.is_call else 'reply'} 0x{seen.xid:08x}"


def _differences(message: Message, seen: Seen) -> Iterable[Difference]:
    frame, called = message.record.at.number, message.called
    said: list[tuple[str, Any, Any]] = [
        ("frame", frame, seen.frame),
        ("program", called.program if called else None, seen.program),
        ("version", called.version if called else None, seen.version),
        ("procedure", called.procedure if called else None, seen.procedure),
        ("length", None if message.record.incomplete else len(message.record.data), seen.length),
    ]
    for field, ours, theirs in said:
        if ours is not None and theirs is not None and ours != theirs:
            yield Difference(frame, field, str(ours), str(theirs))
    if isinstance(message.header, CallHeader) and seen.credential is not None and message.header.credential is not None:
        credential = message.header.credential
        mine = {"flavor": credential.flavor}
        if credential.flavor == rpc.AUTH_SYS and credential.body is not None:
            mine |= read_credential(credential, set()) or {}
        for field, theirs in seen.credential.items():
            if field in mine and mine[field] != theirs:
                # A machine's name can be a password.
                shown = ("(not shown)", "(another)") if field == "machinename" else (str(mine[field]), str(theirs))
                yield Difference(frame, f"credential.{field}", *shown)
