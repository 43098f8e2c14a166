"""Records found in the middle of a stream, held against where those of the recordings begin."""

from __future__ import annotations

from itertools import pairwise

import pytest

from netinfo_scapy.capture.hunting import find_record, plausible_record
from tests.support import rpc
from tests.support.captures import SMALL
from tests.support.streams import recorded_streams

STREAMS = [stream for name in SMALL for stream in recorded_streams(name)]


def test_from_inside_a_record_the_next_one_is_found() -> None:
    pairs = [(stream.data, *pair) for stream in STREAMS for pair in pairwise(stream.records)]
    assert len(pairs) > 100
    for data, record, following in pairs:
        for begin in (record.start + 1, (record.start + record.end) // 2, record.end - 1, record.end):
            assert find_record(data[begin : following.end]) == (following.start - begin, True)


def test_from_inside_the_last_record_none_is_found() -> None:
    for stream in STREAMS:
        last = stream.records[-1]
        assert not find_record(stream.data[last.start + 1 : last.end])[1]


@pytest.mark.parametrize(
    "message",
    [
        rpc.read(7, 5),
        rpc.call(7, rpc.NETINFO, 2, 0, credential=rpc.auth_sys("client"), verifier=rpc.auth(1, b"12345")),
        rpc.read_reply(7, 5),
        rpc.denied(7, 1, 5),
    ],
)
def test_a_record_that_is_cut_is_waited_for(message: bytes) -> None:
    data = rpc.record(message)
    found = [find_record(data[:size]) for size in range(len(data) + 1)]
    assert {at for at, _ in found} == {0}
    verdicts = [verdict for _, verdict in found]
    assert verdicts == sorted(verdicts)
    assert verdicts[-1]


@pytest.mark.parametrize(
    ("message", "plausible"),
    [
        (rpc.denied(7, 0, 2, 2), True),
        (rpc.denied(7, 0, 2), False),
        (rpc.denied(7, 1, 14), True),
        (rpc.denied(7, 1, 15), False),
        (rpc.denied(7, 1, 5, 0), False),
        (rpc.denied(7, 2, 5), False),
        (rpc.accepted(7, rpc.words(2, 2), 2), True),
        (rpc.accepted(7, b"", 2), False),
        (rpc.accepted(7, b"", 5), True),
        (rpc.accepted(7, b"", 6), False),
        (rpc.accepted(7, verifier=rpc.auth(0, bytes(400))), True),
        (rpc.accepted(7, verifier=rpc.auth(0, bytes(404))), False),
        (rpc.call(7, 100_003, 2, 4), True),
        (rpc.call(7, 99_999, 2, 4), False),
        (rpc.call(7, rpc.NETINFO, 2, 4, rpc_version=3), False),
        (rpc.call(7, rpc.NETINFO, 2, 70_000), False),
    ],
)
def test_a_header_is_one_that_a_peer_could_have_written(message: bytes, plausible: bool) -> None:
    data = rpc.record(message)
    assert plausible_record(b"?" + data, 1) is plausible
    assert plausible_record(data + rpc.record(rpc.ping(8)), 0) is plausible


def test_what_follows_a_record_has_to_be_one() -> None:
    data = rpc.record(rpc.read(7))
    assert plausible_record(data + b"\xff\xff\xff\xff", 0) is False
    assert plausible_record(data + rpc.words(0x80000010, 8, 2), 0) is False
    assert plausible_record(rpc.record(rpc.read(7), 40) + b"\0\0\0\1", 0) is True
