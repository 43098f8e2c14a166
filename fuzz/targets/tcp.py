"""TCP reassembly: segments of two given streams in any order, twice, cut, in conflict; a hole is never filled.

Input: the streams' bytes behind four bytes for each segment, which say what of them it brings, and how.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from fuzz import seeds, wire
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.events import LAST_FRAGMENT, Gap, Record
from netinfo_scapy.capture.frames import ACK, FIN, RST, SYN, Frame
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.live.records import marked
from netinfo_scapy.protocol.anomalies import Anomaly

_STEPS_NS = (0, 1_000_000, 1_100_000_000, 61_000_000_000)
_ENDS = ((wire.CLIENT, 1023), (wire.SERVER, 961))
_FIRST = (0xFFFFFF80, 7000)
"""The sequence numbers of the streams' first bytes; one wraps soon."""

_CHECKED, _RESET, _CONFLICT, _OTHER_TTL = 1, 2, 4, 8
_PSH = 8


class _Given(NamedTuple):
    """What was sent: the streams, which of their bytes were, whether all agreed, and the frames."""

    streams: tuple[bytes, bytes]
    sent: tuple[bytearray, bytearray]
    agrees: bool
    frames: list[Frame]


def _given(data: bytes) -> _Given:
    head, data = unmarked(data)
    count, anchored = head & 31, head & 32
    steps, rest = data[: 4 * count], data[4 * count :]
    half = len(rest) // 2 if head & 64 else len(rest)
    streams = rest[:half], rest[half:]
    sent = bytearray(len(streams[0])), bytearray(len(streams[1]))
    agrees = True
    now, made = 0, []
    if anchored:
        for side, flags in ((0, SYN), (1, SYN | ACK), (0, ACK)):
            made.append((now, _segment(side, 0 if flags == ACK else -1, b"", 0, flags, checked=bool(head & 128))))
    for bits, position, length in struct.iter_unpack(">BHB", steps[: len(steps) & ~3]):
        side, kind, step = bits & 1, bits >> 1 & 15, bits >> 5
        now += _STEPS_NS[step & 3]
        at = position % (len(streams[side]) + 1)
        payload = streams[side][at : at + 4 * length]
        flags = RST if kind & _RESET and step & 4 else ACK | _PSH | (FIN if kind & _RESET else 0)
        if kind & _CONFLICT and payload:
            payload = bytes([payload[0] ^ 0x55]) + payload[1:]
            agrees = False
        elif not flags & RST:
            sent[side][at : at + len(payload)] = b"\1" * len(payload)
        seen = sent[1 - side].find(0) if 0 in sent[1 - side] else len(sent[1 - side])
        ttl = 12 if kind & _OTHER_TTL else 64
        made.append((now, _segment(side, at, payload, seen, flags, ttl, bool(kind & _CHECKED))))
    return _Given(streams, sent, agrees, wire.frames(made))


def _segment(side: int, at: int, payload: bytes, seen: int, flags: int, ttl: int = 64, checked: bool = False) -> bytes:
    return wire.tcp(
        _ENDS[side],
        _ENDS[1 - side],
        payload,
        sequence=_FIRST[side] + at,
        acknowledgment=_FIRST[1 - side] + seen,
        flags=flags,
        ttl=ttl,
        checked=checked,
    )


def _was_sent(record: Record, given: _Given) -> None:
    """A whole record consists of bytes that were sent, at the place where they stand."""
    side = int(record.lane.source_port == _ENDS[1][1])
    stream, sent = given.streams[side], given.sent[side]
    data = b""
    for position, mark in record.marks:
        at = position - _FIRST[side] & 0xFFFFFFFF
        end = at + 4 + (mark & ~LAST_FRAGMENT)
        assert stream[at : at + 4] == mark.to_bytes(4, "big")
        assert 0 not in sent[at:end]
        data += stream[at + 4 : end]
    assert data == record.data


def _told(events: list[Event]) -> list[tuple[object, ...]]:
    told: list[tuple[object, ...]] = []
    for event in events:
        match event:
            case Message():
                answered = event.call.record.at.number if event.call else None
                told.append((event.record.at.number, event.record.data, sorted(event.check()), answered))
            case Gap():
                told.append((event.at.number, "gap", event.missed_bytes, event.incomplete_records))
            case _:
                told.append((event.at.number, type(event).__name__))
    return told


def run(data: bytes) -> Any:
    """Decode the segments, one at a time and all at once."""
    given = _given(data)
    decoder = Decoder(Interest(), Limits())
    events = list(decoder.events(given.frames))
    for event in events:
        if isinstance(event, Message) and given.agrees:
            if not event.record.incomplete:
                _was_sent(event.record, given)
            assert Anomaly.OVERLAP_CONFLICT not in event.check()
    assert not decoder.evicted
    other = Decoder(Interest(), Limits())
    again = [*other.feed_all(given.frames), *other.finish()]
    assert _told(again) == _told(events)
    small = Decoder(Interest(), Limits(buffered_bytes=300, connections=1, pending_calls=2, unsettled_events=2))
    for event in small.events(given.frames):
        if isinstance(event, Message) and given.agrees and not event.record.incomplete:
            _was_sent(event.record, given)
    return _told(events)


def inputs() -> Iterator[bytes]:
    """Exchanges in one piece, in many, backwards, from the middle, with a hole, twice, in conflict."""
    for number, (call, reply) in enumerate(seeds.exchanges()[::9]):
        asked, answered = marked(call, 4000 >> number % 6), marked(reply, 1020 >> number % 4)
        size = max(len(asked), len(answered))
        rest = asked.ljust(size, b"\0") + answered.ljust(size, b"\0")
        pieces = [struct.pack(">BHB", side, at, 5) for side in (0, 1) for at in range(0, min(size, 280), 20)]
        whole = [struct.pack(">BHB", 0, 0, len(asked) // 4), struct.pack(">BHB", 1, 0, len(answered) // 4)]
        closing = [struct.pack(">BHB", 1 | _RESET << 1, size, 0), struct.pack(">BHB", _RESET << 1 | 0x80, size, 0)]
        ways = [whole, pieces, pieces[::-1], pieces[::2] + pieces[1::2], pieces[:3] + pieces[4:], whole + pieces]
        disputed = struct.pack(">BHB", (_CONFLICT | _OTHER_TTL) << 1, 8, 4)
        ways += [[*pieces, *closing], [disputed, *whole], [*whole, disputed, *pieces], whole * 3]
        way = ways[number % len(ways)][:31]
        for head in (96, 64, 224):
            yield bytes([head | len(way)]) + b"".join(way) + rest


TARGET = Target(run=run, seeds=inputs, words=(b"\x80\0\0\x28", b"\x80\0\0\x18"), longest=1200)
