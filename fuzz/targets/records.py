"""The record reader: the same bytes cut otherwise give the same, and a record is what its marks say.

Input: a byte that chooses, a byte for each cut, then the stream. Two readers are fed, one all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fuzz import seeds
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.capture.events import LAST_FRAGMENT, Gap, NotRpc, Placed, Record
from netinfo_scapy.capture.flows import Endpoint, Flow, Lanes, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.records import RecordReader
from netinfo_scapy.live.records import RecordError, Records, marked

_FLOW = Flow(Transport.TCP, Endpoint(b"\xc0\0\2\1", 1023), Endpoint(b"\xc0\0\2\2", 961))
_LANE = Lanes().of(_FLOW)
_LONGEST = 2048


def _told(placed: list[Placed]) -> list[tuple[object, ...]]:
    told: list[tuple[object, ...]] = []
    for each in placed:
        match each.event:
            case Record() as record:
                told.append(("record", record.data, record.fragments, sorted(record.anomalies), record.marks))
            case Gap() as gap:
                told.append(("gap", gap.missed_bytes, gap.incomplete_records))
            case NotRpc() as other:
                told.append(("not-rpc", other.head[:4]))  # how much there is depends on the cut
    return told


def _is_what_its_marks_say(record: Record, stream: bytes) -> None:
    if record.incomplete:
        return
    data = b""
    for position, mark in record.marks:
        assert stream[position : position + 4] == mark.to_bytes(4, "big")
        length = mark & ~LAST_FRAGMENT
        data += stream[position + 4 : position + 4 + length]
    assert data == record.data
    assert record.fragments == len(record.marks)
    assert record.marks[-1][1] & LAST_FRAGMENT


def _as_sockets(stream: bytes) -> list[bytes]:
    """What the reader of live connections makes of the whole of it."""
    records, found = Records(_LONGEST), []
    try:
        records.feed(stream)
    except RecordError:
        return []
    while (record := records.take()) is not None:
        found.append(record)
    return found


def run(data: bytes) -> Any:
    """Feed the stream to readers."""
    choice, data = unmarked(data)
    cuts, stream = data[: choice & 7], data[choice & 7 :]
    anchored, gap = bool(choice & 8), choice & 16
    whole, pieces = (RecordReader(_LANE, _LONGEST, anchored) for _ in range(2))
    at_once: list[Placed] = []
    in_pieces: list[Placed] = []
    ref = FrameRef(0, 1, 0)
    at = 0
    for step in cuts:
        if not gap:
            pieces.feed(stream[at : at + step], ref, False, in_pieces)
        elif at + step < len(stream):
            pieces.feed(stream[at : at + step // 2], ref, False, in_pieces)
            pieces.gap(step - step // 2, in_pieces)
        else:
            break
        at = min(at + step, len(stream))
    pieces.feed(stream[at:], ref, False, in_pieces)
    whole.feed(stream, ref, False, at_once)
    assert max(whole.buffered, pieces.buffered) < 200 * len(stream) + 1000
    for reader, found in ((whole, at_once), (pieces, in_pieces)):
        reader.close(found)
        for each in found:
            if each.record is not None:
                _is_what_its_marks_say(each.record, stream)
    told = _told(at_once)
    if anchored and not gap:  # what is hunted for is judged by as much as is there
        assert _told(in_pieces) == told
        live = [each for each in _as_sockets(stream) if len(each) >= 8 and int.from_bytes(each[4:8], "big") <= 1]
        assert live == [each[1] for each in told if each[0] == "record" and each[3] == []][: len(live)]
    return told, _told(in_pieces)


def inputs() -> Iterator[bytes]:
    """Calls and replies of the captures as streams, in fragments of several sizes."""
    few = seeds.exchanges()[::6]
    for number, (call, reply) in enumerate(few):
        for choice in (8, 0, 8 | 3, 16 | 4, 24 | 2):
            cuts = bytes([40 + number, 7, 90, 3, 1, 1, 1][: choice & 7])
            yield bytes([choice]) + cuts + marked(call, 4000 >> number % 7) + marked(reply, 1020 >> number % 5)
        yield b"\0" + reply[5:] + marked(call, 4000) + marked(call, 4000)


TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=("capture.records", "capture.hunting", "live.records"),
    words=(b"\x80\0\0\x28", b"\x80\0\0\0", b"\0\0\0\0", b"\x7f\xff\xff\xff"),
)
