"""The same traffic in another form yields the same messages: every transformation, over every recording."""

import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support import transforms
from tests.support.captures import FILE_FORMATS, NAMES, Frame, capture_path, convert, recording, write_pcap
from tests.support.compare import (
    ADDRESS_KEYS,
    CAPTURE_KEYS,
    assert_same_streams,
    baseline,
    run,
    run_frames,
    undecoded,
)
from tests.support.ground_truth import server_ports
from tests.support.packets import parse_all
from tests.support.streams import Place, message_flow, places

# Cutting all of 07 gives 800,000 frames: by default only its first frames are cut.
SINGLE_BYTE_FRAMES = int(os.environ.get("NETINFO_SINGLE_BYTE_FRAMES", "330"))
TCP_FORMS: dict[str, Callable[[tuple[Frame, ...]], Iterable[Frame]]] = {
    "shuffled-4": lambda frames: transforms.shuffle(frames, 4, seed=1),
    "shuffled-32": lambda frames: transforms.shuffle(frames, 32, seed=2),
    "each-twice": transforms.each_twice,
    "overlapping": transforms.overlapping,
    "cut-every-11": lambda frames: transforms.cut_every(frames, 11),
    "cut-and-shuffled": lambda frames: transforms.shuffle(list(transforms.cut_every(frames, 100)), 6, seed=3),
    "several-in-a-segment": transforms.several_in_a_segment,
    "wrapping": transforms.wrapping,
    "wrapping-and-shuffled": lambda frames: transforms.shuffle(transforms.wrapping(frames), 6, seed=4),
}
# These cut call headers across segments, so an endpoint that no answer names cannot be found: the ports are given.
NEED_PORTS = frozenset({"cut-every-11", "several-in-a-segment"})
NETWORK_FORMS: dict[str, Callable[[tuple[Frame, ...]], Iterable[Frame]]] = {
    "ip-fragments": transforms.ip_fragments,
    "ip-fragments-backwards": lambda frames: transforms.ip_fragments(frames, backwards=True),
    "ethernet-fcs": transforms.with_fcs,
    "ethernet-padding": transforms.padded,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", TCP_FORMS)
def test_tcp_segments_in_another_form(form: str, name: str) -> None:
    ports = server_ports(name) if form in NEED_PORTS else ()
    found = run_frames(TCP_FORMS[form](recording(name)), netinfo_ports=ports)
    assert_same_streams(baseline(name), found)


@pytest.mark.parametrize("name", NAMES)
def test_single_byte_segments(name: str, tmp_path: Path) -> None:
    """Each segment of one byte, the ports given: no call header stands in one packet any more."""
    frames, expected = recording(name), baseline(name)
    if name == "07-large-tcp":
        frames = frames[:SINGLE_BYTE_FRAMES]
        expected = tuple(message for message in expected if message["frame"] <= SINGLE_BYTE_FRAMES)
    path = write_pcap(tmp_path / "single.pcap", transforms.single_bytes(frames))
    found = [
        message
        for message in run(path, netinfo_ports=server_ports(name))
        if "incomplete-record" not in message["anomalies"]
    ]
    assert_same_streams(expected, found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("link", transforms.LINKS)
def test_link_layers(link: str, name: str) -> None:
    assert_same_streams(baseline(name), run_frames(transforms.relink(recording(name), link)))


@pytest.mark.parametrize("kind", transforms.ENCAPSULATIONS)
def test_encapsulations(kind: str) -> None:
    name = "02-ni-read-tcp"
    assert_same_streams(baseline(name), run_frames(transforms.encapsulate(recording(name), kind)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", NETWORK_FORMS)
def test_packets_in_another_form(form: str, name: str) -> None:
    assert_same_streams(baseline(name), run_frames(NETWORK_FORMS[form](recording(name))))


@pytest.mark.parametrize("name", NAMES)
def test_ipv6(name: str) -> None:
    expected = [
        message | {key: transforms.ipv6_address(message[key]) for key in ("src_ip", "dst_ip")}
        for message in baseline(name)
    ]
    found = run_frames(transforms.to_ipv6(recording(name)))
    assert_same_streams(expected, found, CAPTURE_KEYS | (ADDRESS_KEYS - {"src_ip", "dst_ip"}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", FILE_FORMATS)
def test_file_formats(kind: str, name: str, tmp_path: Path) -> None:
    """Frames and times stay, too: only the capture's name differs (and nanosecond files print nine digits)."""
    path = convert(capture_path(name), tmp_path, kind)
    ignore = frozenset({"capture", "time"}) if "nanoseconds" in kind else frozenset({"capture"})
    assert_same_streams(baseline(name), run(path), ignore)


@pytest.mark.parametrize("kind", FILE_FORMATS)
def test_file_formats_without_seeking(kind: str, tmp_path: Path) -> None:
    """A pipe can be read once only."""
    name = "02-ni-read-tcp"

    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:
            return self._data.readinto(memoryview(buffer)[:1000])

    pipe = Pipe(convert(capture_path(name), tmp_path, kind).read_bytes())
    found = run(pipe, netinfo_ports=server_ports(name))
    ignore = frozenset({"capture", "time"}) if "nanoseconds" in kind else frozenset({"capture"})
    assert_same_streams(baseline(name), found, ignore)


def _middles(name: str) -> list[int]:
    """Frames to start at: spread over the recording, and inside its longest record."""
    frames = recording(name)
    count = len(frames)
    spread = {1, 2, 3, 5, 8, 13, *(count * part // 9 for part in range(1, 9))}
    longest = max(
        (place for here in places(name).values() for place in here),
        key=lambda place: place.record.end - place.record.start,
    )
    inside = [s.index for s in longest.stream.segments if longest.record.start < s.end and s.start < longest.record.end]
    spread |= {inside[len(inside) // 3], inside[len(inside) // 2], inside[-1]}
    return sorted(first for first in spread if first < count)


def _begins_after(name: str, first: int) -> list[dict]:
    """The messages that begin at or after the first record boundary, replies without their call undecoded."""
    queues = {flow: iter(here) for flow, here in places(name).items()}
    packets = parse_all(recording(name))
    expected, calls = [], set()
    for message in baseline(name):
        begins_at = message["frame"] - 1
        if message["transport"] == "tcp":
            place: Place = next(queues[message_flow(message)])
            begins_at = next(s.index for s in place.stream.segments if s.start <= place.record.start < s.end)
        if begins_at < first:
            continue
        source, target = message_flow(message)
        assert packets[begins_at] is not None
        if message["type"] == "call":
            calls.add((message["transport"], source, message["xid"]))
            expected.append(message)
        else:
            seen = (message["transport"], target, message["xid"]) in calls
            expected.append(message if seen else undecoded(message))
    return expected


MIDDLES = [(name, first) for name in NAMES for first in _middles(name)]


@pytest.mark.parametrize(("name", "first"), MIDDLES, ids=[f"{name}-{first}" for name, first in MIDDLES])
def test_capture_starts_in_the_middle(name: str, first: int) -> None:
    frames = transforms.from_the_middle(recording(name), first)
    found = run_frames(frames, netinfo_ports=server_ports(name))
    complete = [message for message in found if "incomplete-record" not in message["anomalies"]]
    assert_same_streams(_begins_after(name, first), complete)
