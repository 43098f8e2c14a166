"""Which messages are wanted: applied after pairing, so that a reply is judged with its call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from netinfo_scapy.analysis.naming import name_of, named_tags, rpc_statuses, status_of, user_of
from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol.message import ReplyHeader
from netinfo_scapy.protocol.netinfo import NETINFO


@dataclass(frozen=True)
class Filter:
    """Each field that is not empty must be met by one of its values.

    hosts: packed addresses of either side. nets: networks that hold either side. ports: of either side.
    since_ns, until_ns: the message's time, both ends included.
    procedures: `NetInfo.READ`, `READ` or `200100000.2.7`, in any case.
    tags: of the domain served at the server's endpoint, or named by a call to nibind.
    users: uids of the call's AUTH_SYS credential.
    statuses: of the reply, ni_status or RPC, in any case; the reply comes with its call.
    """

    hosts: frozenset[bytes] = frozenset()
    nets: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: frozenset[int] = frozenset()
    since_ns: int | None = None
    until_ns: int | None = None
    procedures: frozenset[str] = frozenset()
    tags: frozenset[bytes] = frozenset()
    users: frozenset[int] = frozenset()
    statuses: frozenset[str] = frozenset()

    def select(self, events: Iterable[Event], interest: Interest) -> Iterator[Event]:
        """The events that pass. Other events than messages are judged by flow and time only."""
        for event in events:
            if not isinstance(event, Message):
                if self._flow_and_time(event.flow, event.at):
                    yield event
            elif not self.statuses:
                if self._passes(event, interest):
                    yield event
            elif not event.is_call and self._passes(event, interest) and self._status(event):
                if event.call is not None and not event.duplicate:
                    yield event.call
                yield event

    def _passes(self, message: Message, interest: Interest) -> bool:
        record = message.record
        return self._flow_and_time(record.flow, record.at) and all(
            not wanted or judge(message, interest) for wanted, judge in self._judges()
        )

    def _judges(self) -> tuple[tuple[object, Callable[[Message, Interest], bool]], ...]:
        return (
            (self.procedures, lambda message, _: self._procedure(message)),
            (self.tags, self._tag),
            (self.users, lambda message, _: user_of(message) in self.users),
        )

    def _flow_and_time(self, flow: Flow, at: FrameRef) -> bool:
        ends = (flow.source, flow.target)
        if self.hosts and not any(end.address in self.hosts for end in ends):
            return False
        if self.ports and not any(end.port in self.ports for end in ends):
            return False
        if self.nets:
            addresses = [ip_address(end.address) for end in ends]
            if not any(address in net for net in self.nets for address in addresses):
                return False
        if self.since_ns is not None and at.time_ns < self.since_ns:
            return False
        return self.until_ns is None or at.time_ns <= self.until_ns

    def _procedure(self, message: Message) -> bool:
        name = name_of(message)
        called = message.called
        if name is None or called is None:
            return False
        numbers = f"{called.program}.{called.version}.{called.procedure}"
        return bool(self.procedures & {name.lower(), name.lower().partition(".")[2], numbers})

    def _tag(self, message: Message, interest: Interest) -> bool:
        called = message.called
        served: set[bytes] = set()
        if called is not None and called.program == NETINFO.number:
            served = interest.tags_of(message.record.flow.transport, message.asked_server)
        return bool(self.tags & (served | named_tags(message)))

    def _status(self, message: Message) -> bool:
        header = message.header
        names = {status_of(message)}
        if isinstance(header, ReplyHeader):
            names |= set(rpc_statuses(header).values())
        return any(name.lower() in self.statuses for name in names if name)
