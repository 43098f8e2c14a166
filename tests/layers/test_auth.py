"""Credentials: a password in its place, hidden until it is asked for."""

from __future__ import annotations

import pytest

from netinfo_scapy.layers import AUTH_NONE, AUTH_SYS, RPC, NI_LOOKUP_Call, NI_ROOT_Call, NI_STATISTICS_Call, RPC_Auth


def test_a_password_is_inverted_and_read_back() -> None:
    credential = AUTH_SYS.with_password("secret", uid=0)
    assert bytes(credential).hex() == "000000010000001c00000000000000068c9a9c8d9a8b0000" + "00000000" * 3
    again = RPC(bytes(RPC(credential=credential) / NI_ROOT_Call())).credential
    assert again.password is not None
    assert again.password.reveal() == b"secret"


def test_a_password_is_not_shown() -> None:
    call = RPC(credential=AUTH_SYS.with_password("secret", uid=0)) / NI_LOOKUP_Call()
    for packet in (call, RPC(bytes(call))):
        said = [packet.show(dump=True), packet.summary(), repr(packet), str(packet), repr(packet.credential.password)]
        assert not [each for each in said if "secret" in each or "8c9a" in each or "\\x8c" in each]
        assert "carries a password" in said[0]


@pytest.mark.parametrize("name", ["workstation", "", b"\x80\xff plain"])
def test_a_host_name_is_none(name: str | bytes) -> None:
    assert AUTH_SYS(machinename=name).password is None


def test_the_word_checksum_on_statistics_is_none() -> None:
    credential = AUTH_SYS.with_password("checksum")
    assert RPC(bytes(RPC(credential=credential) / NI_STATISTICS_Call())).credential.password is None
    assert RPC(bytes(RPC(credential=credential) / NI_ROOT_Call())).credential.password is not None


def test_a_length_of_its_own() -> None:
    assert bytes(AUTH_SYS(length=9))[4:8].hex() == "00000009"
    assert bytes(AUTH_SYS(gids=[1, 2], gids_count=17))[-12:].hex() == "000000110000000100000002"


def test_what_does_not_hold_its_flavor_stays_bytes() -> None:
    call = RPC(bytes(RPC(credential=RPC_Auth(flavor=1, body=b"\0\0\0\1")) / NI_ROOT_Call()))
    assert isinstance(call.credential, RPC_Auth)
    assert call.anomalies == ("bad-credential",)
    assert NI_ROOT_Call in call


def test_none_is_written_where_nothing_is_given() -> None:
    assert bytes(RPC())[24:] == bytes(16) == bytes(AUTH_NONE()) * 2


def test_a_body_that_does_not_fit_is_not_shown_either() -> None:
    """With 17 groups it is no AUTH_SYS, but a password can ride in it."""
    credential = AUTH_SYS.with_password("secret", gids=list(range(17)))
    call = RPC(bytes(RPC(credential=credential) / NI_ROOT_Call()))
    assert isinstance(call.credential, RPC_Auth)
    said = call.show(dump=True) + repr(call) + call.summary()
    assert "\\x8c" not in said
    assert "(96 bytes)" in said
