"""However a capture is cut into files, and however many jobs read them, the summary is the same."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis import lots
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.interest import PortNumber
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.message_object import as_dict, message_object
from tests.analysis.looks import AtOnce, Unsieved, opened, placed, summary
from tests.support import corpus, rpc, transforms
from tests.support.captures import ETHERNET, NAMES, SMALL, Frame, pcap_bytes, recording, write_pcap
from tests.support.conversation import START, Talk
from tests.support.packets import Address
from tests.support.wire import Wire

_DAILY = 150
COUNT = int(os.environ.get("NETINFO_CAPTURES", _DAILY))
SOAK = COUNT > _DAILY
SEEDS = st.integers(0, 2**64)
EMPTY = pcap_bytes([Frame(0, ETHERNET, b"")])[:24]
CUTS = st.lists(st.floats(0, 1), max_size=5)
FORMS = {
    "as-it-is": list,
    "fragments": transforms.ip_fragments,
    "vlan": lambda frames: transforms.relink(frames, "vlan"),
    "ipv6": transforms.to_ipv6,
    "gre": lambda frames: transforms.tunnel(frames, "gre"),
}


def cut(folder: Path, frames: Sequence[Frame], at: Iterable[int]) -> list[Path]:
    """The frames in files that follow one another."""
    ends = [*sorted(at), len(frames)]
    paths = []
    for number, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        path = folder / f"a_{number:05}.pcap"
        path.write_bytes(pcap_bytes(frames[start:end]) or EMPTY)
        paths.append(path)
    return paths


def by_all_ways(patch: pytest.MonkeyPatch, paths: list[Path], jobs: int, **how: Any) -> Iterable[dict[str, Any]]:
    """The summary of some files, by one process and by both ways of dividing it among several."""
    yield summary(Reading(paths, **how), alone=True)
    for sparse in (False, True):
        patch.setattr(lots, "is_sparse", lambda captures, interest, sparse=sparse: sparse)
        reading = Reading(paths, **how)
        reading.joins = jobs % 2 == 1
        yield summary(reading, AtOnce(), jobs, alone=True)


def check(frames: Sequence[Frame], cuts: Sequence[Sequence[int]], jobs: int, **how: Any) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        whole = Path(name) / "whole.pcap"
        expected = summary(Reading(write_pcap(whole, frames), **how), alone=True)
        assert expected["totals"]["evicted"] == 0
        for number, at in enumerate(((), *cuts)):
            folder = Path(name) / str(number)
            folder.mkdir()
            for found in by_all_ways(patch, cut(folder, frames, at), jobs, **how):
                assert found == expected


@given(SEEDS, CUTS, st.integers(2, 5), st.sampled_from([(), (PortNumber(None, 2049),)]))
@settings(max_examples=COUNT, deadline=None, derandomize=not SOAK)
def test_any_cut_and_any_number_of_jobs(seed: int, cuts: list[float], jobs: int, ports: tuple[PortNumber, ...]) -> None:
    frames = corpus.capture(seed)
    check(frames, [[int(each * len(frames)) for each in cuts]], jobs, netinfo_ports=ports)


@given(SEEDS, st.sampled_from(sorted(FORMS)), st.integers(2, 5))
@settings(max_examples=COUNT // 3, deadline=None, derandomize=not SOAK)
def test_other_forms(seed: int, form: str, jobs: int) -> None:
    frames = list(FORMS[form](corpus.capture(seed, sound=True)))
    check(frames, [[len(frames) // 2]], jobs)


@given(st.lists(SEEDS, min_size=1, max_size=5), st.integers(2, 4))
@settings(max_examples=max(COUNT // 10, 5), deadline=None, derandomize=not SOAK)
def test_several_sensors(seeds: list[int], jobs: int) -> None:
    """Files whose times overlap; a sensor's conversations are its own, in whichever order they are read."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        paths = [write_pcap(Path(folder) / f"{number}.pcap", corpus.capture(seed)) for number, seed in enumerate(seeds)]
        expected = summary(Reading(paths, as_sensors="each"), alone=True)
        assert expected["totals"]["evicted"] == 0
        for found in by_all_ways(patch, paths, jobs, as_sensors="each"):
            assert found == expected


@given(SEEDS, st.integers(2, 5))
@settings(max_examples=max(COUNT // 15, 5), deadline=None, derandomize=not SOAK)
def test_a_frame_a_file(seed: int, jobs: int) -> None:
    frames = corpus.capture(seed)
    check(frames, [range(len(frames))], jobs)


@given(SEEDS, st.integers(1, 5))
@settings(max_examples=max(COUNT // 5, 5), deadline=None, derandomize=not SOAK)
def test_times_that_are_all_equal(seed: int, jobs: int) -> None:
    frames = [frame._replace(time=START) for frame in corpus.capture(seed)]
    check(frames, [[0, len(frames) // 3, len(frames) // 3, len(frames) // 2]], jobs)


def test_a_lesson_of_the_first_reading() -> None:
    """Once the port is known from the start, the answer that taught the tag is a stray."""
    wire = Wire(Address("192.0.2.10", 40000), Address("192.0.2.21", 703))
    wire.raw(1, 1 << 30, 1, 0x18, rpc.record(rpc.accepted(1)))
    wire.send(0, rpc.record(rpc.getregister(5))).send(1, rpc.record(rpc.accepted(5, rpc.words(0, 702, 703))))
    data = pcap_bytes(wire.frames)
    assert summary(opened(data)) == summary(opened(data, Unsieved))
    check(wire.frames, [range(len(wire.frames))], 3)


def test_an_answer_handed_out_late() -> None:
    """A second answer waits for a call that was lost; another's message must not let its own call be forgotten."""
    check(corpus.capture(71004), [], 2)


def test_more_answered_calls_than_there_is_room_for() -> None:
    talk = Talk()
    clients = [Address(f"192.0.2.{host}", 700) for host in range(1, 201)]
    server = Address("192.0.2.250", 961)
    for client in clients:
        talk.ask(rpc.ping(1), rpc.accepted(1), client, server)
    for client in clients:
        talk.udp(server, client, rpc.accepted(1))
    check(talk.frames, [], 3, limits=Limits(answered_calls_in_all=20))
    check(talk.frames, [], 3, limits=Limits(answered_bytes=64 * 3000))


def test_more_closed_connections_than_there_is_room_for() -> None:
    """Copies of their last segments come late."""
    talk = Talk()
    late = []
    for port in range(40000, 40200):
        connection = talk.tcp(Address("192.0.2.10", port))
        connection.call(rpc.record(rpc.ping(port)))
        late.append(talk.frames[-1])
        connection.reply(rpc.record(rpc.accepted(port)))
        connection.close()
    end = talk.frames[-1].time
    frames = [*talk.frames, *(frame._replace(time=end + at) for at, frame in enumerate(late))]
    check(frames, [[len(frames) // 2]], 3, limits=Limits(connections=128))


@pytest.mark.parametrize("seed", [3843])
def test_a_cut_alone(seed: int) -> None:
    """Captures of which a cut into single frames once made another summary."""
    frames = corpus.capture(seed)
    check(frames, [range(len(frames))], 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("jobs", [1, 3])
def test_recordings(name: str, jobs: int) -> None:
    frames = recording(name)
    check(frames, [[len(frames) // 3, len(frames) // 2]], jobs)


def told(paths: Sequence[Path]) -> list[Any]:
    """What `messages` says, each frame told as its place in all of the files."""
    reading = Reading(paths)
    messages = [event for event in reading.events() if isinstance(event, Message)]
    before = [0]
    for capture in reading.captures:
        before.append(before[-1] + capture.frames_read)

    def place(message: Message) -> int:
        return before[message.record.at.capture] + message.record.at.number

    return [
        as_dict(message_object(each, reading.captures))
        | {"capture": "", "frame": place(each), "call_frame": each.call and place(each.call)}
        for each in messages
    ]


@given(SEEDS, CUTS)
@settings(max_examples=COUNT // 2, deadline=None, derandomize=not SOAK)
def test_messages_of_a_cut_capture(seed: int, cuts: list[float]) -> None:
    frames = corpus.capture(seed)
    with tempfile.TemporaryDirectory() as folder:
        expected = told([write_pcap(Path(folder) / "whole.pcap", frames)])
        assert told(cut(Path(folder), frames, [int(each * len(frames)) for each in cuts])) == expected


def command(paths: Sequence[Path], *options: str) -> bytes:
    words = [sys.executable, "-m", "netinfo_scapy", "analyze", *map(str, paths), "--format", "json", *options]
    done = subprocess.run(words, check=True, capture_output=True)
    return json.dumps(placed(json.loads(done.stdout))).encode()


@pytest.mark.parametrize("kind", ["recorded", "made-up", "sparse"])
def test_the_command(kind: str, tmp_path: Path) -> None:
    """With processes of its own."""
    chance = random.Random(kind)
    parts = [corpus.connection(chance) for _ in range(10)] + [corpus.datagrams(chance) for _ in range(10)]
    if kind == "recorded":
        parts = [list(recording(name)) for name in SMALL]
    if kind == "sparse":
        parts += [corpus.unrelated(chance) for _ in range(150)]
    frames = list(corpus.mixed(chance, parts))
    expected = command([write_pcap(tmp_path / "whole.pcap", frames)], "--jobs", "1")
    paths = cut(tmp_path, frames, [len(frames) // 4, len(frames) // 2])
    for jobs in ("1", "2", "3"):
        assert command(paths, "--jobs", jobs) == expected
