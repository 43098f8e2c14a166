"""Within bounds the same is counted in any order, and in cells what a plain recount finds."""

from __future__ import annotations

import copy
import os
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis import account as accounting
from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.facts import (
    MOST_MEMBERS,
    MOST_STATUSES,
    NO_STATUSES,
    OTHER,
    ConversationFacts,
    ConversationKey,
    Facts,
    merge,
    row_of,
    with_member,
    with_members,
    with_statuses,
)
from netinfo_scapy.analysis.naming import name_of, named_tags, status_of, user_of
from netinfo_scapy.capture.events import Gap, NotRpc
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.message import Event, Message
from tests.analysis.looks import opened
from tests.support import corpus
from tests.support.captures import pcap_bytes

COUNT = int(os.environ.get("NETINFO_CAPTURES", "150"))
MEMBERS = st.lists(st.integers(0, 2 * MOST_MEMBERS))
STATUSES = st.lists(
    st.tuples(st.integers(0, 2 * MOST_STATUSES).map(str) | st.just(OTHER), st.integers(1, 3)), max_size=300
)


def members_of(numbers: Sequence[int]) -> Sequence[int]:
    return with_members((), numbers)


@given(MEMBERS, st.randoms(use_true_random=False), st.integers(0, 500))
def test_members(some: list[int], chance: object, more: int) -> None:
    numbers = [*some, *range(MOST_MEMBERS + more - 250)]
    expected = sorted(set(numbers))[:MOST_MEMBERS]
    assert list(members_of(numbers)) == expected
    chance.shuffle(numbers)
    assert list(members_of(numbers)) == expected
    half = len(numbers) // 2
    assert list(members_of([*members_of(numbers[half:]), *members_of(numbers[:half])])) == expected


def statuses_of(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    statuses = NO_STATUSES
    for status, count in counted:
        statuses = with_statuses(statuses, {status: count})
    assert not NO_STATUSES
    return statuses


@given(STATUSES, st.randoms(use_true_random=False), st.integers(0, 300))
def test_statuses(counted: list[tuple[str, int]], chance: object, at: int) -> None:
    whole: Counter[str] = Counter()
    for status, count in counted:
        whole[status] += count
    names = sorted(set(whole) - {OTHER})
    expected = {name: whole[name] for name in names[:MOST_STATUSES]}
    others = sum(whole[name] for name in names[MOST_STATUSES:]) + whole[OTHER]
    expected |= {OTHER: others} if others else {}
    assert statuses_of(counted) == expected
    chance.shuffle(counted)
    assert statuses_of(counted) == expected
    parts = statuses_of(counted[at:]), statuses_of(counted[:at])
    assert statuses_of([*parts[0].items(), *parts[1].items()]) == expected


def test_a_row_takes_little_memory() -> None:
    """A hostile capture makes 100,000 of them; with empty sets and dicts each took three times as much."""
    facts, count, end = Facts(), 10_000, Endpoint(bytes(4), 961)
    tracemalloc.start()
    try:
        for number in range(count):
            key = ConversationKey(number.to_bytes(4, "big"), end, Transport.UDP, 200_100_000)
            row = row_of(facts.conversations, key, ConversationFacts, facts.totals)
            row.add_time(10**18 + number)
            row.users = with_member(row.users, 501)
        assert tracemalloc.get_traced_memory()[0] < 450 * count
    finally:
        tracemalloc.stop()


# Account


def recount(events: Iterable[Event]) -> Facts:
    """The facts of all that is not TCP's, told off one message at a time."""
    facts = Facts()
    totals = facts.totals
    counted: set[int] = set()
    for event in events:
        if isinstance(event, Gap):
            totals.missed_bytes += event.missed_bytes
            totals.incomplete_records += event.incomplete_records
        elif isinstance(event, NotRpc):
            totals.not_rpc += 1
        if not isinstance(event, Message):
            continue
        facts.anomalies.update(event.check())
        if event.record.incomplete:
            totals.incomplete_records += 1
            continue
        totals.messages += 1
        totals.calls += event.is_call
        totals.replies += not event.is_call
        totals.retransmissions += event.is_call and event.first is not None
        totals.duplicate_replies += event.duplicate
        totals.replies_without_call += not event.is_call and event.call is None
        if event.is_call:
            counted.add(id(event))
        elif event.call is not None and not event.duplicate:
            totals.answered += id(event.call) in counted
    return facts


Rows = dict[object, Counter[object]]


def rows_of(events: Iterable[Event]) -> tuple[Rows, Rows, Rows]:
    """Procedures, conversations, servers: what is counted of each."""
    procedures: Rows = {}
    conversations: Rows = {}
    servers: Rows = {}
    for event in events:
        if not isinstance(event, Message) or event.record.incomplete:
            continue
        flow, end = event.record.flow, event.asked_server
        program = event.called.program if event.called else None
        time = event.record.at.time_ns
        told: list[object] = ["calls" if event.is_call else "replies"]
        status = [] if status_of(event) is None else [("status", status_of(event))]
        name = name_of(event)
        if name is not None:
            rtt = [("rtt", event.rtt_ns)] if event.rtt_ns is not None and not event.duplicate else []
            procedures.setdefault(name, Counter()).update([*told, *status, *rtt])
        user = [] if user_of(event) is None else [("user", user_of(event))]
        tags = [("tag", tag) for tag in named_tags(event)]
        key = (event.client.address, end, flow.transport, program)
        conversations.setdefault(key, Counter()).update([*told, *status, *user, *tags, ("time", time)])
        programs = [] if program is None else [("program", program)]
        about = [*told, ("client", event.client.address), *programs, ("time", time)]
        servers.setdefault((flow.transport, end), Counter()).update(about)
    return procedures, conversations, servers


def members(row: Counter[object], kind: str) -> dict[object, int]:
    return {each[1]: count for each, count in row.items() if isinstance(each, tuple) and each[0] == kind}


def check(facts: Facts, events: list[Event]) -> None:
    """Connections and what the decoder counts stand aside."""
    expected = recount(events)
    assert facts.totals == expected.totals
    assert facts.anomalies == expected.anomalies
    procedures, conversations, servers = rows_of(events)
    assert set(facts.procedures) == set(procedures)
    for name, row in facts.procedures.items():
        plain = procedures[name]
        rtts = members(plain, "rtt")
        assert (row.calls, row.replies, row.statuses) == (plain["calls"], plain["replies"], members(plain, "status"))
        assert row.durations.count == sum(rtts.values())
        if rtts:
            assert (row.durations.least, row.durations.most) == (min(rtts), max(rtts))
    assert {tuple(key) for key in facts.conversations} == set(conversations)
    for key, talk in facts.conversations.items():
        plain = conversations[tuple(key)]
        times = members(plain, "time")
        assert (talk.calls, talk.replies, talk.statuses) == (plain["calls"], plain["replies"], members(plain, "status"))
        assert [*talk.users] == sorted(members(plain, "user"))
        assert [*talk.tags] == sorted(members(plain, "tag"))
        assert (talk.first_ns, talk.last_ns) == (min(times), max(times))
    assert {key for key, row in facts.servers.items() if row.first_ns is not None} == set(servers)
    for at, plain in servers.items():
        server, times = facts.servers[at], members(plain, "time")
        assert (server.calls, server.replies) == (plain["calls"], plain["replies"])
        assert [*server.programs] == sorted(members(plain, "program"))
        assert [*server.clients] == sorted(members(plain, "client"))
        assert (server.first_ns, server.last_ns) == (min(times), max(times))


@given(st.integers(0, 2**64), st.integers(1, 9))
@settings(max_examples=COUNT, deadline=None)
def test_cells_are_what_a_recount_finds(seed: int, parts: int) -> None:
    events = list(opened(pcap_bytes(corpus.capture(seed))).events())
    account = Account()
    for part in range(parts):
        # Asked for in between, it goes on counting.
        for event in events[len(events) * part // parts : len(events) * (part + 1) // parts]:
            account.feed(event)
        account.facts()
    check(account.facts(), events)


def test_more_conversations_than_cells() -> None:
    from tests.support import rpc
    from tests.support.conversation import Talk
    from tests.support.packets import Address

    talk = Talk()
    for number in range(accounting._MOST_CELLS + 300):
        client = Address(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 700)
        talk.ask(rpc.ping(number), rpc.accepted(number) if number % 3 else None, client)
    reading = opened(pcap_bytes(talk.frames))
    events = list(reading.events())
    account = Account()
    account.feed_all(events)
    facts = account.facts()
    clients = sorted(key.client for key in facts.conversations)
    (server,) = facts.servers.values()
    assert len(clients) == accounting._MOST_CELLS + 300
    assert server.clients == clients[:MOST_MEMBERS]
    server.clients = clients  # the recount knows no bounds
    check(facts, events)


@given(st.lists(st.integers(0, 2**64), min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=COUNT // 3, deadline=None)
def test_facts_merge_in_any_order(seeds: list[int], chance: object) -> None:
    parts = [opened(pcap_bytes(corpus.capture(seed))).facts() for seed in seeds]
    order = list(range(len(parts)))
    chance.shuffle(order)
    assert shown(parts, order) == shown(parts, range(len(parts)))
    backwards = Facts()
    for part in copy.deepcopy(parts):
        backwards = merge(part, backwards)
    assert plain(backwards) == shown(parts, order)


def shown(parts: list[Facts], order: Iterable[int]) -> object:
    whole = Facts()
    for at in order:
        whole = merge(whole, copy.deepcopy(parts[at]))
    return plain(whole)


def plain(facts: Facts) -> object:
    times = {
        name: (row.durations.count, row.durations.least, row.durations.most, row.durations.bins)
        for name, row in facts.procedures.items()
    }
    counts = {name: (row.calls, row.replies, row.statuses) for name, row in facts.procedures.items()}
    return times, counts, facts.totals, facts.anomalies, facts.conversations, facts.servers, facts.not_understood
