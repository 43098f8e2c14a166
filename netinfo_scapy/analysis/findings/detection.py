"""Events -> clues: shows each event to the detectors that need it, and to no other.

Nearly every message concerns no detector, so that is told first, by its procedure and a few bytes. What
detectors read in a body depends on nothing but its bytes and those of the call: it is remembered for
equal ones, of which a capture has many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clues import Clues, Counter, Key, split
from netinfo_scapy.analysis.findings.credentials import password_of
from netinfo_scapy.analysis.findings.detector import Alike, Detector
from netinfo_scapy.analysis.findings.pieces import value_of
from netinfo_scapy.capture.flows import Lane
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
_CLUE_BYTES = 256
"""What a clue of a remembered body costs, about."""
_RECENT = 16_384
"""Bodies that are found without a look into a dict; a power of two."""
_RESERVED = 1024
"""Ports below it are for the superuser of a host alone."""

_NOTHING: tuple[Detector, ...] = ()

Replies = tuple[tuple[Detector, frozenset[int] | None], ...]
"""Detectors, and the statuses that each needs."""


class Watched:
    """What the detectors need of one procedure.

    calls: those that see each call. replies: those that see replies, each with the statuses it needs. alike_calls,
    alike_replies, bodies: those that see one of many that are alike, by their peers or by their bodies. xids: those
    that see calls with one. readers: those that read every body. words: what else has to stand in one, as XDR has it,
    each with its readers. sees_calls, sees_replies, sees_bodies: whether there are any.
    """

    __slots__ = (
        "alike_calls",
        "alike_replies",
        "bodies",
        "calls",
        "readers",
        "replies",
        "sees_bodies",
        "sees_calls",
        "sees_replies",
        "words",
        "xids",
    )

    def __init__(self, name: str, detectors: Sequence[Detector]) -> None:
        by_peers = [each for each in detectors if each.needs.alike is Alike.PEERS]
        by_body = [each for each in detectors if each.needs.alike is Alike.BODY]
        self.calls = _calls(name, [each for each in detectors if each not in by_peers])
        self.replies = _replies(name, [each for each in detectors if each.needs.alike is Alike.NONE])
        self.alike_calls, self.alike_replies = _calls(name, by_peers), _replies(name, by_peers)
        self.bodies = _replies(name, by_body)
        self.xids: dict[int, tuple[Detector, ...]] = {}
        for each in detectors:
            for xid in each.needs.xids.get(name, ()):
                self.xids[xid] = (*self.xids.get(xid, ()), each)
        wanted = [(each, row) for each in detectors for row in each.needs.bodies if name in row.procedures]
        self.readers = tuple(each for each, row in wanted if not row.mentioning)
        self.words = tuple(
            (_string(word), tuple(each for each, row in wanted if word in row.mentioning))
            for word in dict.fromkeys(word for _, row in wanted for word in row.mentioning)
        )
        self.sees_calls = bool(self.calls or self.alike_calls or self.xids)
        self.sees_replies = bool(self.replies or self.alike_replies)
        self.sees_bodies = bool(self.bodies or self.readers or self.words)

    def of(self, message: Message) -> tuple[Detector, ...]:
        """The detectors that see a message, were none alike."""
        if not message.is_call:
            return _needing(message.status, (*self.replies, *self.alike_replies, *self.bodies))
        return (*self.calls, *self.alike_calls, *self.xids.get(message.xid, _NOTHING))


def _calls(name: str, detectors: Sequence[Detector]) -> tuple[Detector, ...]:
    return tuple(each for each in detectors if name in each.needs.calls)


def _replies(name: str, detectors: Sequence[Detector]) -> Replies:
    return tuple((each, each.needs.statuses) for each in detectors if name in each.needs.replies)


def _needing(status: int | None, replies: Replies) -> tuple[Detector, ...]:
    """The detectors that see a reply with a status."""
    return tuple(each for each, statuses in replies if statuses is None or status in statuses)


class Clue:
    """What a body tells: a row's key of a detector's, and of which share it is.

    row: the same for all shares of a row; it is found by what it is, not by what it holds.
    """

    __slots__ = ("detector", "key", "row", "share")

    def __init__(self, detector: Detector, key: Key, share: int, row: Clue | None) -> None:
        self.detector = detector
        self.key = key
        self.share = share
        self.row = row or self


class Body:
    """An answer and its call that were read, and the clues they gave.

    alike: those of the messages that have it; None before the first of them.
    """

    __slots__ = ("alike", "answer", "asked", "clues", "walks")

    def __init__(self, walks: Walks, asked: bytes, answer: bytes, clues: tuple[Clue, ...]) -> None:
        self.walks = walks
        self.asked = asked
        self.answer = answer
        self.clues = clues
        self.alike: tuple[Clue, ...] | None = None


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
        self._clues_known: dict[tuple[Detector, Key], Clue] = {}
        self._recent: list[Body | None] = [None] * _RECENT
        self._bytes = self._counters = 0
        self._by_peers: dict[bytes, dict[object, Any]] = {}
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
        walks = None if call is None else self._ordinary(message, call)
        if call is None or walks is None:
            self._unusual(message, call)
            return
        watched = self._watched_of(walks)
        if message.is_call:
            if watched.sees_calls:
                self._call(message, walks, watched)
            return
        if watched.sees_replies:
            self._reply(message, call, walks, watched)
        if watched.sees_bodies:
            body = self._body(message, call, walks, watched)
            if watched.bodies:
                self._alike_body(message, call, body, watched)

    def _ordinary(self, message: Message, call: Message) -> Walks | None:
        """The procedure of a message about which nothing else can concern a detector but status, peers and body."""
        if not message.plain or not call.plain or (message.is_call and message.record.fragments > 1):
            return None
        walks = call._walks
        # A plain credential with a uid has its machinename from byte 40 on; a password is not ASCII.
        if walks is None or walks.forwards or (call.uid >= 0 and call.record.data[40] >= 0x80):
            return None
        return None if message.check() else walks

    def _call(self, message: Message, walks: Walks, watched: Watched) -> None:
        """Take an ordinary call."""
        if watched.alike_calls:
            self._alike(message, message, walks, watched)
        if watched.xids and message.xid in watched.xids:
            self._show(watched.xids[message.xid], message)
        if watched.calls:
            self._show(watched.calls, message)

    def _reply(self, message: Message, call: Message, walks: Walks, watched: Watched) -> None:
        """Take an ordinary reply."""
        if watched.alike_replies:
            self._alike(message, call, walks, watched)
        if watched.replies:
            self._show(_needing(message.status, watched.replies), message)

    def _show(self, detectors: Iterable[Detector], message: Message) -> None:
        for detector in detectors:
            for key in detector.message(message):
                self._add(detector, message, key)

    def _unusual(self, message: Message, call: Message | None) -> None:
        """Take a message that is not ordinary."""
        wanted = self._of_fragments if message.is_call and message.record.fragments > 1 else _NOTHING
        if self._of_failures and not message.plain and not message.is_call and is_failure(message):
            wanted = _joined(wanted, self._of_failures)
        if self._of_anomalies:
            found = message.check()
            wanted = _joined(wanted, [each for each in self._of_anomalies if found & each.needs.anomalies])
        if call is not None:
            if self._of_passwords and password_of(call) is not None:
                wanted = _joined(wanted, self._of_passwords)
            walks = call._walks
            if walks is None:
                wanted = _joined(wanted, self._of_unknown)
            else:
                watched = self._watched_of(walks)
                wanted = _joined(wanted, watched.of(message))
                if not message.is_call:
                    self._body(message, call, walks, watched)
        self._show(wanted, message)

    def _watched_of(self, walks: Walks) -> Watched:
        watched: Watched | None = self._watched.get(walks)
        if watched is None:
            watched = self._watched[walks] = Watched(walks.name, self._detectors)
        return watched

    def _alike(self, message: Message, call: Message, walks: Walks, watched: Watched) -> None:
        """Count an ordinary message; the first of those that are alike is shown to the detectors."""
        lane = call.record.lane
        counters = self._counters_of(lane)
        likeness = 2 * (message._status + 1) + message.is_call
        likeness = 4 * likeness + 2 * (lane.source_port < _RESERVED) + (call.uid >= 0)
        key = (walks, likeness)
        found = counters.get(key)
        if found is None:
            made = []
            for detector in watched.alike_calls if message.is_call else _needing(message.status, watched.alike_replies):
                for each in detector.message(message):
                    row, share = split(each)
                    made.append((self._counter(detector, message, row), share))
            found = tuple(made)
            self._keep(lane, key, found)
        at = message.record.at
        for counter, share in found:
            counter.add(at, share)

    def _body(self, message: Message, call: Message, walks: Walks, watched: Watched) -> Body | None:
        """Have an answer's body read, where it is one of success that a detector needs; what is remembered of it."""
        if not (message.plain and call.plain) or len(message.record.data) > _MOST_BODY_BYTES:
            readers = self._readers(message, call, watched)
            for detector, key in self._read(message, call, walks, readers):
                self._add(detector, message, key)
            return None
        body = self._known(message, call, walks, watched)
        if len(body.clues):
            self._note(message, call, body.clues)
        return body

    def _alike_body(self, message: Message, call: Message, body: Body | None, watched: Watched) -> None:
        """Count an ordinary reply; the first of those with its body is shown to the detectors."""
        if body is None:
            self._show(_needing(message.status, watched.bodies), message)
            return
        if body.alike is None:
            detectors = _needing(message.status, watched.bodies)
            body.alike = tuple([self._clue(each, key) for each in detectors for key in each.message(message)])
        if len(body.alike):
            self._note(message, call, body.alike)

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
            clues = tuple([self._clue(each, key) for each, key in self._read(message, call, walks, readers)])
            body = self._bodies[whole] = Body(*whole, clues)
            self._bytes += rest + size + _CLUE_BYTES * len(clues)
        self._recent[place] = body
        return body

    def _clue(self, detector: Detector, key: Key) -> Clue:
        whole = detector, key
        clue = self._clues_known.get(whole)
        if clue is None:
            row, share = split(key)
            clue = Clue(detector, row, share, self._clue(detector, row) if share >= 0 else None)
            self._clues_known[whole] = clue
        return clue

    def _forget(self) -> None:
        """Forget all bodies."""
        self._bodies.clear()
        self._clues_known.clear()
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
    ) -> Iterator[tuple[Detector, Key]]:
        if readers:
            arguments, (result, left_out) = call.value(), value_of(message)
            self._clues.unread += left_out
            for each in readers:
                for key in each.read(walks.name, arguments, result):
                    yield each, key

    def _counter(self, detector: Detector, message: Message, key: Key) -> Counter:
        flow, server = message.record.flow, message.asked_server
        return self._clues.counter(detector.id, flow.transport, server, message.client.address, key)

    def _add(self, detector: Detector, message: Message, key: Key) -> None:
        row, share = split(key)
        self._counter(detector, message, row).add(message.record.at, share)

    def _note(self, message: Message, call: Message, clues: tuple[Clue, ...]) -> None:
        """Add clues of a body: between the peers of the call, which are those they are about."""
        lane, at = call.record.lane, message.record.at
        counters = self._counters_of(lane)
        for clue in clues:
            counter = counters.get(clue.row)
            if counter is None:
                counter = self._counter(clue.detector, message, clue.key)
                self._keep(lane, clue.row, counter)
            counter.add(at, clue.share)

    def _counters_of(self, lane: Lane) -> dict[object, Any]:
        """What is counted between two peers."""
        peers = lane.peers()
        counters: dict[object, Any] | None = self._by_peers.get(peers)
        if counters is None:
            counters = self._by_peers[peers] = {}
        return counters

    def _keep(self, lane: Lane, key: object, counter: object) -> None:
        """Remember where something between two peers is counted."""
        if self._counters >= _MOST_COUNTERS:
            self._by_peers = {}
            self._counters = 0
        self._counters += 1
        self._counters_of(lane)[key] = counter

    def _add_event(self, detector: Detector, event: Connection | NotRpc | Offer) -> None:
        flow = event.flow
        server, client = flow.target, flow.source
        if isinstance(event, Offer) or (isinstance(event, NotRpc) and is_from_server(event)):
            server, client = client, server
        for key in detector.event(event):
            self._clues.add(detector.id, flow.transport, server, client.address, key, event.at)
