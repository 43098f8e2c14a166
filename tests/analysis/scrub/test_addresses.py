"""Addresses keep their networks, their number of digits, and what they mean."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.scrub.addresses import Addresses
from netinfo_scapy.analysis.scrub.permutation import Key
from netinfo_scapy.capture.flows import is_sent_to_many

MADE = Addresses(Key(bytes(range(32))))
OCTETS = st.lists(st.integers(0, 255), min_size=4, max_size=4).map(bytes)
GROUPS = st.lists(st.sampled_from([0, 1, 0x12, 0x20, 0xFE80, 0xFF02, 0x2001, 0xDB8, 0xFFFF]), min_size=8, max_size=8)
IPV6 = GROUPS.map(lambda groups: b"".join(group.to_bytes(2, "big") for group in groups))


def common(one: bytes, other: bytes, size: int) -> int:
    return next((at for at in range(0, len(one), size) if one[at : at + size] != other[at : at + size]), len(one))


@given(OCTETS, OCTETS, st.integers(0, 4))
def test_ipv4(one: bytes, other: bytes, shared: int) -> None:
    other = one[:shared] + other[shared:]
    found, others = MADE.ip(one), MADE.ip(other)
    assert len(str(IPv4Address(found))) == len(str(IPv4Address(one)))
    assert common(found, others, 1) == common(one, other, 1)
    key = bytes(4)
    assert is_sent_to_many(key + found + key, 4) == is_sent_to_many(key + one + key, 4)
    assert int.from_bytes(found, "big") == MADE.number(int.from_bytes(one, "big"))


@given(IPV6, IPV6, st.integers(0, 8))
def test_ipv6(one: bytes, other: bytes, shared: int) -> None:
    other = one[: 2 * shared] + other[2 * shared :]
    found, others = MADE.ip(one), MADE.ip(other)
    assert len(str(IPv6Address(found))) == len(str(IPv6Address(one)))
    special = {bytes(15), b"\xff"} & {each[:size] for each in (one, other) for size in (1, 15)}
    mapped = {one[:12], other[:12]} & {bytes(10) + b"\xff\xff"}
    if not special and not mapped:
        assert common(found, others, 2) == common(one, other, 2)
    key = bytes(16)
    assert is_sent_to_many(key + found + bytes(4), 16) == is_sent_to_many(key + one + bytes(4), 16)


@pytest.mark.parametrize("ip", ["0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.0", "::", "::1", "ff02::1"])
def test_what_means_something_stays(ip: str) -> None:
    packed = (IPv6Address if ":" in ip else IPv4Address)(ip).packed
    assert MADE.ip(packed) == packed


def test_networks_and_broadcasts_of_networks_stay_such() -> None:
    network, host, broadcast = (MADE.ip(bytes((10, 1, 2, last))) for last in (0, 7, 255))
    assert network[:3] == host[:3] == broadcast[:3] != bytes((10, 1, 2))
    assert (network[3], broadcast[3]) == (0, 255)
    assert MADE.octets([10, 1, 2]) == list(host[:3])


@given(st.binary(min_size=6, max_size=6))
def test_mac(mac: bytes) -> None:
    found = MADE.mac(mac)
    assert [len(f"{byte:x}") for byte in found] == [len(f"{byte:x}") for byte in mac]
    assert found[0] & 3 == mac[0] & 3
    assert found == mac or not mac[0] & 1


def test_all_hosts_of_a_network_stay_apart() -> None:
    for network in (bytes((192, 168, 5)), bytes((10, 0, 0))):
        assert len({MADE.ip(network + bytes((host,))) for host in range(256)}) == 256
    assert len({MADE.ip(bytes((first, 1, 1, 1))) for first in range(256)}) == 256


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("10.1.2.3", "91.6.8.2"),
        ("10.1.2.4", "91.6.8.3"),
        ("10.1.200.254", "91.6.228.189"),
        ("192.168.0.255", "152.222.1.255"),
        ("2001:db8::5", "4310:cbb::a"),
    ],
)
def test_one_key_gives_the_same_in_every_release(before: str, after: str) -> None:
    addresses = Addresses(Key(bytes(range(40))))
    assert addresses.ip(ip_address(before).packed) == ip_address(after).packed
    assert addresses.ip(ip_address(before).packed) == ip_address(after).packed
