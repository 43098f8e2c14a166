"""What is counted: plain sums, sets, earliest and latest. `merge` of two is the facts of both inputs.

Everything is a whole number or a set, so that merging is associative and commutative.

A hostile capture makes as many rows as there may be, so a row has nothing in it that is empty: what it has none of is
what all rows share, and is made with the first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from netinfo_scapy.analysis.directory import handing_over
from netinfo_scapy.analysis.directory.sightings import Sightings
from netinfo_scapy.analysis.findings.clues import Clues
from netinfo_scapy.analysis.histogram import Durations
from netinfo_scapy.analysis.portions import few
from netinfo_scapy.analysis.timeline import Timeline
from netinfo_scapy.capture.flows import Endpoint, Transport

MOST_ROWS = 100_000
"""Conversations, servers and procedures kept apart at the most; what finds no room is counted."""

MOST_STATUSES = 64
"""Statuses counted apart in one row, those that sort first; any further one is `OTHER`."""

OTHER = "other"

MOST_MEMBERS = 1_024
"""Users or tags noted for one conversation, the least ones."""


class ConversationKey(NamedTuple):
    """One client address with one server endpoint, for one program (None: its calls were not seen)."""

    client: bytes
    server: Endpoint
    transport: Transport
    program: int | None


Statuses = dict[str, int]
NO_STATUSES: Statuses = {}
"""What has no statuses has these; nothing is ever put into them."""


class Timed(Struct, gc=False):
    """Earliest and latest time, nanoseconds since 1970; None before the first."""

    first_ns: int | None = None
    last_ns: int | None = None

    def add_time(self, time_ns: int) -> None:
        """Take one time."""
        if self.first_ns is None or self.last_ns is None:
            self.first_ns = self.last_ns = time_ns
        elif time_ns < self.first_ns:
            self.first_ns = time_ns
        elif time_ns > self.last_ns:
            self.last_ns = time_ns

    def add_times(self, other: Timed) -> None:
        """Take another's times."""
        for time_ns in (other.first_ns, other.last_ns):
            if time_ns is not None:
                self.add_time(time_ns)


class Totals(Struct):
    """Whole-input counts, as the `totals` of the JSON report name them."""

    messages: int = 0
    calls: int = 0
    replies: int = 0
    answered: int = 0
    replies_without_call: int = 0
    retransmissions: int = 0
    duplicate_replies: int = 0
    incomplete_records: int = 0
    missed_bytes: int = 0
    not_rpc: int = 0
    cut_frames: int = 0
    stray_segments: int = 0
    bad_checksums: int = 0
    lost_fragment_bytes: int = 0
    evicted: int = 0

    def merge(self, other: Totals) -> None:
        """Add another's counts."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class ProcedureFacts(Struct):
    """One procedure, by name."""

    calls: int = 0
    replies: int = 0
    statuses: Statuses = field(default_factory=lambda: NO_STATUSES)
    durations: Durations = field(default_factory=Durations)

    def merge(self, other: ProcedureFacts) -> None:
        """Add another's counts."""
        self.calls += other.calls
        self.replies += other.replies
        self.statuses = with_statuses(self.statuses, other.statuses)
        self.durations.merge(other.durations)


class ConversationFacts(Timed, gc=False):
    """One conversation. users, tags: as `with_member` makes them."""

    calls: int = 0
    replies: int = 0
    statuses: Statuses = field(default_factory=lambda: NO_STATUSES)
    users: Sequence[int] = ()
    tags: Sequence[bytes] = ()

    def merge(self, other: ConversationFacts) -> None:
        """Add another's counts."""
        self.add_times(other)
        self.calls += other.calls
        self.replies += other.replies
        self.statuses = with_statuses(self.statuses, other.statuses)
        self.users = with_members(self.users, other.users)
        self.tags = with_members(self.tags, other.tags)


class ServerFacts(Timed, gc=False):
    """One server endpoint. programs, clients: as `with_member` makes them.

    attempted, refused, closed_without_a_byte: its TCP connections.
    """

    programs: Sequence[int] = ()
    clients: Sequence[bytes] = ()
    calls: int = 0
    replies: int = 0
    attempted: int = 0
    refused: int = 0
    closed_without_a_byte: int = 0

    def merge(self, other: ServerFacts) -> None:
        """Add another's counts."""
        self.add_times(other)
        self.programs = with_members(self.programs, other.programs)
        self.clients = with_members(self.clients, other.clients)
        for name in ("calls", "replies", "attempted", "refused", "closed_without_a_byte"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


_Member = TypeVar("_Member", int, bytes)
_Row = TypeVar("_Row", ProcedureFacts, ConversationFacts, ServerFacts)
_Key = TypeVar("_Key")


class Facts(Struct):
    """All that is counted of an input, or of a part of it.

    counts_only: nothing else was looked for, so `clues` and `sightings` are empty.
    """

    totals: Totals = field(default_factory=Totals)
    filtered_from: int | None = None
    counts_only: bool = False
    anomalies: Counter[str] = field(default_factory=Counter)
    procedures: dict[str, ProcedureFacts] = field(default_factory=dict)
    conversations: dict[ConversationKey, ConversationFacts] = field(default_factory=dict)
    servers: dict[tuple[Transport, Endpoint], ServerFacts] = field(default_factory=dict)
    not_understood: Counter[str] = field(default_factory=Counter)
    clues: Clues = field(default_factory=Clues)
    sightings: Sightings = field(default_factory=Sightings)
    timeline: Timeline = field(default_factory=Timeline)

    def portions(self) -> Iterator[Facts]:
        """The same, a little in each: pickled and merged in this order, they are these."""
        yield Facts(
            totals=self.totals,
            anomalies=self.anomalies,
            not_understood=self.not_understood,
            timeline=self.timeline,
        )
        for clues in self.clues.portions():
            yield Facts(clues=clues)
        for sightings in handing_over.portions(self.sightings):
            yield Facts(sightings=sightings)
        for procedures in few(self.procedures.items()):
            yield Facts(procedures=dict(procedures))
        for conversations in few(self.conversations.items()):
            yield Facts(conversations=dict(conversations))
        for servers in few(self.servers.items()):
            yield Facts(servers=dict(servers))


def row_of(rows: dict[_Key, _Row], key: _Key, kind: type[_Row], totals: Totals, count: int = 1) -> _Row:
    """The row of a key, made where it is new.

    Where there is no room, one that is not kept, and `count` things are counted as let go.
    """
    row = rows.get(key)
    if row is None:
        row = kind()
        if len(rows) < MOST_ROWS:
            rows[key] = row
        else:
            totals.evicted += count
    return row


def with_member(members: Sequence[_Member], member: _Member) -> Sequence[_Member]:
    """Members in order, each once, and one more; what was given is not to be used any more.

    The least are kept when there are too many: the same ones in any order of adding.
    """
    if not members:
        return (member,)
    place = bisect_left(members, member)
    if place < len(members) and members[place] == member:
        return members
    more = members if isinstance(members, list) else list(members)
    if place < MOST_MEMBERS:
        more.insert(place, member)
        del more[MOST_MEMBERS:]
    return more


def with_members(members: Sequence[_Member], others: Sequence[_Member]) -> Sequence[_Member]:
    """The same with several more."""
    for member in others:
        members = with_member(members, member)
    return members


def with_status(statuses: Statuses, status: str, count: int) -> Statuses:
    """Statuses and one more counted apart, or as "other" where those that sort first are enough.

    The same in any order; what was given is not to be used any more.
    """
    if not statuses:
        return {status: count}
    if status in statuses or len(statuses) - (OTHER in statuses) < MOST_STATUSES or status == OTHER:
        statuses[status] = statuses.get(status, 0) + count
        return statuses
    last = max(name for name in statuses if name != OTHER)
    if status < last:
        statuses[OTHER] = statuses.get(OTHER, 0) + statuses.pop(last)
        statuses[status] = count
    else:
        statuses[OTHER] = statuses.get(OTHER, 0) + count
    return statuses


def with_statuses(statuses: Statuses, others: Statuses) -> Statuses:
    """The same with several more."""
    for status, count in others.items():
        statuses = with_status(statuses, status, count)
    return statuses


def merge(one: Facts, other: Facts) -> Facts:
    """The facts of two inputs together, in the first; the other stays as it is, and shares nothing with it."""
    one.totals.merge(other.totals)
    one.anomalies.update(other.anomalies)
    one.not_understood.update(other.not_understood)
    one.clues.merge(other.clues)
    one.sightings.merge(other.sightings)
    one.timeline.merge(other.timeline)
    for name, procedure in other.procedures.items():
        row_of(one.procedures, name, ProcedureFacts, one.totals).merge(procedure)
    for key, conversation in other.conversations.items():
        row_of(one.conversations, key, ConversationFacts, one.totals).merge(conversation)
    for endpoint, server in other.servers.items():
        row_of(one.servers, endpoint, ServerFacts, one.totals).merge(server)
    return one
