"""What else can be at NetInfo's ports."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.detectors.foreign_service import HEAD_BYTES
from tests.analysis.findings.making import findings
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "foreign-service"
HTTP = b"HTTP/1.0 200 OK\r\nServer: \x1b[31m<script>\r\n\r\n"


def web(server: Address = SERVER) -> Talk:
    talk = Talk()
    connection = talk.tcp(server=server)
    connection.call(b"GET / HTTP/1.0\r\n\r\n" + bytes(40))
    connection.reply(HTTP)
    connection.close()
    return talk


def test_http() -> None:
    (found,) = findings(web().frames, ID)
    (row,) = found.details
    assert (found.severity, found.servers, found.clients) == ("low", [SERVER.ip], [CLIENT.ip])
    assert (row["what"], row["protocol"], row["head"]) == ("bytes", "HTTP", HTTP[:HEAD_BYTES].decode())
    assert "HTTP" in found.title
    assert "script" not in found.title


def test_over_udp() -> None:
    talk = Talk()
    talk.ask(b"anybody there?", b"\xff\xff\xff\xffno RPC at all \x80")
    (found,) = findings(talk.frames, ID)
    assert (found.servers, found.clients) == ([SERVER.ip], [CLIENT.ip])
    assert found.details[0]["head"] == {"hex": b"\xff\xff\xff\xffno RPC at all \x80".hex()}


def test_no_netinfo_there() -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.accepted(1, status=1))
    (found,) = findings(talk.frames, ID)
    assert [(row["what"], row["program"]) for row in found.details] == [("unavailable", rpc.NETINFO)]


def test_another_program() -> None:
    talk = Talk()
    talk.ask(rpc.call(1, 100003, 3, 1, bytes(8)), rpc.accepted(1, bytes(8)))
    (found,) = findings(talk.frames, ID)
    assert [(row["what"], row["program"]) for row in found.details] == [("program", 100003)]


def test_where_nibind_said_that_netinfo_is() -> None:
    learned = Talk()
    learned.ask(rpc.getregister(1), rpc.accepted(1, rpc.words(0, 702, 703)))
    elsewhere = web(server=Address(SERVER.ip, 703)).frames
    assert len(findings(learned.frames + elsewhere, ID)) == 1
    assert findings(elsewhere, ID) == []


def test_near_misses() -> None:
    served = Talk()  # a server of NetInfo that is also sent other things, and refuses what it does not know
    served.ask(rpc.root(1), rpc.root_reply(1))
    served.ask(b"GET / HTTP/1.0\r\n\r\n")
    served.ask(rpc.call(2, 100003, 3, 1), rpc.accepted(2, status=1))
    served.ask(rpc.call(3, rpc.NETINFO, 2, 40), rpc.accepted(3, status=3))
    asked = Talk()  # nobody answers
    asked.ask(b"GET / HTTP/1.0\r\n\r\n")
    asked.ask(rpc.call(2, 100003, 3, 1))
    denied = Talk()
    denied.ask(rpc.root(1), rpc.denied(1, 1, 5))
    client = Talk()  # a client that holds 961 by chance
    client.ask(rpc.call(1, 100003, 3, 1), rpc.accepted(1, bytes(8)), Address(CLIENT.ip, 961), Address(SERVER.ip, 2049))
    for talk in (served, asked, denied, client):
        assert findings(talk.frames, ID) == []


def test_silent_on_the_recordings() -> None:
    assert [name for name in NAMES if findings(recording(name), ID)] == []
