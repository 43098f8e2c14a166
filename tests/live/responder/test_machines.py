"""What the directory says of servers and networks."""

from ipaddress import IPv4Address

import pytest

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.service import Caller
from netinfo_scapy.live.responder.store import Object, Store
from tests.support.asking import ELSEWHERE, ROOT, STRANGER, ask, host_of, prop
from tests.support.start import start_objects


def store(*children: Object, root: tuple = ()) -> Store:
    every = {1 + index: each for index, each in enumerate(children)}
    return Store({0: Object(0, 0, tuple(every), root), **every})


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.0", "192.0.2.1", "192.0.20.1"),
        ("10", "10.255.0.1", "11.0.0.1"),
        ("10.0.0.0", "10.255.0.1", "11.0.0.1"),
        ("192.0.2.64/26", "192.0.2.127", "192.0.2.128"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("0", "203.0.113.9", None),
        ("office", "198.51.100.4", "198.51.101.4"),
    ],
)
def test_networks_in_the_forms_they_are_written(network: str, inside: str, outside: str | None) -> None:
    known = Store(
        {
            0: Object(0, 0, (1,), ()),
            1: Object(0, 0, (2,), (prop("name", "networks"),)),
            2: Object(0, 1, (), (prop("name", "office"), prop("address", "198.51.100"))),
        }
    )
    assert machines.is_within(known, [network.encode()], IPv4Address(inside).packed)
    if outside:
        assert not machines.is_within(known, [network.encode()], IPv4Address(outside).packed)


@pytest.mark.parametrize("network", ["", "x", "1.2.3.4.5", "256", "1.2.3.4/99", "\xff", "nobody"])
def test_what_is_no_network_holds_nobody(network: str) -> None:
    assert not machines.is_within(store(), [network.encode()], IPv4Address("1.2.3.4").packed)
    assert not machines.is_within(store(), [b"10"], bytes(16))


def test_strangers_are_shut_out_where_networks_are_trusted() -> None:
    """The recorded `local` trusts an empty list: the host itself, and no one else."""
    host = host_of("network", "local")

    def trusts(tag: bytes, peer: object, local: object) -> bool:
        return host.domains[tag].trusts(Caller(peer, local, Transport.TCP))

    assert trusts(b"network", STRANGER, ELSEWHERE)
    assert not trusts(b"local", STRANGER, ELSEWHERE)
    assert trusts(b"local", ROOT._replace(port=40000), ROOT)
    assert trusts(b"local", ELSEWHERE._replace(port=40000), ELSEWHERE)


def test_servers_are_found_by_what_machines_serve() -> None:
    network, local = Store(start_objects("network")), Store(start_objects("local"))
    loopback = IPv4Address("127.0.0.1")
    assert machines.master_of(network) == (b"vm", b"network")
    assert machines.is_master(network, loopback.packed)
    assert not machines.is_master(network, IPv4Address("127.0.0.2").packed)
    assert list(machines.parents_of(local)) == [(b"network", loopback)]
    assert list(machines.parents_of(network)) == []
    assert machines.has_child(network, b"local", loopback)
    assert not machines.has_child(network, b"network", loopback)
    assert machines.clones_of(network, b"vm", b"network") == []
    assert machines.clones_of(network, b"other", b"network") == [machines.Server((b"vm",), b"network", (loopback,))]
    assert machines.where_the_master_is(network) == machines.Server((b"vm",), b"network", (loopback,))


def test_a_parent_is_found_on_this_host_by_any_of_its_addresses() -> None:
    """As `../network` says where; on another host it cannot be known without asking."""

    def parent(address: str, **given: object) -> dict:
        host = host_of("network", "local", **given)
        domain = host.domains[b"local"]
        vm = domain.store.objects[2]
        changed = [each if each["name"] != b"ip_address" else prop("ip_address", address) for each in vm.properties]
        domain.store.commit({2: vm._replace(properties=tuple(changed))})
        return ask(domain, "RPARENT").value

    assert parent("127.0.0.1") == {"tag": b"network", "addr": 0x7F000001}
    assert parent("192.0.2.1", addresses=frozenset({IPv4Address("192.0.2.1")}))["addr"] == 0xC0000201
    assert parent("192.0.2.1") == {}
    assert parent("192.0.2.1", parent=(b"far", IPv4Address("192.0.2.7"))) == {"tag": b"far", "addr": 0xC0000207}
