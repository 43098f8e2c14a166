"""Each detector alone: it finds the same, and nothing is decoded that it does not need."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from netinfo_scapy.analysis.findings import detection as detecting
from netinfo_scapy.analysis.findings.clues import Clues
from netinfo_scapy.analysis.findings.detection import Detection
from netinfo_scapy.analysis.findings.detector import Alike, Bodies, Detector, Needs
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.analysis.findings.watch import Watch
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture import message as messages
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.programs import PROGRAMS, procedure_name
from tests.analysis.findings.making import (
    LIST,
    NODIR,
    OK,
    PERM,
    RDONLY,
    READ,
    READALL,
    STATISTICS,
    ask,
    password,
    read,
    user,
    write,
)
from tests.analysis.looks import opened
from tests.capture.test_offers import offer
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, pcap_bytes
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

EACH = pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda detector: detector.id)


def feed(detection: Detection, event: Event) -> None:
    (detection.message if isinstance(event, Message) else detection.event)(event)


def rows(clues: Clues, id_: str) -> list[Any]:
    return [(row.server, row.client, row.key, row.count, row.frames) for row in clues.of(id_)]


@cache
def by_all(name: str) -> Clues:
    return Reading(capture_path(name)).facts().clues


class Decoded:
    """Counts bodies that are decoded, by procedure."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        body, asked, answered = messages.read_body, messages.read_arguments, messages.read_result

        def note(name: str, data: bytes, make: bool) -> None:
            if make:
                self.bodies.append((name, data))

        def any_body(header: Any, data: bytes, row: Any, called: Any, inner: Any, found: Any, make: bool) -> Any:
            if row is not None:
                note(procedure_name(called.program, called.version, called.procedure), data, make)
            return body(header, data, row, called, inner, found, make)

        def arguments(row: Any, data: bytes, offset: int, found: Any, make: bool) -> Any:
            note(_names()[id(row)], data, make)
            return asked(row, data, offset, found, make)

        def result(row: Any, inner: Any, data: bytes, offset: int, found: Any, make: bool) -> Any:
            note(_names()[id(row)], data, make)
            return answered(row, inner, data, offset, found, make)

        patch.setattr(messages, "read_body", any_body)
        patch.setattr(messages, "read_arguments", arguments)
        patch.setattr(messages, "read_result", result)


@cache
def _names() -> dict[int, str]:
    """What each row of the tables is called."""
    return {
        id(row): procedure_name(program.number, program.version, row.number)
        for program in PROGRAMS
        for row in program.procedures
    }


@EACH
@pytest.mark.parametrize("name", NAMES)
def test_each_alone(detector: Detector, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    events = list(Reading(capture_path(name)).events())
    expected = rows(by_all(name), detector.id)
    decoded = Decoded(monkeypatch)
    clues = Clues()
    detection = Detection([detector], clues)
    for event in events:
        feed(detection, event)
    assert rows(clues, detector.id) == expected
    needs = detector.needs
    bodies = {each: needed.mentioning for needed in needs.bodies for each in needed.procedures}
    allowed = set(bodies) | needs.calls | needs.replies
    assert {each for each, _ in decoded.bodies} <= allowed
    # Of the answers of success that were read, each has what the detector asked for.
    for procedure, data in decoded.bodies:
        words = bodies.get(procedure)
        if words and int.from_bytes(data[4:8], "big") == 1:
            asked = [each.call.record.data for each in events if isinstance(each, Message) and each.record.data == data]
            assert any(rpc.opaque(word) in text for word in words for text in (data, *asked))


class OneByOne(Detector):
    """The same detector, to which no messages are alike."""

    def __init__(self, detector: Detector) -> None:
        self.id = detector.id
        self.needs = replace(detector.needs, alike=Alike.NONE)
        self.read, self.message, self.event = detector.read, detector.message, detector.event

    def conclude(self, evidence: Any, view: Any) -> list[Any]:
        return []


ALIKE = [each for each in DETECTORS.values() if each.needs.alike is not Alike.NONE]


def made() -> list[Event]:
    """Messages that differ in all that could count: ports, credentials, statuses, bodies."""
    talk, chance = Talk(), random.Random(5)
    servers = [Address("192.0.2.20", 961), Address("192.0.2.21", 4321)]
    credentials = (rpc.NULL_AUTH, rpc.auth_sys("elm", 501), password("checksum"), password("s3cret"))
    for _ in range(600):
        how = {
            "client": Address(f"192.0.2.{chance.choice((10, 20))}", chance.choice((700, 40000))),
            "server": chance.choice(servers),
            "credential": chance.choice(credentials),
        }
        number = chance.randrange(3)
        match chance.randrange(6):
            case 0:
                write(talk, how.pop("credential"), chance.choice((OK, PERM, RDONLY)), **how)
            case 1:
                ask(talk, 0, b"", chance.choice((b"", b"", None)), **how)
            case 2:
                names = chance.choice((["checksum"], ["checksum", "tag"], ["server_version", "connections"]))
                ask(talk, STATISTICS, b"", rpc.properties([(name, ["208"]) for name in names]), **how)
            case 3:
                flag = rpc.words(chance.randrange(2))
                whole = flag + (rpc.ni_id(0) + rpc.properties([]) + rpc.words(0, 0, 0) if flag[3] else b"")
                ask(talk, READALL, rpc.words(number), rpc.words(OK, 7, 9) + whole, **how)
            case 4:
                ask(talk, LIST, rpc.ni_id(number) + rpc.opaque("name"), rpc.words(OK, 0) + rpc.ni_id(number), **how)
            case _:
                ask(talk, 2, b"", rpc.words(OK) + rpc.ni_id(0), **how)
    return list(opened(pcap_bytes(talk.frames)).events())


@pytest.mark.parametrize("detector", ALIKE, ids=lambda detector: detector.id)
def test_messages_that_are_alike_count_as_they_would_one_by_one(detector: Detector) -> None:
    events = made()
    found = []
    for each in (detector, OneByOne(detector)):
        clues = Clues()
        detection = Detection([each], clues)
        for event in events:
            feed(detection, event)
        found.append(rows(clues, detector.id))
    assert found[0] == found[1]
    assert found[0]


def test_of_many_that_are_alike_one_is_shown() -> None:
    for how in (Alike.PEERS, Alike.BODY):
        talk = Talk()
        for _ in range(50):
            ask(talk, READ, rpc.ni_id(5), rpc.words(NODIR))
        probe = Probe(replies=frozenset({"NetInfo.READ"}), alike=how)
        clues = Clues()
        detection = Detection([probe], clues)
        for event in opened(pcap_bytes(talk.frames)).events():
            feed(detection, event)
        assert (len(probe.shown), [row.count for row in clues.of("probe")]) == (1, [50])


def counters_of(watch: Watch) -> int:
    """How many counters, or tuples of some, are at hand."""
    alike = [*(watch.alike or {}).values(), watch.call_alike, watch.reply_alike]
    return len({id(each) for each in alike if each}) + len(watch.counters or ())


def test_counters_are_made_anew_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    events, found, held = made(), [], [0]
    for most in (65_536, 8):
        monkeypatch.setattr(detecting, "_MOST_COUNTERS", most, raising=False)  # compiled, it is a number of C
        clues = Clues()
        detection = Detection(DETECTORS.values(), clues)
        for event in events:
            feed(detection, event)
            watches = getattr(detection, "_filled", ())
            held.append(sum(counters_of(each) for each in watches))
        found.append([rows(clues, id_) for id_ in DETECTORS])
    assert found[0] == found[1]
    assert max(held[-len(events) :]) <= 8
    assert max(held) > 8 or not hasattr(Detection(DETECTORS.values(), Clues()), "_filled")


def test_calls_of_some_xids() -> None:
    assert [each.xid for each in shown(xids={"NetInfo.READ": (71, 80)})] == [71]


def test_equal_bodies_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()
    for _ in range(50):
        read(talk, 5, user("admin", 501, ["*"]))
        read(talk, 6, [("name", ["oak"])])
    events = list(opened(pcap_bytes(talk.frames)).events())
    decoded = Decoded(monkeypatch)
    detection = Detection(DETECTORS.values(), Clues())
    for event in events:
        feed(detection, event)
    assert Counter(name for name, _ in decoded.bodies) == {"NetInfo.READ": 2}  # a call and its answer


def test_what_stands_in_a_credential_is_no_property() -> None:
    """A body is remembered, whatever the rest of its message holds."""
    seen = []

    class Reader(Detector):
        id = "reader"
        needs = DETECTORS["password-hashes"].needs

        def read(self, procedure: str, arguments: Any, result: Any) -> list[Any]:
            seen.append(procedure)
            return []

        def conclude(self, evidence: Any, view: Any) -> list[Any]:
            return []

    talk = Talk()
    ask(talk, READ, rpc.ni_id(5), rpc.words(OK) + rpc.ni_id(5) + rpc.properties([]), credential=rpc.auth_sys("passwd"))
    detection = Detection([Reader()], Clues())
    for event in opened(pcap_bytes(talk.frames)).events():
        feed(detection, event)
    assert seen == []


def test_every_id_is_its_own_and_stands_in_the_table() -> None:
    for id_, detector in DETECTORS.items():
        assert detector.id == id_
        assert id_ == type(detector).__module__.rpartition(".")[2].replace("_", "-")
        assert detector.about.references


def test_odd_messages_are_seen_too() -> None:
    """A credential that is not plain, and a call that is not whole."""
    odd = rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(), credential=password("s3cret"), verifier=rpc.auth(3, b"ab"))
    cut = rpc.call(2, rpc.NETINFO, 2, 7, credential=password("s3cret"))
    talk = Talk()
    talk.ask(odd)
    talk.ask(cut)
    clues = Clues()
    detection = Detection(DETECTORS.values(), clues)
    for event in opened(pcap_bytes(talk.frames)).events():
        feed(detection, event)
    assert sum(row.count for row in clues.of("password-in-credential")) == 2


class Probe(Detector):
    """Notes what it is shown."""

    id = "probe"

    def __init__(self, **needs: Any) -> None:
        self.needs = Needs(**needs)
        self.shown: list[Any] = []

    def read(self, procedure: str, arguments: Any, result: Any) -> list[Any]:
        self.shown.append((procedure, arguments, result))
        return [()]

    def message(self, message: Message) -> list[Any]:
        self.shown.append(message)
        return [()]

    def event(self, event: Any) -> list[Any]:
        self.shown.append(event)
        return [()]

    def conclude(self, evidence: Any, view: Any) -> list[Any]:
        return []


def everything() -> list[Event]:
    """A capture with something of each kind."""
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.ping(1), 8))
    connection.reply(rpc.record(rpc.accepted(1)))
    connection.close()
    ask(talk, READ, rpc.ni_id(5), rpc.words(NODIR), xid=70)
    ask(talk, READ, rpc.ni_id(6) + b"odd!", rpc.words(OK) + rpc.ni_id(6) + rpc.properties([]), xid=71)
    again = rpc.call(72, rpc.NETINFO, 2, READ, rpc.ni_id(7))
    talk.ask(again)
    talk.ask(again, rpc.accepted(72, rpc.words(NODIR)))
    talk.udp(SERVER, CLIENT, rpc.accepted(72, rpc.words(NODIR)))
    talk.ask(rpc.call(80, rpc.NETINFO, 2, 40), rpc.accepted(80, status=3))
    talk.ask(rpc.ping(81), rpc.denied(81, 1, 5))
    talk.udp(CLIENT, SERVER, b"nothing of the kind")
    talk.udp(Address("192.0.2.1", 67), Address("192.0.2.33", 68), offer())
    return list(opened(pcap_bytes(talk.frames)).events())


def shown(**needs: Any) -> list[Any]:
    probe, clues = Probe(**needs), Clues()
    detection = Detection([probe], clues)
    for event in everything():
        feed(detection, event)
    assert sum(row.count for row in clues.of("probe")) == len(probe.shown)
    return probe.shown


def test_each_need_is_shown_and_nothing_else() -> None:
    reads = frozenset({"NetInfo.READ"})
    assert shown() == []
    assert [event.server_bytes > 0 for event in shown(connections=True)] == [True]
    assert [event.head for event in shown(strays=True)] == [b"nothing of the kind"]
    assert [event.binding.tag for event in shown(offers=True)] == [b"network"]
    assert [(each.xid, each.record.fragments) for each in shown(fragments=True)] == [(1, 2)]
    assert [(each.xid, each.is_call) for each in shown(failures=True)] == [(80, False), (81, False)]
    assert [(each.xid, each.is_call) for each in shown(unknown=True)] == [(80, True), (80, False)]
    assert [each.xid for each in shown(anomalies=frozenset({Anomaly.BYTES_LEFT_OVER}))] == [71]
    assert [each.xid for each in shown(calls=reads)] == [70, 71, 72]  # a retransmission is not shown
    assert [each.xid for each in shown(replies=reads)] == [70, 71, 72]  # nor a duplicate
    assert [each.xid for each in shown(replies=reads, statuses=frozenset({NODIR}))] == [70, 72]
    assert [arguments["id"]["object"] for _, arguments, _ in shown(bodies=(Bodies(reads),))] == [6]
    assert shown(bodies=(Bodies(reads, (b"passwd",)),)) == []


def test_each_host_that_answers_what_was_passed_on_is_shown() -> None:
    talk = Talk()
    port_mappers = [Address(f"192.0.2.{host}", 111) for host in (20, 21)]
    talk.udp(CLIENT, Address("192.0.2.255", 111), rpc.call(1, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 0, 0)))
    for each in port_mappers:
        talk.udp(each, CLIENT, rpc.accepted(1, rpc.words(700, 0)))
    probe = Probe(replies=frozenset({"portmap.CALLIT"}))
    detection = Detection([probe], Clues())
    for event in opened(pcap_bytes(talk.frames)).events():
        feed(detection, event)
    assert [each.server.ip for each in probe.shown] == [each.ip for each in port_mappers]


def test_a_message_is_shown_once_whatever_it_is_needed_for() -> None:
    reads, odd = frozenset({"NetInfo.READ"}), frozenset({Anomaly.BYTES_LEFT_OVER})
    assert [each.xid for each in shown(calls=reads, anomalies=odd)] == [70, 71, 72]


@EACH
def test_an_answer_that_cannot_be_read_gives_no_clue(detector: Detector) -> None:
    for bodies in detector.needs.bodies:
        for procedure in bodies.procedures:
            assert list(detector.read(procedure, {"id": {"object": 3, "instance": 0}}, None)) == []
            assert list(detector.read(procedure, None, None)) == []
