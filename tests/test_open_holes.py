"""How long a hole is kept open: what comes out while the capture is still being read."""

from collections.abc import Iterator
from decimal import Decimal

import netinfo_scapy
from tests.support import rpc
from tests.support.captures import Frame
from tests.support.compare import totals_of
from tests.support.conversation import Talk
from tests.test_tcp_reassembly import PROPS, exchange


def _frames_read_until(frames: list[Frame], xid: int) -> int:
    """How many frames were read when the reply with an xid came out, the call before it being lost."""
    read = 0

    def reading() -> Iterator[tuple[Decimal, int, bytes]]:
        nonlocal read
        for frame in frames:
            read += 1
            yield Decimal(frame.time) / 10**9, frame.link, frame.data

    for message in netinfo_scapy.messages(reading()):
        if (message["type"], message["xid"]) == ("reply", xid):
            assert message["name"] == "NetInfo.READ"
            return read
    raise AssertionError(f"no reply {xid}")


def _lost_call_then(count: int, seconds: int, size: int) -> list[Frame]:
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    connection.call(rpc.record(rpc.read(2)), lost=(0,))
    connection.reply(rpc.record(rpc.read_reply(2, props=PROPS)))
    for xid in range(3, 3 + count):
        connection.call(rpc.record(rpc.read(xid)))
        connection.reply(rpc.record(rpc.read_reply(xid, props=((b"big", (b"x" * size,)),))))
    quiet = len(talk.frames) // 2
    return [f if at < quiet else f._replace(time=f.time + seconds * 10**9) for at, f in enumerate(talk.frames)]


def test_a_hole_is_kept_open_until_the_connection_ends() -> None:
    frames = _lost_call_then(20, 50, 100)
    assert _frames_read_until(frames, 3) == len(frames)


def test_a_hole_is_given_up_after_60_seconds() -> None:
    frames = _lost_call_then(20, 61, 100)
    assert len(frames) // 2 <= _frames_read_until(frames, 3) <= len(frames) // 2 + 3


def test_a_hole_is_given_up_after_256_kilobytes() -> None:
    frames = _lost_call_then(40, 0, 20_000)
    assert 2 * 13 <= _frames_read_until(frames, 3) <= 2 * 13 + 12
    assert totals_of(frames)["missed_bytes"] == len(rpc.record(rpc.read(2)))
