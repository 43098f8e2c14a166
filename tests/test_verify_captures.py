"""tshark and we agree on every message of the recordings, whatever form they have, and on others' captures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from netinfo_scapy.capture.sources import open_captures
from netinfo_scapy.cli.verify import Outcome, verify_one
from tests.support import transforms
from tests.support.captures import NAMES, RECORDED, Frame, capture_path, recording, write_pcap
from tests.test_other_captures import FOLDER, WELL_FORMED

pytestmark = pytest.mark.usefixtures("tshark")

CRAFTED = sorted((RECORDED.parent / "crafted").glob("*.pcap"))

MESSAGES = {
    "01-nibind-portmap": 189,
    "02-ni-read-tcp": 142,
    "04-auth": 226,
    "06-tools": 1322,
    "07-large-tcp": 184,
    "10-rparent-bind": 468,
    "11-clone": 402,
}
"""Every message: tshark sees each."""

FORMS: dict[str, Callable[[tuple[Frame, ...]], Iterable[Frame]]] = {
    "each-twice": transforms.each_twice,
    "overlapping": transforms.overlapping,
    "shuffled": lambda frames: transforms.shuffle(frames, 32, seed=2),
    "cut-and-shuffled": lambda frames: transforms.shuffle(list(transforms.cut_every(frames, 100)), 6, seed=3),
    "wrapping": transforms.wrapping,
    "ip-fragments-backwards": lambda frames: transforms.ip_fragments(frames, backwards=True),
    "ipv6": transforms.to_ipv6,
    "vxlan": lambda frames: transforms.tunnel(frames, "vxlan"),
}


def verified(path: Path, folder: Path) -> Outcome:
    (capture,) = open_captures(str(path))
    return verify_one(str(path), capture, folder, lambda _: None)


def test_every_recording_is_listed() -> None:
    assert set(MESSAGES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_message_of_a_recording_is_witnessed(name: str, tmp_path: Path) -> None:
    found = verified(capture_path(name), tmp_path)
    assert not found.comparison.differences
    assert (found.comparison.ours, found.comparison.agreed) == (MESSAGES[name], MESSAGES[name])
    assert not (found.error or found.failure or found.warning)


@pytest.mark.parametrize("form", FORMS)
def test_so_is_the_same_traffic_in_another_form(form: str, tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "other.pcap", FORMS[form](recording("01-nibind-portmap")))
    found = verified(path, tmp_path)
    assert not found.comparison.differences
    assert found.comparison.agreed == 189


CRAFTED_ONLY_OURS = {"malformed": 3, "records": 5}
"""Another RPC version, a reply without its call, a hole; what follows fragments of 4 and 1 bytes."""


@pytest.mark.parametrize("path", CRAFTED, ids=lambda path: path.stem)
def test_tshark_agrees_on_what_was_crafted(path: Path, tmp_path: Path) -> None:
    found = verified(path, tmp_path).comparison
    assert not found.differences
    assert found.agreed == found.tshark
    assert found.ours - found.agreed == len(found.only_ours) == CRAFTED_ONLY_OURS.get(path.stem, 0)


def test_captures_of_others(tmp_path: Path) -> None:
    for path in sorted(FOLDER.glob("*.pcap*")):
        found = verified(path, tmp_path)
        if path.name in WELL_FORMED:
            assert not found.comparison.differences
            assert found.comparison.agreed == found.comparison.ours == found.comparison.tshark > 0
