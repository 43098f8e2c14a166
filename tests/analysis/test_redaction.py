"""No hash and no password is in what events show; all else is."""

from __future__ import annotations

import io
import random
import re
from typing import Any

import pytest

from netinfo_scapy.analysis.findings.hashes import is_likely
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.redaction import redacted
from netinfo_scapy.capture.message import Message
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, pcap_bytes
from tests.support.conversation import Talk

DES, MD5, WORD = "abJnggxhB/yWI", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "thirteenchars"
HIDDEN_DES, HIDDEN_MD5 = b"DES crypt, ab...", b"MD5 crypt, $1..."
WORDS = (WORD, "/Users/Admin1", "192.168.1.201", "MacOSXServer1", "Administrator", "ThirteenChars", "Server.Local1")
SELF = rpc.ni_id(3)


def said(procedure: int, arguments: bytes, result: bytes = b"") -> list[dict[str, Any] | None]:
    """A call and its reply, as events show them."""
    talk = Talk()
    talk.ask(rpc.call(1, rpc.NETINFO, 2, procedure, arguments), rpc.accepted(1, rpc.words(0) + result))
    reading = Reading(io.BytesIO(pcap_bytes(talk.frames)))
    return [redacted(event) for event in reading.events() if isinstance(event, Message)]


def props_of(*values: str, name: str = "passwd") -> bytes:
    return rpc.properties([(name, values)])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (DES, HIDDEN_DES),
        (MD5, HIDDEN_MD5),
        ("*", b"*"),
        ("********", b"********"),
        ("", b""),
        ("plain-text", b"(hidden)"),
    ],
)
def test_properties(value: str, shown: bytes) -> None:
    for procedure, arguments, result in (
        (7, SELF, SELF + props_of(value)),
        (8, SELF + props_of(value), SELF),
        (23, SELF, SELF + rpc.array([props_of(value)])),
        (28, SELF + rpc.opaque("name") + rpc.opaque("root"), SELF + props_of(value)),
    ):
        found = repr(said(procedure, arguments, result))
        assert repr([shown]) in found
        assert not value.strip("*") or value not in found


def test_values_whose_property_is_a_number() -> None:
    values = rpc.names([DES, MD5, "root"])
    _, reply = said(14, SELF + rpc.words(1), values + SELF)
    assert reply is not None
    assert reply["values"] == [HIDDEN_DES, HIDDEN_MD5, b"root"]
    call, _ = said(21, SELF + rpc.words(1, 0) + rpc.opaque(DES), SELF)
    assert call is not None
    assert call["name"] == HIDDEN_DES


def test_what_a_call_looks_for() -> None:
    call, _ = said(10, SELF + rpc.opaque("passwd") + rpc.opaque(DES), rpc.words(0) + SELF)
    assert call is not None
    assert (call["key"], call["value"]) == (b"passwd", HIDDEN_DES)
    _, reply = said(11, SELF + rpc.opaque("passwd"), rpc.words(1, 4, 1) + rpc.names([DES]) + SELF)
    assert reply is not None
    assert reply["entries"] == [{"id": 4, "names": [HIDDEN_DES]}]


def test_a_word_of_thirteen_letters_is_none_where_its_property_says_so() -> None:
    _, reply = said(7, SELF, SELF + props_of(*WORDS, DES, MD5, name="realname"))
    assert reply is not None
    shown = [*(each.encode() for each in WORDS), HIDDEN_DES, HIDDEN_MD5]
    assert reply["props"] == [{"name": b"realname", "values": shown}]
    _, reply = said(17, SELF, rpc.names([WORD]) + SELF)
    assert reply is not None
    assert reply["values"] == [WORD.encode()]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_else_is_changed(name: str) -> None:
    for event in Reading([str(capture_path(name))]).events():
        if isinstance(event, Message):
            value, shown = event.value(), redacted(event)
            if b"passwd" not in event.record.data and (event.call is None or b"passwd" not in event.call.record.data):
                assert shown == value or "DES crypt" in repr(shown)


def test_nearly_all_hashes_of_des_are_known_by_their_looks() -> None:
    """64 random bits, as crypt(3) writes them, behind a random salt."""
    letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    chance = random.Random(13)

    def made() -> bytes:
        bits = chance.getrandbits(64) << 2
        word = chance.choices(letters, k=2) + [letters[bits >> at & 63] for at in range(60, -1, -6)]
        return "".join(word).encode()

    hidden = sum(is_likely(made()) for _ in range(4_000))
    assert hidden > 0.95 * 4_000


def test_the_hashes_of_the_captures_end_as_hashes_do() -> None:
    """Those that real systems made, as they stand in properties `passwd`."""
    stored = re.compile(rb"\0\0\0\x06passwd\0\0\0\0\0\x01\0\0\0\x0d([./0-9A-Za-z]{13})")
    found = {value for name in NAMES for value in stored.findall(capture_path(name).read_bytes())}
    assert len(found) >= 2
    assert {value[-1:] for value in found} <= {bytes([each]) for each in b".26AEIMQUYcgkosw"}


def test_a_hash_is_none_of_its_looks_where_the_property_says_what_it_is() -> None:
    """`abcdefghijklm` could be one, and in a property of passwords it is taken for one."""
    word = "abcdefghijklm"
    for name, hidden in {
        "_shadow_passwd": True,
        "oldPassword": True,
        "passwd2": True,
        "_writers_passwd": False,
        "pass": False,
    }.items():
        _, reply = said(7, SELF, SELF + props_of(word, name=name))
        assert reply is not None
        assert (reply["props"][0]["values"] == [word.encode()]) != hidden


@pytest.mark.parametrize(
    "word", ["numberOfUnitX", "AppleTalkZone", "xStepFunction", "RemotePrinter", "NeXTStationC1", "aB1cD2eF3gH4j"]
)
def test_what_ends_otherwise_is_no_hash(word: str) -> None:
    """Whatever its letters look like."""
    assert len(word) == 13
    assert not is_likely(word.encode())
