"""A plain message is what the general way makes of the same bytes."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.naming import status_of, user_of
from netinfo_scapy.capture.events import make_record
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Message, read_message
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.message import (
    CallHeader,
    Result,
    forwarded_procedure,
    read_body,
    read_credential,
    read_header,
)
from netinfo_scapy.protocol.programs import PROGRAMS, find_procedure
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.walks import find_walks
from tests.support import corpus, rpc
from tests.support.captures import NAMES, SMALL, capture_path
from tests.support.xdr_values import values

ROWS = [(program, row) for program in PROGRAMS for row in program.procedures]
LANE = Lane(False, bytes(range(12)))
CREDENTIALS = st.one_of(
    st.just(rpc.NULL_AUTH),
    st.builds(rpc.auth_sys, st.binary(max_size=300), st.integers(0, 2**32 - 1), gids=st.lists(st.just(7), max_size=18)),
    st.builds(rpc.auth, st.sampled_from([0, 1, 2, 6, 57]), st.binary(max_size=40)),
)


def message_of(data: bytes, call: Message | None = None) -> Message | None:
    message = read_message(make_record(LANE, FrameRef(0, 1, 0), data, True))
    if message is not None and not message.is_call:
        message.call = call
    return message


class General:
    """All that is said of a message, by the functions of protocol/message.py alone."""

    def __init__(self, data: bytes, call: General | None) -> None:
        header = read_header(data)
        assert header is not None
        self.header, self.data = header, data
        self.is_call = isinstance(header, CallHeader)
        self.call = None if self.is_call else call
        called = header if isinstance(header, CallHeader) else call.header if call else None
        assert called is None or isinstance(called, CallHeader)
        self.called = called
        self.row: Procedure | None = None
        if called is not None and called.procedure is not None:
            self.row = find_procedure(called.program, called.version, called.procedure)
        self.found: set[Anomaly] = set(header.anomalies)
        self.result = self.body(self.found, make=False)
        if not self.is_call and call is None:
            self.found.add(Anomaly.REPLY_WITHOUT_CALL)

    def body(self, found: set[Anomaly], make: bool) -> Result:
        inner = None
        if self.call is not None and self.row is not None and self.row.forwards:
            inner = forwarded_procedure(self.row, self.call.data, self.call.header.end)
        return read_body(self.header, self.data, self.row, self.called, inner, found, make)

    @property
    def user(self) -> int | None:
        credential = self.called.credential if self.called else None
        if credential is None or credential.flavor != 1:
            return None
        fields = read_credential(credential, set())
        return fields["uid"] if fields else None


def agree(data: bytes, call: bytes | None = None) -> bool | None:
    """Hold the two ways together; whether the message is plain, None where the bytes are no message."""
    asked = message_of(call) if call is not None else None
    message = message_of(data, asked)
    if message is None:
        assert read_header(data) is None
        return None
    general = General(data, General(call, None) if call is not None else None)
    header = general.header
    plain = message.plain
    # What the plain way says comes first: `header` and `value` are the general one's.
    assert (message.xid, message.is_call) == (header.xid, general.is_call)
    assert message.row is general.row
    assert message.check() == general.found
    assert message.status == general.result.status
    assert message.check() == general.found
    whole = header.whole and (general.is_call or header.accept_status == 0)
    assert message.readable == whole
    if isinstance(header, CallHeader):
        numbers = [-1 if each is None else each for each in (header.program, header.version, header.procedure)]
        assert [message.program, message.version, message.procedure] == numbers
        if plain:
            assert (None if message.uid < 0 else message.uid) == general.user
    if plain:
        assert header.whole
        assert message.begin == header.end
        assert not header.anomalies
    assert message.header == header
    assert message.called == general.called
    assert message.value() == general.body(set(), make=True).value
    assert user_of(message) == general.user
    assert message.status == general.result.status
    assert (status_of(message) is None) == (general.is_call or header.reply_status is None)
    return plain


@pytest.mark.parametrize("name", NAMES)
def test_recorded_messages(name: str) -> None:
    pairs = recorded(name)
    plain = [agree(data, call) for data, call in pairs]
    assert plain.count(True) > len(plain) / 2


def recorded(name: str) -> list[tuple[bytes, bytes | None]]:
    """Each message of a recording, with its call."""
    from netinfo_scapy.analysis.reading import Reading

    messages = [each for each in Reading(capture_path(name)).events() if isinstance(each, Message)][:1500]
    return [(each.record.data, each.call.record.data if each.call else None) for each in messages]


PAIRS = [pair for name in SMALL for pair in recorded(name)][:800]
PLACES = st.dictionaries(st.one_of(st.integers(0, 60), st.integers(0, 600)), st.integers(0, 255), max_size=4)


def changed(data: bytes, edits: dict[int, int], end: int, more: bytes) -> bytes:
    content = bytearray(data)
    for at, value in edits.items():
        if at < len(content):
            content[at] = value
    return bytes(content[: len(content) - end]) + more


@given(st.sampled_from(PAIRS), PLACES, PLACES, st.integers(0, 9) | st.just(0), st.binary(max_size=5))
def test_mutated_messages(
    pair: tuple[bytes, bytes | None], edits: dict[int, int], others: dict[int, int], end: int, more: bytes
) -> None:
    data, call = pair
    if call is not None:
        call = changed(call, others, 0, b"")
        header = read_header(call)
        if not isinstance(header, CallHeader) or not header.whole:
            call = None
    agree(changed(data, edits, end, more), call)


@given(st.integers(0, 400), st.sampled_from(PAIRS))
def test_messages_that_end_early(end: int, pair: tuple[bytes, bytes | None]) -> None:
    agree(pair[0][:end], pair[1])


@given(st.binary(max_size=80), st.integers(0, 1), st.integers(0, 2))
def test_any_bytes(rest: bytes, kind: int, version: int) -> None:
    agree(rest)
    agree(rpc.words(7, kind, version) + rest)


@given(st.data(), st.sampled_from(ROWS), CREDENTIALS, st.sampled_from([rpc.NULL_AUTH, rpc.auth(5), rpc.auth(0, b"ab")]))
def test_built_messages(data: st.DataObject, which: tuple[Any, Procedure], credential: bytes, verifier: bytes) -> None:
    program, row = which

    def encoded(xdr: Any) -> bytes:
        return b"" if xdr is None else encode(xdr, data.draw(values(xdr)))

    call = rpc.call(
        7, program.number, program.version, row.number, encoded(row.arguments), credential=credential, verifier=verifier
    )
    agree(call)
    if read_header(call).whole:
        more = data.draw(st.sampled_from([b"", b"", bytes(4), b"x"]))
        agree(
            rpc.accepted(
                7, encoded(row.result) + more, data.draw(st.sampled_from([0, 0, 0, 1, 2, 9])), verifier=verifier
            ),
            call,
        )


@given(st.integers(0, 2**64))
def test_made_up_exchanges(seed: int) -> None:
    chance = random.Random(seed)
    ask, answer = chance.choice(corpus.EXCHANGES)
    agree(answer(3, chance), ask(3))
    agree(answer(3, chance), chance.choice(corpus.EXCHANGES)[0](3))
    agree(ask(3))


@given(CREDENTIALS)
def test_an_answer_is_read_by_what_its_call_says_of_bodies(credential: bytes) -> None:
    """RPCSEC_GSS can hide them, and then the answer's own header does not tell."""
    agree(rpc.read_reply(3, 5), rpc.call(3, rpc.NETINFO, 2, 7, rpc.ni_id(5), credential=credential))


@pytest.mark.parametrize("number", [0, 255, 256, 2**31, 2**32 - 1])
def test_numbers_beyond_the_tables(number: int) -> None:
    """Their keys must not run into each other."""
    agree(rpc.call(2**32 - 1, rpc.NETINFO, 2, number))
    agree(rpc.call(1, rpc.NETINFO, number, 7, bytes(8)))
    agree(rpc.call(1, number, 2, 7, bytes(8)))
    agree(rpc.call(1, rpc.NETINFO + 1, 1, number))
    agree(rpc.call(1, rpc.NETINFO, 2, 7, bytes(8), credential=rpc.words(0, number)))
    agree(rpc.call(1, rpc.NETINFO, 2, 7, bytes(8), credential=rpc.words(1, number)))
    agree(rpc.call(1, rpc.NETINFO, 2, 7, bytes(8), credential=rpc.auth(1, rpc.words(1, number, 0, 0, 0))))
    agree(rpc.call(1, rpc.NETINFO, 2, 7, bytes(8), credential=rpc.auth(1, rpc.words(1, 0, 0, 0, number))))
    agree(rpc.call(1, rpc.NETINFO, 2, 7, bytes(8), verifier=rpc.words(0, number)))
    agree(rpc.accepted(1, rpc.words(number)), rpc.read(1))
    agree(rpc.accepted(1, rpc.words(number)), rpc.getregister(1))


LONG = list(dict.fromkeys(pair for pair in PAIRS if pair[1] is not None and len(pair[0]) >= 72))[::9][:12]


@pytest.mark.parametrize("pair", LONG)
def test_what_is_like_a_message_before_but_for_one_byte(pair: tuple[bytes, bytes | None]) -> None:
    data, call = pair
    for at in range(24, len(data)):
        assert agree(data, call)
        agree(changed(data, {at: data[at] ^ 1 << at % 8}, 0, b""), call)
    agree(data + bytes(4), call)
    agree(data[:-4], call)


def test_what_is_long_or_short_is_not_kept_to_be_known_again() -> None:
    walks = find_walks(rpc.NETINFO, 2, 7)
    assert walks is not None
    kept = [size for size in range(8, 100_000, 4) if walks.place_of(bytes(24 + size), 24) >= 0]
    assert kept == list(range(48, 65_537, 4))
    assert {walks.place_of(os.urandom(124), 24) for _ in range(4_000)} <= set(range(4_096))


@pytest.mark.parametrize("size", [100, 6_000, 65_000])
def test_what_is_kept_to_be_known_again_is_bounded(size: int) -> None:
    walks = find_walks(rpc.NETINFO, 2, 7)
    assert walks is not None
    kept = [bytes(24) + os.urandom(size) for _ in range(1_000)]
    for data in kept:
        walks.keep(walks.place_of(data, 24), data)
    assert walks.known(walks.place_of(kept[-1], 24), kept[-1], 24)
    known = sum(walks.known(walks.place_of(data, 24), data, 24) is not None for data in kept)
    assert 0 < known * (24 + size) <= 1 << 20
