"""A capture -> one that can be shared: what is known of its messages first, then its frames anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.scrub.delivered import Delivered
from netinfo_scapy.analysis.scrub.frames import FrameScrubber
from netinfo_scapy.analysis.scrub.permutation import Key
from netinfo_scapy.analysis.scrub.rewriting import rewritten
from netinfo_scapy.analysis.scrub.texts import Texts
from netinfo_scapy.capture.events import Connection, Offer
from netinfo_scapy.capture.flow_frames import FlowKey, flow_key
from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.message import Event, Message


class Scrubbing:
    """One capture being scrubbed.

    reading: of that capture alone, without a filter; it must be one that can be read again.
    messages: how many were rewritten. unread: of these, those of which only the header is understood.
    left_out, changed: as in `FrameScrubber`, when the frames have been gone through.
    """

    def __init__(self, reading: Reading, key: Key) -> None:
        self.messages = self.unread = 0
        self.left_out: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self._reading = reading
        self._texts = Texts(key)
        self._delivered = Delivered()
        self._flows: set[FlowKey] = set()

    def learn(self) -> None:
        """Read the capture and note what becomes of its messages. Raises TooMuchError."""
        for event in self._reading.events():
            self._take(event)

    def frames(self) -> Iterator[Frame]:
        """The capture's frames, scrubbed, after `learn`."""
        scrubber = FrameScrubber(self._texts.addresses, self._delivered, self._flows)
        self.left_out, self.changed = scrubber.left_out, scrubber.changed
        for capture in self._reading.captures:
            yield from scrubber.frames(capture.frames())

    def _take(self, event: Event) -> None:
        if isinstance(event, Offer):
            return  # DHCP is left out
        if not isinstance(event, Message):
            self._flows.add(flow_key(event.flow))
            if not isinstance(event, Connection):
                self._delivered.add_marks(event.flow, event.at, event.marks)
            return
        record = event.record
        flow = record.flow
        self._flows.add(flow_key(flow))
        self.messages += 1
        self.unread += event.readable and event.row is None
        after = rewritten(event, self._texts)
        if flow.transport is Transport.UDP:
            self._delivered.add_datagram(record.at, after)
        else:
            self._delivered.add_marks(flow, record.at, record.marks, record.data, after)
