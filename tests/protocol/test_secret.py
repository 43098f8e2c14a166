from __future__ import annotations

import pytest

from netinfo_scapy.protocol.secret import Secret, carried_password, inverted


@pytest.mark.parametrize("name", [b"", b"vm", b"some-host.example", b"\x80\x7f"])
def test_a_host_name_is_no_password(name: bytes) -> None:
    assert carried_password(name, on_statistics=False) is None


def test_a_password_is_hidden() -> None:
    secret = carried_password(bytes.fromhex("8d90908b8f88"), on_statistics=False)
    assert secret == Secret(b"rootpw")
    for text in (str(secret), repr(secret), f"{secret}", f"{[secret]}", f"{secret}"):
        assert "rootpw" not in text


def test_the_word_checksum_is_one_but_on_statistics() -> None:
    word = inverted(b"checksum")
    assert carried_password(word, on_statistics=True) is None
    assert carried_password(word, on_statistics=False) == Secret(b"checksum")
    assert carried_password(inverted(b"other"), on_statistics=True) == Secret(b"other")
