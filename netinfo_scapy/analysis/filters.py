"""Which messages are wanted: applied after pairing, so that a call and its reply are judged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from msgspec import Struct

from netinfo_scapy.analysis.naming import name_of, named_tags, rpc_statuses, status_of, user_of
from netinfo_scapy.capture.events import Gap
from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import ReplyHeader
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.programs import PROGRAMS

OK = "ok"
"""As a status to filter by: the call succeeded, whatever the program calls that."""

_GOOD = frozenset({"ni_ok", "success"})
_STATUSES = frozenset(
    name.lower()
    for enum in (NI_STATUS, rpc.REPLY_STATUS, rpc.ACCEPT_STATUS, rpc.REJECT_STATUS, rpc.AUTH_STATUS)
    for _, name in enum.members
) | {OK}
_UNKNOWN_STATUSES = frozenset(
    enum.prefix.lower() for enum in (NI_STATUS, rpc.REPLY_STATUS, rpc.ACCEPT_STATUS, rpc.REJECT_STATUS, rpc.AUTH_STATUS)
)
_PROCEDURES = frozenset(
    name.lower()
    for program in PROGRAMS
    for row in program.procedures
    for name in (program.name, row.name, f"{program.name}.{row.name}")
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Filter(Struct, frozen=True):
    """Each field that is not empty must be met by one of its values. `Filter.of` makes one from plain values.

    hosts: packed addresses of either side. nets: networks that hold either side. ports: of either side.
    since_ns, until_ns: the message's time, both ends included.
    procedures: `netinfo.read`, `read`, `netinfo` or `200100000.2.7`, in small letters.
    tags: of the domain served at the server's endpoint, or named by a call to nibind or its answer.
    users: uids of the call's AUTH_SYS credential.
    statuses: of the reply, in small letters; `ok` is NI_OK, or SUCCESS where there is no ni_status.
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

    @classmethod
    def of(
        cls,
        *,
        host: Iterable[str] = (),
        net: Iterable[str] = (),
        port: Iterable[int | str] = (),
        since: str | None = None,
        until: str | None = None,
        procedure: Iterable[str] = (),
        tag: Iterable[str] = (),
        user: Iterable[int | str] = (),
        status: Iterable[str] = (),
    ) -> Filter:
        """A filter from the values that the options of the command line take. Raises ValueError, with what to do."""
        wanted = cls(
            hosts=frozenset(_address(each) for each in host),
            nets=tuple(_network(each) for each in net),
            ports=frozenset(_number("port", each, 1, 65535) for each in port),
            since_ns=None if since is None else parse_time("since", since),
            until_ns=None if until is None else parse_time("until", until, end=True),
            procedures=frozenset(_procedure(each) for each in procedure),
            tags=frozenset(each.encode("utf-8", "surrogateescape") for each in tag),
            users=frozenset(_number("user", each, 0, 0xFFFFFFFF) for each in user),
            statuses=frozenset(_status(each) for each in status),
        )
        if wanted.since_ns is not None and wanted.until_ns is not None and wanted.since_ns > wanted.until_ns:
            raise ValueError(f"since {since} is after until {until}: no time is between them")
        return wanted

    @property
    def judges_messages(self) -> bool:
        """Whether it asks for more than where and when."""
        return bool(self.procedures or self.tags or self.users or self.statuses)

    def select(self, events: Iterable[Event], interest: Interest) -> Iterator[Event]:
        """The events that pass.

        A reply that passes brings the call along that does not pass by itself, because it
        has no status, or names no tag. Gaps are judged by flow and time; other events also
        pass only where nothing is asked of messages.
        """
        for event in events:
            if not isinstance(event, Message):
                if self._flow_and_time(event.flow, event.at) and (isinstance(event, Gap) or not self.judges_messages):
                    yield event
            elif event.is_call:
                if not self.statuses and self._passes(event, interest):
                    yield event
            elif self._passes(event, interest) and (not self.statuses or self._status(event)):
                call = event.call
                if call is not None and not event.duplicate and not self._passed_before(call, interest):
                    yield call
                yield event

    def _passed_before(self, call: Message, interest: Interest) -> bool:
        """Whether a call came out by itself, or is not wanted even with its reply, for its time."""
        if not self._flow_and_time(call.record.flow, call.record.at):
            return True
        return not self.statuses and self._passes(call, interest)

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
        whole = name.lower()
        program, _, procedure = whole.partition(".")
        numbers = f"{called.program}.{called.version}.{called.procedure}"
        return bool(self.procedures & {whole, program, procedure, numbers})

    def _tag(self, message: Message, interest: Interest) -> bool:
        called = message.called
        tags = named_tags(message)
        if message.call is not None:
            tags |= named_tags(message.call)
        if called is not None and called.program == NETINFO.number:
            tags |= interest.known_tags(message.record.flow.transport, message.asked_server)
        return bool(self.tags & tags)

    def _status(self, message: Message) -> bool:
        status = (status_of(message) or "").lower()
        names = {status, OK} if status in _GOOD else {status}
        if isinstance(message.header, ReplyHeader):
            others = rpc_statuses(message.header)
            names |= {(others[key] or "").lower() for key in ("reply_status", "auth_status")}
        return bool(names & self.statuses)


def _address(text: str) -> bytes:
    try:
        return ip_address(text).packed
    except ValueError:
        raise ValueError(f"host {text!r} is not an address; write 10.0.0.1 or fe80::1") from None


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"net {text!r} is not a network; write 10.0.0.0/8") from None


def _number(what: str, text: int | str, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ValueError(f"{what} {text!r} is not a number from {least} to {most}")
    return number


def _procedure(text: str) -> str:
    name = text.lower()
    numbered = name.replace(".", "").isdecimal() and name.count(".") == 2
    if name in _PROCEDURES or numbered or name.partition(".")[2].startswith("proc_"):
        return name
    raise ValueError(f"procedure {text!r} is not known{_alike(name, _PROCEDURES)}; write NetInfo.READ, READ or NetInfo")


def _status(text: str) -> str:
    name = text.lower()
    prefix, underscore, number = name.rpartition("_")
    if name in _STATUSES or (number.isdecimal() and prefix + underscore in _UNKNOWN_STATUSES):
        return name
    raise ValueError(f"status {text!r} is not known{_alike(name, _STATUSES)}; write NI_PERM, AUTH_TOOWEAK or ok")


def _alike(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), 1)
    return f" (did you mean {close[0].upper()}?)" if close else ""


def parse_time(what: str, text: str, end: bool = False) -> int:
    """A time in nanoseconds since 1970, in UTC unless it says else.

    A date alone is its first moment, or as an end its last. what: the option it was given with.
    Raises ValueError, with what to do.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{what} {text!r} is not a time; write 2003-05-01T12:00:00Z or 2003-05-01") from None
    if end and _is_date(text):
        moment += timedelta(days=1, microseconds=-1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return ((since.days * 86400 + since.seconds) * 10**6 + since.microseconds) * 1000 + (999 if end else 0)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
