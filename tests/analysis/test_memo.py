"""Answers that are remembered: told apart by every byte, and not too many of them."""

from __future__ import annotations

import tracemalloc

from netinfo_scapy.analysis.memo import Body, BodyMemo
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import words
from tests.analysis.findings.making import LIST, READ, ask
from tests.analysis.looks import opened
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.conversation import Talk


def replies(talk: Talk) -> list[Message]:
    return [
        each for each in opened(pcap_bytes(talk.frames)).events() if isinstance(each, Message) and each.call is not None
    ]


def found(memo: BodyMemo, reply: Message) -> Body:
    call, walks = reply.call, reply.walks
    assert call is not None
    assert walks is not None
    return memo.find(reply, call, walks)


def answer(object_id: int) -> bytes:
    return rpc.words(0) + rpc.ni_id(object_id, 3) + rpc.properties([])


def of_one_place() -> tuple[int, int]:
    """Ids of two calls that the memo looks for in the same place."""
    places: dict[int, int] = {}
    size = len(answer(0))
    for number in range(1 << 20):
        place = words.mix(rpc.ni_id(number), 0, 8, size) & 16_383
        if place in places:
            return places[place], number
        places[place] = number
    raise AssertionError


def test_equal_ones_are_one() -> None:
    talk, memo = Talk(), BodyMemo()
    for _ in range(3):
        ask(talk, READ, rpc.ni_id(5), answer(5))
    assert len({id(found(memo, each)) for each in replies(talk)}) == 1


def test_those_that_lie_in_one_place_are_told_apart() -> None:
    talk, memo = Talk(), BodyMemo()
    first, second = of_one_place()
    for asked, told in ((first, 1), (second, 1), (first, 2), (first, 1), (second, 1)):
        ask(talk, READ, rpc.ni_id(asked), answer(told))
    ask(talk, LIST, rpc.ni_id(first), answer(1))
    bodies = [found(memo, each) for each in replies(talk)]
    assert [body.asked for body in bodies[:5]] == [rpc.ni_id(each) for each in (first, second, first, first, second)]
    assert [bodies.index(each) for each in bodies[:5]] == [0, 1, 2, 0, 1]
    assert all(each is not bodies[-1] for each in bodies[:-1])


def test_results_that_are_known_are_told_apart_by_their_calls_and_their_memos() -> None:
    talk, memo, other = Talk(), BodyMemo(), BodyMemo()
    for asked, name in ((5, "localhost"), (5, "broadcasthost"), (6, "localhost"), (5, "localhost"), (6, "localhost")):
        ask(talk, READ, rpc.ni_id(asked), rpc.words(0) + rpc.ni_id(5, 3) + rpc.properties([("name", [name, "other"])]))
    seen = replies(talk)
    assert not any(each.check() for each in seen)
    known = [each.known for each in seen]
    assert [known.index(each) for each in known] == [0, 1, 0, 0, 0] and known[0] is not None
    bodies = [found(memo, each) for each in seen]
    assert [bodies.index(each) for each in bodies] == [0, 1, 2, 0, 2]
    assert [body.asked for body in bodies[:3]] == [rpc.ni_id(each) for each in (5, 5, 6)]
    others = [found(other, each) for each in reversed(seen)][::-1]
    assert [body.answer for body in others] == [body.answer for body in bodies]
    assert not {*map(id, others)} & {*map(id, bodies)}
    assert [found(memo, each) for each in seen] == bodies
    memo.forget()
    assert not {id(found(memo, each)) for each in seen} & {*map(id, bodies)}


def test_they_are_forgotten_where_there_are_too_many() -> None:
    talk, memo = Talk(), BodyMemo()
    ask(talk, READ, rpc.ni_id(5), rpc.words(0) + rpc.ni_id(5) + rpc.properties([("x", ["y" * 60_000])]))
    (reply,) = replies(talk)
    tracemalloc.start()
    for number in range(1_000):
        reply.record.data = reply.record.data[:-4] + number.to_bytes(4, "big")
        found(memo, reply)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert memo.forgotten > 0
    assert held < 20 << 20
