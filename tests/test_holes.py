"""A segment is missing: what it touched is told as incomplete, everything else is right, and the bytes are counted."""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest

import pytest

from tests.support.captures import NAMES, SMALL, recording
from tests.support.compare import Message, assert_same_streams, baseline, run_frames, stream_key, totals_of, undecoded
from tests.support.ground_truth import server_ports
from tests.support.packets import UDP, parse_all
from tests.support.streams import Record, Segment, Stream, message_flow, places, recorded_streams
from tests.support.transforms import remove

_DAILY = 40
SAMPLE = int(os.environ.get("NETINFO_HOLES", _DAILY))


Hole = tuple[Stream, Segment]


def _segments(name: str) -> list[Hole]:
    return [(stream, segment) for stream in recorded_streams(name) for segment in stream.segments]


def _chosen(name: str) -> list[Hole]:
    every = _segments(name)
    if len(every) <= SAMPLE or (name in SMALL and SAMPLE >= _DAILY):
        return every
    return random.Random(name).sample(every, SAMPLE)


def _rounds(holes: Iterable[Hole]) -> Iterator[list[Hole]]:
    """The holes in groups with at most one in each connection, in order of the capture."""
    left = defaultdict(list)
    for stream, segment in holes:
        left[frozenset(stream.flow)].append((stream, segment))
    return (sorted(filter(None, each), key=lambda hole: hole[1].index) for each in zip_longest(*left.values()))


def _touched(stream: Stream, hole: Segment) -> list[Record]:
    return [record for record in stream.records if record.start < hole.end and hole.start < record.end]


def _with_places(name: str) -> Iterator[tuple[Message, Stream | None, Record | None]]:
    queues = {flow: iter(here) for flow, here in places(name).items()}
    for message in baseline(name):
        if message["transport"] == "tcp":
            yield message, *next(queues[message_flow(message)])
        else:
            yield message, None, None


def _expected(name: str, holes: list[Hole]) -> tuple[list[Message], list[tuple[Message, int, int]], set]:
    """(the messages left, the incomplete ones with their bytes and fragments, the calls cut in part)."""
    left, incomplete, lost, partial = [], [], set(), set()
    for message, where, record in _with_places(name):
        source, target = message_flow(message)
        hole = next((hole for stream, hole in holes if stream is where), None)
        if hole and record in _touched(where, hole):
            size = record.before(hole.start)
            if size >= 8:
                incomplete.append((message, size, len(record.pieces)))
            if message["type"] == "call":
                (partial if size >= 8 else lost).add((source, target, message["xid"]))
            continue
        left.append(undecoded(message) if message["type"] == "reply" and _call_of(message) in lost else message)
    return left, incomplete, partial


def _call_of(reply: Message) -> tuple[object, ...]:
    source, target = message_flow(reply)
    return target, source, reply["xid"]


def _check_incomplete(expected: list[tuple[Message, int, int]], found: list[Message]) -> None:
    """Stream by stream; each has its holes told in order."""
    assert len(found) == len(expected)
    expected = sorted(expected, key=lambda each: stream_key(each[0]))
    for (message, size, fragments), seen in zip(expected, sorted(found, key=stream_key), strict=True):
        for key in ("type", "xid", "transport", "src_ip", "src_port", "dst_ip", "dst_port", "community_id"):
            assert seen[key] == message[key], key
        assert seen["length"] == size
        assert 1 <= seen["fragments"] <= fragments
        assert seen.get("arguments") is None
        assert seen.get("result") is None


def _check(name: str, holes: list[Hole]) -> None:
    ports = server_ports(name)
    frames = remove(recording(name), *(hole.index for _, hole in holes))
    found = run_frames(frames, netinfo_ports=ports)
    left, incomplete, partial = _expected(name, holes)
    complete = [message for message in found if "incomplete-record" not in message["anomalies"]]
    _check_incomplete(incomplete, [message for message in found if "incomplete-record" in message["anomalies"]])
    if partial:
        # A reply to a call that was cut in part may be read by what is left of it, or not at all.
        seen = {_call_of(message) for message in complete if "reply-without-call" in message["anomalies"]}
        left = [undecoded(m) if m["type"] == "reply" and _call_of(m) in partial & seen else m for m in left]
    assert_same_streams(left, complete)
    totals = totals_of(frames, netinfo_ports=ports)
    assert totals["missed_bytes"] == sum(hole.end - hole.start for _, hole in holes)
    told = Counter(stream_key(message) for message, _, _ in incomplete)
    least = sum(max(1, told[("tcp", *stream.flow[0], *stream.flow[1])]) for stream, _ in holes)
    assert least <= totals["incomplete_records"] <= sum(len(_touched(*hole)) for hole in holes)
    assert totals["messages"] == len(left)
    assert totals["frames"] == len(frames)


def _failures(name: str, holes: list[Hole]) -> list[str]:
    """What is wrong with holes in several connections at once, each by itself if it is wrong there, too."""
    try:
        _check(name, holes)
    except AssertionError as error:
        alone = [failure for hole in holes if len(holes) > 1 for failure in _failures(name, [hole])]
        missing = ", ".join(str(hole.index + 1) for _, hole in holes)
        return alone or [f"without frame {missing}: {error}"]
    return []


@pytest.mark.parametrize("name", NAMES)
def test_segments_removed(name: str) -> None:
    """Every segment in the small recordings, a sample in the others, one of each connection at a time.

    The segments of the longest connection that are left then are removed alone. All that fail are counted.
    """
    chosen = _chosen(name)
    failed = [failure for holes in _rounds(chosen) for failure in _failures(name, holes)]
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
