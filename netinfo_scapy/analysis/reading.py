"""Input -> events or facts: which files, in which order, read how often.

One `Reading` is one look at an input. With `learn="exact"` the input is read until a
reading teaches no endpoint that the one before did not know; normally that is the
second, and where nothing beyond the well-known and given ports is found, the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Literal

from netinfo_scapy.analysis.account import account
from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.interest import Interest, PortNumber
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.sources import Capture, open_captures, order, sensors

Learn = Literal["exact", "once"]
Sensors = Literal["auto", "one", "each"]

_MOST_READINGS = 4
"""Readings that only learn, at the most: each endpoint taught late could call for another."""


class Reading:
    """An input, ready to be read.

    source: as `capture.sources.open_captures` takes it. netinfo_ports: beside 961 and 111.
    learn: "exact" or "once" (an endpoint counts from the frame that taught it; the only way
        where the input cannot be read twice). as_sensors: whether files whose times overlap
        are one sensor.
    Raises CaptureError, FileNotFoundError.
    """

    def __init__(
        self,
        source: Any,
        *,
        netinfo_ports: Iterable[PortNumber] = (),
        learn: Learn = "exact",
        as_sensors: Sensors = "auto",
        wanted: Filter | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.wanted = wanted
        self.captures: list[Capture] = order(open_captures(source))
        self.groups = sensors(self.captures, as_sensors)
        self.interest = Interest(netinfo_ports, self.limits.learned_endpoints)
        self.learn: Learn = learn if all(capture.rereadable for capture in self.captures) else "once"
        self.messages_read = 0
        self.passed = 0
        """Messages of the latest reading, before the filter and after it; incomplete ones only after."""
        self._decoders: list[Decoder] = []

    @property
    def cut_frames(self) -> int:
        """Frames of the latest reading that the snap length cut short."""
        return sum(decoder.reassembler.cut_frames for decoder in self._decoders)

    @property
    def evicted(self) -> int:
        """What the latest reading let go for lack of room."""
        return sum(decoder.evicted for decoder in self._decoders) + self.interest.refused

    @property
    def bad_checksums(self) -> int:
        """TCP segments that the latest reading dropped for their checksum."""
        return sum(decoder.connections.bad_checksums for decoder in self._decoders)

    @property
    def not_understood(self) -> Counter[str]:
        """Frames of the latest reading that were not understood, by link type, protocol or what is wrong."""
        counts: Counter[str] = Counter()
        for decoder in self._decoders:
            counts.update(decoder.reassembler.unknown)
            counts.update({f"malformed: {name}": count for name, count in decoder.reassembler.malformed.items()})
        return counts

    @property
    def lost_fragment_bytes(self) -> int:
        """Bytes of IP fragments that the latest reading could put to no datagram."""
        return sum(decoder.reassembler.lost_bytes for decoder in self._decoders)

    def frames(self, group: list[Capture]) -> Iterator[Frame]:
        """The frames of one sensor's files, in order."""
        return chain.from_iterable(capture.frames() for capture in group)

    def _read(self) -> Iterator[Iterator[Event]]:
        """One reading: the events of each sensor."""
        self._decoders = []
        self.interest.refused = self.messages_read = self.passed = 0
        for group in self.groups:
            decoder = Decoder(self.interest, self.limits)
            self._decoders.append(decoder)
            yield decoder.events(self.frames(group))

    def _teaches_more(self, known: int) -> bool:
        return self.learn == "exact" and self.interest.found_elsewhere > known

    def _learn_first(self) -> None:
        """Read the input only to learn from it, if it may be read again."""
        if self.learn == "exact":
            for _ in range(_MOST_READINGS):
                known = self.interest.found_elsewhere
                for events in self._read():
                    for _event in events:
                        pass
                if not self._teaches_more(known):
                    return

    def events(self) -> Iterator[Event]:
        """Everything of interest, in capture order, filtered."""
        self._learn_first()
        for events in self._read():
            yield from self._filtered(events)

    def facts(self) -> Facts:
        """Everything of interest, counted. One reading is enough where nothing was learned in it."""
        facts = Facts()
        if self.wanted and self.wanted.tags:
            # A tag may be learned on a port that is of interest anyway: that makes no second reading below.
            self._learn_first()
        for _ in range(_MOST_READINGS + 1):
            known = self.interest.found_elsewhere
            facts = Facts()
            for events in self._read():
                facts = merge(facts, account(self._filtered(events)))
            if not self._teaches_more(known):
                break
        facts.totals.evicted += self.evicted
        facts.totals.bad_checksums = self.bad_checksums
        facts.totals.stray_segments = sum(decoder.connections.stray_segments for decoder in self._decoders)
        facts.totals.cut_frames = self.cut_frames
        facts.filtered_from = self.messages_read if self.wanted else None
        facts.totals.lost_fragment_bytes = self.lost_fragment_bytes
        facts.not_understood = self.not_understood
        return facts

    def _filtered(self, events: Iterator[Event]) -> Iterator[Event]:
        events = self._counted(events)
        for event in self.wanted.select(events, self.interest) if self.wanted else events:
            self.passed += isinstance(event, Message)
            yield event

    def _counted(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            self.messages_read += isinstance(event, Message) and not event.record.incomplete
            yield event
