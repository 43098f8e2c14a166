"""TCP reassembly: segments of two given streams in any order, twice, cut, in conflict; a hole is never filled.

Input: the streams' bytes behind five bytes for each segment, which say what of them it brings, and how. There are two
connections beside each other, and the ports of one are used again.
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
from netinfo_scapy.capture.frames import ACK, FIN, RST, SYN, Frame, FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.live.records import marked
from netinfo_scapy.protocol.anomalies import Anomaly

_STEPS_NS = (0, 1_000_000, 1_100_000_000, 61_000_000_000)
_SERVER = (wire.SERVER, 961)
_FIRST = (0xFFFFFF80, 7000)
"""The sequence numbers of the streams' first bytes; one wraps soon."""

_CONNECTIONS = ((1023, 0), (1023, 0x50000000), (1023, 0xA0000000), (1022, 0))
"""Client ports, and how far away the numbers begin: the same ports used again, and others beside them."""

_CHECKED, _RESET, _CONFLICT, _OTHER_TTL = 1, 2, 4, 8
_SYN, _CUT, _NO_ACK, _ACK_ALL = 4, 8, 16, 32
_PSH = 8
_STEP = struct.Struct(">BHBB")

_Sent = dict[tuple[int, int, int], bytearray]


class _Given(NamedTuple):
    """What was sent: the streams, which of their bytes were on each connection, whether all agreed, and the frames."""

    streams: tuple[bytes, bytes]
    sent: _Sent
    agrees: bool
    frames: list[Frame]


def _given(data: bytes) -> _Given:
    head, data = unmarked(data)
    count, anchored = head & 31, head & 32
    steps, rest = data[: _STEP.size * count], data[_STEP.size * count :]
    half = len(rest) // 2 if head & 64 else len(rest)
    streams = rest[:half], rest[half:]
    sent = {(*each, side): bytearray(len(streams[side])) for each in _CONNECTIONS for side in (0, 1)}
    agrees = True
    now, made = 0, []
    if anchored:
        for side, flags in ((0, SYN), (1, SYN | ACK), (0, ACK)):
            segment = _segment(
                _CONNECTIONS[0], side, 0 if flags == ACK else -1, b"", 0, flags, checked=bool(head & 128)
            )
            made.append((now, 0, segment))
    for bits, position, length, more in _STEP.iter_unpack(steps[: len(steps) // _STEP.size * _STEP.size]):
        side, kind, step = bits & 1, bits >> 1 & 15, bits >> 5
        connection = _CONNECTIONS[more & 3]
        mine, peers = sent[*connection, side], sent[*connection, 1 - side]
        now += _STEPS_NS[step & 3]
        at = 0 if more & _SYN else position % (len(streams[side]) + 1)
        payload = streams[side][at : at + 4 * length]
        flags = RST if kind & _RESET and step & 4 else ACK | _PSH | (FIN if kind & _RESET else 0)
        flags = (flags & ~ACK if more & _NO_ACK else flags) | (SYN if more & _SYN else 0)
        cut = len(payload) // 2 if more & _CUT else 0
        if kind & _CONFLICT and payload:
            payload = bytes([payload[0] ^ 0x55]) + payload[1:]
            agrees = False
        elif not flags & RST:
            mine[at : at + len(payload) - cut] = b"\1" * (len(payload) - cut)
        seen = len(peers) if more & _ACK_ALL or 0 not in peers else peers.find(0)
        ttl = 12 if kind & _OTHER_TTL else 64
        at -= 1 if more & _SYN else 0
        made.append((now, cut, _segment(connection, side, at, payload, seen, flags, ttl, bool(kind & _CHECKED))))
    frames = [
        Frame(FrameRef(0, number, time), 1, len(each), each[: len(each) - cut])
        for number, (time, cut, each) in enumerate(made, 1)
    ]
    return _Given(streams, sent, agrees, frames)


def _segment(
    connection: tuple[int, int],
    side: int,
    at: int,
    payload: bytes,
    seen: int,
    flags: int,
    ttl: int = 64,
    checked: bool = False,
) -> bytes:
    port, base = connection
    ends = ((wire.CLIENT, port), _SERVER)
    return wire.tcp(
        ends[side],
        ends[1 - side],
        payload,
        sequence=base + _FIRST[side] + at,
        acknowledgment=base + _FIRST[1 - side] + seen,
        flags=flags,
        ttl=ttl,
        checked=checked,
    )


def _was_sent(record: Record, given: _Given) -> None:
    """A whole record consists of bytes that were sent, on one connection, at the place where they stand."""
    side = int(record.lane.source_port == _SERVER[1])
    port = record.lane.target_port if side else record.lane.source_port
    stream = given.streams[side]
    position, _ = record.marks[0]
    (base,) = (each for number, each in _CONNECTIONS if number == port and _offset(position, each, side) < len(stream))
    sent = given.sent[port, base, side]
    data = b""
    for position, mark in record.marks:
        at = _offset(position, base, side)
        end = at + 4 + (mark & ~LAST_FRAGMENT)
        assert stream[at : at + 4] == mark.to_bytes(4, "big")
        assert 0 not in sent[at:end]
        data += stream[at + 4 : end]
    assert data == record.data


def _offset(position: int, base: int, side: int) -> int:
    """Where in its stream a position is; beyond it for one of another connection."""
    return position - base - _FIRST[side] & 0xFFFFFFFF


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


def _step(bits: int, position: int, length: int, more: int = 0) -> bytes:
    return _STEP.pack(bits, position, length, more)


def inputs() -> Iterator[bytes]:
    """Exchanges in one piece, in many, backwards, from the middle, with a hole, twice, in conflict, on used ports."""
    for number, (call, reply) in enumerate(seeds.exchanges()[::9]):
        asked, answered = marked(call, 4000 >> number % 6), marked(reply, 1020 >> number % 4)
        size = max(len(asked), len(answered))
        rest = asked.ljust(size, b"\0") + answered.ljust(size, b"\0")
        pieces = [_step(side, at, 5) for side in (0, 1) for at in range(0, min(size, 280), 20)]
        whole = [_step(0, 0, len(asked) // 4), _step(1, 0, len(answered) // 4)]
        closing = [_step(1 | _RESET << 1, size, 0), _step(_RESET << 1 | 0x80, size, 0)]
        ways = [whole, pieces, pieces[::-1], pieces[::2] + pieces[1::2], pieces[:3] + pieces[4:], whole + pieces]
        disputed = _step((_CONFLICT | _OTHER_TTL) << 1, 8, 4)
        ways += [[*pieces, *closing], [disputed, *whole], [*whole, disputed, *pieces], whole * 3]
        syn = [_step(0, 0, 0, 1 | _SYN | _NO_ACK), _step(1, 0, 0, 1 | _SYN), *(each[:-1] + b"\1" for each in whole)]
        beside = [each[:-1] + bytes([more]) for each in pieces[:6] for more in (0, 3)]
        stray = [each[:-1] + b"\2" for each in pieces]
        lost = [*pieces[:2], *(_step(side, 60, 5, _ACK_ALL) for side in (0, 1) * 3), *closing]
        cut = [_step(0, 0, 12, _CUT), *pieces[1:]]
        ways += [[*whole, *syn], [*whole, *closing, *syn], [*syn[:1], *whole], [*whole, *stray], beside, lost, cut]
        for way in (ways[number % 10], *ways[10:][number % 2 :: 2]):
            for head in (96, 64, 224):
                yield bytes([head | len(way[:31])]) + b"".join(way[:31]) + rest


_PARTS = (
    "connections",
    "connection",
    "streams",
    "pieces",
    "records",
    "hunting",
    "disputes",
    "turns",
    "decode",
    "events",
)
TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=tuple(f"capture.{each}" for each in _PARTS),
    words=(b"\x80\0\0\x28", b"\x80\0\0\x18"),
    longest=1240,
)
