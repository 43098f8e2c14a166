"""Findings as the page shows them."""

from __future__ import annotations

from msgspec.structs import replace

from netinfo_scapy.analysis.summary import FrameSummary
from netinfo_scapy.report.html import findings
from tests.support import reports
from tests.support.captures import RECORDED

BASE = reports.summary_of(RECORDED / "06-tools.pcap")


def test_evidence_has_a_column_for_each_key() -> None:
    details = [{"user": "root", "frame": 1}, {"frame": 2, "host_name": None}, {"user": {"hex": "ff"}, "frame": 3}]
    (shown,) = findings.findings(replace(BASE, findings=[reports.finding(details=details)]), None)
    assert shown.evidence is not None
    assert [(each.title, each.numeric) for each in shown.evidence.columns] == [
        ("user", False),
        ("frame", True),
        ("host name", False),
    ]
    texts = [[" ".join(part.text for part in cell.parts) for cell in row] for row in shown.evidence.rows]
    assert texts == [["root", "1", ""], ["", "2", ""], ["0xff", "3", ""]]


def test_only_links_that_browsers_should_open() -> None:
    references = ["https://www.cve.org/x", "http://example.org", "javascript:alert(1)", "data:text/html,x", "CVE-1"]
    (shown,) = findings.findings(replace(BASE, findings=[reports.finding(references=references)]), None)
    assert [linked for _, linked in shown.references] == [True, False, False, False, False]


def test_many_are_shortened() -> None:
    many = [reports.finding(frames=[FrameSummary("a.pcap", n) for n in range(50)]) for _ in range(600)]
    summary = replace(BASE, findings=many)
    shown = findings.findings(summary, None)
    assert len(shown) == findings.MOST_FINDINGS
    assert dict(shown[0].facts)["Frames"][-1] == "and 38 more"
    assert findings.severities(summary) == [("high", 600)]


def test_the_meaning_is_told_once_of_each_kind() -> None:
    made = [reports.finding(id="a"), reports.finding(id="b"), reports.finding(id="a")]
    assert [each.first for each in findings.findings(replace(BASE, findings=made), None)] == [True, True, False]


def test_texts_show_no_markup() -> None:
    made = reports.finding(meaning="a `b` <c>", advice="`d`")
    (shown,) = findings.findings(replace(BASE, findings=[made]), None)
    assert (shown.meaning, shown.advice) == ('a "b" <c>', '"d"')
