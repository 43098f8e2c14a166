"""Segments cut by a snap length, of connections that were open before: what can be known is told, and nothing else."""

import io
import random
from collections import Counter

import pytest

from netinfo_scapy.capture.events import Gap
from netinfo_scapy.capture.flows import Endpoint, Flow, Lanes, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.records import RecordReader
from tests.support import rpc
from tests.support.captures import NAMES, Frame, recording
from tests.support.compare import Message, baseline, run
from tests.support.corpus import snapped
from tests.support.ground_truth import server_ports
from tests.support.packets import SYN, TCP, parse_all
from tests.support.streams import message_flow, places
from tests.support.wire import Wire

SNAP = 96
"""What these recordings' headers leave of it are 30 bytes: a record mark, and a call up to its procedure."""

STARTS = 4
"""Frames at which the capture is made to begin, of each recording."""

Told = tuple[object, ...]


def _told(message: Message) -> Told:
    """What the first bytes of a message say; of a reply, too, whose call may not be there whole."""
    keys = ("src_ip", "src_port", "dst_ip", "dst_port", "community_id", "type", "xid")
    called = ("program", "version", "procedure", "name") if message["type"] == "call" else ()
    return tuple(message[key] for key in (*keys, *called))


def _cut(name: str, frames: list[Frame]) -> list[Message]:
    found = run(io.BytesIO(snapped(frames, SNAP)), netinfo_ports=server_ports(name))
    return [message for message in found if message["transport"] == "tcp"]


def _of_tcp(name: str) -> list[Message]:
    return [message for message in baseline(name) if message["transport"] == "tcp"]


@pytest.mark.parametrize("name", NAMES)
def test_all_messages_of_connections_without_a_handshake(name: str) -> None:
    frames, packets = recording(name), parse_all(recording(name))
    found = _cut(
        name,
        [
            frame
            for frame, packet in zip(frames, packets, strict=True)
            if packet is None or packet.protocol != TCP or not packet.flags & SYN
        ],
    )
    assert Counter(map(_told, found)) == Counter(map(_told, _of_tcp(name)))
    for message in found:
        if message["type"] == "call":
            assert (message["length"], message["arguments"]) == (26, None)
            assert message["anomalies"] == ["incomplete-record"]


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_that_begins_anywhere(name: str) -> None:
    """No message that is none; and each call that a segment begins with."""
    frames = recording(name)
    chance = random.Random(name)
    for start in (chance.randrange(len(frames)) for _ in range(STARTS)):
        found = Counter(map(_told, _cut(name, list(frames[start:]))))
        assert not found - Counter(map(_told, _of_tcp(name))), start
        queues = {flow: iter(here) for flow, here in places(name).items()}
        for message in _of_tcp(name):
            stream, record = next(queues[message_flow(message)])
            begins = [segment for segment in stream.segments if segment.start == record.start]
            if message["type"] == "call" and begins and begins[0].index >= start:
                assert found[_told(message)], (start, message["frame"])


def _forged(ends_behind: int) -> list[Message]:
    """A value of 2,000 bytes, in whose midst a segment begins like a call; by its mark it ends so far behind it."""
    inner = rpc.record(rpc.root(0x666))[4:] + b"y" * 100
    mark = (1 << 31 | len(inner) + ends_behind).to_bytes(4, "big")
    wire = Wire().send(0, b"x" * 700).send(0, mark + inner).send(0, b"z" * 600).send(0, b"z" * 600).close()
    return run(io.BytesIO(snapped(wire.frames, 54 + 30)))


@pytest.mark.parametrize("ends_behind", [-60, -1, 1, 4, 300, 600, 601, 1200])
def test_a_header_that_is_cut_off_is_none_where_its_record_ends_elsewhere(ends_behind: int) -> None:
    assert _forged(ends_behind) == []


def test_a_header_that_is_cut_off_is_one_where_its_record_ends_with_the_segment() -> None:
    (found,) = _forged(0)
    assert (found["xid"], found["name"], found["anomalies"]) == (0x666, "NetInfo.ROOT", ["incomplete-record"])


@pytest.mark.parametrize(("longest", "expected"), [(100, [1, 2]), (99, [2])])
def test_a_header_that_is_cut_off_is_none_where_its_record_is_too_long(longest: int, expected: list[int]) -> None:
    lane = Lanes().of(Flow(Transport.TCP, Endpoint(bytes(4), 700), Endpoint(bytes(4), 961)))
    reader, out, at = RecordReader(lane, longest, False), [], FrameRef(0, 1, 0)
    reader.feed((1 << 31 | 100).to_bytes(4, "big") + rpc.root(1)[:26], at, False, out)
    reader.gap(74, out)
    assert reader.position == 104
    reader.feed(rpc.record(rpc.root(2)), at, False, out)
    assert [int.from_bytes(each.record.data[:4], "big") for each in out if each.record] == expected
    assert sum(each.event.missed_bytes for each in out if isinstance(each.event, Gap)) == 74
    assert reader.position == 104 + len(rpc.record(rpc.root(2)))
