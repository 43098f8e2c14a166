"""An interrupt while captures are read, and what is shown of the way through them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.support.captures import RECORDED
from tests.support.terminal import start, terminal
from tests.support.waiting import wait_for

TOOLS = RECORDED / "06-tools.pcap"
INTERRUPTED = "netinfo-scapy: interrupted; the report is of what was read until then\n"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A capture that takes some seconds: the frames of another, over and over."""
    data, path = TOOLS.read_bytes(), tmp_path_factory.mktemp("large") / "large.pcap"
    with path.open("wb") as out:
        out.write(data[:24])
        for _ in range(250):
            out.write(data[24:])
    yield path
    path.unlink()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_it_with_a_report_of_what_was_read(jobs: int, large: Path, tmp_path: Path) -> None:
    with (
        terminal() as shown,
        (tmp_path / "out.json").open("wb") as out,
        start(
            "analyze", large, "-j", jobs, "--format", "json", stdout=out, stderr=shown.end, start_new_session=True
        ) as process,
    ):
        os.close(shown.end)
        wait_for(lambda: "reading" in shown.text)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all its processes
        assert process.wait(10) == 130
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    assert shown.text.replace("\r", "").endswith(INTERRUPTED)
    assert "Traceback" not in shown.text
    assert shown.text.count("interrupted") == 1
    found = json.loads((tmp_path / "out.json").read_bytes())
    assert 0 < found["totals"]["bytes"] < large.stat().st_size * 0.9
    assert found["totals"]["messages"] > 0
    assert found["captures"][0]["frames"] == found["totals"]["frames"]


def test_progress_is_shown_on_a_terminal(large: Path) -> None:
    with (
        terminal() as shown,
        start("analyze", large, "-j", 1, "--format", "json", stdout=subprocess.DEVNULL, stderr=shown.end) as process,
    ):
        os.close(shown.end)
        assert process.wait(60) == 0
    assert "reading" in shown.text
    assert "MB/s" in shown.text
    assert "/53.2 MB" in shown.text
    assert "0:00:01" in shown.text
    assert shown.raw.endswith("\x1b[2K")  # it is gone when the report comes


def test_progress_is_not_shown_elsewhere(large: Path) -> None:
    with start("analyze", large, "-j", 1, "--format", "json", stdout=subprocess.DEVNULL, stderr=PIPE) as process:
        assert process.stderr and process.stderr.read() == b""
        assert process.wait(60) == 0
