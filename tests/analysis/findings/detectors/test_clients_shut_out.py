"""Connections refused, and closed without a byte."""

from __future__ import annotations

from tests.analysis.findings.detectors.test_netinfo_sweep import REFUSES, SILENT, attempt
from tests.analysis.findings.making import findings
from tests.support import rpc
from tests.support.conversation import CLIENT, SERVER, Connection, Talk
from tests.support.packets import ACK, FIN, Address

ID = "clients-shut-out"


def closes(connection: Connection, first: Address) -> None:
    """Both sides close, one of them first."""
    for side in (first, connection.other(first)):
        connection._frame(side, connection.said[side], FIN | ACK)
        connection.said[side] += 1


def shut_out(talk: Talk, client: Address = CLIENT, said: bytes = b"") -> None:
    connection = talk.tcp(client)
    if said:
        connection.call(said)
    closes(connection, connection.server)


def test_closed_without_a_byte() -> None:
    talk = Talk()
    shut_out(talk)
    shut_out(talk, Address(CLIENT.ip, 40001))
    shut_out(talk, Address("192.0.2.11", 40000), rpc.record(rpc.root(1)))
    talk.ask(rpc.ping(9), rpc.accepted(9))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count, found.clients) == ("low", 3, [CLIENT.ip, "192.0.2.11"])
    assert [(row["client"], row["how"], row["connections"], row["pinged"]) for row in found.details] == [
        (CLIENT.ip, "closed", 2, True),
        ("192.0.2.11", "closed", 1, False),
    ]


def test_a_reset_by_the_server_closes_too() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.root(1)))
    connection.reset(connection.server)
    assert [each.severity for each in findings(talk.frames, ID)] == ["low"]


def test_refused() -> None:
    talk = Talk()
    for number in range(3):
        attempt(talk, SERVER, REFUSES, Address(CLIENT.ip, 40000 + number))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count) == ("info", 3)
    assert [(row["server"], row["port"], row["how"]) for row in found.details] == [(SERVER.ip, 961, "refused")]


def test_near_misses() -> None:
    served = Talk()  # shut out once, served before and after
    for port in (40000, 40001):
        connection = served.tcp(Address(CLIENT.ip, port))
        connection.call(rpc.record(rpc.root(1)))
        connection.reply(rpc.record(rpc.root_reply(1)))
        connection.close()
    shut_out(served, Address(CLIENT.ip, 40002))
    own = Talk()  # the client closed first
    connection = own.tcp()
    closes(connection, connection.client)
    connection = own.tcp(Address(CLIENT.ip, 40001))
    connection.reset(connection.client)
    silent = Talk()
    attempt(silent, SERVER, SILENT)
    still_open = Talk()
    still_open.tcp()
    elsewhere = Talk()
    attempt(elsewhere, Address(SERVER.ip, 80), REFUSES)
    for talk in (served, own, silent, still_open, elsewhere):
        assert findings(talk.frames, ID) == []
