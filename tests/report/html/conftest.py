"""The browser that the tests of this folder share, and the pages that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netinfo_scapy.report.html.page import page
from tests.support import browser as browsers
from tests.support import reports
from tests.support.browser import Browser
from tests.support.captures import RECORDED, pcap_bytes

TOOLS, LARGEST = RECORDED / "06-tools.pcap", RECORDED / "07-large-tcp.pcap"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium."""
    if not (browsers.CHROMIUM and browsers.DRIVER):
        pytest.skip("chromium and chromium-driver are not installed; `make test` installs them")
    with browsers.browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="session")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Pages by name, each made once."""
    folder = tmp_path_factory.mktemp("pages")

    def made(name: str) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(PAGES[name](folder), encoding="utf-8")
        return path

    return made


def _empty(folder: Path) -> str:
    capture = folder / "empty.pcap"
    capture.write_bytes(pcap_bytes([reports.NO_FRAME])[:24])
    return page(reports.summary_of(capture))


def _large(_folder: Path) -> str:
    summary = reports.many_hosts(reports.summary_of(TOOLS), 100_000, 200)
    return page(summary, [reports.large_domain(20_000)])


PAGES: dict[str, Callable[[Path], str]] = {
    "ordinary": lambda _: page(reports.with_findings(reports.summary_of(TOOLS)), [reports.ordinary()]),
    "guessing": lambda _: page(reports.summary_of(RECORDED / "04-auth.pcap")),
    "largest": lambda _: page(reports.summary_of(LARGEST)),
    "clone": lambda _: page(reports.summary_of(RECORDED / "11-clone.pcap")),
    "empty": _empty,
    "hostile": lambda _: page(*reports.hostile(reports.summary_of(TOOLS))),
    "three-hosts": lambda _: page(reports.many_hosts(reports.summary_of(TOOLS), 3)),
    "300-hosts": lambda _: page(reports.many_hosts(reports.summary_of(TOOLS), 300, 60, 900)),
    "large": _large,
}
