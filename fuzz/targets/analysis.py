"""What is counted and found in messages: facts, findings, the summary.

Input: messages among a few hosts (fuzz/conversations.py).
"""

from __future__ import annotations

import pickle
from ipaddress import ip_network
from typing import Any

import msgspec

from fuzz.conversations import LONGEST, WORDS, inputs, packets
from fuzz.target import Target
from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.findings.known import Given, Known
from netinfo_scapy.analysis.part import PartReading
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flows import Buckets
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.message import Message

_GIVEN = Known([Given(ip_network("192.0.2.1/32"), b"network"), Given(ip_network("203.0.113.0/28"), None)])


def _summary(reading: Reading, facts: Facts, **how: Any) -> Any:
    return conclude(facts, reading.captures, reading.interest, "0", **how)


def _divided(whole: Reading) -> Facts:
    """The facts of a reading's conversations, divided among two that hand on what they counted, a little at a time."""
    account, limits = Account(), whole.limits
    for buckets in (Buckets(0, 32), Buckets(32)):
        counting = Account(limits)
        interest = Interest.knowing(whole.interest.given, whole.interest.known(), limits.learned_endpoints)
        part = PartReading(whole.captures, interest, limits, counting, buckets=buckets)
        part.count()
        counting.add(part.told())
        for portion in counting.finish().portions():
            account.add(pickle.loads(pickle.dumps(portion)))
    return account.finish()


def run(data: bytes) -> Any:
    """Count the messages at once, one by one, and by two that share them; it all comes to the same summary."""
    made = packets(data)
    if not made:
        return None
    reading, other = Reading(made), Reading(made)
    summary = _summary(reading, reading.facts())
    totals = summary.totals
    assert totals.messages == totals.calls + totals.replies
    assert sum(each.calls for each in summary.conversations) == totals.calls
    messages = [each for each in other.events(counted=True) if isinstance(each, Message)]
    assert sum(not each.record.incomplete for each in messages) == totals.messages
    told = msgspec.json.encode(summary)
    revealed = msgspec.json.encode(_summary(other, other.so_far(), known=_GIVEN, reveal=True))
    assert msgspec.json.encode(_summary(other, other.so_far())) == told
    assert msgspec.json.encode(_summary(other, _divided(other))) == told
    return told, revealed


_ROOMS = (
    *("account", "cells", "conclude", "facts", "findings", "histogram", "memo", "naming", "part", "portions"),
    *("reading", "timeline", "directory.handing_over", "directory.sightings"),
)
_BELOW = (
    *("capture.message", "capture.pairing", "capture.remembered", "capture.interest", "capture.teachers"),
    *("protocol.message", "protocol.secret"),
)
TARGET = Target(
    run=run,
    seeds=lambda: iter(inputs()),
    rooms=(
        *(f"analysis.{each}" for each in _ROOMS),
        *_BELOW,
    ),
    words=WORDS,
    longest=LONGEST,
)
