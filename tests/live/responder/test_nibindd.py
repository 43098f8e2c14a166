"""nibindd: registrations, who may change them, new domains (docs/specification.md, 11)."""

from ipaddress import IPv4Address

import pytest

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, answer
from tests.support import rpc
from tests.support.asking import ELSEWHERE, ROOT, STRANGER, ask, host_of, ni, password

CHANGES = {
    "REGISTER": {"tag": b"new", "udp_port": 1, "tcp_port": 2},
    "UNREGISTER": {"tag": b"network"},
    "CREATEMASTER": {"tag": b"new"},
    "CREATECLONE": {"tag": b"new", "master_name": b"m", "master_addr": 1, "master_tag": b"t"},
    "DESTROYDOMAIN": {"tag": b"network"},
}
CRYPTED = b"abz3GtcEvEtv6"
"""Of rootpw."""


def listed(host: Host) -> list[tuple[bytes, int, int]]:
    return [tuple(each.values()) for each in ask(host.nibindd, "LISTREG").value["registrations"]]


@pytest.mark.parametrize("name", CHANGES)
def test_only_root_may_change_what_is_registered(name: str) -> None:
    def status(peer: object, credential: bytes, root: bytes | None) -> str:
        host = host_of("network", root_password=root)
        return ask(host.nibindd, name, CHANGES[name], peer=peer, credential=credential).status

    none = rpc.NULL_AUTH
    assert status(STRANGER, none, CRYPTED) == "NI_PERM"
    assert status(STRANGER._replace(port=700), none, CRYPTED) == "NI_PERM"
    assert status(ROOT._replace(port=1024), none, CRYPTED) == "NI_PERM"
    assert status(STRANGER, password(0, "wrong"), CRYPTED) == "NI_PERM"
    assert status(STRANGER, rpc.auth_sys("host", uid=0), CRYPTED) == "NI_PERM"
    assert status(STRANGER, password(4242, "rootpw"), None) == "NI_PERM"
    assert status(STRANGER, password(4242, "rootpw"), CRYPTED) == "NI_OK"
    assert status(STRANGER, rpc.auth_sys("any host"), b"") == "NI_OK"
    assert status(STRANGER, none, b"") == "NI_PERM"
    assert status(ROOT, none, None) == "NI_OK"


@pytest.mark.parametrize("name", CHANGES)
def test_a_host_that_nobody_may_write_to_keeps_its_registrations(name: str) -> None:
    host = host_of("network", refusal="RDONLY")
    before = listed(host)
    assert ask(host.nibindd, name, CHANGES[name], peer=ROOT).status == "NI_RDONLY"
    assert ask(host.nibindd, name, CHANGES[name]).status == "NI_PERM"
    assert listed(host) == before


def test_registrations_keep_their_order_and_the_last_fills_a_gap() -> None:
    host = Host(name=b"vm", refusal=None)

    def change(name: str, tag: bytes, port: int = 1) -> str:
        arguments = {"tag": tag, "udp_port": port, "tcp_port": port + 1} if name == "REGISTER" else {"tag": tag}
        return ask(host.nibindd, name, arguments, peer=ROOT).status

    for port, tag in enumerate((b"a", b"b", b"c", b"d")):
        assert change("REGISTER", tag, port) == "NI_OK"
    assert change("REGISTER", b"b", 90) == "NI_OK"
    assert listed(host) == [(b"a", 0, 1), (b"b", 90, 91), (b"c", 2, 3), (b"d", 3, 4)]
    assert change("UNREGISTER", b"a") == "NI_OK"
    assert change("UNREGISTER", b"nobody") == "NI_OK"
    assert listed(host) == [(b"d", 3, 4), (b"b", 90, 91), (b"c", 2, 3)]


def test_getregister_tells_of_those_that_answer() -> None:
    host = host_of("network")
    host.nibindd.register(b"other", Ports(4000, 4001))
    assert ask(host.nibindd, "GETREGISTER", {"tag": b"network"}).value == {"udp_port": 700, "tcp_port": 701}
    assert ask(host.nibindd, "GETREGISTER", {"tag": b"nobody"}).status == "NI_NOTAG"
    assert ask(host.nibindd, "GETREGISTER", {"tag": b"other"}).status == "NI_NORESPONSE"
    assert host.to_ping(rpc.getregister(1, "other")) == 4000
    assert host.to_ping(rpc.getregister(1, "network")) is None
    host.answering.add(4000)
    assert ask(host.nibindd, "GETREGISTER", {"tag": b"other"}).status == "NI_OK"


def test_domains_come_and_go() -> None:
    host = host_of("network")
    made = {"tag": b"new"}
    assert ask(host.nibindd, "CREATEMASTER", made, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "CREATEMASTER", made, peer=ROOT).status == "NI_DUPTAG"
    assert ask(host.nibindd, "CREATEMASTER", {"tag": b"network"}, peer=ROOT).status == "NI_DUPTAG"
    clone = {"tag": b"twin", "master_name": b"far", "master_addr": int(IPv4Address("192.0.2.7")), "master_tag": b"x"}
    assert ask(host.nibindd, "CREATECLONE", clone, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "CREATECLONE", clone, peer=ROOT).status == "NI_DUPTAG"
    assert (host.domains[b"new"].is_clone, host.domains[b"twin"].is_clone) == (False, True)
    # As the recorded ones: the root at 3, checksum 5, which a clone sends with its first READALL.
    for tag in (b"new", b"twin"):
        assert host.domains[tag].store.checksum == 5
        assert ask(host.domains[tag], "ROOT").value == {"id": ni(0, 3)}
    assert ask(host.nibindd, "DESTROYDOMAIN", {"tag": b"nobody"}, peer=ROOT).status == "NI_NOTAG"
    assert ask(host.nibindd, "DESTROYDOMAIN", {"tag": b"new"}, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "DESTROYDOMAIN", {"tag": b"new"}, peer=ROOT).status == "NI_NOTAG"


def test_bind_is_for_those_whose_parent_is_here() -> None:
    host = host_of("network", "local")

    def bind(address: str, client: bytes, tag: bytes, over: Transport = Transport.UDP) -> int:
        arguments = {"client_addr": int(IPv4Address(address)), "client_tag": client, "server_tag": tag}
        return ask(host.nibindd, "BIND", arguments, over=over).accepted

    assert bind("127.0.0.1", b"local", b"network") == 0
    assert bind("127.0.0.1", b"local", b"network", Transport.TCP) == 0
    assert bind("127.0.0.2", b"local", b"network") == 5
    assert bind("127.0.0.1", b"network", b"network") == 5
    assert bind("127.0.0.1", b"local", b"local") == 5
    assert bind("127.0.0.1", b"local", b"nobody") == 5


def with_registrations(count: int, dialect: str = "apple-208") -> Host:
    host = host_of("network", dialect=dialect)
    for number in range(count - 1):
        host.nibindd.register(b"t%d" % number, Ports(number, number + 1))
    return host


@pytest.mark.parametrize("over", [Transport.TCP, Transport.UDP])
def test_more_than_32_registrations_break_the_answer_off(over: Transport) -> None:
    """Over TCP the status and the count have been sent by then, and a second record follows."""

    def answers(count: int) -> tuple[bytes, ...]:
        nibindd = with_registrations(count).nibindd
        return answer({rpc.NIBIND: nibindd}, rpc.listreg(5), Caller(STRANGER, ELSEWHERE, over))

    (whole,) = answers(32)
    assert whole.startswith(rpc.accepted(5, rpc.words(0, 32)))
    failed = rpc.accepted(5, b"", 5)
    assert answers(33) == ((rpc.accepted(5, rpc.words(0, 33)), failed) if over is Transport.TCP else (failed,))


def test_previous_links_its_registrations_and_binds_with_a_status() -> None:
    host = with_registrations(34, "previous")
    (reply,) = answer({rpc.NIBIND: host.nibindd}, rpc.listreg(5), Caller(STRANGER, ELSEWHERE, Transport.UDP))
    expected = rpc.words(0, 1) + rpc.opaque("network") + rpc.words(700, 701)
    expected += b"".join(rpc.words(1) + rpc.opaque(f"t{n}") + rpc.words(n, n + 1) for n in range(33)) + rpc.words(0)
    assert reply == rpc.accepted(5, expected)
    arguments = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")
    call = rpc.call(5, rpc.NIBIND, 1, 8, arguments)
    assert answer({rpc.NIBIND: host.nibindd}, call, Caller(STRANGER, ELSEWHERE, Transport.UDP)) == (
        rpc.accepted(5, rpc.words(0)),
    )
