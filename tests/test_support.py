"""The means of the other tests, checked against the recordings and against tshark."""

import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support import transforms
from tests.support.captures import NAMES, parse_pcap, pcap_bytes, recording, write_pcap
from tests.support.ground_truth import expected_messages
from tests.support.packets import parse_all
from tests.support.streams import message_flow, places, recorded_streams, streams


def test_truth_is_converted_whole() -> None:
    assert sum(len(expected_messages(name)) for name in NAMES) == 2933


@pytest.mark.parametrize("name", NAMES)
def test_streams_hold_the_messages_of_the_truth(name: str) -> None:
    expected = defaultdict(list)
    for message in expected_messages(name):
        if message["transport"] == "tcp":
            expected[message_flow(message)].append((message["length"], message["fragments"]))
    found = {flow: [(p.record.length, len(p.record.pieces)) for p in here] for flow, here in places(name).items()}
    assert found == expected


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [True, False])
def test_pcap_is_written_as_it_is_read(order: str, nano: bool) -> None:
    frames = list(recording("02-ni-read-tcp"))
    assert parse_pcap(pcap_bytes(frames, order=order, nano=nano)) == frames


def _followed(path: Path, count: int) -> list[str]:
    """What tshark reassembles of the first streams."""
    asked = [part for stream in range(count) for part in ("-z", f"follow,tcp,raw,{stream}")]
    shown = subprocess.run(["tshark", "-r", path, "-q", *asked], check=True, capture_output=True, text=True).stdout
    parts = shown.split("Follow: tcp,raw")[1:]
    return ["".join(line.strip() for line in part.splitlines() if line.strip().isalnum()) for part in parts]


FORMS = {
    "single-bytes": transforms.single_bytes,
    "shuffled": transforms.shuffle,
    "each-twice": transforms.each_twice,
    "overlapping": transforms.overlapping,
    "cut": lambda frames: transforms.cut_every(frames, 11),
    "wrapping": transforms.wrapping,
    "fragments": transforms.ip_fragments,
    "fragments-backwards": lambda frames: transforms.ip_fragments(frames, backwards=True),
    "ipv6": transforms.to_ipv6,
    "fcs": transforms.with_fcs,
    "padded": transforms.padded,
} | {kind: (lambda frames, kind=kind: transforms.relink(frames, kind)) for kind in transforms.LINKS if kind != "loop"}


@pytest.mark.parametrize("form", FORMS)
def test_tshark_reassembles_the_same_bytes(form: str, tmp_path: Path) -> None:
    name = "02-ni-read-tcp"
    count = len({stream.flow[0] for stream in recorded_streams(name)}) // 2
    expected = _followed(write_pcap(tmp_path / "as-is.pcap", recording(name)), count)
    assert any(expected)
    assert _followed(write_pcap(tmp_path / "changed.pcap", FORMS[form](recording(name))), count) == expected


def test_pipelining_keeps_every_byte_of_both_sides() -> None:
    frames = list(transforms.several_in_a_segment(recording("02-ni-read-tcp")))
    changed = {(s.flow, s.data) for s in streams(frames, parse_all(frames))}
    assert changed == {(s.flow, s.data) for s in recorded_streams("02-ni-read-tcp")}
    assert len(frames) < len(recording("02-ni-read-tcp"))
