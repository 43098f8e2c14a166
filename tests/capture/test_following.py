"""A stream that waits for more, while somebody looks on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netinfo_scapy.capture.captures import StreamCapture
from netinfo_scapy.capture.following import PERIOD, Following, follow
from tests.support.captures import capture_path, recording


class Looks:
    """Counts how often it is called; says no after `most` calls, or when `done` is set."""

    def __init__(self, most: int = 1000) -> None:
        self.count, self.most, self.done = 0, most, False

    def __call__(self) -> bool:
        self.count += 1
        return self.count <= self.most and not self.done


def later(write: Callable[[], object], seconds: float = 0.1) -> threading.Timer:
    timer = threading.Timer(seconds, write)
    timer.start()
    return timer


def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"one")
    with follow(str(path), looks := Looks()) as stream, path.open("ab", buffering=0) as end:
        assert stream.name == str(path)
        assert stream.read1() == b"one"
        timer = later(lambda: end.write(b"two"))
        assert stream.read1() == b"two"
        timer.join()
        looks.most = looks.count + 3
        started = time.monotonic()
        assert stream.read1() == b""
        assert 2.5 * PERIOD < time.monotonic() - started < 8 * PERIOD
        assert looks.count == looks.most + 1


def test_a_pipe_is_waited_for_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    ends: list[int] = []
    opening = threading.Thread(target=lambda: ends.append(os.open(path, os.O_WRONLY)))
    opening.start()
    with follow(str(path), looks := Looks()) as stream:
        opening.join()
        timers = [later(lambda: os.write(ends[0], b"one"), 2.5 * PERIOD), later(lambda: os.close(ends[0]), 4 * PERIOD)]
        assert stream.read1() == b"one"
        assert looks.count >= 3
        assert stream.read1() == b""
        for timer in timers:
            timer.join()


def test_it_cannot_be_sought(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"one")
    with Following(str(path), Looks()) as raw:
        assert not raw.seekable()


def test_what_cannot_be_opened_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        follow(str(tmp_path / "nosuch"), Looks())
    with pytest.raises(IsADirectoryError):
        follow(str(tmp_path), Looks())


@pytest.mark.parametrize("sizes", [[1, 2, 20, 2, 10, 500, 7], [40_000]])
def test_a_capture_is_read_as_it_grows(sizes: list[int], tmp_path: Path) -> None:
    data = capture_path("04-auth").read_bytes()
    path = tmp_path / "growing.pcap"
    path.write_bytes(b"")
    looks = Looks()

    def write() -> None:
        at = 0
        for size in [*sizes, len(data)]:
            with path.open("ab") as end:
                end.write(data[at : at + size])
            at += size
            time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    with follow(str(path), looks) as stream:
        capture = StreamCapture(str(path), lambda: stream, rereadable=False, closes=False)
        frames = []
        for frame in capture.frames():
            frames.append((frame.ref.time_ns, bytes(frame.data)))
            looks.done = len(frames) == len(recording("04-auth"))
    writer.join()
    assert frames == [(frame.time, frame.data) for frame in recording("04-auth")]
    assert (capture.warning, capture.error) == (None, None)
