"""Frames -> events: the way from the bytes of a capture to paired RPC messages.

    frames -> ip.Reassembler -> packets
    packets -> datagrams, or connections -> records
    records -> messages -> Pairing -> Interest (selection, learning) -> events

Messages come in the order in which they were completed. They are held back until no
later segment can dispute their bytes (`Record.settled`), at most `Limits.settle_ns` of
capture time; that delays them, but does not change their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.capture.connections import Connections
from netinfo_scapy.capture.events import (
    HEAD_BYTES,
    NOTHING,
    Connection,
    Gap,
    NotRpc,
    Offer,
    Record,
    StreamEvent,
    make_record,
)
from netinfo_scapy.capture.flows import ALL_BUCKETS, BUCKETS, Buckets, Lane
from netinfo_scapy.capture.frames import Frame, FrameRef, Packet
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.ip import Reassembler, Taken
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message, read_message
from netinfo_scapy.capture.pairing import Pairing
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.dhcp import SERVER_PORT, read_binding
from netinfo_scapy.protocol.message import SMALLEST_MESSAGE


class Decoder:
    """One reading of one sensor's frames.

    interest: what is wanted; learns as it goes. Read the input twice with the same
        `Interest` and the second reading knows all of it from the start.
    buckets: of the conversations, those that fall to this decoder (see `bucket_of`).
    """

    def __init__(self, interest: Interest, limits: Limits, buckets: Buckets = ALL_BUCKETS) -> None:
        self._first, self._beyond = buckets
        self.interest = interest
        self.limits = limits
        self.reassembler = Reassembler()
        self.connections = Connections(limits)
        self.pairing = Pairing(limits)
        self._held: list[Any] = []  # from `_first_held` on; before it nothing
        self._first_held = 0
        self._held_events = 0
        self._held_bytes = 0
        self._out: list[Event] = []
        self._streamed: list[StreamEvent] = []  # not read yet
        self._at_once = interest.at_once  # what a message teaches counts for the next packet
        self._now_ns = 0
        self._settle_ns = limits.settle_ns
        self._most_events, self._most_bytes = limits.unsettled_events, limits.unsettled_bytes

    @property
    def evicted(self) -> int:
        """What was let go because there was too much of it."""
        return self.reassembler.evicted + self.connections.evicted + self.pairing.evicted

    def events(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """All events of the frames, the end of the input included."""
        for frame in frames:
            found = self.feed(frame)
            if found:
                yield from found
        yield from self.finish()

    def feed_all(self, frames: Sequence[Taken]) -> list[Event]:
        """The events that further frames complete, in order; of plain ones what `Reassembler.taken` made.

        What streams give is read when all of the frames were taken, or something else has its turn: the code for the
        one and for the other is more than a processor's cache holds.
        """
        self._out = []
        for each in frames:
            if isinstance(each, Packet):
                packet = each
                self._now_ns = packet.ref.ns
                self._packet(packet)
                if self._at_once:
                    self._read_streams()
            elif isinstance(each, Record):
                record = each
                self._now_ns = record.at.ns
                self._plain_datagram(record)
                if self._held_events:
                    self._settle()
            else:
                self._frame(each)
        self._read_streams()
        return self._out

    def feed(self, frame: Frame) -> list[Event]:
        """The events that a further frame completes, in order."""
        self._out = []
        self._frame(frame)
        return self._out

    def _frame(self, frame: Frame) -> None:
        self._now_ns = frame.ref.ns
        reassembler = self.reassembler
        packet = reassembler.plain(frame)
        if packet is not None:
            self._packet(packet)
        else:
            for each in reassembler.complete(frame):
                self._packet(each)
        self._read_streams()

    def finish(self) -> list[Event]:
        """The events that the end of the input completes."""
        self._out = []
        for packet in self.reassembler.finish():
            self._packet(packet)
        self.connections.finish(self._streamed)
        self._read_streams()
        self.pairing.finish()
        self._out += self._held[self._first_held :]
        self._held = []
        self._first_held = self._held_events = self._held_bytes = 0
        return self._out

    def _give(self, event: Event) -> None:
        """Hand an event out, behind those that are held back."""
        if not isinstance(event, Message):
            if not self._held_events:
                self._out.append(event)
                return
        else:
            message = event
            record = message.record
            if record.settled and not self._held_events:
                self._out.append(message)
                return
            self._held_bytes += len(record.data)
        self._held.append(event)
        self._held_events += 1

    def _settle(self) -> None:
        """Hand out the held events up to the first that may still be disputed."""
        held, now_ns = self._held, self._now_ns
        while self._held_events:
            first = held[self._first_held]
            if isinstance(first, Message):
                message = first
                record = message.record
                if not record.settled and -self._settle_ns < now_ns - record.at.ns < self._settle_ns:
                    if self._held_events <= self._most_events and self._held_bytes <= self._most_bytes:
                        return
                    record.settled = True  # a conflict that comes yet is counted as let go
                self._held_bytes -= len(record.data)
            self._out.append(first)
            # Let go as soon as it was looked at: its memory is used again while a cache has it.
            held[self._first_held] = None
            self._first_held += 1
            self._held_events -= 1
            if not self._held_events:
                held.clear()
                self._first_held = 0
            elif self._first_held >= _MOST_HANDED_OUT:
                del held[: self._first_held]
                self._first_held = 0

    def _is_mine(self, lane: Lane, payload: bytes) -> bool:
        """Whether a packet falls to this decoder."""
        if self._beyond - self._first == _BUCKETS:
            return True
        return self._first <= bucket_of(lane, payload) < self._beyond

    def _packet(self, packet: Packet) -> None:
        lane = packet.lane
        if not self._is_mine(lane, packet.payload):
            return
        learned = self.interest.learn_from_payload(lane, packet.payload)
        wanted = learned or self.interest.wants_lane(lane)
        if lane.is_tcp:
            if wanted or self.connections.follows(lane):
                self.connections.feed(packet, self._streamed)
            return
        if self._streamed:
            self._read_streams()
        if wanted or self.pairing.expects_forwarded(lane, packet.payload):
            self._datagram(packet)
        else:
            self._others(lane, packet.ref, packet.payload)

    def _plain_datagram(self, record: Record) -> None:
        """As `_packet` of a whole datagram."""
        lane, payload = record.lane, record.data
        if not self._is_mine(lane, payload):
            return
        if self._streamed:
            self._read_streams()
        learned = self.interest.learn_from_payload(lane, payload)
        if not (learned or self.interest.wants_lane(lane) or self.pairing.expects_forwarded(lane, payload)):
            self._others(lane, record.at, payload)
        elif len(payload) >= _SMALLEST and words.u32(payload, 4) <= _REPLY:
            self._message(record)
        elif self.interest.concerns(lane.flow, None):
            self._give(NotRpc(lane.flow, record.at, payload[:HEAD_BYTES]))

    def _others(self, lane: Lane, at: FrameRef, payload: bytes) -> None:
        """Look at a datagram that is no RPC of interest."""
        if lane.source_port == _DHCP_SERVER:
            binding = read_binding(payload)
            if binding is not None:
                self._give(Offer(lane.flow, at, binding))

    def _datagram(self, packet: Packet) -> None:
        lane = packet.lane
        missed = packet.length - len(packet.payload)
        payload = packet.payload
        if len(payload) < _SMALLEST or words.u32(payload, 4) > _REPLY:
            if not self.interest.concerns(lane.flow, None):
                return
            if missed > 0:
                self._give(Gap(lane.flow, packet.ref, missed, 1))
            else:
                self._give(NotRpc(lane.flow, packet.ref, packet.payload[:HEAD_BYTES]))
            return
        if not packet.conflict and not missed:
            self._message(make_record(lane, packet.ref, payload, True))
            return
        anomalies = _CONFLICT if packet.conflict else NOTHING
        if missed > 0:
            anomalies |= {Anomaly.INCOMPLETE_RECORD}
        selected = self._message(Record(lane, packet.ref, 1, packet.payload, anomalies, True))
        if missed > 0 and selected:
            self._give(Gap(lane.flow, packet.ref, missed, 0))

    def _read_streams(self) -> None:
        """Read the messages in what streams have given so far, and see what is settled by now."""
        for event in self._streamed:
            if isinstance(event, Record):
                self._message(event)
            elif isinstance(event, Connection):
                self.pairing.close(self.reassembler.lanes.of(event.flow))
                if event.opened and self.interest.concerns(event.flow, event.flow.target):
                    self._give(event)
            elif self.interest.concerns(event.flow, event.server):
                self._give(event)
        if self._streamed:
            self._streamed.clear()
        if self._held_events:
            self._settle()

    def _message(self, record: Record) -> bool:
        """Pair and judge the message in a record; whether it was handed out."""
        message = read_message(record)
        if message is None:
            return False
        incomplete = record.anomalies is not NOTHING and record.incomplete
        if not message.is_call:
            if message.plain or message.header.whole or incomplete:
                self.pairing.reply(message)
            if not incomplete:
                self.interest.learn_from_answer(message)
        elif not incomplete and (message.plain or message.header.whole):
            self.pairing.call(message)
        if not self.interest.selects(message):
            return False
        self._give(message)
        return True


_MOST_HANDED_OUT = 1_024
"""Events that are handed out and still stand before those that are held."""

_BUCKETS = BUCKETS
_REPLY, _SMALLEST = rpc.REPLY, SMALLEST_MESSAGE
_DHCP_SERVER = SERVER_PORT
_CONFLICT = frozenset({Anomaly.OVERLAP_CONFLICT})


def bucket_of(lane: Lane, payload: bytes) -> int:
    """A number below `BUCKETS` by which packets can be divided among decoders that know nothing of each other.

    It is the same for all packets of a TCP connection, and on UDP for the calls of a client
    endpoint and all that can answer them.
    """
    answers = len(payload) >= _SMALLEST and words.u32(payload, 4) == _REPLY
    return lane.answers_bucket if answers else lane.asks_bucket
