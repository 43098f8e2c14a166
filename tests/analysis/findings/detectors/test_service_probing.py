"""Who feels his way to NetInfo."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.detectors.service_probing import MANY_HOSTS, MANY_PROGRAMS, MANY_TAGS
from tests.analysis.findings.making import OK, findings
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "service-probing"
NOTAG = 19
PORTMAP = Address(SERVER.ip, 111)


def tags(count: int, there: int = 0, times: int = 1) -> Talk:
    talk = Talk()
    for number in range(count):
        for _ in range(times):
            xid = len(talk.frames) + 1
            result = rpc.words(OK, 702, 703) if number < there else rpc.words(NOTAG)
            talk.ask(rpc.getregister(xid, f"tag{number}"), rpc.accepted(xid, result))
    return talk


def programs(count: int) -> Talk:
    talk = Talk()
    for number in range(count):
        xid = len(talk.frames) + 1
        call = rpc.getport(xid, rpc.NETINFO if number % 2 else rpc.NIBIND, number // 2, 17)
        talk.ask(call, rpc.accepted(xid, rpc.words(0)), server=PORTMAP)
    return talk


def hosts(count: int) -> Talk:
    talk = Talk()
    for number in range(count):
        host = f"192.0.2.{100 + number}"
        match number % 3:
            case 0:
                talk.ask(rpc.getport(number), server=Address(host, 111))
            case 1:
                talk.ask(rpc.call(number, rpc.PORTMAP, 2, 4), server=Address(host, 111))
            case 2:
                talk.ask(rpc.listreg(number), server=Address(host, 961))
    return talk


def test_tags() -> None:
    (found,) = findings(tags(MANY_TAGS, there=MANY_TAGS // 2 - 1).frames, ID)
    (row,) = found.details
    assert (found.severity, found.clients, found.count) == ("medium", [CLIENT.ip], MANY_TAGS)
    assert (row["kind"], row["asked"], row["unknown"]) == ("tag", MANY_TAGS, MANY_TAGS // 2 + 1)


def test_programs() -> None:
    (found,) = findings(programs(MANY_PROGRAMS).frames, ID)
    assert (found.details[0]["kind"], found.details[0]["asked"]) == ("program", MANY_PROGRAMS)


def test_hosts() -> None:
    (found,) = findings(hosts(MANY_HOSTS).frames, ID)
    assert {row["kind"] for row in found.details} == {"program", "dump", "list"}
    assert len({row["server"] for row in found.details}) == MANY_HOSTS


def test_near_misses() -> None:
    for talk in (
        tags(MANY_TAGS - 1),
        tags(3, times=20),
        tags(MANY_TAGS, there=MANY_TAGS // 2),  # they are there
        programs(MANY_PROGRAMS - 1),
        hosts(MANY_HOSTS - 1),
    ):
        assert findings(talk.frames, ID) == []
    nfs = Talk()
    for number in range(40):
        nfs.ask(rpc.getport(number, 100003, number), server=Address(f"192.0.2.{100 + number}", 111))
    assert findings(nfs.frames, ID) == []


def test_silent_on_the_recordings() -> None:
    assert [name for name in NAMES if findings(recording(name), ID)] == []
