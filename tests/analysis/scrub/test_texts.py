"""Texts keep their form; the same word is the same everywhere; well-known words stay."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netinfo_scapy.analysis.scrub.known import KNOWN
from netinfo_scapy.analysis.scrub.permutation import Key
from netinfo_scapy.analysis.scrub.texts import Texts
from netinfo_scapy.protocol.secret import carried_password, inverted

MADE = Texts(Key(bytes(range(32))))


def text(value: str) -> str:
    return MADE.text(value.encode()).decode()


@given(st.binary(max_size=80))
@example(b":" * 3000 + b"x")
@example(b"1.2.3" * 500)
def test_any_bytes_keep_their_length_and_nothing_fails(value: bytes) -> None:
    assert len(MADE.text(value)) == len(value)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=40), st.booleans())
def test_punctuation_stays_and_letters_become_capitals(value: str, counters: bool) -> None:
    found = MADE.text(value.encode(), counters).decode()
    if any(word in KNOWN or word in value for word in re.findall(r"[\w-]+", value) if word in KNOWN):
        return
    assert re.sub(r"[^\W_]", "", found) == re.sub(r"[^\W_]", "", value) or len(value) > 12


@given(st.lists(st.text("abcdefgh", min_size=4, max_size=9), unique=True, max_size=30))
def test_different_words_become_different_ones(words: list[str]) -> None:
    assert len({text(word) for word in words}) == len(words)


@pytest.mark.parametrize("word", sorted(KNOWN))
def test_known_words_stay(word: str) -> None:
    assert text(word) == word


@pytest.mark.parametrize(
    "kept", ["", "*", "0", "-2", "/", "./network", "_writers_passwd", "::1", "127.0.0.1", "0.0.0.0"]
)
def test_what_tells_nothing_stays(kept: str) -> None:
    assert text(kept) == kept


def test_words_are_the_same_in_every_place() -> None:
    grace, server = text("grace"), text("server")
    assert grace.isupper()
    assert text("/home/grace") == f"/home/{grace}"
    assert text("_writers_grace") == f"_writers_{grace}"
    assert text("root=server:grace@server") == f"root={server}:{grace}@{server}"
    assert text("server/network") == f"{server}/network"
    assert text("Grace") != grace


def test_addresses_in_texts_are_those_of_headers() -> None:
    address = MADE.addresses.ip(bytes((192, 168, 5, 9)))
    dotted = ".".join(map(str, address))
    assert text("192.168.5.9") == dotted
    assert text("server=192.168.5.9:/export").split("=")[1].split(":")[0] == dotted
    assert text("192.168.5.9.3.193") == f"{dotted}.3.193"
    assert text("192.168.5") == dotted.rpartition(".")[0]
    mac = MADE.addresses.mac(bytes((8, 0, 0x20, 1, 0xFE, 9)))
    assert text("8:0:20:1:fe:9") == ":".join(f"{byte:x}" for byte in mac)
    assert text("08:00:20:01:FE:09") == ":".join(f"{byte:02X}" for byte in mac)
    assert text("2001:db8::5.3.193").endswith(".3.193")
    assert re.fullmatch(r"[1-9a-f][0-9a-f]{3}:[1-9a-f][0-9a-f]{2}::[1-9a-f]", text("2001:db8::5"))


@pytest.mark.parametrize(
    ("hash_", "form"),
    [
        ("ab01JZkHBJ4iE", r"[./0-9A-Za-z]{13}"),
        ("_J9..rasmBYk8r9AiWNc", r"_[./0-9A-Za-z]{19}"),
        ("$1$salt$Pbe2dYrE6ZOC4Yq7/J0gQ1", r"\$1\$[./0-9A-Za-z$]{27}"),
        ("$6$rounds=5000$saltsalt$abcdefghijk", r"\$6\$rounds=5000\$[./0-9A-Za-z$]{20}"),
        ("8846f7eaee8fb117ad06bdd830b7586c", r"[0-9a-f]{32}"),
    ],
)
def test_hashes_stay_hashes_of_their_scheme(hash_: str, form: str) -> None:
    found = text(hash_)
    assert re.fullmatch(form, found)
    assert found != hash_


@given(st.text(st.characters(max_codepoint=127), min_size=1, max_size=30))
def test_passwords(password: str) -> None:
    machinename = inverted(password.encode())
    found = MADE.password(machinename)
    carried = carried_password(found, on_statistics=False)
    assert carried is not None
    assert len(carried.reveal()) == len(password)
    assert found != machinename or len(password) < 3 or not password.isprintable()


@given(st.integers(0, 0xFFFFFFFF))
def test_numbers(number: int) -> None:
    found = MADE.number(number)
    assert len(str(found)) == len(str(number))
    assert found <= 0xFFFFFFFF
    assert text(str(number)) == str(found)
    assert text(f"uid={number}") == f"uid={found}"
    assert MADE.text(str(number).encode(), numbers_stay=True) == str(number).encode()


def test_numbers_of_one_length_stay_apart() -> None:
    assert sorted(MADE.number(number) for number in range(100, 1000)) == list(range(100, 1000))
    assert [MADE.number(number) for number in (0, 0xFFFFFFFE, 0xFFFFFFFF)] == [0, 0xFFFFFFFE, 0xFFFFFFFF]
