"""A long answer is read a piece at a time: the same clues, little memory, and what is too long is counted."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from netinfo_scapy.analysis.findings import pieces
from netinfo_scapy.analysis.findings.clues import Clues
from netinfo_scapy.analysis.findings.detection import Detection
from netinfo_scapy.analysis.findings.pieces import value_of
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.capture.message import Message
from tests.analysis.findings.making import HASH, LIST, LISTALL, LISTPROPS, OK, READ, READALL, user
from tests.analysis.findings.test_detection import feed, rows
from tests.analysis.looks import opened
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.conversation import Talk


def users(count: int) -> list[list[tuple[str, list[str]]]]:
    chance = random.Random(count)
    return [user(f"user{at}", at, [chance.choice(("", "*", HASH))]) for at in range(count)]


def answer(procedure: int, count: int) -> tuple[bytes, bytes]:
    """Arguments and result."""
    made = users(count)
    if procedure == LIST:
        entries = [rpc.words(at, 1) + rpc.names(dict(props)["passwd"]) for at, props in enumerate(made)]
        return rpc.ni_id(1) + rpc.opaque("passwd"), rpc.words(OK) + rpc.array(entries) + rpc.ni_id(1, 3)
    if procedure == LISTALL:
        return rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1, 3) + rpc.array(list(map(rpc.properties, made)))
    if procedure == READ:
        others = [(f"other{at}", [f"value{at}"] * 2) for at in range(count)]
        return rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1) + rpc.properties(
            [*others, *made[0], *user("root2", 0, [HASH])]
        )
    objects = [rpc.words(1) + rpc.ni_id(at) + rpc.properties(props) + rpc.words(1, 0) for at, props in enumerate(made)]
    return rpc.words(0), rpc.words(OK, 7, count) + b"".join(objects) + rpc.words(0)


def exchange(procedure: int, arguments: bytes, result: bytes) -> list[Message]:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.call(1, rpc.NETINFO, 2, procedure, arguments)))
    whole = rpc.record(rpc.accepted(1, result))
    connection.reply(whole, *range(60_000, len(whole), 60_000))
    connection.close()
    events = list(opened(pcap_bytes(talk.frames)).events())
    return [each for each in events if isinstance(each, Message)]


def clues_in(messages: list[Message]) -> tuple[list[Any], int]:
    clues = Clues()
    detection = Detection(DETECTORS.values(), clues)
    for each in messages:
        feed(detection, each)
    return [(id_, rows(clues, id_)) for id_ in DETECTORS], clues.evicted


@pytest.mark.parametrize("procedure", [LIST, LISTALL, READALL])
def test_pieces_give_the_same_clues(procedure: int, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = exchange(procedure, *answer(procedure, 40))
    expected, _ = clues_in(messages)
    assert sum(len(found) for _, found in expected) > 30
    monkeypatch.setattr(pieces, "LONG", 64)
    assert clues_in(messages) == (expected, 0)


@pytest.mark.parametrize("procedure", [LIST, LISTALL, READALL])
def test_what_is_too_long_is_counted(procedure: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (_, reply) = exchange(procedure, *answer(procedure, 40))
    monkeypatch.setattr(pieces, "LONG", 64)
    monkeypatch.setattr(pieces, "MOST", 8)
    value, left_out = value_of(reply)
    assert value is not None
    assert ([list(each) for each in value.values()], left_out) == ([[]], 40)
    (_, reply) = exchange(LISTPROPS, rpc.ni_id(5), rpc.words(OK) + rpc.names([b"name"] * 9) + rpc.ni_id(5))
    assert value_of(reply) == (None, 1)


def test_one_element_of_megabytes_is_only_counted() -> None:
    """Else a single directory would be made as a whole, however long it is."""
    account = [("name", ["anna"]), ("note", ["x" * 60_000] * 40)]
    arguments, result = rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1, 3) + rpc.array([rpc.properties(account)])
    (_, reply) = exchange(LISTALL, arguments, result)
    value, left_out = value_of(reply)
    assert value is not None
    assert (list(value["entries"]), left_out) == ([], 1)


def test_the_properties_of_one_directory_are_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = exchange(READ, *answer(READ, 40))
    expected, _ = clues_in(messages)
    assert sum(len(found) for _, found in expected) >= 2
    monkeypatch.setattr(pieces, "LONG", 64)
    assert clues_in(messages) == (expected, 0)
    whole, (value, left_out) = messages[1].value(), value_of(messages[1])
    assert whole is not None
    assert value is not None
    assert ([*value["props"]], left_out) == (whole["props"], 0)
    monkeypatch.setattr(pieces, "MOST", 8)
    value, left_out = value_of(messages[1])
    assert value is not None
    assert ([*value["props"]], left_out) == ([], len(whole["props"]))


def test_many_properties_take_little_memory() -> None:
    """Of the smallest there can be, as many as there may be."""
    props = rpc.array([rpc.opaque("a") + rpc.names([])] * 60_000)
    (_, reply) = exchange(READ, rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1) + props)
    tracemalloc.start()
    try:
        value, _ = value_of(reply)
        assert value is not None
        assert sum(1 for _ in value["props"]) == 60_000
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_an_answer_that_ends_too_soon_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LONG", 64)
    arguments, result = answer(READALL, 9)
    (_, reply) = exchange(READALL, arguments, result[:-30])
    assert value_of(reply) == (None, 0)


def test_a_long_answer_takes_little_memory() -> None:
    """Made as a whole, 8,000 users take more than ten times the bytes they come in."""
    messages = exchange(READALL, *answer(READALL, 8_000))
    size = len(messages[1].record.data)
    assert size > 500_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in value_of(messages[1])[0]["objects"]) == 8_000
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()
