"""A reading on a Dask cluster: real worker processes, one of which is killed; the result is that of one process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

import netinfo_scapy
from netinfo_scapy.analysis import lots, parallel
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.part import Watch
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.errors import CaptureError
from tests.support.captures import RECORDED, Frame, recording, write_pcap
from tests.support.packets import ACK, Address, tcp_frame

distributed = pytest.importorskip("distributed", reason="Dask is not installed; `make test` installs it")

WORKERS = 3
SECONDS = 30


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def executor(client: Any) -> Executor:
    client.wait_for_workers(WORKERS, timeout=SECONDS)
    return client.get_executor(pure=False)


def rotated(folder: Path, name: str, parts: int, bulk: int = 0) -> list[Path]:
    """A recording in several files, with some frames of other traffic beside each of its own."""
    frames = recording(name)
    bounds = [len(frames) * part // parts for part in range(parts + 1)]
    paths = []
    for part, (first, last) in enumerate(pairwise(bounds)):
        mixed = [each for frame in frames[first:last] for each in (frame, *bulk_beside(frame, bulk))]
        paths.append(write_pcap(folder / f"{name}-{part}.pcap", mixed))
    return paths


def bulk_beside(frame: Frame, count: int) -> list[Frame]:
    here, there = Address("198.51.100.1", 443), Address("198.51.100.2", 50000)
    return [tcp_frame(frame.time, here, there, 1000 * at, 1, ACK, bytes(1000)) for at in range(count)]


def one_recording(folder: Path) -> list[Path]:
    return rotated(folder, "07-large-tcp", 1)


def many_dense(folder: Path) -> list[Path]:
    return rotated(folder, "06-tools", 20)


def many_sparse(folder: Path) -> list[Path]:
    return rotated(folder, "02-ni-read-tcp", 24, bulk=20)


def all_recordings(_folder: Path) -> list[Path]:
    return sorted(RECORDED.glob("*.pcap"))


INPUTS = {each.__name__: each for each in (one_recording, many_dense, many_sparse, all_recordings)}


def summary(source: Any, executor: Executor | None = None, **how: Any) -> dict[str, Any]:
    reading = Reading(source, **how)
    facts = reading.facts(executor, WORKERS)
    return json.loads(msgspec.json.encode(conclude(facts, reading.captures, reading.interest, "0")))


@pytest.mark.parametrize("name", INPUTS)
def test_a_cluster_finds_what_one_process_finds(name: str, executor: Executor, tmp_path: Path) -> None:
    paths = INPUTS[name](tmp_path)
    assert summary(paths, executor) == summary(paths)


def test_what_is_only_counted_is_so_by_every_worker(executor: Executor, tmp_path: Path) -> None:
    paths = many_dense(tmp_path)
    found, whole = summary(paths, executor, counts_only=True), summary(paths)
    assert (found["findings"], found["counts_only"]) == ([], True)
    assert {**found, **{key: whole[key] for key in ("findings", "domains", "counts_only")}} == whole


def test_files_in_which_little_is_of_interest_are_sifted(tmp_path: Path) -> None:
    """The inputs are of the kinds that they are meant to be."""
    for make, sparse in ((many_sparse, True), (many_dense, False), (one_recording, False)):
        folder = tmp_path / make.__name__
        folder.mkdir()
        reading = Reading(make(folder))
        assert lots.is_sparse(reading.captures, reading.interest) == sparse


def test_few_files_are_handed_out_at_once(executor: Executor, tmp_path: Path, monkeypatch: Any) -> None:
    paths = many_sparse(tmp_path)
    monkeypatch.setattr(parallel, "_MOST_AHEAD", 2)
    assert summary(paths, executor) == summary(paths)


class Killing(Executor):
    """Stops a worker before a task is handed out, and kills it when it has some of those handed out until another."""

    def __init__(self, client: Any, executor: Executor, stop_at: int, kill_at: int) -> None:
        self.client, self.executor = client, executor
        self.stop_at, self.kill_at = stop_at, kill_at
        self.submitted = 0
        self.victim, self.pid = next(iter(client.run(os.getpid).items()))
        self.lost: tuple[str, ...] = ()

    def submit(self, task: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        if self.submitted == self.stop_at:
            os.kill(self.pid, signal.SIGSTOP)
        future = self.executor.submit(task, *args, **named)
        if self.submitted == self.kill_at:
            end = time.monotonic() + SECONDS
            while not self.lost and time.monotonic() < end:
                self.lost = self.client.processing().get(self.victim, ())
            os.kill(self.pid, signal.SIGKILL)
        self.submitted += 1
        return future


@pytest.mark.parametrize(("name", "stop_at", "kill_at"), [("many_dense", 0, WORKERS - 1), ("many_sparse", 2, 5)])
def test_a_worker_that_is_killed_changes_nothing(
    name: str, stop_at: int, kill_at: int, client: Any, executor: Executor, tmp_path: Path
) -> None:
    """Stopped first, it cannot have done its tasks before it is killed."""
    paths = INPUTS[name](tmp_path)
    killing = Killing(client, executor, stop_at, kill_at)
    assert summary(paths, killing) == summary(paths)
    assert killing.lost
    assert killing.pid not in client.run(os.getpid).values()


def test_what_workers_cannot_open_is_an_error(executor: Executor, tmp_path: Path) -> None:
    """This process has the file in its memory, no worker has: nothing may be missing silently."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed; `make test` installs it")
    memory = fsspec.filesystem("memory")
    for make in (many_dense, many_sparse):
        for path in make(tmp_path):
            memory.pipe(f"/{make.__name__}/{path.name}", path.read_bytes())
        with pytest.raises(CaptureError, match="every worker has to find it"):
            summary(f"memory://{make.__name__}", executor)


def too_late() -> None:
    time.sleep(3)
    raise AssertionError("this was to be called off")


class Stopping(Executor):
    """Ends the reading, as an interrupt does, when a task is handed out; the tasks from then on come too late."""

    def __init__(self, executor: Executor, watch: Watch, at: int) -> None:
        self.executor, self.watch, self.at = executor, watch, at
        self.submitted = 0
        self.first: Future[Any] | None = None

    def submit(self, task: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.submitted += 1
        if self.submitted < self.at:
            self.first = self.executor.submit(task, *args, **named)
            return self.first
        if self.first:
            self.first.result(SECONDS)
        self.watch.stopped = True
        return self.executor.submit(too_late)


@pytest.mark.parametrize("name", ["many_dense", "many_sparse"])
def test_what_is_done_is_reported_when_the_reading_is_stopped(name: str, executor: Executor, tmp_path: Path) -> None:
    paths = INPUTS[name](tmp_path)
    reading = Reading(paths)
    stopping = Stopping(executor, reading.watch, 2)
    facts = reading.facts(stopping, WORKERS)
    whole = Reading(paths).facts()
    assert facts.totals.calls < whole.totals.calls
    assert reading.captures[0].frames_read > 0
    assert stopping.submitted <= WORKERS


COMMAND = ("-m", "netinfo_scapy")
IMPATIENT = ("-c", "from netinfo_scapy.cli import cluster, main; cluster._TIMEOUT = 1; main.main()")
"""The same command; its patience with a scheduler is a second, where nothing is to come anyway."""


def command(
    *words: object, cwd: Path | None = None, python: tuple[str, ...] = COMMAND
) -> subprocess.CompletedProcess[str]:
    root = str(Path(netinfo_scapy.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    return subprocess.run(
        [sys.executable, *python, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
        cwd=cwd,
        env=environment,
    )


def test_the_command_finds_files_by_relative_names(client: Any, executor: Executor) -> None:
    """The workers run in another directory than the command."""
    words = ("analyze", "recorded", "--format", "json")
    alone = command(*words, cwd=RECORDED.parent)
    shared = command(*words, "--scheduler", client.scheduler.address, cwd=RECORDED.parent)
    assert (shared.returncode, shared.stderr) == (0, "")
    assert shared.stdout == alone.stdout


def test_a_scheduler_without_workers_is_one_line_and_a_code() -> None:
    with distributed.LocalCluster(
        n_workers=0, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        done = command("analyze", RECORDED, "--scheduler", cluster.scheduler_address)
    assert done.returncode == 2
    assert "has no workers" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_scheduler_that_is_none_is_one_line_and_a_code() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = command(
            "analyze", RECORDED, "--scheduler", f"tcp://127.0.0.1:{silent.getsockname()[1]}", python=IMPATIENT
        )
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_scheduler_that_is_not_there_is_one_line_and_a_code() -> None:
    done = command("analyze", RECORDED, "--scheduler", "tcp://127.0.0.1:1", python=IMPATIENT)
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert done.stderr.count("\n") == 1
