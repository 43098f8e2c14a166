"""Makes docs/images/report.png: the top of a report, as Chromium shows it. Run by `make generate`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from netinfo_scapy import __version__
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.directory.rebuild import rebuild
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.report.html.page import page
from tests.support.browser import browser

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "report.png"
WIDTH, HEIGHT = 1280, 840
COLORS = 160
"""Few are enough, and make the file small."""


def main() -> None:
    """Draw the picture."""
    reading = Reading([ROOT / "pcaps" / "recorded" / "04-auth.pcap"])
    facts = reading.facts()
    summary = conclude(facts, reading.captures, reading.interest, __version__)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        report.write_text(page(summary, rebuild(facts.sightings, reading.interest)), encoding="utf-8")
        with browser(Path(folder) / "profile") as chromium:
            chromium.look(WIDTH, "light", HEIGHT)
            chromium.open(report)
            chromium.screenshot(TARGET, HEIGHT)
    with Image.open(TARGET) as picture:
        picture.convert("RGB").quantize(COLORS).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
