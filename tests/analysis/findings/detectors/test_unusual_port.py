"""NetInfo where no server of it puts itself."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import OK, ask, findings, read
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "unusual-port"
ROOT = 2


def rooted(port: int, result: bytes | None = rpc.words(OK) + rpc.ni_id()) -> Talk:
    talk = Talk()
    ask(talk, ROOT, b"", result, server=Address(SERVER.ip, port))
    return talk


@pytest.mark.parametrize("port", [4321, 1024, 599, 1034, 80])
def test_an_unusual_port(port: int) -> None:
    (found,) = findings(rooted(port).frames, ID)
    assert (found.severity, found.servers, found.clients) == ("medium", [SERVER.ip], [CLIENT.ip])
    assert [(row["port"], row["transport"]) for row in found.details] == [(port, "udp")]
    assert len(found.frames) == 1
    known = Known([Given(IPv4Network(SERVER.ip), None)])
    assert findings(rooted(port).frames, ID, known=known)[0].severity == "low"


def test_reads_alone_tell_it_too() -> None:
    talk = Talk()
    for host in (10, 11):
        read(talk, 5, [("name", ["oak"])], server=Address(SERVER.ip, 4321), client=Address(f"192.0.2.{host}", 40000))
    (found,) = findings(talk.frames, ID)
    assert (found.count, found.details[0]["clients"]) == (2, 2)
    assert [frame.frame for frame in found.frames] == [2]
    assert found.filter == "frame.number == 2"


@pytest.mark.parametrize("port", [961, 1033, 1043, 600, 702, 1023])
def test_the_usual_ports(port: int) -> None:
    assert findings(rooted(port).frames, ID) == []


def test_near_misses() -> None:
    refused = Talk()
    refused.ask(rpc.root(1), rpc.accepted(1, status=1), server=Address(SERVER.ip, 4321))
    nibind = Talk()
    nibind.ask(rpc.ping(1, rpc.NIBIND), rpc.accepted(1), server=Address(SERVER.ip, 4321))
    for talk in (rooted(4321, None), refused, nibind):
        assert findings(talk.frames, ID) == []


def test_silent_on_the_recordings() -> None:
    """The clone of 11-clone and all others sit where netinfod puts itself."""
    assert [name for name in NAMES if findings(recording(name), ID)] == []
