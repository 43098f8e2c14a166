"""Under `make test` (NETINFO_NO_SKIPS) a skipped test is a failure: what it needs must be installed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from netinfo_scapy.cli.workers import cores

# The machine may have other things to do: how long examples take says nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

NO_SKIPS = bool(os.environ.get("NETINFO_NO_SKIPS"))

# Tests neither write to the user's home nor read from it: the settings and plugins of tshark and Scapy lie there.
_HOME = TemporaryDirectory(prefix="netinfo-scapy-tests-", ignore_cleanup_errors=True)
_PIP = {
    "PIP_CACHE_DIR": Path.home() / ".cache" / "pip",
    "PIP_CONFIG_FILE": Path.home() / ".config" / "pip" / "pip.conf",
}
for _name, _path in _PIP.items():
    if _path.exists():
        os.environ.setdefault(_name, str(_path))
os.environ["HOME"] = _HOME.name

# What a shell starts in the background ignores interrupts, and the commands under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and under `make test` nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and under `make test` nothing may be"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: many tests wait for a command, a browser or a time to pass."""
    return (3 * cores() + 1) // 2


@pytest.fixture(scope="session")
def tshark() -> str:
    """The tshark command."""
    path = shutil.which("tshark")
    if path is None:
        pytest.skip("tshark is not installed; `make test` installs it")
    return path


@pytest.fixture(scope="session")
def suricata() -> str:
    """The suricata command."""
    path = shutil.which("suricata")
    if path is None:
        pytest.skip("Suricata is not installed; `make test` installs it")
    return path
