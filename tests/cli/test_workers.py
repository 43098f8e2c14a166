"""The processes of --jobs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from netinfo_scapy.analysis import lots, parallel
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.cli.pool import SharedWatch
from netinfo_scapy.cli.workers import workers
from tests.support.captures import NAMES, capture_path


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_is_told_in_one_line() -> None:
    reading = Reading(str(capture_path(NAMES[0])))
    with pytest.raises(CaptureError, match="killed"), workers(reading, 2, None) as found:
        assert found.executor is not None
        found.executor.submit(die).result()


def test_small_inputs_are_read_by_one_process() -> None:
    with workers(Reading(str(capture_path(NAMES[0]))), None, None) as found:
        assert (found.executor, found.jobs) == (None, 1)


def work_until_stopped() -> None:
    while not parallel.watch.stopped:
        time.sleep(0.01)


def test_none_is_left_when_the_work_is_done() -> None:
    with workers(Reading(str(capture_path(NAMES[0]))), 2, None) as found:
        assert found.executor is not None
        found.executor.submit(os.getpid).result()
    assert multiprocessing.active_children() == []


def test_what_others_still_do_is_ended_by_a_mistake() -> None:
    with pytest.raises(FileNotFoundError), workers(Reading(str(capture_path(NAMES[0]))), 2, None) as found:
        assert found.executor is not None
        found.executor.submit(work_until_stopped)
        raise FileNotFoundError
    assert multiprocessing.active_children() == []


def test_none_begins_where_there_is_nothing_to_hand_out(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(str(capture_path(NAMES[0])))
    alone = Reading(str(capture_path(NAMES[0]))).facts().totals
    monkeypatch.setattr(lots, "is_sparse", lambda *_: True)
    with workers(reading, 2, None) as found:
        assert reading.facts(found.executor, found.jobs).totals == alone
        assert multiprocessing.active_children() == []
    assert reading.walked == reading.size


def is_stopped() -> bool:
    return parallel.watch.stopped


def walk(size: int) -> None:
    parallel.watch.add(size)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_process_that_begins_late_sees_what_was_before(stopped: bool) -> None:
    reading = Reading(str(capture_path(NAMES[0])))
    with workers(reading, 2, None) as found:
        assert found.executor is not None and isinstance(reading.watch, SharedWatch)
        reading.watch.add(3 << 20)
        reading.watch.stopped = stopped
        assert found.executor.submit(is_stopped).result() == stopped
        found.executor.submit(walk, 2 << 20).result()
        assert reading.watch.walked == 5 << 20
        reading.watch.stopped = True
        assert found.executor.submit(is_stopped).result()
