"""Events -> what to extract: the flows that hold what passes a filter, whole, and what to say of their frames.

A flow is not all that its messages need to be read the same way again. So these come along:

* the flow of an answer's call where that is another one (CALLIT, calls sent to many), and
  the flows of all its answers: which of them are duplicates depends on the others;
* the flows whose messages taught that an endpoint in use is NetInfo, and under which tags:
  for each the first answer of the port mapper or nibind. Where no answer tells, the first
  packet does that begins with a call; that takes one more reading.

Where findings are wanted, the flows are those of all messages, connections and the rest that made them, not only of
the frames that a finding names (findings/tracing.py). What their clues had no room for (`totals.evicted`) is not
among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.findings.basis import Said
from netinfo_scapy.analysis.findings.tracing import Tracing
from netinfo_scapy.analysis.naming import name_of
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.events import Connection, Gap, Offer
from netinfo_scapy.capture.flow_frames import EndKey, FlowKey, end_key, ends_of, flow_key
from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import CallHeader, read_header
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS, NETINFO_PORT

MOST_FLOWS = 1_000_000
"""Flows that are kept apart at the most; an extraction of more is refused."""

MOST_COMMENTS = 100_000
"""Comments that are kept at the most; what finds no room is counted."""

Comments: TypeAlias = dict[tuple[int, int], list[str]]
"""(capture's index, frame's number) -> what is said of the frame; names from the network in it are not escaped."""

_LONGEST_TITLE = 300
_TEACHERS = frozenset({PORTMAP.number, NIBIND.number})
"""Whose answers make endpoints known; one of NetInfo names the tag of an endpoint that had to be known before."""
_CALL_2 = rpc.CALL.to_bytes(4, "big") + rpc.RPC_VERSION.to_bytes(4, "big")


class TooManyFlowsError(Exception):
    """More flows than `MOST_FLOWS`; the text says what to do."""


class Selection(NamedTuple):
    """What to extract. comments_left_out: how many there are beyond `MOST_COMMENTS`."""

    flows: set[FlowKey]
    comments: Comments
    comments_left_out: int


def select(reading: Reading, wanted: Filter | None = None, tracing: Tracing | None = None) -> Selection:
    """Read an input and choose the flows of what passes, and is part of a finding where these are traced.

    reading: without a filter of its own, of captures that can be read again. Raises TooManyFlowsError.
    """
    lessons = _Lessons(reading.interest)
    choice = _Choice(reading.interest, lessons)
    events = lessons.watch(reading.events())
    for event in wanted.select(events, reading.interest) if wanted else events:
        if tracing is None:
            choice.take(event)
        elif found := tracing.findings(event):
            choice.take(event, found)
    choice.complete(choice.flows)
    if wanted or tracing:
        # Where an endpoint counts from the frame that taught it, that must be the same one: the first of all.
        taught = set() if reading.learn == "once" else choice.taught | lessons.named()
        callers: dict[EndKey, FlowKey] | None = None
        while untaught := choice.needed - taught:
            callers = _callers(reading) if callers is None else callers
            taught |= untaught
            choice.complete({callers[end] for end in untaught if end in callers})
    return Selection(choice.flows, choice.comments, choice.comments_left_out)


class _Lessons:
    """What all messages say about flows, whether a filter lets them pass or not.

    beside: a flow -> those whose messages are paired with its own.
    teachers: an endpoint -> for each of its tags, and None for the endpoint itself where answers
        make it known, the flow of the first answer that names it.
    """

    def __init__(self, interest: Interest) -> None:
        self.beside: dict[FlowKey, set[FlowKey]] = {}
        self.teachers: dict[EndKey, dict[bytes | None, FlowKey]] = {}
        self._interest = interest
        self._scratch = Interest()

    def named(self) -> set[EndKey]:
        """The endpoints that answers make known."""
        return {end for end, known in self.teachers.items() if None in known}

    def watch(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events, each noted."""
        for event in events:
            if isinstance(event, Message) and event.call is not None:
                self._note(event, event.call)
            yield event

    def _note(self, reply: Message, call: Message) -> None:
        if call.record.flow.back != reply.record.flow:
            mine, other = flow_key(reply.record.flow), flow_key(call.record.flow)
            self.beside.setdefault(mine, set()).add(other)
            self.beside.setdefault(other, set()).add(mine)
            _bound(len(self.beside))
        called = reply.called
        if called is None:
            return
        itself = (None,) if called.program in _TEACHERS else ()
        self._scratch.learn_from_answer(reply)
        for (transport, endpoint), learned in self._scratch.learned.items():
            if (transport, endpoint) in self._interest.learned:
                known = self.teachers.setdefault(end_key(transport, endpoint), {})
                for tag in (*itself, *(learned.tags & self._interest.tags_of(transport, endpoint))):
                    known.setdefault(tag, flow_key(reply.record.flow))
        self._scratch.learned.clear()


class _Choice:
    """The flows that were chosen so far.

    needed: endpoints that must be known for the flows to be read. taught: of these, the ones
    that a chosen call itself makes known.
    """

    def __init__(self, interest: Interest, lessons: _Lessons) -> None:
        self.flows: set[FlowKey] = set()
        self.needed: set[EndKey] = set()
        self.taught: set[EndKey] = set()
        self.comments: Comments = {}
        self.comments_left_out = 0
        self._comment_count = 0
        self._interest = interest
        self._lessons = lessons

    def take(self, event: Event, found: Iterable[Said] = ()) -> None:
        """Choose the flow of an event. found: the findings that it is part of."""
        flow = event.record.flow if isinstance(event, Message) else event.flow
        self.flows.add(flow_key(flow))
        _bound(len(self.flows))
        at = event.record.at if isinstance(event, Message) else event.at
        for text in (_remark(event), *map(_named, found)):
            if text is not None:
                self._comment(at, text)
        if _is_plain(event, self._interest):
            return
        for end in (flow.source, flow.target):
            if (flow.transport, end) in self._interest.learned:
                self.needed.add(end_key(flow.transport, end))
        # Over TCP a call may begin anywhere in a segment, where it teaches nothing.
        if isinstance(event, Message) and flow.transport is Transport.UDP and _is_call(flow, event.record.data):
            self.taught.add(end_key(flow.transport, flow.target))

    def complete(self, flows: Iterable[FlowKey]) -> None:
        """Choose flows, and all that must come along with them."""
        open_ends = list(flows)
        while open_ends:
            key = open_ends.pop()
            if key not in self.flows:
                self.flows.add(key)
                self.needed.update(end for end in ends_of(key) if self._is_elsewhere(end))
            teachers = (self._lessons.teachers.get(end, {}).values() for end in ends_of(key))
            others = chain(self._lessons.beside.get(key, ()), *teachers)
            open_ends += [other for other in others if other not in self.flows]
        _bound(len(self.flows))

    def _is_elsewhere(self, end: EndKey) -> bool:
        """Whether an endpoint is known only because it was learned."""
        transport, endpoint = Transport(end[0]), Endpoint(end[1:-2], int.from_bytes(end[-2:], "big"))
        return (transport, endpoint) in self._interest.learned and not self._interest.covers(transport, endpoint.port)

    def _comment(self, at: FrameRef, text: str) -> None:
        if self._comment_count >= MOST_COMMENTS:
            self.comments_left_out += 1
            return
        self._comment_count += 1
        self.comments.setdefault((at.capture, at.number), []).append(f"netinfo-scapy: {text}")


def _bound(count: int) -> None:
    if count > MOST_FLOWS:
        raise TooManyFlowsError(f"more than {MOST_FLOWS:,} flows; extract less at a time, as with --since and --until")


def _is_plain(event: Event, interest: Interest) -> bool:
    """Whether an event is of interest for its ports or its call, whatever else is known of its endpoints."""
    server: Endpoint | None
    if isinstance(event, Offer):
        return True
    if isinstance(event, Message):
        flow, server = event.record.flow, event.server
        call = event.call
        if call is not None and call.row is not None and call.row.forwards:
            return True
    else:
        flow, server = event.flow, event.flow.target if isinstance(event, Connection) else event.server
    return any(
        server in (None, end) if end.port == NETINFO_PORT else interest.covers(flow.transport, end.port)
        for end in (flow.source, flow.target)
    )


def _remark(event: Event) -> str | None:
    """What is odd about an event: identifiers and numbers only, nothing that came from the network."""
    if isinstance(event, Message):
        anomalies = ", ".join(sorted(each.value for each in event.check()))
        kind = "call" if event.is_call else "reply"
        said = " ".join(filter(None, (name_of(event), kind)))
        return f"{said} xid {event.xid:#010x}: {anomalies}" if anomalies else None
    if isinstance(event, Gap):
        return f"{event.missed_bytes} bytes are missing"
    if isinstance(event, Offer):
        return "DHCP names a NetInfo parent"
    return None if isinstance(event, Connection) else "no RPC"


def _named(found: Said) -> str:
    """A finding as a comment has it: its title may hold names from the network."""
    title = found.title if len(found.title) <= _LONGEST_TITLE else f"{found.title[:_LONGEST_TITLE]}..."
    return f"finding {found.id}: {title}"


def _is_call(flow: Flow, payload: bytes) -> bool:
    """Whether a packet teaches its target, as in capture/interest.py: a whole header of a known program begins it."""
    offset = 4 if flow.transport is Transport.TCP else 0
    if payload[offset + 4 : offset + 12] != _CALL_2:  # most traffic is told apart here
        return False
    header = read_header(payload[offset:])
    if not isinstance(header, CallHeader) or not header.whole or header.program not in KNOWN_NUMBERS:
        return False
    return not offset or int.from_bytes(payload[:4], "big") & 0x7FFFFFFF >= header.end


def _callers(reading: Reading) -> dict[EndKey, FlowKey]:
    """Each learned endpoint -> the flow of the first packet that begins with a call to it. Reads the input."""
    found: dict[EndKey, FlowKey] = {}
    reassembler = Reassembler()
    for capture in reading.captures:
        for frame in capture.frames():
            for packet in reassembler.feed(frame):
                flow = Flow(packet.transport, packet.source, packet.target)
                if _is_call(flow, packet.payload) and (flow.transport, flow.target) in reading.interest.learned:
                    found.setdefault(end_key(flow.transport, flow.target), flow_key(flow))
    return found
