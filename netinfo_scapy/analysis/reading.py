"""Input -> events or facts: which files, in which order, read how often.

One `Reading` is one look at an input. With `learn="exact"` the input is read until a
reading teaches no endpoint that the one before did not know; normally that is the
second, and where nothing beyond the well-known and given ports is found, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from netinfo_scapy.analysis.facts import Facts, merge
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.part import PartReading
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
        self._parts: list[PartReading] = []

    @property
    def evicted(self) -> int:
        """What the latest reading let go for lack of room."""
        return sum(part.decoder.evicted for part in self._parts) + self.interest.refused

    def _read(self, wanted: Filter | None) -> Iterator[PartReading]:
        """One reading: its parts, each to be gone through before the next is asked for."""
        self._parts = []
        self.interest.refused = self.messages_read = self.passed = 0
        for group in self.groups:
            part = PartReading(group, self.interest, self.limits, hurry=self.learn == "once", wanted=wanted)
            self._parts.append(part)
            yield part
            self.messages_read += part.messages_read

    def _teaches_more(self, known: int) -> bool:
        return self.learn == "exact" and self.interest.found_elsewhere > known

    def _learn_first(self) -> None:
        """Read the input only to learn from it, if it may be read again."""
        if self.learn == "exact":
            for _ in range(_MOST_READINGS):
                known = self.interest.found_elsewhere
                for part in self._read(None):
                    for _events in part.events():
                        pass
                if not self._teaches_more(known):
                    return

    def events(self) -> Iterator[Event]:
        """Everything of interest, in capture order, filtered."""
        self._learn_first()
        for part in self._read(self.wanted):
            for events in part.events():
                for event in events:
                    self.passed += isinstance(event, Message)
                    yield event

    def facts(self) -> Facts:
        """Everything of interest, counted. One reading is enough where nothing was learned in it."""
        facts = Facts()
        if self.wanted and self.wanted.tags:
            # A tag may be learned on a port that is of interest anyway: that makes no second reading below.
            self._learn_first()
        for _ in range(_MOST_READINGS + 1):
            known = self.interest.found_elsewhere
            facts = Facts()
            for part in self._read(self.wanted):
                facts = merge(facts, part.part().facts)
                self.passed += part.passed
            if not self._teaches_more(known):
                break
        facts.totals.evicted += self.interest.refused
        facts.filtered_from = self.messages_read if self.wanted else None
        return facts
