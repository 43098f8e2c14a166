"""The perfect observer: which frame delivered which byte, so which messages there are to decode."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from netinfo_scapy.craft.packets import ETHERNET_BYTES, IP_BYTES, Frame, Packet, Segment, Span, Stream
from netinfo_scapy.craft.said import CLIENT, Said, Talk
from netinfo_scapy.craft.truth import Expected, Offset, Piece
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS, NETINFO_PORT, PORTMAP_PORT

_SMALLEST = 8
"""Bytes, xid and type, without which something is no message."""

_FLAVOR_END = 28


@dataclass
class _Delivery:
    """Bytes of a stream that are there for the first time; `packet`: where in the frame they stand."""

    start: int
    end: int
    frame: int
    at: int
    packet: int
    completed: int


@dataclass
class _Seen:
    """What was seen of a stream. disputed: where its bytes came differently, and whether anybody can tell."""

    deliveries: list[_Delivery] = field(default_factory=list)
    disputed: list[tuple[int, int, bool]] = field(default_factory=list)

    def deliver(self, start: int, end: int, frame: int, packet: int, completed: int) -> bool:
        """Bytes came; those count that were not there before. Whether any were."""
        holes = self.missing(start, end)
        for first, last in holes:
            insort(self.deliveries, _Delivery(first, last, frame, start, packet, completed), key=_start_of)
        return bool(holes)

    def missing(self, start: int, end: int) -> list[tuple[int, int]]:
        """Which bytes of a range are not there."""
        holes, at = [], start
        for each in self.within(start, end):
            if at < each.start:
                holes.append((at, each.start))
            at = max(at, each.end)
        return [*holes, (at, end)] if at < end else holes

    def within(self, start: int, end: int) -> Iterator[_Delivery]:
        """The deliveries of a range, in order; none overlaps another."""
        for number in range(bisect_right(self.deliveries, start, key=_end_of), len(self.deliveries)):
            if self.deliveries[number].start >= end:
                break
            yield self.deliveries[number]


@dataclass
class _Fragments:
    """The fragments of a packet that have come. useful: those that brought something new."""

    seen: _Seen = field(default_factory=_Seen)
    useful: list[tuple[int, Frame]] = field(default_factory=list)
    held: list[tuple[int, Frame]] = field(default_factory=list)

    def add(self, number: int, frame: Frame) -> None:
        """Take a fragment."""
        part = frame.packet
        there = min(frame.captured - ETHERNET_BYTES - IP_BYTES, len(part.payload))
        self.held.append((number, frame))
        if self.seen.deliver(part.offset, part.offset + there, number, 0, number):
            self.useful.append((number, frame))


def _start_of(delivery: _Delivery) -> int:
    return delivery.start


def _end_of(delivery: _Delivery) -> int:
    return delivery.end


class Observer:
    """Looks at frames, knowing what they were made of.

    spans, streams: as `Assembly` has them.
    """

    def __init__(
        self, talks: Sequence[Talk], spans: Mapping[Stream, list[Span]], streams: Mapping[Stream, bytearray]
    ) -> None:
        self._talks = talks
        self._spans = spans
        self._streams = streams
        self._seen: dict[Stream, _Seen] = {}
        self._fragments: dict[int, _Fragments] = {}

    def observe(self, frames: Sequence[Frame]) -> list[Expected]:
        """Every message that is there to be decoded, in the order in which they become whole."""
        for number, frame in enumerate(frames, 1):
            packet = frame.packet
            if packet.segment is None:
                continue
            if not packet.more and not packet.offset:
                self._take(packet, [(number, frame)], number)
                continue
            parts = self._fragments.setdefault(packet.number, _Fragments())
            parts.add(number, frame)
            if not parts.seen.missing(0, packet.total):
                del self._fragments[packet.number]
                self._take(packet, parts.held, max(number for number, _ in parts.useful))
        for parts in self._fragments.values():
            self._take(parts.held[0][1].packet, parts.held, max(number for number, _ in parts.held))
        found: dict[int, tuple[Said, Expected]] = {}
        for stream, spans in self._spans.items():
            for span in spans:
                expected = self._message(stream, span)
                if expected is not None:
                    found[id(span.said)] = span.said, expected
        made = [self._paired(said, expected, found) for said, expected in found.values() if self._concerns(said)]
        return sorted(made, key=lambda each: each.frame)

    def _take(self, packet: Packet, parts: list[tuple[int, Frame]], completed: int) -> None:
        """A packet is there, from one frame or several."""
        segment = packet.segment
        assert segment is not None
        seen = self._seen.setdefault(packet.stream, _Seen())
        base = segment.start - packet.header
        for number, frame in parts:
            part = frame.packet
            there = frame.captured - ETHERNET_BYTES - IP_BYTES
            start = max(base + part.offset, segment.start)
            end = min(base + part.offset + min(there, len(part.payload)), segment.end)
            real = max(
                start, base + part.offset + part.altered if part.altered else start, segment.start + segment.altered
            )
            if part.altered and start < real:
                seen.disputed.append((segment.start, segment.end, False))
            if not self._dispute(packet.stream, segment, start, min(real, end), seen) and segment.ambiguous:
                real = start  # of what differs nothing is there
            if real < end:
                offset = ETHERNET_BYTES + IP_BYTES - part.offset + packet.header - segment.start
                seen.deliver(real, end, number, offset, completed)

    def _dispute(self, stream: Stream, segment: Segment, start: int, end: int, seen: _Seen) -> bool:
        """Bytes of chaff came: those that differ are in dispute, unless a wrong checksum settles it. Whether any do."""
        if not segment.altered or not segment.right_checksum:
            return False
        right = self._streams[stream]
        wrong = [
            at for at in range(start, min(end, segment.start + segment.altered))
            if segment.data[at - segment.start] != right[at]
        ]  # fmt: skip
        if wrong:
            seen.disputed.append((wrong[0], wrong[-1] + 1, segment.ambiguous))
        return bool(wrong)

    def _message(self, stream: Stream, span: Span) -> Expected | None:
        """A message as far as it was seen; None where too little of it was."""
        said, seen = span.said, self._seen.get(stream)
        if said.expected is None or seen is None:
            return None
        marked = not stream.datagram
        missing = seen.missing(span.start, span.end)
        end = missing[0][0] if missing else span.end
        length = sum(
            max(0, min(start + size, end - span.start) - start) for start, size in said.runs(0, len(said.data), marked)
        )
        if length < _SMALLEST:
            return None
        disputes = [each for each in seen.disputed if each[0] < span.end and span.start < each[1]]
        talk = self._talks[stream.talk]
        source, target = (talk.client, said.by or talk.server)[:: 1 if stream.side == CLIENT else -1]
        expected = structs.replace(
            said.expected,
            frame=max(each.completed for each in seen.within(span.start, span.end)),
            transport=talk.transport,
            src_ip=source.ip,
            src_port=source.port,
            dst_ip=target.ip,
            dst_port=target.port,
            length=length,
            fragments=len(said.fragments()) if marked else 1,
            anomalies=said.expected.anomalies + (["overlap-conflict"] if disputes else []),
            ambiguous=any(each[2] for each in disputes),
            offsets=list(self._offsets(said, span, seen, marked)),
        )
        if missing:
            _cut_short(expected, said, length)
        return expected

    def _offsets(self, said: Said, span: Span, seen: _Seen, marked: bool) -> Iterator[Offset]:
        for place in said.landmarks():
            pieces = [
                Piece(each.frame, each.packet + first, first, last - first)
                for start, size in said.runs(place.start, place.length, marked)
                for each in seen.within(span.start + start, span.start + start + size)
                for first, last in [(max(each.start, span.start + start), min(each.end, span.start + start + size))]
            ]
            yield Offset(place.what, pieces)

    def _paired(self, said: Said, expected: Expected, found: Mapping[int, tuple[Said, Expected]]) -> Expected:
        """A reply with its call, if that was seen whole."""
        if said.call is None:
            return expected
        call = found.get(id(said.call))
        if call is not None and "incomplete-record" not in call[1].anomalies:
            return structs.replace(
                expected, call_frame=call[1].frame, ambiguous=expected.ambiguous or call[1].ambiguous
            )
        odd = {"bytes-left-over", "truncated-result", "over-limit", "inner-nul", "duplicate-reply", "dialect-previous"}
        if expected.accept_status != "SUCCESS":
            odd -= {"bytes-left-over"}
        return structs.replace(
            expected,
            name=None, program=None, version=None, procedure=None, result=None, status=None,
            anomalies=[*(each for each in expected.anomalies if each not in odd), "reply-without-call"],
        )  # fmt: skip

    def _concerns(self, said: Said) -> bool:
        """Whether it is NetInfo's, nibind's or the port mapper's, or on one of their ports."""
        if self._talks[said.talk].server.port in (NETINFO_PORT, PORTMAP_PORT):
            return True
        return any(
            span.said.header.get("program") in KNOWN_NUMBERS
            for stream, spans in self._spans.items()
            for span in spans
            if stream.talk == said.talk and span.said.header is not None
        )


def _cut_short(expected: Expected, said: Said, length: int) -> None:
    """A message of which only the first bytes are there says no more than they do."""
    kept = {"incomplete-record", "overlap-conflict"}
    head = len(said.head)
    if said.call is None:
        kept |= {"rpc-version"} if length >= 12 else set()
        whole = 32 + len(said.header["credential"]["body"]) if said.header is not None else 0
        kept |= {"bad-credential"} if length >= whole + (-whole & 3) else set()
        if length < 24:
            expected.name = None
        for key, end in (("program", 16), ("version", 20), ("procedure", 24)):
            if length < end:
                setattr(expected, key, None)
        if length < whole:
            expected.credential = _flavor(expected) if length >= _FLAVOR_END else None
    elif length < head:
        for key, end in (("reply_status", 12), ("accept_status", 24), ("reject_status", 16), ("auth_status", 20)):
            if length < end:
                setattr(expected, key, None)
        expected.mismatch = None
    # What is not whole is equal to nothing, and answers nothing.
    expected.retransmission = False
    expected.arguments = expected.result = expected.status = None
    expected.anomalies = [*(each for each in expected.anomalies if each in kept), "incomplete-record"]


def _flavor(expected: Expected) -> dict[str, object] | None:
    """A credential of which only the flavor is there."""
    if expected.credential is None:
        return None
    return {key: each if key == "flavor" else None for key, each in expected.credential.items()}
