"""What a process hands over of a file, and what is read again where that is not enough."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from netinfo_scapy.analysis import lots, parallel
from netinfo_scapy.analysis.reading import Reading
from tests.analysis.looks import AtOnce, summary
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, pcap_bytes
from tests.support.conversation import CLIENT, Talk
from tests.support.packets import Address

pytestmark = pytest.mark.usefixtures("sifted")


@pytest.fixture
def sifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "is_sparse", lambda *_: True)


def same(paths: list[str]) -> dict[str, object]:
    """The summary of some files, with sifting and without."""
    found = summary(Reading(paths), AtOnce(), 2)
    assert found == summary(Reading(paths))
    return found


def test_a_file_of_which_too_much_remains_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_MOST_SIFTED", 5_000)
    same([str(capture_path(name)) for name in NAMES[:3]])


def test_the_answer_to_a_forwarded_call_is_in_the_next_file(tmp_path: Path) -> None:
    """The second file is sifted before anybody knows that replies from anywhere matter."""
    talk = Talk()
    arguments = rpc.words(rpc.NIBIND, 1, 0) + rpc.opaque(b"")
    talk.udp(CLIENT, Address("192.0.2.255", 111), rpc.call(1, rpc.PORTMAP, 2, 5, arguments))
    talk.udp(Address("192.0.2.7", 3007), CLIENT, rpc.accepted(1, rpc.words(755) + rpc.opaque(b"")))
    paths = []
    for number, frame in enumerate(talk.frames, 1):
        path = tmp_path / f"a_{number:05}.pcap"
        path.write_bytes(pcap_bytes([frame]))
        paths.append(str(path))
    assert same(paths)["totals"]["replies"] == 1  # type: ignore[index]


class Noting(AtOnce):
    """Notes which files it is given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def submit(self, task: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given.append(args[0].address)
        return super().submit(task, *args, **kwargs)


def test_a_process_that_joins_walks_through_some_files_itself() -> None:
    paths = [str(capture_path(name)) for name in NAMES[:5]]
    reading, executor = Reading(paths, as_sensors="one"), Noting()
    reading.joins = True
    assert summary(reading, executor, 2) == summary(Reading(paths, as_sensors="one"))
    names = [capture.name for capture in reading.captures]
    assert executor.given == names[1::2] * reading.readings
