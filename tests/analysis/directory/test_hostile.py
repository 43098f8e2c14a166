"""Answers that no server would give: nothing breaks, nothing is there twice, nothing takes long."""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.account import Account
from netinfo_scapy.analysis.directory.captures import domains_of, histories_of
from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.paths import parse_path
from netinfo_scapy.analysis.directory.rebuild import rebuild
from netinfo_scapy.analysis.directory.sightings import Sightings
from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.capture.events import make_record
from netinfo_scapy.capture.flows import Endpoint, Flow, Lanes, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import read_message
from tests.analysis.directory.test_rebuild import reading
from tests.support.conversation import Talk
from tests.support.directory_server import NUMBERS, call_of
from tests.support.rpc import accepted, array, names, opaque, record, words

COUNT = int(os.environ.get("NETINFO_CAPTURES", "40"))
ODD = (0xFFFFFFFF, 0xFFFFFFFE, 65_536, 1 << 31)


def test_objects_without_room_leave_nothing_behind() -> None:
    """Not even that they were told of."""
    knowledge = Knowledge(100)
    knowledge.begin(FrameRef(0, 1, 0))
    for number in range(1_000):
        node = knowledge.told(number, 1)
        knowledge.all_children(node, [], 0)
    assert (len(knowledge.nodes), len(knowledge.stirred), len(knowledge.relisted)) == (100, 100, 100)
    assert knowledge.evicted >= 900


class Liar:
    """Answers in the right form, with anything in it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def number(self) -> int:
        return self.chance.choice(ODD) if self.chance.random() < 0.05 else self.chance.randint(0, 6)

    def id(self) -> bytes:
        return words(self.number(), self.chance.choice([0, 1, 1, 2, 0xFFFFFFFF]))

    def name(self) -> bytes:
        return opaque(self.chance.choice([b"name", b"a", b"", b"x\0y"]))

    def names(self) -> bytes:
        return array(self.name() for _ in range(self.chance.randint(0, 3)))

    def prop(self) -> bytes:
        return self.name() + self.names()

    def props(self) -> bytes:
        return array(self.prop() for _ in range(self.chance.randint(0, 3)))

    def numbers(self) -> bytes:
        return array(words(self.number()) for _ in range(self.chance.randint(0, 4)))

    def exchange(self) -> tuple[str, bytes, bytes]:
        procedure = self.chance.choice([name for name in NUMBERS if name not in NOT_OURS])
        some = {"id": self.id, "n": lambda: words(self.number()), "name": self.name, "names": self.names}
        some |= {"prop": self.prop, "props": self.props, "ids": self.numbers, "entries": self.entries}
        some |= {"lists": self.lists, "chain": self.chain, "flag": lambda: words(0)}
        asked, told = FORMS[procedure]
        parts = [b"".join(some[each]() for each in form.split()) for form in (asked, told)]
        return procedure, parts[0], words(0) + parts[1]

    def entries(self) -> bytes:
        return array(
            words(self.number()) + self.chance.choice([words(0), words(1) + self.names()])
            for _ in range(self.chance.randint(0, 4))
        )

    def lists(self) -> bytes:
        return array(self.props() for _ in range(self.chance.randint(0, 4)))

    def chain(self) -> bytes:
        objects = (words(1) + self.id() + self.props() + words(self.number()) + self.numbers() for _ in range(5))
        return b"".join(objects) + words(0)


NOT_OURS = ("PING", "STATISTICS", "RPARENT", "BIND", "CRASHED", "RESYNC")
FORMS = {
    "ROOT": ("", "id"),
    "SELF": ("id", "id"),
    "PARENT": ("id", "n id"),
    "CREATE": ("id props n flag", "id id"),
    "DESTROY": ("id id", "id"),
    "READ": ("id", "id props"),
    "WRITE": ("id props", "id"),
    "CHILDREN": ("id", "ids id"),
    "LOOKUP": ("id name name", "ids id"),
    "LIST": ("id name", "entries id"),
    "CREATEPROP": ("id prop n", "id"),
    "DESTROYPROP": ("id n", "id"),
    "READPROP": ("id n", "names id"),
    "WRITEPROP": ("id n names", "id"),
    "RENAMEPROP": ("id n name", "id"),
    "LISTPROPS": ("id", "names id"),
    "CREATENAME": ("id n name n", "id"),
    "DESTROYNAME": ("id n n", "id"),
    "READNAME": ("id n n", "id name"),
    "WRITENAME": ("id n n name", "id"),
    "LISTALL": ("id", "id lists"),
    "READALL": ("n", "n n chain"),
    "LOOKUPREAD": ("id name name", "id props"),
}
"""Arguments and result of each procedure, in words."""


def check(domain: Domain) -> None:
    numbers = [each.object for each in domain.directories() if each.object is not None]
    assert len(numbers) == len(set(numbers))
    assert 0xFFFFFFFF not in numbers
    for change in domain.changes:
        assert change.created or change.destroyed or change.procedure not in ("CREATE", "DESTROY")


@given(st.integers(0, 2**64))
@settings(max_examples=COUNT, deadline=None)
def test_any_answers(seed: int) -> None:
    liar, talk = Liar(seed), Talk()
    connection = talk.tcp()
    for xid in range(80):
        procedure, asked, told = liar.exchange()
        connection.call(record(call_of(xid, procedure, asked)))
        connection.reply(record(accepted(xid, told)))
    for limits in (Limits(), Limits(sighting_bytes=4_000, write_bytes=2_000)):
        look = reading(talk.frames, limits=limits)
        for domain in domains_of(look):
            check(domain)
    for path in (b"/", b"/x", b"3"):
        histories_of(reading(talk.frames), parse_path(path))


NONE = words(0, 0)


def knows(number: int, count: int) -> list[tuple[str, bytes, bytes]]:
    """An object with many children, of each of which a value is told."""
    entries = array(words(each, 1) + names([b"v%d" % each]) for each in range(1, count))
    return [("LIST", words(number, 0) + opaque(b"k"), entries + words(number, 0))]


BIG = {
    "children": lambda n: [("CHILDREN", NONE, array(map(words, range(1, 20 * n))) + NONE)],
    "depth": lambda n: [
        (
            "READALL",
            words(0),
            words(9, 9) + b"".join(words(1, each, 0, 0, each - 1, 1, each + 1) for each in range(1, 10 * n)) + words(0),
        )
    ],
    "lookups": lambda n: [
        ("READ", words(1, 0), words(1, 0) + array([opaque(b"") + array([])] * 20 * n)),
        *(("LOOKUP", NONE + opaque(b"k%d" % each) + opaque(b"v"), words(1, 1) + NONE) for each in range(2 * n)),
    ],
    "values": lambda n: [
        ("READ", words(1, 0), words(1, 0) + array([opaque(b"k") + array([opaque(b"")] * 20 * n)])),
        *(("LOOKUP", NONE + opaque(b"k") + opaque(b"v%d" % each), words(1, 1) + NONE) for each in range(2 * n)),
    ],
    "searches": lambda n: [
        *knows(0, 5 * n),
        *(("LOOKUPREAD", NONE + opaque(b"k%d" % each) + opaque(b"v"), NONE + array([])) for each in range(2 * n)),
    ],
    "writes": lambda n: [
        ("READ", NONE, NONE + array([opaque(b"") + array([])] * 20 * n)),
        *(("CREATEPROP", NONE + opaque(b"") + array([]) + words(0), words(0, each + 1)) for each in range(2 * n)),
    ],
    "makings": lambda n: [
        ("CHILDREN", NONE, array(map(words, range(1, 4 * n))) + NONE),
        *(("CREATE", NONE + words(0, 0, 0), words(10**6 + each, 0, 0, each + 1)) for each in range(2 * n)),
    ],
}


def seen(exchanges: list[tuple[str, bytes, bytes]]) -> Sightings:
    """What some exchanges with one server tell."""
    account = Account(Limits(sighting_bytes=64 << 20, write_bytes=64 << 20))
    lane = Lanes().of(Flow(Transport.TCP, Endpoint(bytes(4), 1), Endpoint(bytes(4), 961)))
    for number, (procedure, asked, told) in enumerate(exchanges, 1):
        pair = [call_of(number, procedure, asked), accepted(number, words(0) + told)]
        call, reply = (read_message(make_record(lane, FrameRef(0, number, number), data, True)) for data in pair)
        reply.call = call
        account.feed(call)
        account.feed(reply)
    return account.facts().sightings


@pytest.mark.parametrize("kind", BIG)
def test_the_cost_grows_with_the_input(kind: str) -> None:
    """Eight times as much takes not much more than eight times as long; where the work is cut short, less."""
    seconds = []
    for size in (250, 2_000):
        sightings = seen(BIG[kind](size))
        begun = time.process_time()
        assert rebuild(sightings, Interest())
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 25 * seconds[0] + 1.5
