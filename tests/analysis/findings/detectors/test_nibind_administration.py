"""Who makes and removes domains of a host, and is not on it."""

from __future__ import annotations

import msgspec
import pytest

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.findings.known import Known
from tests.analysis.findings.making import OK, PERM, findings
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "nibind-administration"
TAG = rpc.opaque("rogue")
CALLS = {
    "nibind.REGISTER": (1, TAG + rpc.words(702, 703)),
    "nibind.UNREGISTER": (2, TAG),
    "nibind.CREATEMASTER": (5, TAG),
    "nibind.CREATECLONE": (6, TAG + rpc.opaque("oak") + rpc.words(0xC0000215) + rpc.opaque("network")),
    "nibind.DESTROYDOMAIN": (7, TAG),
}


def administer(name: str, status: int | None, client: Address = CLIENT) -> Talk:
    talk = Talk()
    procedure, arguments = CALLS[name]
    connection = talk.tcp(client, SERVER)
    connection.call(rpc.record(rpc.call(9, rpc.NIBIND, 1, procedure, arguments)))
    if status is not None:
        connection.reply(rpc.record(rpc.accepted(9, rpc.words(status))))
    connection.close()
    return talk


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("status", "severity"), [(OK, "high"), (PERM, "medium"), (None, "high")])
def test_each_call(name: str, status: int | None, severity: str) -> None:
    (found,) = findings(administer(name, status).frames, ID)
    assert (found.severity, found.clients, found.servers) == (severity, [CLIENT.ip], [SERVER.ip])
    assert (found.tags, found.count) == (["rogue"], 1)
    (row,) = found.details
    assert (row["procedure"], row["tag"]) == (name, "rogue")
    assert row["statuses"] == ({} if status is None else {("NI_OK" if status == OK else "NI_PERM"): 1})


def test_over_udp_it_is_denied() -> None:
    talk = Talk()
    talk.ask(rpc.call(9, rpc.NIBIND, 1, 5, TAG), rpc.denied(9, 1, 5))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.details[0]["statuses"]) == ("medium", {"AUTH_ERROR": 1})


def test_an_answer_that_the_snap_length_cut() -> None:
    """It is an answer once it says how the call was answered; whatever is there can be written as JSON."""
    call, reply = rpc.call(9, rpc.NIBIND, 1, 5, TAG), rpc.denied(9, 1, 5)
    said = {0: {}, 12: {"MSG_DENIED": 1}, 16: {"AUTH_ERROR": 1}}
    for size in range(len(reply)):
        talk = Talk()
        talk.ask(call, reply)
        frame = talk.frames[-1]
        talk.frames[-1] = frame._replace(data=frame.data[: len(frame.data) - len(reply) + size])
        (found,) = findings(talk.frames, ID)
        assert found.details[0]["statuses"] == said[max(each for each in said if each <= size)]
        assert found.severity == ("high" if size < 12 else "medium")
        assert msgspec.json.decode(msgspec.json.encode(found))["count"] == 1


def test_near_misses() -> None:
    for name in CALLS:
        assert findings(administer(name, OK, Address(SERVER.ip, 700)).frames, ID) == []
    talk = Talk()
    talk.ask(rpc.getregister(3), rpc.accepted(3, rpc.words(OK, 702, 703)))
    talk.ask(rpc.listreg(4), rpc.accepted(4, rpc.words(OK) + rpc.array([])))
    talk.ask(rpc.ping(5, rpc.NIBIND), rpc.accepted(5))
    assert findings(talk.frames, ID) == []


def test_another_address_of_the_host_itself() -> None:
    addresses = [CLIENT.ip.encode(), SERVER.ip.encode()]
    host = Directory(object=2, properties=[Property(b"name", [b"oak"]), Property(b"ip_address", addresses)])
    known = Known(domains=[Domain(root=Directory(object=0, children=[host]))])
    assert known.is_same_host(bytes([192, 0, 2, 10]), bytes([192, 0, 2, 20]))
    assert not known.is_same_host(bytes([192, 0, 2, 10]), bytes([192, 0, 2, 21]))


@pytest.mark.parametrize("name", NAMES)
def test_silent_on_the_recordings(name: str) -> None:
    """All their administration is done on the host."""
    assert findings(recording(name), ID) == []
