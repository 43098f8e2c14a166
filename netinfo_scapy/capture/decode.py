"""Frames -> events: the way from the bytes of a capture to paired RPC messages.

    frames -> ip.Reassembler -> packets
    packets -> datagrams, or connections -> records
    records -> messages -> Pairing -> Interest (selection, learning) -> events

Messages come in the order in which they were completed. They are held back until no
later segment can dispute their bytes (`Record.settled`), at most `Limits.settle_ns` of
capture time; that delays them, but does not change their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from netinfo_scapy.capture.connections import Connections
from netinfo_scapy.capture.flows import Flow, Transport
from netinfo_scapy.capture.frames import Frame, Packet
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Connection, Event, Gap, Message, NotRpc, Record
from netinfo_scapy.capture.pairing import Pairing
from netinfo_scapy.capture.records import HEAD_BYTES
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import CallHeader, is_message, read_header


class Decoder:
    """One reading of one sensor's frames.

    interest: what is wanted; learns as it goes. Read the input twice with the same
        `Interest` and the second reading knows all of it from the start.
    """

    def __init__(self, interest: Interest, limits: Limits) -> None:
        self.interest = interest
        self.limits = limits
        self.reassembler = Reassembler()
        self.connections = Connections(limits)
        self.pairing = Pairing(limits)
        self._held: deque[Event] = deque()
        self._held_bytes = 0

    @property
    def evicted(self) -> int:
        """What was let go because there was too much of it."""
        return self.reassembler.evicted + self.connections.evicted + self.pairing.evicted

    def events(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """All events of the frames, the end of the input included."""
        for frame in frames:
            yield from self.feed(frame)
        yield from self.finish()

    def feed(self, frame: Frame) -> Iterator[Event]:
        """The events that a further frame completes."""
        for packet in self.reassembler.feed(frame):
            self._hold(self._packet(packet))
        if self._held:
            yield from self._settled(frame.ref.time_ns)

    def finish(self) -> Iterator[Event]:
        """The events that the end of the input completes."""
        for packet in self.reassembler.finish():
            self._held.extend(self._packet(packet))
        self._held.extend(self._from_streams(self.connections.finish()))
        yield from self._held
        self._held.clear()

    def _hold(self, events: Iterable[Event]) -> None:
        for event in events:
            self._held.append(event)
            self._held_bytes += _size(event)

    def _settled(self, now_ns: int) -> Iterator[Event]:
        """The held events up to the first that may still be disputed."""
        held = self._held
        while held:
            first = held[0]
            if (
                isinstance(first, Message)
                and not first.record.settled
                and abs(now_ns - first.record.at.time_ns) < self.limits.settle_ns
                and len(held) <= self.limits.unsettled_events
                and self._held_bytes <= self.limits.unsettled_bytes
            ):
                return
            self._held_bytes -= _size(held.popleft())
            yield first

    def _packet(self, packet: Packet) -> Iterator[Event]:
        transport, source, target = packet.transport, packet.source, packet.target
        learned = self.interest.learn_from_payload(transport, target, packet.payload)
        wanted = learned or self.interest.wants(transport, source, target)
        if transport is Transport.TCP:
            if wanted or self.connections.follows(packet):
                yield from self._from_streams(self.connections.feed(packet))
        elif wanted or self.pairing.expects_forwarded(target, packet.payload):
            yield from self._datagram(packet)

    def _datagram(self, packet: Packet) -> Iterator[Event]:
        flow = Flow(packet.transport, packet.source, packet.target)
        missed = packet.length - len(packet.payload)
        if not is_message(packet.payload):
            if not self.interest.concerns(flow, None):
                return
            if missed > 0:
                yield Gap(flow, packet.ref, missed, 1)
            else:
                yield NotRpc(flow, packet.ref, packet.payload[:HEAD_BYTES])
            return
        anomalies = frozenset({Anomaly.OVERLAP_CONFLICT} if packet.conflict else ())
        if missed > 0:
            anomalies |= {Anomaly.INCOMPLETE_RECORD}
        record = Record(flow, packet.ref, 1, packet.payload, anomalies, settled=True)
        selected = False
        for message in self._message(record):
            selected = True
            yield message
        if missed > 0 and selected:
            yield Gap(flow, packet.ref, missed, 0)

    def _from_streams(self, events: Iterable[Record | Gap | NotRpc | Connection]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Record):
                yield from self._message(event)
            elif isinstance(event, Connection):
                self.pairing.close(event.flow)
                if event.opened and self.interest.concerns(event.flow, event.flow.target):
                    yield event
            elif self.interest.concerns(event.flow, event.server):
                yield event

    def _message(self, record: Record) -> Iterator[Message]:
        header = read_header(record.data)
        if header is None:
            return
        message = Message(record, header)
        if not isinstance(header, CallHeader):
            if header.whole or record.incomplete:
                self.pairing.reply(message)
            if not record.incomplete:
                self.interest.learn_from_answer(message)
        elif header.whole and not record.incomplete:
            self.pairing.call(message)
        if self.interest.selects(message):
            yield message


def _size(event: Event) -> int:
    return len(event.record.data) if isinstance(event, Message) else 0
