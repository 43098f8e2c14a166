"""Who names the NetInfo parent by bootparam, straight or through the port mapper."""

from __future__ import annotations

from ipaddress import IPv4Network

from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import findings
from tests.support import rpc
from tests.support.conversation import CLIENT, Talk
from tests.support.packets import Address

ID = "bootparam-parent"
PORTMAP, BROADCAST, HOST = Address("192.0.2.20", 111), Address("192.0.2.255", 111), Address("192.0.2.20", 700)


def asked(file: str = "netinfo_parent") -> bytes:
    return rpc.opaque("oak") + rpc.opaque(file)


def answered(tag: str = "network") -> bytes:
    return rpc.opaque("elm") + rpc.words(1, -64, 0, 2, 7) + rpc.opaque(tag)  # 192, sign-extended


def callit(xid: int, file: str = "netinfo_parent") -> bytes:
    return rpc.call(xid, rpc.PORTMAP, 2, 5, rpc.words(rpc.BOOTPARAM, 1, 2) + rpc.opaque(asked(file)))


def straight(file: str = "netinfo_parent") -> Talk:
    talk = Talk()
    call = rpc.call(1, rpc.BOOTPARAM, 1, 2, asked(file))
    talk.ask(call, rpc.accepted(1, answered()), server=HOST)
    return talk


def forwarded(*hosts: Address, file: str = "netinfo_parent") -> Talk:
    talk = Talk()
    talk.udp(CLIENT, BROADCAST, callit(1, file))
    for host in hosts:
        talk.udp(host, CLIENT, rpc.accepted(1, rpc.words(700) + rpc.opaque(answered())))
    return talk


def test_both_ways() -> None:
    for talk in (straight(), forwarded(PORTMAP), forwarded(Address("192.0.2.20", 32768))):
        (found,) = findings(talk.frames, ID)
        assert (found.severity, found.tags, found.count) == ("high", ["network"], 1)
        (row,) = found.details
        assert (row["answered"], row["server"], row["name"], row["tag"]) == (
            "192.0.2.20",
            "192.0.2.7",
            "elm",
            "network",
        )


def test_each_host_that_answers_a_broadcast() -> None:
    found = findings(forwarded(PORTMAP, Address("192.0.2.21", 111)).frames, ID)
    assert [each.details[0]["answered"] for each in found] == ["192.0.2.20", "192.0.2.21"]


def test_a_known_parent_is_only_told() -> None:
    for tag, severity in ((None, "info"), (b"network", "info"), (b"other", "high")):
        known = Known([Given(IPv4Network("192.0.2.7"), tag)])
        (found,) = findings(forwarded(PORTMAP).frames, ID, known=known)
        assert found.severity == severity


def test_near_misses() -> None:
    for talk in (straight("root"), forwarded(PORTMAP, file="root"), forwarded(), forwarded(file="netinfo_parents")):
        assert findings(talk.frames, ID) == []
