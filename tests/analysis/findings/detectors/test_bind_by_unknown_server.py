"""Who answers the search for a parent."""

from __future__ import annotations

from ipaddress import IPv4Network

from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import findings, read
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "bind-by-unknown-server"
PORTMAP, BROADCAST = Address(SERVER.ip, 111), Address("192.0.2.255", 111)
ARGUMENTS = rpc.words(0xC000020A) + rpc.opaque("local") + rpc.opaque("network")
BIND = rpc.call(1, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(ARGUMENTS))
BOUND = rpc.accepted(1, rpc.words(700) + rpc.opaque(b""))
OTHER = Known([Given(IPv4Network("192.0.2.99"), None)])


def broadcast(*hosts: Address) -> Talk:
    talk = Talk()
    talk.udp(CLIENT, BROADCAST, BIND)
    for host in hosts:
        talk.udp(host, CLIENT, BOUND)
    return talk


def straight(program: int, version: int, procedure: int, arguments: bytes, reply: bytes) -> Talk:
    talk = Talk()
    talk.ask(rpc.call(1, program, version, procedure, arguments), reply)
    return talk


def test_through_the_port_mapper() -> None:
    for host in (PORTMAP, Address(SERVER.ip, 40001)):
        (found,) = findings(broadcast(host).frames, ID, known=OTHER)
        (row,) = found.details
        assert (found.severity, found.tags, found.count) == ("high", ["network"], 1)
        assert (row["server"], row["client"], row["client_tag"]) == (SERVER.ip, CLIENT.ip, "local")


def test_where_no_server_is_known() -> None:
    assert [each.severity for each in findings(broadcast(PORTMAP).frames, ID)] == ["low"]


def test_of_several_only_the_unknown() -> None:
    known = Known([Given(IPv4Network(SERVER.ip), b"network")])
    (found,) = findings(broadcast(PORTMAP, Address("192.0.2.66", 111)).frames, ID, known=known)
    assert found.details[0]["server"] == "192.0.2.66"


def test_straight_to_nibind_and_netinfo() -> None:
    for talk in (
        straight(rpc.NIBIND, 1, 8, ARGUMENTS, rpc.accepted(1)),
        straight(rpc.NETINFO, 2, 24, rpc.opaque("local") + rpc.words(0xC000020A), rpc.accepted(1)),
    ):
        assert [each.severity for each in findings(talk.frames, ID, known=OTHER)] == ["high"]


def test_near_misses() -> None:
    for talk in (
        broadcast(),  # nobody answered
        straight(rpc.NIBIND, 1, 8, ARGUMENTS, rpc.accepted(1, status=5)),
        straight(rpc.NIBIND, 1, 8, ARGUMENTS, rpc.accepted(1, rpc.words(12))),  # as Previous refuses
        straight(rpc.NIBIND, 1, 0, b"", rpc.accepted(1)),
    ):
        assert findings(talk.frames, ID, known=OTHER) == []
    talk = broadcast(PORTMAP)  # named as a server by a directory, wherever that was read
    machine = [("name", ["elm"]), ("ip_address", [SERVER.ip]), ("serves", ["./network"])]
    read(talk, 7, machine, server=Address("192.0.2.30", 961))
    assert findings(talk.frames, ID) == []
    itself = Talk()
    itself.ask(rpc.call(1, rpc.NIBIND, 1, 8, ARGUMENTS), rpc.accepted(1), client=Address(SERVER.ip, 700))
    assert findings(itself.frames, ID, known=OTHER) == []


def test_silent_on_the_recordings() -> None:
    """Their servers are named in the directories that were read."""
    assert [name for name in NAMES if findings(recording(name), ID)] == []
