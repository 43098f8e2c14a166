"""Which endpoints are of interest: the well-known ports, those given, and those learned.

What is learned in one reading of the input holds for the whole of it when the input is
read again with the same `Interest` (see decode.py). It does not count before: else it
would depend on the order of reading, and on who reads what, which packets were wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Flow, Lane, Transport
from netinfo_scapy.capture.message import Message
from netinfo_scapy.capture.teachers import STATISTICS, lessons_of
from netinfo_scapy.protocol import dhcp, rpc, words
from netinfo_scapy.protocol.message import CallHeader, read_header
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS, NETINFO_PORT, PORTMAP_PORT

_CALL, _RPC_VERSION = rpc.CALL, rpc.RPC_VERSION
_NETINFO_PORT = NETINFO_PORT
_NETINFO, _STATISTICS = NETINFO.number, STATISTICS
_CALL_BYTES = 40
_MOST_TAGS = 64
LONGEST_TAG = 255
"""Bytes of a tag that is noted: a server keeps its domain in a file of that name."""


class PortNumber(NamedTuple):
    """A port given by the user. transport: None means both."""

    transport: Transport | None
    number: int

    @classmethod
    def parse(cls, text: str) -> PortNumber:
        """`961`, `udp:961` or `tcp:961`. Raises ValueError, with what is wrong."""
        name, colon, number = text.rpartition(":")
        transport = {"udp": Transport.UDP, "tcp": Transport.TCP, "": None}.get(name.lower(), ...)
        if transport is ... or (colon and not name) or not number.isascii() or not number.isdigit():
            raise ValueError(f"netinfo-port {text!r} is not a port: write 961, udp:961 or tcp:961")
        if not 1 <= int(number) <= 65535:
            raise ValueError(f"netinfo-port {text!r} is not a port: the number must be 1 to 65535")
        return cls(transport, int(number))


class Learned:
    """What is known of an endpoint: the programs and NetInfo tags found there."""

    __slots__ = ("programs", "tags")

    def __init__(self, programs: Iterable[int] = (), tags: Iterable[bytes] = ()) -> None:
        self.programs: set[int] = set(programs)
        self.tags: set[bytes] = set(tags)

    def add_tag(self, tag: bytes) -> None:
        """Note a tag; when there are too many, the least are kept."""
        self.tags.add(tag)
        if len(self.tags) > _MOST_TAGS:
            self.tags.remove(max(self.tags))


class Lessons(NamedTuple):
    """What an `Interest` has learned: endpoints, and those on 961 that were taken for callers only."""

    learned: dict[tuple[Transport, Endpoint], Learned]
    rejected: set[tuple[Transport, Endpoint]]


class Interest:
    """The endpoints whose messages are wanted.

    given: ports of the user, beside 961 and 111.
    most: endpoints learned at the most; more are counted in `refused`, and so are tags that are too long.
    at_once: an endpoint counts from the frame that taught it, for this is the only reading;
        else from the next `take_up` on.
    """

    def __init__(self, given: Iterable[PortNumber] = (), most: int = 65_536, at_once: bool = True) -> None:
        self.most = most
        self.at_once = at_once
        self.refused = 0
        self.learned: dict[tuple[Transport, Endpoint], Learned] = {}
        """All that was learned."""
        self._known = self.learned if at_once else {}  # what counts
        self._rejected: set[tuple[Transport, Endpoint]] = set()
        self._given: set[tuple[Transport, int]] = set()
        for port in given:
            for transport in Transport if port.transport is None else (port.transport,):
                self._given.add((transport, port.number))
        # 961 given by hand is 961 as it is known.
        self._given -= {(transport, NETINFO_PORT) for transport in Transport}
        self._state = 0  # counts what was learned
        self._taught: dict[bytes, int] = {}  # UDP endpoint -> a program known to be there
        self.ports = bytearray(1 << 16)
        """By port number: 1 where it is of interest at some endpoint or other. For the sieve.

        Port 0 cannot be learned, but a connection that begins with a call to it is followed. A DHCP server's
        replies may name NetInfo servers.
        """
        for number in (0, NETINFO_PORT, PORTMAP_PORT, dhcp.SERVER_PORT, *(number for _, number in self._given)):
            self.ports[number] = 1

    @classmethod
    def knowing(cls, given: Iterable[tuple[int, int]], lessons: Lessons, most: int) -> Interest:
        """One that was given ports as `given` has them, and has learned some endpoints before."""
        interest = cls((PortNumber(Transport(transport), number) for transport, number in given), most, at_once=False)
        interest.adopt(lessons)
        interest.take_up()
        return interest

    @property
    def given(self) -> frozenset[tuple[int, int]]:
        """The ports of the user, each with its transport's number."""
        return frozenset((int(transport), number) for transport, number in self._given)

    def known(self) -> Lessons:
        """What counts beyond what it was made with, to be handed to another process."""
        return Lessons(self._known, set())

    def lessons(self) -> Lessons:
        """What it has learned beyond what it was made with, to be handed to another process."""
        return Lessons(self.learned, self._rejected)

    def adopt(self, lessons: Lessons) -> None:
        """Learn all that another one has learned."""
        for (transport, endpoint), known in lessons.learned.items():
            for program in known.programs:
                self.learn(transport, endpoint, program)
            if (transport, endpoint) in self.learned:
                for tag in known.tags:
                    self.learned[transport, endpoint].add_tag(tag)
        self._rejected |= lessons.rejected

    def take_up(self) -> bool:
        """Let what was learned count from here on; whether another reading may find more by that."""
        if self.at_once:
            return False
        fresh = [key for key in self.learned if key not in self._known]
        self._known = {key: Learned(known.programs, known.tags) for key, known in self.learned.items()}
        for _, endpoint in fresh:
            self.ports[endpoint.port] = 1
        self._state += 1
        return any(key in self._rejected or not self.covers(key[0], key[1].port) for key in fresh)

    def covers(self, transport: Transport, port: int) -> bool:
        """Whether a port is of interest at any address."""
        return port in (NETINFO_PORT, PORTMAP_PORT) or (transport, port) in self._given

    def wants(self, transport: Transport, source: Endpoint, target: Endpoint) -> bool:
        """Whether a packet between two endpoints can hold a message that is wanted."""
        return (
            self.covers(transport, target.port)
            or self.covers(transport, source.port)
            or (transport, target) in self._known
            or (transport, source) in self._known
        )

    def wants_lane(self, lane: Lane) -> bool:
        """The same as `wants`, remembered until something is learned."""
        if lane.wanted_at != self._state:
            lane.wanted_at = self._state
            lane.wanted = self.wants(lane.flow.transport, lane.source, lane.target)
        return lane.wanted

    def selects(self, message: Message) -> bool:
        """Whether a message belongs in the output.

        961 that is only the caller's port selects nothing: a client may hold it by chance.
        """
        lane = message.record.lane
        if (lane.target_port if message.is_call else lane.source_port) == _NETINFO_PORT:
            return True
        server, client = (lane.target, lane.source) if message.is_call else (lane.source, lane.target)
        transport = lane.flow.transport
        for endpoint in (server, client):
            if (transport, endpoint) in self._known or endpoint.port == PORTMAP_PORT:
                return True
            if (transport, endpoint.port) in self._given:
                return True
        walks = message.walks
        if walks is not None and walks.forwards:
            return True
        self._reject(transport, client)
        return False

    def concerns(self, flow: Flow, server: Endpoint | None) -> bool:
        """Whether something on a flow that is no message is of interest.

        server: the side known to be the called one, if any.
        """
        transport = flow.transport
        for endpoint in (flow.source, flow.target):
            if (transport, endpoint) in self._known or (transport, endpoint.port) in self._given:
                return True
            if endpoint.port == PORTMAP_PORT or (endpoint.port == NETINFO_PORT and server in (None, endpoint)):
                return True
        for endpoint in (flow.source, flow.target):
            self._reject(transport, endpoint)
        return False

    def _reject(self, transport: Transport, caller: Endpoint) -> None:
        """Note that 961 selected nothing as the caller's port: should it be a server's as well, that was wanted."""
        if caller.port != NETINFO_PORT or (transport, caller) in self._rejected:
            return
        if len(self._rejected) < self.most:
            self._rejected.add((transport, caller))
        else:
            self.refused += 1

    def tags_of(self, transport: Transport, endpoint: Endpoint) -> set[bytes]:
        """The NetInfo tags that were learned to be served at an endpoint."""
        return _tags(self.learned.get((transport, endpoint)))

    def known_tags(self, transport: Transport, endpoint: Endpoint) -> set[bytes]:
        """Of these, the ones that count already."""
        return _tags(self._known.get((transport, endpoint)))

    # learning

    def learn(self, transport: Transport, endpoint: Endpoint, program: int, tag: bytes | None = None) -> None:
        """Note that a program is served at an endpoint."""
        if not 0 < endpoint.port <= 65535:
            return
        key = (transport, endpoint)
        known = self.learned.get(key)
        if known is None:
            if self.at_once:
                self.ports[endpoint.port] = 1
            if len(self.learned) >= self.most:
                self.refused += 1
                return
            known = self.learned[key] = Learned()
            self._state += self.at_once
        known.programs.add(program)
        if tag is None:
            return
        if len(tag) <= LONGEST_TAG:
            known.add_tag(tag)
        else:
            self.refused += 1

    def learn_from_payload(self, lane: Lane, payload: bytes) -> bool:
        """Learn an endpoint from a packet that begins with a whole call header of a known program.

        Tells whether the packet is wanted for that.
        """
        offset = 4 if lane.is_tcp else 0
        # Type, version and program stand at fixed offsets; most traffic is told apart here.
        if len(payload) < offset + _CALL_BYTES or words.u32(payload, offset + 4) != _CALL:
            return False
        if words.u32(payload, offset + 8) != _RPC_VERSION:
            return False
        program = words.u32(payload, offset + 12)
        if lane.taught == program or self._taught.get(lane.answers) == program:
            lane.taught = program
            return self.at_once
        if program not in KNOWN_NUMBERS:
            return False
        header = read_header(payload[offset:])
        if not isinstance(header, CallHeader) or not header.whole or header.program is None:
            return False
        if offset and words.u32(payload, 0) & 0x7FFFFFFF < header.end:
            return False
        self.learn(lane.flow.transport, lane.target, header.program)
        known = self.learned.get((lane.flow.transport, lane.target))
        if known is not None and program in known.programs:
            lane.taught = program
            if not lane.is_tcp:
                self._taught[lane.answers] = program
        return self.at_once

    def learn_from_answer(self, reply: Message) -> None:
        """Learn endpoints from an accepted answer of portmap, rpcbind or nibind, a tag from one of STATISTICS, too."""
        call = reply.call
        if call is None or reply.is_call or (call.program == _NETINFO and call.procedure != _STATISTICS):
            return
        for transport, endpoint, program, tag in lessons_of(reply):
            self.learn(transport, endpoint, program, tag)


def _tags(known: Learned | None) -> set[bytes]:
    return known.tags if known else set()
