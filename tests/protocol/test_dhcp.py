"""DHCP messages built by Scapy, which knows them independently, and read by us."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP, DHCP

from netinfo_scapy.protocol.dhcp import DhcpBinding, read_binding

MAC = bytes.fromhex("000f93123456")
PARENTS = bytes([192, 0, 2, 7, 192, 0, 2, 8])
COMMON = {"op": 2, "htype": 1, "hlen": 6, "chaddr": MAC, "yiaddr": "192.0.2.33"}


def reply(*options: object, **fields: object) -> bytes:
    return bytes(BOOTP(**{**COMMON, **fields}) / DHCP(options=[*options, "end"]))


def test_an_offer() -> None:
    payload = reply(("message-type", "offer"), ("server_id", "192.0.2.1"), (112, PARENTS), (113, b"network"))
    assert read_binding(payload) == DhcpBinding(
        2, MAC, bytes([192, 0, 2, 33]), bytes([192, 0, 2, 1]), (PARENTS[:4], PARENTS[4:]), b"network"
    )


def test_bootp_and_a_tag_that_ends_in_nul() -> None:
    binding = read_binding(reply((113, b"network\0\0")))
    assert binding is not None
    assert (binding.message_type, binding.server, binding.parents, binding.tag) == (None, None, (), b"network")


def test_bytes_over_are_left_out() -> None:
    binding = read_binding(reply((112, PARENTS + b"\1\2\3")))
    assert binding is not None
    assert binding.parents == (PARENTS[:4], PARENTS[4:])
    assert binding.tag is None


@pytest.mark.parametrize(
    "payload",
    [
        reply(("message-type", "offer"), ("server_id", "192.0.2.1")),
        reply((112, PARENTS), op=1),
        reply((112, PARENTS))[:239],
        reply((112, PARENTS)).replace(b"\x63\x82\x53\x63", b"\x63\x82\x53\x64"),
        bytes(BOOTP(op=2)),
        b"",
    ],
    ids=["no such option", "a request", "cut", "another cookie", "no options", "empty"],
)
def test_what_names_no_parent(payload: bytes) -> None:
    assert read_binding(payload) is None


def test_an_option_in_pieces() -> None:
    """RFC 3396: an option too long for one is split, and put together in order."""
    binding = read_binding(reply((113, b"net"), ("server_id", "192.0.2.1"), (113, b"work"), (112, PARENTS)))
    assert binding is not None
    assert binding.tag == b"network"


@pytest.mark.parametrize("overload", [1, 2, 3])
def test_options_in_other_fields(overload: int) -> None:
    """RFC 2132, 9.3: 1 is the field `file`, 2 is `sname`, 3 both; in both pieces, `file` comes first."""
    file, sname = b"\x71\x03net\xff", b"\x71\x04work\xff"
    binding = read_binding(reply((52, bytes([overload])), (112, PARENTS), file=file, sname=sname))
    assert binding is not None
    assert binding.tag == {1: b"net", 2: b"work", 3: b"network"}[overload]


def test_the_hardware_address_may_claim_to_be_long() -> None:
    binding = read_binding(reply((113, b"network"), hlen=255))
    assert binding is not None
    assert len(binding.client) == 16


@given(st.binary(max_size=120))
def test_whatever_stands_in_the_options(options: bytes) -> None:
    read_binding(bytes(BOOTP(**COMMON)) + b"\x63\x82\x53\x63" + options)


def test_an_offer_cut_anywhere() -> None:
    payload = reply(("server_id", "192.0.2.1"), (112, PARENTS), (113, b"network"))
    for end in range(len(payload)):
        binding = read_binding(payload[:end])
        assert binding is None or (binding.parents, binding.tag) in [
            ((PARENTS[:4], PARENTS[4:]), None),
            ((PARENTS[:4], PARENTS[4:]), b"network"),
        ]


def test_random_bytes() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        read_binding(bytes([2]) + chance.randbytes(235) + b"\x63\x82\x53\x63" + chance.randbytes(chance.randrange(80)))
