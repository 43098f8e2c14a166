"""Events -> clues: shows each event to the detectors that need it, and to no other.

Nearly every message concerns no detector, so that is told first, by its procedure and a few bytes. What
detectors read in a body depends on nothing but its bytes and those of the call: it is remembered for
equal ones, of which a capture has many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clues import Clues, Key
from netinfo_scapy.analysis.findings.credentials import password_of
from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.capture.message import Connection, Event, Message, NotRpc, Offer
from netinfo_scapy.protocol.walks import Walks

_MOST_BODIES = 4_096
_MOST_BODY_BYTES = 4_096
"""Bodies remembered before all are forgotten, and the longest of them."""

_NOTHING: tuple[Detector, ...] = ()


class Watched:
    """What the detectors need of one procedure.

    calls: those that see each call. replies: those that see replies, each with the statuses it needs.
    readers: those that read every body. words: what else has to stand in one, as XDR has it, each with its readers.
    """

    __slots__ = ("calls", "readers", "replies", "words")

    def __init__(self, name: str, detectors: Sequence[Detector]) -> None:
        self.calls = tuple(each for each in detectors if name in each.needs.calls)
        self.replies = tuple((each, each.needs.statuses) for each in detectors if name in each.needs.replies)
        wanted = [(each, row) for each in detectors for row in each.needs.bodies if name in row.procedures]
        self.readers = tuple(each for each, row in wanted if not row.mentioning)
        self.words = tuple(
            (_string(word), tuple(each for each, row in wanted if word in row.mentioning))
            for word in dict.fromkeys(word for _, row in wanted for word in row.mentioning)
        )

    def needing(self, status: int | None) -> tuple[Detector, ...]:
        """The detectors that see a reply with a status."""
        return tuple(each for each, statuses in self.replies if statuses is None or status in statuses)


def _string(value: bytes) -> bytes:
    """A string as XDR has it (RFC 4506, 4.11)."""
    return len(value).to_bytes(4, "big") + value + bytes(-len(value) % 4)


def _joined(some: Sequence[Detector], others: Sequence[Detector]) -> tuple[Detector, ...]:
    """All of them, each once."""
    if not some:
        return tuple(others)
    return (*some, *(each for each in others if each not in some))


class Detection:
    """Notes the clues of events. clues: where they are added."""

    def __init__(self, detectors: Iterable[Detector], clues: Clues) -> None:
        self._detectors = tuple(detectors)
        self._clues = clues
        self._watched: dict[Walks, Watched] = {}
        self._bodies: dict[tuple[Any, ...], tuple[tuple[Detector, Key], ...]] = {}
        self._of_passwords = tuple(each for each in self._detectors if each.needs.passwords)
        self._of_fragments = tuple(each for each in self._detectors if each.needs.fragments)
        self._of_anomalies = tuple(each for each in self._detectors if each.needs.anomalies)
        self._of_events = {
            kind: tuple(each for each in self._detectors if getattr(each.needs, need))
            for kind, need in ((Connection, "connections"), (NotRpc, "strays"), (Offer, "offers"))
        }

    def event(self, event: Event) -> None:
        """Take an event that is no message."""
        if isinstance(event, Connection) and not event.opened:
            return
        if isinstance(event, Connection | NotRpc | Offer):
            for detector in self._of_events[type(event)]:
                self._add_event(detector, event)

    def message(self, message: Message) -> None:
        """Take a message."""
        call = message if message.is_call else message.call
        if message.duplicate or (message.is_call and message.first is not None):
            return
        wanted = _NOTHING
        if message.record.fragments > 1:
            wanted = self._of_fragments
        if self._of_anomalies and (not message.plain or message.record.anomalies or message.check()):
            found = message.check()
            wanted = _joined(wanted, [each for each in self._of_anomalies if found & each.needs.anomalies])
        if call is not None:
            # A plain credential with a uid has its machinename from byte 40 on; a password is not ASCII.
            looked_at = not call.plain or (call.uid >= 0 and call.record.data[40] >= 0x80)
            if looked_at and self._of_passwords and password_of(call) is not None:
                wanted = _joined(wanted, self._of_passwords)
            walks = call._walks
            if walks is not None:
                watched = self._watched.get(walks)
                if watched is None:
                    watched = self._watched[walks] = Watched(walks.name, self._detectors)
                if message.is_call:
                    if watched.calls:
                        wanted = _joined(wanted, watched.calls)
                else:
                    if watched.replies:
                        wanted = _joined(wanted, watched.needing(message.status))
                    if watched.words or watched.readers:
                        self._body(message, call, walks, watched)
        for detector in wanted:
            for key in detector.message(message):
                self._add(detector, message, key)

    def _body(self, message: Message, call: Message, walks: Walks, watched: Watched) -> None:
        """Have the body of an answer read, where it is one of success that a detector needs."""
        asked, answer = call.record.data, message.record.data
        readers = watched.readers
        for word, others in watched.words:
            size = len(word)
            if answer.find(word, message.begin) >= 0 or (
                len(asked) - call.begin >= size and asked.find(word, call.begin) >= 0
            ):
                readers = _joined(readers, others)
        if not readers or not message.readable or message.status:
            return
        if not (message.plain and call.plain) or len(answer) > _MOST_BODY_BYTES:
            for detector, key in self._read(message, call, walks, readers):
                self._add(detector, message, key)
            return
        # Which detectors read it depends on its bytes, so that is remembered with it.
        whole = (walks, asked[call.begin :], answer[message.begin :])
        clues = self._bodies.get(whole)
        if clues is None:
            if len(self._bodies) >= _MOST_BODIES:
                self._bodies.clear()
            clues = self._bodies[whole] = tuple(self._read(message, call, walks, readers))
        for detector, key in clues:
            self._add(detector, message, key)

    def _read(
        self, message: Message, call: Message, walks: Walks, readers: tuple[Detector, ...]
    ) -> list[tuple[Detector, Key]]:
        arguments, result = call.value(), message.value()
        return [(each, key) for each in readers for key in each.read(walks.name, arguments, result)]

    def _add(self, detector: Detector, message: Message, key: Key) -> None:
        record, server = message.record, message.asked_server
        self._clues.add(detector.id, record.flow.transport, server, message.client.address, key, record.at)

    def _add_event(self, detector: Detector, event: Connection | NotRpc | Offer) -> None:
        flow = event.flow
        server, client = flow.target, flow.source
        if isinstance(event, Offer) or (isinstance(event, NotRpc) and event.server == flow.source):
            server, client = client, server
        for key in detector.event(event):
            self._clues.add(detector.id, flow.transport, server, client.address, key, event.at)
