"""Calls in small record fragments, and the ordinary ones of netinfod and of the library."""

from __future__ import annotations

import pytest

from netinfo_scapy.analysis.findings.detectors.record_fragments import SMALL
from tests.analysis.findings.making import findings
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import Talk

ID = "record-fragments"
CALL = rpc.read(1)
LONG = rpc.call(1, rpc.NETINFO, 2, 8, rpc.ni_id() + rpc.properties([("note", ["x" * 9000])]))


def said(call: bytes, *sizes: int) -> Talk:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(call, *sizes))
    connection.reply(rpc.record(rpc.read_reply(1)))
    connection.close()
    return talk


@pytest.mark.parametrize(
    ("call", "sizes"),
    [
        (CALL, (40,)),  # cut behind the header
        (CALL, (14,)),  # inside the program number
        (CALL, (4,) * 11),
        (CALL, (1,) * 47),
        (CALL, (0,)),
        (CALL, (0, 0, 40)),
        (LONG, (4,)),  # one small fragment, and all the rest in the last
        (LONG, (3996, 0, 3996)),  # nothing, in the middle
        (LONG, (SMALL - 1,)),
    ],
)
def test_small_fragments(call: bytes, sizes: tuple[int, ...]) -> None:
    (found,) = findings(said(call, *sizes).frames, ID)
    (row,) = found.details
    assert (row["call"], row["calls"]) == (f"NetInfo.{'READ' if call == CALL else 'WRITE'}", 1)
    assert row["least"] == min(sizes)
    assert len(sizes) + 1 < row["fragments"] <= 2 * len(sizes) + 2


def test_near_misses() -> None:
    for talk in (
        said(CALL),
        said(LONG, 3996, 3996),  # the library
        said(LONG, *(1020,) * 8),  # netinfod; its last fragment is small
        said(LONG, len(LONG) - 4),  # small, and the last
        said(LONG, SMALL),
    ):
        assert findings(talk.frames, ID) == []


def test_replies_are_the_servers_affair() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(CALL))
    connection.reply(rpc.record(rpc.read_reply(1), 4, 4))
    assert findings(talk.frames, ID) == []


def test_silent_on_the_recordings() -> None:
    assert [name for name in NAMES if findings(recording(name), ID)] == []
