"""The scanner's run, and what has a mark or two of it by chance."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.detectors.nessus_11898 import TOGETHER
from tests.analysis.findings.making import OK, findings
from tests.support import rpc
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

ID = "nessus-11898"
PORTMAP = Address(SERVER.ip, 111)
READ_XID = 0x15EB497B


def getports(talk: Talk) -> None:
    for xid, protocol in ((1, 6), (2, 17)):
        call = rpc.getport(xid, rpc.NIBIND, 0xFFFFFFFF, protocol)
        talk.ask(call, rpc.accepted(xid, rpc.words(961)), server=PORTMAP)


def scan(children: int = 3, *, upto: int = 99) -> Talk:
    """The whole sequence, as the plugin says it. upto: TCP calls to NetInfo before it gives up."""
    talk = Talk()
    getports(talk)
    listing = talk.tcp(CLIENT, SERVER)
    listing.call(rpc.record(rpc.listreg(0x11E04095)))
    listing.reply(rpc.record(rpc.accepted(0x11E04095, rpc.words(OK) + rpc.array([]))))
    listing.close()
    ports = rpc.accepted(0x68C15898, rpc.words(OK, 702, 703))
    talk.ask(rpc.getregister(0x68C15898, "local"), ports)
    users = rpc.words(OK) + rpc.array([rpc.words(3)]) + rpc.ni_id(0)
    ids = [rpc.words(number + 4) for number in range(children)]
    said: list[tuple[int, int, bytes, bytes]] = [
        (0x15EB4980, 2, b"", rpc.words(OK) + rpc.ni_id(0, 13)),
        (0x15EB497F, 2, b"", rpc.words(OK) + rpc.ni_id(0, 13)),
        (0x15EB497E, 10, rpc.ni_id(0, 13) + rpc.opaque("name") + rpc.opaque("users"), users),
        (0x15EB497D, 3, rpc.ni_id(3), rpc.words(OK) + rpc.ni_id(3)),
        (0x15EB497C, 9, rpc.ni_id(3), rpc.words(OK) + rpc.array(ids) + rpc.ni_id(3)),
    ]
    child = rpc.words(OK) + rpc.ni_id(4, 12) + rpc.properties([("name", ["root"])])
    reads = [(READ_XID, 7, rpc.ni_id(number + 4, 12), child) for number in range(children)]
    connection = talk.tcp(Address(CLIENT.ip, 40001), Address(SERVER.ip, 703), first=9000)
    for xid, procedure, arguments, result in [*said, *reads][:upto]:
        connection.call(rpc.record(rpc.call(xid, rpc.NETINFO, 2, procedure, arguments)))
        connection.reply(rpc.record(rpc.accepted(xid, result)))
    connection.close()
    return talk


def test_the_whole_run() -> None:
    (found,) = findings(scan().frames, ID)
    assert (found.severity, found.clients, found.servers) == ("high", [CLIENT.ip], [SERVER.ip])
    assert {(row["call"], row["xid"]): row["times"] for row in found.details} == {
        ("portmap.GETPORT", None): 2,
        ("nibind.LISTREG", "0x11e04095"): 1,
        ("nibind.GETREGISTER", "0x68c15898"): 1,
        ("NetInfo.ROOT", "0x15eb4980"): 1,
        ("NetInfo.ROOT", "0x15eb497f"): 1,
        ("NetInfo.LOOKUP", "0x15eb497e"): 1,
        ("NetInfo.SELF", "0x15eb497d"): 1,
        ("NetInfo.CHILDREN", "0x15eb497c"): 1,
    }


def test_it_gave_up_early() -> None:
    (found,) = findings(scan(upto=1).frames, ID)
    assert (found.severity, len(found.details)) == ("medium", 4)


def test_near_misses() -> None:
    talk = Talk()
    getports(talk)
    talk.ask(rpc.listreg(0x11E04095))  # one xid by chance, and the odd version: two marks
    assert TOGETHER == 3
    assert findings(talk.frames, ID) == []
    other = Talk()  # these xids on other procedures
    for number, xid in enumerate((0x15EB4980, 0x15EB497F, 0x15EB497E, 0x15EB497D, 0x15EB497C)):
        other.ask(rpc.read(xid, number))
        other.ask(rpc.getregister(xid), client=Address(CLIENT.ip, 40100))
    other.ask(rpc.getport(3, rpc.NETINFO, 0xFFFFFFFF))
    assert findings(other.frames, ID) == []
    spread = Talk()  # two marks at each of four servers
    for number in range(4):
        server = Address(f"192.0.2.{100 + number}", 961)
        spread.ask(rpc.listreg(0x11E04095), server=server)
        spread.ask(rpc.root(0x15EB4980), server=server)
    assert findings(spread.frames, ID) == []
