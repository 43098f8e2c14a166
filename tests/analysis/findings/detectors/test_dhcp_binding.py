"""DHCP replies that name NetInfo servers, known and unknown, however they travel."""

from __future__ import annotations

import pytest

from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import findings, read, summary
from tests.capture.test_offers import CLIENT, RELAY, SERVER, offer
from tests.support import transforms
from tests.support.captures import Frame
from tests.support.conversation import Talk
from tests.support.packets import Address

ID = "dhcp-binding"
PARENT = "192.0.2.7"
BROADCAST = Address("255.255.255.255", 68)


def offered(target: Address = CLIENT, options: bytes | None = None) -> list[Frame]:
    talk = Talk()
    talk.udp(SERVER, target, offer() if options is None else offer(options))
    return talk.frames


@pytest.mark.parametrize("target", [CLIENT, BROADCAST, RELAY])
def test_an_unknown_server(target: Address) -> None:
    (found,) = findings(offered(target), ID)
    assert (found.severity, found.tags, found.count) == ("high", ["network"], 1)
    assert found.servers == [SERVER.ip]
    (row,) = found.details
    assert (row["dhcp"], row["servers"], row["unknown"]) == (SERVER.ip, [PARENT], [PARENT])


def test_in_ip_fragments() -> None:
    for backwards in (False, True):
        frames = list(transforms.ip_fragments(tuple(offered(BROADCAST)), backwards=backwards))
        assert len(frames) > 1
        assert [each.severity for each in findings(frames, ID)] == ["high"]


def test_the_server_identifier_is_who_answered() -> None:
    options = b"\x35\x01\x05\x36\x04\xc0\x00\x02\x05\x70\x08\xc0\x00\x02\x07\xc0\x00\x02\x08\x71\x07network\xff"
    frames = offered(RELAY, options) + offered(CLIENT, options)
    (found,) = findings(frames, ID)
    assert (found.details[0]["dhcp"], found.details[0]["replies"]) == ("192.0.2.5", 2)
    assert found.details[0]["servers"] == [PARENT, "192.0.2.8"]


def test_known_servers_are_only_told() -> None:
    from ipaddress import IPv4Network

    def severity(tag: bytes | None, network: str = PARENT) -> str:
        known = Known([Given(IPv4Network(network), tag)])
        return findings(offered(), ID, known=known)[0].severity

    assert severity(None) == severity(b"network") == "info"
    assert severity(b"local") == severity(None, "192.0.2.8") == "high"  # nearly


def test_known_by_a_directory() -> None:
    talk = Talk()
    machine = [("name", ["elm"]), ("ip_address", [PARENT]), ("serves", ["./network"])]
    read(talk, 7, machine)
    assert findings(talk.frames + offered(), ID)[0].severity == "info"


def test_a_tag_alone_names_no_server() -> None:
    (found,) = findings(offered(options=b"\x35\x01\x02\x71\x07network\xff"), ID)
    assert (found.severity, found.details[0]["servers"]) == ("info", [])


def test_near_misses() -> None:
    talk = Talk()
    talk.udp(SERVER, CLIENT, offer(b"\x35\x01\x02\x06\x04\xc0\x00\x02\x07\xff"))  # a name server
    talk.udp(CLIENT, SERVER, offer(b"\x35\x01\x01\x37\x02\x70\x71\xff", op=1))  # asks for both
    talk.udp(Address(SERVER.ip, 69), CLIENT, offer())
    assert summary(talk.frames).findings == []
