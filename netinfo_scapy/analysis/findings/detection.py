"""Events -> clues: shows each event to the detectors that need it, and to no other.

Nearly every message concerns no detector, so that is told first, by its procedure and a few bytes. What
detectors read in a body depends on nothing but its bytes and those of the call: it is remembered for
equal ones, of which a capture has many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clues import Clues, Counter, Key
from netinfo_scapy.analysis.findings.credentials import password_of
from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.capture.message import Connection, Event, Message, NotRpc, Offer
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.message import ReplyHeader
from netinfo_scapy.protocol.programs import NETINFO_PORT
from netinfo_scapy.protocol.walks import Walks

_MOST_BODIES = 16_384
_MOST_BYTES = 16 << 20
_MOST_BODY_BYTES = 1 << 18
_MOST_COUNTERS = 65_536
"""Bodies remembered and bytes of theirs before all are forgotten, the longest of them, and counters at hand."""
_RECENT = 16_384
"""Bodies that are found without a look into a dict; a power of two."""

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


class Body:
    """An answer and its call that were read, and the clues they gave."""

    __slots__ = ("answer", "asked", "clues", "walks")

    def __init__(self, walks: Walks, asked: bytes, answer: bytes, clues: tuple[tuple[Detector, Key], ...]) -> None:
        self.walks = walks
        self.asked = asked
        self.answer = answer
        self.clues = clues


def _string(value: bytes) -> bytes:
    """A string as XDR has it (RFC 4506, 4.11)."""
    return len(value).to_bytes(4, "big") + value + bytes(-len(value) % 4)


def is_failure(reply: Message) -> bool:
    """Whether a reply says that the call was not carried out (RFC 5531, 9)."""
    header = reply.header
    return isinstance(header, ReplyHeader) and bool(header.reply_status or header.accept_status)


def is_from_server(stray: NotRpc) -> bool:
    """Whether the side that is called sent it; where that is not known, the one at 961 is."""
    flow = stray.flow
    if stray.server is not None:
        return stray.server == flow.source
    return flow.source.port == NETINFO_PORT != flow.target.port


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
        self._bodies: dict[tuple[Any, ...], Body] = {}
        self._recent: list[Body | None] = [None] * _RECENT
        self._bytes = self._counters = 0
        self._by_peers: dict[bytes, dict[tuple[Detector, Key], Counter]] = {}
        self._of_passwords = tuple(each for each in self._detectors if each.needs.passwords)
        self._of_fragments = tuple(each for each in self._detectors if each.needs.fragments)
        self._of_failures = tuple(each for each in self._detectors if each.needs.failures)
        self._of_unknown = tuple(each for each in self._detectors if each.needs.unknown)
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
        if message.duplicate:
            # To a call that was passed on, several hosts answer.
            if call is None or call._walks is None or not call._walks.forwards:
                return
        elif message.is_call and message.first is not None:
            return
        wanted = _NOTHING
        if message.record.fragments > 1:
            wanted = self._of_fragments
        if self._of_failures and not message.plain and not message.is_call and is_failure(message):
            wanted = _joined(wanted, self._of_failures)
        if self._of_anomalies and (not message.plain or message.record.anomalies or message.check()):
            found = message.check()
            wanted = _joined(wanted, [each for each in self._of_anomalies if found & each.needs.anomalies])
        if call is not None:
            # A plain credential with a uid has its machinename from byte 40 on; a password is not ASCII.
            looked_at = not call.plain or (call.uid >= 0 and call.record.data[40] >= 0x80)
            if looked_at and self._of_passwords and password_of(call) is not None:
                wanted = _joined(wanted, self._of_passwords)
            walks = call._walks
            if walks is None:
                if self._of_unknown:
                    wanted = _joined(wanted, self._of_unknown)
            else:
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
        answer = message.record.data
        if not (message.plain and call.plain) or len(answer) > _MOST_BODY_BYTES:
            readers = self._readers(message, call, watched)
            for detector, key in self._read(message, call, walks, readers):
                self._add(detector, message, key)
            return
        body = self._known(message, call, walks, watched)
        for clue in body.clues:
            self._note(message, call, clue)

    def _known(self, message: Message, call: Message, walks: Walks, watched: Watched) -> Body:
        """What is remembered of an answer, read where it is new. It is plain, and so is the call."""
        asked, answer = call.record.data, message.record.data
        begin, start = call.begin, message.begin
        rest, size = len(asked) - begin, len(answer) - start
        place = words.mix(asked, begin, begin + (rest & ~3), size) & (_RECENT - 1)
        body = self._recent[place]
        if (
            body is not None
            and body.walks is walks
            and len(body.asked) == rest
            and len(body.answer) == size
            and words.is_same(body.asked, 0, asked, begin, rest)
            and words.is_same(body.answer, 0, answer, start, size)
        ):
            return body
        whole = (walks, asked[begin:], answer[start:])
        body = self._bodies.get(whole)
        if body is None:
            if len(self._bodies) >= _MOST_BODIES or self._bytes > _MOST_BYTES:
                self._forget()
            # Which detectors read it depends on its bytes, too.
            readers = self._readers(message, call, watched)
            body = self._bodies[whole] = Body(*whole, tuple(self._read(message, call, walks, readers)))
            self._bytes += rest + size
        self._recent[place] = body
        return body

    def _forget(self) -> None:
        """Forget all bodies."""
        self._bodies.clear()
        self._recent = [None] * _RECENT
        self._bytes = 0

    def _readers(self, message: Message, call: Message, watched: Watched) -> tuple[Detector, ...]:
        """The detectors that read an answer: one of success, in which stands what they need."""
        asked, answer = call.record.data, message.record.data
        readers = watched.readers
        for word, others in watched.words:
            size = len(word)
            if answer.find(word, message.begin) >= 0 or (
                len(asked) - call.begin >= size and asked.find(word, call.begin) >= 0
            ):
                readers = _joined(readers, others)
        if not readers or not message.readable or message.status:
            return _NOTHING
        return readers

    def _read(
        self, message: Message, call: Message, walks: Walks, readers: tuple[Detector, ...]
    ) -> list[tuple[Detector, Key]]:
        if not readers:
            return []
        arguments, result = call.value(), message.value()
        return [(each, key) for each in readers for key in each.read(walks.name, arguments, result)]

    def _counter(self, detector: Detector, message: Message, key: Key) -> Counter:
        flow, server = message.record.flow, message.asked_server
        return self._clues.counter(detector.id, flow.transport, server, message.client.address, key)

    def _add(self, detector: Detector, message: Message, key: Key) -> None:
        call = message if message.is_call else message.call
        if call is None or not (message.plain and call.plain):
            self._counter(detector, message, key).add(message.record.at)
        else:
            self._note(message, call, (detector, key))

    def _note(self, message: Message, call: Message, clue: tuple[Detector, Key]) -> None:
        """Add a clue of a plain message: between the peers of its call, which are those it is about."""
        peers = call.record.lane.peers()
        counters = self._by_peers.get(peers)
        if counters is None:
            counters = self._by_peers[peers] = {}
        counter = counters.get(clue)
        if counter is None:
            if self._counters >= _MOST_COUNTERS:
                self._by_peers = {}
                self._counters = 0
            self._counters += 1
            counter = counters[clue] = self._counter(clue[0], message, clue[1])
        counter.add(message.record.at)

    def _add_event(self, detector: Detector, event: Connection | NotRpc | Offer) -> None:
        flow = event.flow
        server, client = flow.target, flow.source
        if isinstance(event, Offer) or (isinstance(event, NotRpc) and is_from_server(event)):
            server, client = client, server
        for key in detector.event(event):
            self._clues.add(detector.id, flow.transport, server, client.address, key, event.at)
