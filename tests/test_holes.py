"""A segment is missing: what it touched is told as incomplete, everything else is right, and the bytes are counted."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.support.captures import NAMES, SMALL, recording
from tests.support.compare import Message, assert_same_streams, baseline, run_frames, totals_of, undecoded
from tests.support.ground_truth import server_ports
from tests.support.packets import UDP, parse_all
from tests.support.streams import Record, Segment, Stream, message_flow, places, recorded_streams
from tests.support.transforms import remove

_DAILY = 40
SAMPLE = int(os.environ.get("NETINFO_HOLES", _DAILY))


def _segments(name: str) -> list[tuple[Stream, Segment]]:
    return [(stream, segment) for stream in recorded_streams(name) for segment in stream.segments]


def _chosen(name: str) -> list[tuple[Stream, Segment]]:
    every = _segments(name)
    if len(every) <= SAMPLE or (name in SMALL and SAMPLE >= _DAILY):
        return every
    return random.Random(name).sample(every, SAMPLE)


def _touched(stream: Stream, hole: Segment) -> list[Record]:
    return [record for record in stream.records if record.start < hole.end and hole.start < record.end]


def _with_places(name: str) -> Iterator[tuple[Message, Stream | None, Record | None]]:
    queues = {flow: iter(here) for flow, here in places(name).items()}
    for message in baseline(name):
        if message["transport"] == "tcp":
            yield message, *next(queues[message_flow(message)])
        else:
            yield message, None, None


def _expected(name: str, stream: Stream, hole: Segment) -> tuple[list[Message], list[tuple[Message, int, int]], set]:
    """(the messages left, the incomplete ones with their bytes and fragments, the calls cut in part)."""
    left, incomplete, lost, partial = [], [], set(), set()
    for message, where, record in _with_places(name):
        source, target = message_flow(message)
        if where is stream and record in _touched(stream, hole):
            size = record.before(hole.start)
            if size >= 8:
                incomplete.append((message, size, len(record.pieces)))
            if message["type"] == "call":
                (partial if size >= 8 else lost).add((source, target, message["xid"]))
            continue
        call = (target, source, message["xid"])
        left.append(undecoded(message) if message["type"] == "reply" and call in lost else message)
    return left, incomplete, partial


def _check_incomplete(expected: list[tuple[Message, int, int]], found: list[Message]) -> None:
    assert len(found) == len(expected)
    for (message, size, fragments), seen in zip(expected, found, strict=True):
        for key in ("type", "xid", "transport", "src_ip", "src_port", "dst_ip", "dst_port", "community_id"):
            assert seen[key] == message[key], key
        assert seen["length"] == size
        assert 1 <= seen["fragments"] <= fragments
        assert seen.get("arguments") is None
        assert seen.get("result") is None


def _check(name: str, stream: Stream, hole: Segment) -> None:
    ports = server_ports(name)
    frames = remove(recording(name), hole.index)
    found = run_frames(frames, netinfo_ports=ports)
    left, incomplete, partial = _expected(name, stream, hole)
    complete = [message for message in found if "incomplete-record" not in message["anomalies"]]
    _check_incomplete(incomplete, [message for message in found if "incomplete-record" in message["anomalies"]])
    if partial:
        # A reply to a call that was cut in part may be read by what is left of it, or not at all.
        seen = {message["xid"] for message in complete if "reply-without-call" in message["anomalies"]}
        cut = {xid for _, _, xid in partial}
        left = [undecoded(m) if m["type"] == "reply" and m["xid"] in cut & seen else m for m in left]
    assert_same_streams(left, complete)
    totals = totals_of(frames, netinfo_ports=ports)
    assert totals["missed_bytes"] == hole.end - hole.start
    assert max(1, len(incomplete)) <= totals["incomplete_records"] <= len(_touched(stream, hole))
    assert totals["messages"] == len(left)
    assert totals["frames"] == len(frames)


@pytest.mark.parametrize("name", NAMES)
def test_one_segment_removed(name: str) -> None:
    """Every segment in the small recordings, a sample in the others; all that fail are counted, the first is told."""
    failed = []
    chosen = _chosen(name)
    for stream, hole in chosen:
        try:
            _check(name, stream, hole)
        except AssertionError as error:
            (source, _), (target, _) = ((str(end.port), end) for end in stream.flow)
            failed.append(f"without frame {hole.index + 1} (port {source} to {target}): {error}")
    assert not failed, f"{name}: {len(failed)} of {len(chosen)} holes; the first:\n" + "\n\n".join(failed[:3])


@pytest.mark.parametrize("name", NAMES)
def test_one_datagram_removed(name: str) -> None:
    packets = parse_all(recording(name))
    indexes = [index for index, packet in enumerate(packets) if packet is not None and packet.protocol == UDP]
    for index in random.Random(name).sample(indexes, min(12, len(indexes))):
        frames = remove(recording(name), index)
        gone = next(message for message in baseline(name) if message["frame"] == index + 1)
        again = [m for m in baseline(name) if m["type"] == "call" and m["xid"] == gone["xid"] and m is not gone]
        left = []
        for message in baseline(name):
            if message["frame"] == index + 1:
                continue
            answers = message["type"] == "reply" and message_flow(message) == message_flow(gone)[::-1]
            lost = answers and message["xid"] == gone["xid"] and gone["type"] == "call" and not again
            left.append(undecoded(message) if lost else message)
        assert_same_streams(left, run_frames(frames, netinfo_ports=server_ports(name)))
        totals = totals_of(frames, netinfo_ports=server_ports(name))
        assert (totals["missed_bytes"], totals["incomplete_records"]) == (0, 0)
        assert totals["messages"] == len(left)


def test_clean_recordings_miss_nothing() -> None:
    for name in NAMES:
        totals = totals_of(recording(name))
        assert {key: totals[key] for key in ("missed_bytes", "incomplete_records", "evicted")} == {
            "missed_bytes": 0,
            "incomplete_records": 0,
            "evicted": 0,
        }
        assert totals["messages"] == len(baseline(name))
        assert totals["frames"] == len(recording(name))
        assert totals["bytes"] == sum(len(frame.data) for frame in recording(name))
