"""A record that comes in many pieces."""

from __future__ import annotations

import tracemalloc

from netinfo_scapy.capture.events import Placed
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.records import RecordReader

LANE = Lane(True, bytes([192, 0, 2, 1, 192, 0, 2, 2, 3, 193, 3, 193]))
LENGTH = 200_000


def test_pieces_of_two_bytes_take_little_more_than_their_bytes() -> None:
    body = bytes(4) + b"\0\0\0\1" + bytes(range(256)) * (LENGTH // 256)
    stream = (0x80000000 | len(body)).to_bytes(4, "big") + body
    reader, out = RecordReader(LANE, 1 << 20, anchored=True), list[Placed]()
    tracemalloc.start()
    for at in range(0, len(stream) - 2, 2):
        reader.feed(stream[at : at + 2], FrameRef(0, at + 1, 0), False, out)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not out
    assert held < 1.5 * LENGTH
    reader.feed(stream[-2:], FrameRef(0, len(stream), 0), False, out)
    (placed,) = out
    assert placed.record is not None
    assert placed.record.data == body
