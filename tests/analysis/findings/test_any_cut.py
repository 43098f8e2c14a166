"""However a capture full of findings is cut, and however many jobs read it, they are the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.findings.detectors import test_nibind_administration as nibind
from tests.analysis.findings.detectors import test_password_hashes as hashes
from tests.analysis.findings.making import AUTHERROR, NOUSER, OK, PERM, password, read, summary, user, write
from tests.analysis.test_shares import check
from tests.support import corpus, rpc
from tests.support.captures import Frame
from tests.support.conversation import Talk
from tests.support.packets import Address

CLIENTS = [Address(f"192.0.2.{host}", port) for host in (10, 11, 12, 20) for port in (40000, 700)]
SERVERS = [Address("192.0.2.20", 961), Address("192.0.2.21", 961)]


def writes(chance: random.Random, talk: Talk) -> None:
    client, server = chance.choice(CLIENTS), chance.choice(SERVERS)
    for _ in range(chance.randrange(1, 13)):
        credential = password(f"pw{chance.randrange(9)}", chance.randrange(3))
        status = chance.choice((OK, PERM, AUTHERROR, AUTHERROR, NOUSER, None))
        write(talk, credential, status, client=client, server=server)


def reads(chance: random.Random, talk: Talk) -> None:
    for _ in range(chance.randrange(1, 4)):
        number = chance.randrange(4, 9)
        passwd = chance.choice(([hashes.HASH], [hashes.OTHER_HASH], [""], ["*"], [], None))
        name = user(f"user{number}", number, passwd)
        read(talk, number, name, client=chance.choice(CLIENTS), server=chance.choice(SERVERS))


def by_other_ways(chance: random.Random, talk: Talk) -> None:
    for way in chance.sample(hashes.WAYS, 3):
        way(talk)


def administration(chance: random.Random, talk: Talk) -> None:
    name = chance.choice(list(nibind.CALLS))
    talk.frames += nibind.administer(name, chance.choice((OK, PERM, None)), chance.choice(CLIENTS)).frames


def over_tcp(chance: random.Random, talk: Talk) -> None:
    connection = talk.tcp(chance.choice(CLIENTS), chance.choice(SERVERS))
    for xid in range(chance.randrange(1, 5)):
        credential = password(f"pw{chance.randrange(9)}", chance.randrange(3))
        call = rpc.record(rpc.call(xid, rpc.NETINFO, 2, 7, rpc.ni_id(5), credential=credential), 40)
        connection.call(call, 11, 60)
        connection.reply(rpc.record(rpc.read_reply(xid, 5, hashes.ADMIN)), 9)


KINDS: tuple[Callable[[random.Random, Talk], None], ...] = (
    writes,
    writes,
    reads,
    by_other_ways,
    administration,
    over_tcp,
)


def capture(seed: int) -> list[Frame]:
    chance = random.Random(seed)
    parts = []
    for _ in range(chance.randrange(2, 7)):
        talk = Talk()
        chance.choice(KINDS)(chance, talk)
        parts.append(talk.frames)
    return list(corpus.mixed(chance, [*parts, corpus.unrelated(chance)]))


@given(st.integers(0, 2**64), st.lists(st.floats(0, 1), max_size=4), st.integers(2, 5))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_cut_and_any_number_of_jobs(seed: int, cuts: list[float], jobs: int) -> None:
    frames = capture(seed)
    check(frames, [[int(each * len(frames)) for each in cuts]], jobs)


def test_these_captures_hold_findings_of_all_kinds() -> None:
    found = Counter(each.id for seed in range(30) for each in summary(capture(seed)).findings)
    assert len(found) == 5
    assert min(found.values()) >= 5
