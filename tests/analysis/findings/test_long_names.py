"""Names and values of 20,000 bytes: what detectors keep of them is short, so that many of them take little room."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from netinfo_scapy.analysis.findings.clues import MOST_BYTES
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.protocol.secret import Secret
from tests.analysis.findings.making import (
    CREATEPROP,
    LISTALL,
    LOOKUPREAD,
    NOUSER,
    OK,
    READ,
    READALL,
    STATISTICS,
    summary,
)
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.conversation import Talk

LONG = 20_000
NAME, UID, HASH = "n" * LONG, "0" * LONG, "$1$" + "h" * LONG
PROPS = rpc.properties([("name", [NAME]), ("uid", [UID]), ("passwd", [HASH])])
EMPTY = rpc.properties([("name", [NAME]), ("uid", [UID]), ("passwd", [""])])
ID = rpc.ni_id(3, 1)
GREAT = rpc.properties([("server_version", [NAME]), ("tag", [NAME, "clone"])])
NETINFO = {
    "read": (READ, rpc.ni_id(3), ID + PROPS),
    "read-empty": (READ, rpc.ni_id(3), ID + EMPTY),
    "lookupread": (LOOKUPREAD, rpc.ni_id(3) + rpc.opaque("name") + rpc.opaque(NAME), ID + PROPS),
    "listall": (LISTALL, rpc.ni_id(3), ID + rpc.array([PROPS])),
    "readall": (
        READALL,
        rpc.words(1),
        rpc.words(2, 7) + rpc.words(1) + ID + PROPS + rpc.words(0) + rpc.array([]) + rpc.words(0),
    ),
    "createprop": (CREATEPROP, ID + rpc.opaque("passwd") + rpc.names([HASH]) + rpc.words(0), ID),
    "statistics": (STATISTICS, b"", GREAT),
}
NIBIND = {
    "createmaster": (5, rpc.opaque(NAME)),
    "getregister": (3, rpc.opaque(NAME)),
    "destroydomain": (7, rpc.opaque(NAME)),
    "bind": (8, rpc.words(0x0A000001) + rpc.opaque(NAME) + rpc.opaque(NAME)),
}


def sizes(value: Any) -> Iterator[int]:
    if isinstance(value, tuple):
        for each in value:
            yield from sizes(each)
    elif isinstance(value, Secret):
        yield len(value.reveal())
    elif isinstance(value, bytes | str):
        yield len(value)


def keys(talk: Talk) -> list[tuple[str, Any]]:
    tables = Reading(io.BytesIO(pcap_bytes(talk.frames))).facts().clues.tables
    return [(detector, row.key) for detector, table in tables.items() for row in table.rows.values()]


@pytest.mark.parametrize("name", NETINFO)
def test_of_netinfo(name: str) -> None:
    procedure, asked, told = NETINFO[name]
    talk = Talk()
    talk.ask(rpc.call(1, rpc.NETINFO, 2, procedure, asked), rpc.accepted(1, rpc.words(OK) + told))
    found = keys(talk)
    assert found
    assert max(size for _, key in found for size in sizes(key)) <= MOST_BYTES


def test_tags_too_long_to_be_any_are_counted_only() -> None:
    """Of tags, each would be kept for the conversation and for the server, and stand in every title."""
    talk = Talk()
    for number, size in enumerate((6, 255, 256, LONG)):
        tag = b"%03d" % number + b"t" * (size - 3)
        call = rpc.call(number, rpc.NIBIND, 1, 3, rpc.opaque(tag.decode()))
        talk.ask(call, rpc.accepted(number, rpc.words(OK, 700, 701)))
    found = summary(talk.frames)
    (conversation,) = found.conversations
    assert [len(tag) for tag in conversation.tags] == [6, 255]
    assert [len(domain.tag) for domain in found.domains] == [6, 255]
    assert found.totals.evicted > 0


def test_a_title_names_some_of_many_tags() -> None:
    reading = Reading(io.BytesIO(pcap_bytes([])))
    end = Endpoint(bytes([192, 0, 2, 20]), 961)
    for number in range(20):
        reading.interest.learn(Transport.UDP, end, rpc.NETINFO, b"tag%02d" % number)
    place = View(reading.facts(), reading.captures, reading.interest).place(Transport.UDP, end)
    assert place == f"{', '.join(f'tag{number:02d}' for number in range(8))}, 12 other tags at 192.0.2.20:961/udp"


@pytest.mark.parametrize("status", [OK, NOUSER])
@pytest.mark.parametrize("name", NIBIND)
def test_of_nibind(name: str, status: int) -> None:
    procedure, asked = NIBIND[name]
    talk = Talk()
    talk.ask(rpc.call(1, rpc.NIBIND, 1, procedure, asked), rpc.accepted(1, rpc.words(status)))
    assert max((size for _, key in keys(talk) for size in sizes(key)), default=0) <= MOST_BYTES
