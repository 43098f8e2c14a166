"""However a capture full of findings is cut, and however many jobs read it, they are the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.findings import writing
from tests.analysis.findings.detectors import test_bind_by_unknown_server as bind
from tests.analysis.findings.detectors import test_bootparam_parent as bootparam
from tests.analysis.findings.detectors import test_clients_shut_out as shut
from tests.analysis.findings.detectors import test_dhcp_binding as dhcp
from tests.analysis.findings.detectors import test_foreign_service as foreign
from tests.analysis.findings.detectors import test_nessus_11898 as nessus
from tests.analysis.findings.detectors import test_netinfo_sweep as sweep
from tests.analysis.findings.detectors import test_nibind_administration as nibind
from tests.analysis.findings.detectors import test_password_hashes as hashes
from tests.analysis.findings.detectors import test_record_fragments as fragments
from tests.analysis.findings.detectors import test_server_dialect as dialect
from tests.analysis.findings.detectors import test_service_probing as probing
from tests.analysis.findings.detectors import test_unusual_port as unusual
from tests.analysis.findings.making import AUTHERROR, NOUSER, OK, PERM, password, read, summary, user, write
from tests.analysis.test_shares import COUNT, SOAK, check
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


def changes(chance: random.Random, talk: Talk) -> None:
    """A directory that is read and written; a clone, too, and not all of it in order."""
    how = {"client": chance.choice(CLIENTS), "server": chance.choice(SERVERS)}
    if chance.random() < 0.5:
        writing.readall(talk, **how)
    names = ("_writers", "_writers_passwd", "uid", "passwd", "shell")
    for instance in range(4, chance.randrange(5, 12)):
        number = chance.randrange(2, 4)
        value = chance.choice(("*", "0", hashes.HASH, "admin"))
        match chance.randrange(6):
            case 0:
                writing.createprop(talk, number, chance.choice(names), [value], instance=instance, **how)
            case 1:
                writing.writeprop(talk, number, chance.randrange(3), [value], instance=instance, **how)
            case 2:
                writing.create(talk, 1, 20 + instance, user("toor", 0, [value]), instance=instance, **how)
            case 3:
                writing.createprop(talk, 0, "trusted_networks", [value], instance=instance, **how)
            case 4:
                writing.writeprop(talk, 0, 0, [f"{value}/network"], instance=instance, **how)
            case _:
                read(talk, number, user("toor", chance.randrange(2), [value]), **how)


def many_users(chance: random.Random, talk: Talk) -> None:
    for number in range(20, 20 + chance.randrange(4, 20)):
        read(talk, number, user(f"user{number}", number, ["*"]), client=CLIENTS[0], server=chance.choice(SERVERS))


def statistics(chance: random.Random, talk: Talk) -> None:
    dialect.statistics(talk, dialect.RELEASE_208[: chance.randrange(1, 9)])


def searches(chance: random.Random, talk: Talk) -> None:
    hosts = [Address(f"192.0.2.{host}", 111) for host in (20, 21)]
    talk.frames += chance.choice((bootparam.forwarded, bind.broadcast))(*hosts).frames
    talk.frames += dhcp.offered(chance.choice((dhcp.CLIENT, dhcp.BROADCAST, dhcp.RELAY)))


def scans(chance: random.Random, talk: Talk) -> None:
    made = chance.choice(
        (
            lambda: nessus.scan(upto=chance.randrange(9)),
            lambda: probing.tags(9),
            lambda: probing.hosts(9),
            lambda: sweep.sweep(chance.choices((sweep.SILENT, sweep.REFUSES, sweep.ANSWERS), (5, 2, 1), k=14)),
        )
    )
    talk.frames += made().frames


def services(chance: random.Random, talk: Talk) -> None:
    talk.frames += chance.choice((foreign.web(), unusual.rooted(4321), fragments.said(fragments.LONG, 4))).frames
    shut.shut_out(talk, Address("192.0.2.12", chance.randrange(41000, 42000)))


KINDS: tuple[Callable[[random.Random, Talk], None], ...] = (
    writes,
    writes,
    reads,
    by_other_ways,
    administration,
    over_tcp,
    changes,
    changes,
    changes,
    many_users,
    statistics,
    searches,
    scans,
    scans,
    services,
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
@settings(max_examples=COUNT // 5 if SOAK else 60, deadline=None, derandomize=not SOAK)
def test_any_cut_and_any_number_of_jobs(seed: int, cuts: list[float], jobs: int) -> None:
    frames = capture(seed)
    check(frames, [[int(each * len(frames)) for each in cuts]], jobs)


def test_these_captures_hold_findings_of_all_kinds() -> None:
    found = Counter(each.id for seed in range(150) for each in summary(capture(seed)).findings)
    assert len(found) == 26
    assert min(found.values()) >= 3
