"""docs/findings.md is current, and says everything about every detector."""

from __future__ import annotations

from pathlib import Path

from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.report.explain import document, explanation

PUBLISHED = Path(__file__).parents[2] / "docs" / "findings.md"


def test_the_published_document_is_current() -> None:
    assert PUBLISHED.read_text() == document(), "run: make generate"


def test_each_detector_is_explained_in_it() -> None:
    text = PUBLISHED.read_text()
    for detector in DETECTORS.values():
        assert explanation(detector).partition("\n")[2] in text
        for key in detector.about.details:
            assert f"* `{key}`: " in text
