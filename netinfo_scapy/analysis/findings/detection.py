"""Events -> clues: shows each event to the detectors that need it, and to no other.

Nearly every message concerns no detector, so that is told first, by its procedure and a few bytes. What is alike
is counted in a `Watch`: of two peers and a procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netinfo_scapy.analysis.findings.clues import Clues, Counter, split
from netinfo_scapy.analysis.findings.credentials import password_of
from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.analysis.findings.evidence import Key
from netinfo_scapy.analysis.findings.pieces import value_of
from netinfo_scapy.analysis.findings.watch import Clue, Watch
from netinfo_scapy.analysis.findings.watched import Watched, needing
from netinfo_scapy.analysis.memo import MOST_BODY_BYTES, Body, BodyMemo
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol.message import ReplyHeader
from netinfo_scapy.protocol.programs import NETINFO_PORT, RESERVED_BELOW
from netinfo_scapy.protocol.walks import Walks

_MOST_COUNTERS = 65_536
_MOST_WATCHES = 16_384
_MOST_ALIKE = 4_096
"""Counters at hand, watches, and likenesses, before all are made anew."""
_CLUE_BYTES = 256
"""What a clue of a remembered body costs, about."""
_LONGEST = MOST_BODY_BYTES
_NO_ASCII = 0x80
_RESERVED_BELOW = RESERVED_BELOW

_NOTHING: tuple[Detector, ...] = ()


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
        self._watches: dict[tuple[bytes, Walks], Watch] = {}
        self._filled: list[Watch] = []
        self._counters = 0
        self._bodies = BodyMemo()
        self._clues_known: dict[tuple[Detector, Key], Clue] = {}
        self._forgotten = 0
        self._alike_known: dict[tuple[Watched, int, int, bool, bool], tuple[Clue, ...]] = {}
        self._of_passwords = tuple(each for each in self._detectors if each.needs.passwords)
        self._of_fragments = tuple(each for each in self._detectors if each.needs.fragments)
        self._of_failures = tuple(each for each in self._detectors if each.needs.failures)
        self._of_unknown = tuple(each for each in self._detectors if each.needs.unknown)
        self._of_anomalies = tuple(each for each in self._detectors if each.needs.anomalies)
        self._of_events = {
            kind: tuple(each for each in self._detectors if getattr(each.needs, need))
            for kind, need in ((Connection, "connections"), (NotRpc, "strays"), (Offer, "offers"))
        }

    def forget(self) -> None:
        """Forget what is remembered to be quick. No clue is lost, and more can come."""
        self._watches.clear()
        self._filled.clear()
        self._counters = 0
        self._bodies.forget()
        self._clues_known.clear()
        self._alike_known.clear()

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
        if call is not None and message.plain and call.plain:
            walks = call._walks
            if walks is not None and not walks.forwards and not message.check():
                watch = self._watch(call.record.lane, walks)
                self.plain(message, call, watch.watched, watch)
                return
        self._unusual(message, call)

    def new_watch(self, walks: Walks) -> Watch:
        """Where what is alike can be counted of calls of a procedure between two peers, and of their replies."""
        return Watch(self._watched_of(walks))

    def _watch(self, lane: Lane, walks: Walks) -> Watch:
        """The one for messages of a lane that come by themselves."""
        key = (lane.peers(), walks)
        watch = self._watches.get(key)
        if watch is None:
            if len(self._watches) >= _MOST_WATCHES:
                self._watches.clear()
            watch = self._watches[key] = self.new_watch(walks)
        return watch

    def plain(self, message: Message, call: Message, watched: Watched, watch: Watch) -> Body | None:
        """Take a plain message of a known procedure, to be carried out by its server, in which nothing is odd.

        It is no duplicate, no retransmission, and the call is plain, too. watched: of the watch, which itself is not
        looked into for most messages. Gives what is remembered of an answer.
        """
        # A plain credential with a uid has its machinename from byte 40 on; a password is not ASCII.
        if (message.is_call and message.record.fragments > 1) or (call.uid >= 0 and call.record.data[40] >= _NO_ASCII):
            self._unusual(message, call)
            return None
        if message.is_call:
            if watched.sees_calls:
                self._call(message, watched, watch)
            return None
        if watched.sees_replies:
            self._reply(message, call, watched, watch)
        if not watched.sees_bodies:
            return None
        body = self._body(message, call, watched)
        if body is None:
            self._show(needing(message.status, watched.bodies), message)
            return None
        if body.clues:
            self._note(message, call, body.clues, watch)
        if watched.bodies:
            self._alike_body(message, call, body, watch)
        return body

    def _call(self, message: Message, watched: Watched, watch: Watch) -> None:
        """Take an ordinary call."""
        if watched.alike_calls:
            self._alike(message, message, watch)
        if watched.xids and message.xid in watched.xids:
            self._show(watched.xids[message.xid], message)
        if watched.calls:
            self._show(watched.calls, message)

    def _reply(self, message: Message, call: Message, watched: Watched, watch: Watch) -> None:
        """Take an ordinary reply."""
        if watched.alike_replies:
            self._alike(message, call, watch)
        if watched.replies:
            self._show(needing(message.status, watched.replies), message)

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
                    body = self._body(message, call, watched)
                    if body is not None and body.clues:
                        self._note(message, call, body.clues, self._watch(call.record.lane, walks))
        self._show(wanted, message)

    def _watched_of(self, walks: Walks) -> Watched:
        watched: Watched | None = self._watched.get(walks)
        if watched is None:
            watched = self._watched[walks] = Watched(walks.name, self._detectors)
        return watched

    def _alike(self, message: Message, call: Message, watch: Watch) -> None:
        """Count an ordinary message; the first of those that are alike is shown to the detectors."""
        likeness = 4 * (message._status + 1) + 2 * (call.record.lane.source_port < _RESERVED_BELOW) + (call.uid >= 0)
        if message.is_call:
            if likeness != watch.call_likeness:
                watch.call_alike, watch.call_likeness = self._alike_of(message, watch, likeness), likeness
            found = watch.call_alike
        else:
            if likeness != watch.reply_likeness:
                watch.reply_alike, watch.reply_likeness = self._alike_of(message, watch, likeness), likeness
            found = watch.reply_alike
        at = message.record.at
        for counter in found:
            counter.add(at, counter.share)

    def _alike_of(self, message: Message, watch: Watch, likeness: int) -> tuple[Counter, ...]:
        """Where a message is counted, and all that are like it."""
        number = 2 * likeness + message.is_call
        found = None if watch.alike is None else watch.alike.get(number)
        if found is None:
            made = [
                self._counter(each.detector, message, each.key, each.share)
                for each in self._clues_of(message, watch.watched, number)
            ]
            self._make_room(watch)
            found = tuple(made)
            # The first is at hand as the latest one; most peers have no other.
            if (watch.call_likeness if message.is_call else watch.reply_likeness) >= 0:
                if watch.alike is None:
                    watch.alike = {}
                watch.alike[number] = found
        return found

    def _clues_of(self, message: Message, watched: Watched, number: int) -> tuple[Clue, ...]:
        """What detectors note of a message that has a likeness, and of all that have it, whoever the peers are."""
        lane = message.record.lane if message.call is None else message.call.record.lane
        alike = (watched, number, lane.target_port, lane.is_tcp, lane.source.address == lane.target.address)
        clues = self._alike_known.get(alike)
        if clues is None:
            if len(self._alike_known) >= _MOST_ALIKE:
                self._alike_known.clear()
            detectors = watched.alike_calls if message.is_call else needing(message.status, watched.alike_replies)
            rows = [(each, *split(key)) for each in detectors for key in each.message(message)]
            clues = self._alike_known[alike] = tuple([Clue(*each, None) for each in rows])
        return clues

    def _body(self, message: Message, call: Message, watched: Watched) -> Body | None:
        """Have an answer read, where it is one of success that a detector needs; what is remembered of it."""
        walks = call._walks
        if walks is None or not (message.plain and call.plain) or len(message.record.data) > _LONGEST:
            for detector, key in self._read(message, call, watched):
                self._add(detector, message, key)
            return None
        body = self._bodies.find(message, call, walks)
        if body.clues is None:
            if self._bodies.forgotten != self._forgotten:
                self._forgotten = self._bodies.forgotten
                self._clues_known.clear()
            body.clues = tuple([self._clue(each, key) for each, key in self._read(message, call, watched)])
            self._bodies.weigh(_CLUE_BYTES * len(body.clues))
        return body

    def _alike_body(self, message: Message, call: Message, body: Body, watch: Watch) -> None:
        """Count an ordinary reply; the first of those with its body is shown to the detectors."""
        if body.alike is None:
            detectors = needing(message.status, watch.watched.bodies)
            body.alike = tuple([self._clue(each, key) for each in detectors for key in each.message(message)])
        if body.alike:
            self._note(message, call, body.alike, watch)

    def _clue(self, detector: Detector, key: Key) -> Clue:
        whole = detector, key
        clue = self._clues_known.get(whole)
        if clue is None:
            row, share = split(key)
            clue = Clue(detector, row, share, self._clue(detector, row) if share >= 0 else None)
            self._clues_known[whole] = clue
        return clue

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

    def _read(self, message: Message, call: Message, watched: Watched) -> Iterator[tuple[Detector, Key]]:
        readers = self._readers(message, call, watched)
        if readers:
            arguments, (result, left_out) = call.value(), value_of(message)
            self._clues.unread += left_out
            for each in readers:
                for key in each.read(watched.name, arguments, result):
                    yield each, key

    def _counter(self, detector: Detector, message: Message, row: Key, share: int = -1) -> Counter:
        flow, server = message.record.flow, message.asked_server
        counter = self._clues.counter(detector.id, flow.transport, server, message.client.address, row)
        counter.share = share
        return counter

    def _add(self, detector: Detector, message: Message, key: Key) -> None:
        row, share = split(key)
        self._counter(detector, message, row).add(message.record.at, share)

    def _note(self, message: Message, call: Message, clues: tuple[Clue, ...], watch: Watch) -> None:
        """Add clues of a body: between the peers of the call, which are those they are about."""
        at = message.record.at
        for clue in clues:
            counter = None if watch.counters is None else watch.counters.get(clue.row)
            if counter is None:
                counter = self._counter(clue.detector, message, clue.key)
                self._make_room(watch)
                if watch.counters is None:
                    watch.counters = {}
                watch.counters[clue.row] = counter
            counter.add(at, clue.share)

    def _make_room(self, watch: Watch) -> None:
        """Something will be counted in a watch."""
        if self._counters >= _MOST_COUNTERS:
            for each in self._filled:
                each.clear()
            self._filled.clear()
            self._counters = 0
        self._counters += 1
        if not watch.filled:
            watch.filled = True
            self._filled.append(watch)

    def _add_event(self, detector: Detector, event: Connection | NotRpc | Offer) -> None:
        flow = event.flow
        server, client = flow.target, flow.source
        if isinstance(event, Offer) or (isinstance(event, NotRpc) and is_from_server(event)):
            server, client = client, server
        for key in detector.event(event):
            self._clues.add(detector.id, flow.transport, server, client.address, key, event.at)
