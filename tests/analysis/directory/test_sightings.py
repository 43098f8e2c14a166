"""What counts as seen, what does not, and what goes when there is no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from netinfo_scapy.analysis import lots, portions
from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.limits import Limits
from tests.analysis.directory.test_rebuild import converse, reading
from tests.analysis.looks import AtOnce
from tests.support.captures import write_pcap
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.directory_server import call_of, proplist
from tests.support.packets import Address
from tests.support.rpc import accepted, auth_sys, denied, getport, getregister, ni_id, read, read_reply, record, words

NAMED = [("name", ("x",))]


def domains(talk: Talk, **how: object) -> list[Domain]:
    return domains_of(reading(talk.frames, **how))


def numbers(talk: Talk) -> list[int | None]:
    return [each.object for domain in domains(talk) for each in domain.directories()]


def test_over_udp() -> None:
    talk = Talk()
    talk.ask(read(1, 5), read_reply(1, 5, NAMED))
    (domain,) = domains(talk)
    (directory,) = domain.loose
    assert (directory.object, directory.first(b"name"), directory.whole) == (5, b"x", True)
    assert directory.learned is not None
    assert directory.learned.number == 2
    assert (domain.root, domain.tag, domain.endpoints[0][1].port) == (None, None, 961)


def test_what_is_no_answer_tells_nothing() -> None:
    talk = Talk()
    talk.ask(read(1, 1), accepted(1, words(5)))  # NI_NODIR
    talk.ask(read(2, 2), denied(2, 1, 5))
    talk.ask(read(3, 3), accepted(3, words(0) + ni_id(3, 1) + words(7)))  # cut short
    talk.udp(SERVER, CLIENT, read_reply(4, 4, NAMED))  # its call was not seen
    talk.ask(read(5, 5))
    assert numbers(talk) == []


def test_odd_answers_tell_what_can_be_read() -> None:
    talk = Talk()
    talk.ask(read(1, 1) + b"left", read_reply(1, 1, NAMED) + b"over")
    assert numbers(talk) == [1]


def test_a_call_to_many_tells_of_who_answers() -> None:
    talk, other = Talk(), Address("192.0.2.21", 961)
    talk.udp(CLIENT, Address("192.0.2.255", 961), read(1, 1))
    talk.udp(other, CLIENT, read_reply(1, 1, NAMED))
    assert [domain.address for domain in domains(talk)] == [bytes((192, 0, 2, 21))]


def test_retransmissions_and_duplicates_are_no_further_writes() -> None:
    talk = Talk()
    call = call_of(1, "WRITE", ni_id(1, 0) + proplist([(b"name", [b"y"])]), credential=auth_sys(uid=501))
    talk.ask(call)
    talk.ask(call, accepted(1, words(0) + ni_id(1, 1)))
    talk.udp(SERVER, CLIENT, accepted(1, words(0) + ni_id(1, 1)))
    ((change,),) = [domain.changes for domain in domains(talk)]
    assert (change.procedure, change.uid, change.client.port, change.at.number) == ("WRITE", 501, CLIENT.port, 3)
    assert (change.before, [prop.values for prop in change.after or ()]) == (None, [[b"y"]])


def tagged(talk: Talk, tag: str, port: int) -> None:
    host = SERVER.ip
    talk.ask(getport(1), accepted(1, words(700)), server=Address(host, 111))
    talk.ask(getregister(2, tag), accepted(2, words(0, port, port)), server=Address(host, 700))


def test_one_tag_at_two_ports_is_one_domain() -> None:
    talk = Talk()
    for number, port in enumerate((800, 802)):
        tagged(talk, "network", port)
        talk.ask(read(3, number), read_reply(3, number, NAMED), server=Address(SERVER.ip, port))
    (domain,) = domains(talk)
    assert (domain.tag, [end.port for _, end in domain.endpoints]) == (b"network", [800, 802])


def test_a_port_of_two_tags_is_a_domain_without_one() -> None:
    talk = Talk()
    tagged(talk, "network", 800)
    tagged(talk, "local", 800)
    talk.ask(read(3, 0), read_reply(3, 0, NAMED), server=Address(SERVER.ip, 800))
    assert [domain.tag for domain in domains(talk)] == [None]


@pytest.mark.parametrize("room", [2_000, 10_000, 30_000])
def test_what_finds_no_room_is_counted(room: int) -> None:
    frames, _ = converse(7, 200)
    whole = reading(frames).facts().sightings
    few = reading(frames, limits=Limits(sighting_bytes=room, write_bytes=room // 2)).facts().sightings
    count = sum(len(table.seen) for table in whole.tables.values()) + len(whole.writes)
    left = sum(len(table.seen) for table in few.tables.values()) + len(few.writes)
    assert whole.evicted == 0
    assert left < count
    assert sum(len(each.asked) + len(each.told) for each in few.writes) <= room // 2
    assert sum(len(body) for table in few.tables.values() for body in table.seen) <= room
    # What was let go and seen again was let go again.
    assert few.evicted >= count - left
    assert sum(domain.evicted for domain in domains_of(reading(frames, limits=Limits(sighting_bytes=room)))) > 0


@pytest.mark.parametrize("room", [2_000, 5_000, 10_000])
def test_the_latest_writes_are_kept_whoever_saw_them(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "is_sparse", lambda *_: False)
    monkeypatch.setattr(portions, "_AT_ONCE", 7)
    path, limits = write_pcap(tmp_path / "a.pcap", converse(7, 200, clients=5)[0]), Limits(write_bytes=room)
    one, other = (Reading(path, limits=limits).facts(executor, 3).sightings for executor in (None, AtOnce()))
    assert [each.at for each in other.writes] == [each.at for each in one.writes]
    assert one.writes and other.evicted == one.evicted > 0


def test_records_of_tcp() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(record(read(1, 5), 8, 4))
    connection.reply(record(read_reply(1, 5, NAMED), 4), 10, 20)
    assert numbers(talk) == [5]


def test_what_was_let_go_is_seen_again() -> None:
    """A body that was remembered, and found no room, has its place again when it comes once more."""
    talk = Talk()
    talk.ask(read(1, 1), read_reply(1, 1, NAMED))
    for number in range(2, 40):
        talk.ask(read(number, number), read_reply(number, number, [("name", (f"{number}",))]))
    talk.ask(read(90, 1), read_reply(90, 1, NAMED))
    (domain,) = domains(talk, limits=Limits(sighting_bytes=4_000))
    assert 1 in {each.object for each in domain.directories()}
    assert 2 not in {each.object for each in domain.directories()}
