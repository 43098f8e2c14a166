"""What is extracted reads like what it was taken from, whatever form that had: over every recording."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.support import rpc, transforms
from tests.support.captures import FILE_FORMATS, NAMES, RECORDED, Frame, convert, recording, write_pcap
from tests.support.conversation import Talk
from tests.support.extraction import assert_extracted, stored
from tests.support.ground_truth import server_ports
from tests.support.packets import Address, parse_all

CRAFTED = sorted((RECORDED.parent / "crafted").glob("*.pcap"))
RECORDINGS = [RECORDED / f"{name}.pcap" for name in NAMES]
CLONE = RECORDED / "11-clone.pcap"
FILTERS: list[dict[str, object]] = [
    {"status": ["ok"]},
    {"procedure": ["READ", "portmap"]},
    {"tag": ["network"]},
    {"tag": ["local"], "user": ["0"]},
    {"host": ["127.0.0.1"], "status": ["NI_PERM", "NI_NODIR"]},
]


@pytest.mark.parametrize("path", [*RECORDINGS, *CRAFTED], ids=lambda path: path.stem)
def test_everything(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert_extracted(path, out)
    before, after = (_with_frames(netinfo_scapy.analyze(each), each) for each in (path, out))
    for key in ("captures", "not_understood"):
        del before[key], after[key]
    for key in ("frames", "bytes"):
        del before["totals"][key], after["totals"][key]
    assert after == before


def _with_frames(value: Any, path: Path) -> Any:
    """A summary in which each frame stands instead of its number."""
    frames = stored(path)[str(path)]

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(each) for each in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"capture", "frame"}:
            return frames[value["frame"] - 1]
        return {key: told(each) for key, each in value.items() if key != "filter"}

    return told(value)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("path", [*RECORDINGS, *CRAFTED], ids=lambda path: path.stem)
def test_filtered(path: Path, filters: dict[str, object], tmp_path: Path) -> None:
    assert_extracted(path, tmp_path / "out.pcapng", **filters)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_one_client_port(path: Path, tmp_path: Path) -> None:
    """Each of some connections by its own: the rest is what teaches, and less than the whole."""
    frames = stored(path)[str(path)]
    ports = sorted({message["src_port"] for message in netinfo_scapy.messages(path) if message["type"] == "call"})
    for port in (ports[0], ports[len(ports) // 2], ports[-1]):
        assert len(assert_extracted(path, tmp_path / "out.pcapng", port=[str(port)])) <= len(frames)


@pytest.mark.parametrize("name", NAMES)
def test_whole_flows(name: str, tmp_path: Path) -> None:
    """What tshark counts for each connection is in the output as often."""
    source, out = RECORDED / f"{name}.pcap", tmp_path / "out.pcapng"
    assert_extracted(source, out, status=["ok"])
    before, after = connections(source), connections(out)
    assert after
    assert after.items() <= before.items()


def connections(path: Path) -> dict[tuple[str, str], int]:
    """tshark's TCP and UDP conversations -> their frames."""
    found: dict[tuple[str, str], int] = {}
    for kind in ("tcp", "udp"):
        command = [shutil.which("tshark") or pytest.skip("no tshark"), "-n", "-q", "-r", str(path), "-z"]
        done = subprocess.run([*command, f"conv,{kind}"], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            words = line.split()
            if len(words) > 8 and words[1] == "<->":
                found[kind, f"{words[0]} {words[2]}"] = int(words[3]) + int(words[6])
    return found


# forms


Form = Callable[[tuple[Frame, ...]], Iterable[Frame]]
FORMS: dict[str, Form] = {
    "fragments": transforms.ip_fragments,
    "fragments-backwards": lambda frames: transforms.ip_fragments(frames, backwards=True),
    "shuffled": lambda frames: transforms.shuffle(frames, 8, seed=5),
    "twice": transforms.each_twice,
    "cut": lambda frames: transforms.cut_every(frames, 100),
    "from-the-middle": lambda frames: transforms.from_the_middle(frames, 40),
    "ipv6": transforms.to_ipv6,
    "padded": transforms.padded,
    **{
        kind: lambda frames, kind=kind: transforms.encapsulate(frames, kind)
        for kind in (*transforms.LINKS, *transforms.ENCAPSULATIONS)
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, tmp_path: Path) -> None:
    name = "01-nibind-portmap"
    path = write_pcap(tmp_path / "in.pcap", FORMS[form](recording(name)))
    assert_extracted(path, tmp_path / "out.pcapng")
    assert_extracted(path, tmp_path / "out.pcapng", procedure=["nibind"])
    assert_extracted(path, tmp_path / "out.pcapng", tag=["network"])
    assert_extracted(path, tmp_path / "out.pcapng", ports=server_ports(name), how=["--learn", "once"], status=["ok"])


@pytest.mark.parametrize("kind", FILE_FORMATS)
def test_file_formats(kind: str, tmp_path: Path) -> None:
    path = convert(CLONE, tmp_path, kind)
    assert_extracted(path, tmp_path / "out.pcapng", status=["ok"])


def test_interfaces_of_several_kinds(tmp_path: Path) -> None:
    """mergecap makes one file of captures with different links and clocks."""
    frames = recording("11-clone")
    write_pcap(tmp_path / "a.pcap", frames[0::3], nano=False)
    write_pcap(tmp_path / "b.pcap", transforms.relink(frames[1::3], "sll"))
    write_pcap(tmp_path / "c.pcap", transforms.relink(frames[2::3], "raw"), nano=False)
    path, out = tmp_path / "merged.pcapng", tmp_path / "out.pcapng"
    parts = [str(tmp_path / f"{name}.pcap") for name in "abc"]
    mergecap = shutil.which("mergecap") or pytest.skip("no mergecap")
    subprocess.run([mergecap, "-w", str(path), *parts], check=True, capture_output=True)
    after = assert_extracted(path, out)
    assert {each.link for each in after} == {1, 101, 113}
    assert_extracted(path, out, tag=["network"])


def test_frames_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    editcap = shutil.which("editcap") or pytest.skip("no editcap")
    subprocess.run([editcap, "-s", "120", str(CLONE), str(path)], check=True, capture_output=True)
    after = assert_extracted(path, tmp_path / "out.pcapng")
    assert any(each.wire_length > len(each.data) == 120 for each in after)


def test_unrelated_traffic_stays_behind(tmp_path: Path) -> None:
    """Other flows of the same hosts, whose fragments have the same identifications, too."""
    ours = recording("11-clone")
    hosts = sorted({address.ip for packet in parse_all(ours) if packet for address in packet.flow})
    talk = Talk()
    for number in range(150):
        source, target = Address(hosts[number % len(hosts)], 50_000 + number), Address(hosts[0], 2049)
        talk.udp(source, target, rpc.call(number, 100003, 3, 1, bytes(200)))
        connection = talk.tcp(source, target)
        connection.call(rpc.record(rpc.call(number, 100003, 3, 1)))
        connection.close()
    theirs = [frame._replace(data=b"\x02theirs\x02other"[:12] + frame.data[12:]) for frame in talk.frames]
    mixed = [frame for pair in zip(ours, theirs, strict=False) for frame in pair] + list(ours[len(theirs) :])
    mixed = list(transforms.in_order(iter(mixed)))
    for form in (mixed, list(transforms.ip_fragments(mixed))):
        path = write_pcap(tmp_path / "mixed.pcap", form)
        after = assert_extracted(path, tmp_path / "out.pcapng")
        assert not any(b"theirs" in each.data[:12] for each in after)
        assert sum(b"theirs" not in frame.data[:12] for frame in form) == len(after)


# several captures


def test_files_of_one_sensor_become_one(tmp_path: Path) -> None:
    frames = recording("11-clone")
    cuts = [0, 100, 333, 334, 600, len(frames)]
    parts = [frames[a:b] for a, b in pairwise(cuts)]
    paths = [write_pcap(tmp_path / f"{9 - number}.pcap", part) for number, part in enumerate(parts)]
    after = assert_extracted(sorted(paths), tmp_path / "out.pcapng", tag=["network"])
    whole = write_pcap(tmp_path / "whole.pcap", frames)
    assert after == assert_extracted(whole, tmp_path / "other.pcapng", tag=["network"])
