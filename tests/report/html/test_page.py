"""The page as a file: whole, closed to the network, with the numbers of the JSON, nothing hostile in it as markup."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from netinfo_scapy.report.html.cells import MOST_ROWS
from netinfo_scapy.report.html.page import page
from tests.report.html.documents import Document
from tests.support import reports
from tests.support.captures import RECORDED, pcap_bytes

CAPTURES = sorted(RECORDED.glob("*.pcap"))
TOOLS = RECORDED / "06-tools.pcap"


@cache
def ordinary() -> Document:
    summary = reports.with_findings(reports.summary_of(TOOLS))
    return Document(page(summary, [reports.ordinary()]))


@cache
def hostile() -> Document:
    return Document(page(*reports.hostile(reports.summary_of(TOOLS))))


@pytest.mark.parametrize("document", [ordinary, hostile])
def test_only_the_scripts_and_the_style_that_are_in_it_are_allowed(document: object) -> None:
    made = document()
    ((policy, _),) = made.all("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = dict(each.split(" ", 1) for each in policy["content"].split("; "))
    assert rules.pop("default-src") == "'none'"
    scripts = [text for attrs, text in made.all("script") if attrs.get("type") != "application/json"]
    assert rules.pop("script-src").split() == [quoted(text) for text in scripts]
    assert rules.pop("style-src").split() == [quoted(text) for _, text in made.all("style")]
    assert rules == {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def quoted(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("document", [ordinary, hostile])
def test_nothing_in_it_asks_for_anything(document: object) -> None:
    for tag, attributes, _ in document().elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "audio", "video", "source"), tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("style", "src", "srcset", "action", "formaction", "ping", "poster"), (tag, name)
            if name == "href":
                assert re.match(r"#|data:,$|https://www\.cve\.org/", value), value


def test_markup_is_what_it_would_be_without_the_hostile_names() -> None:
    """As many elements of each kind as when all of these texts are harmless."""
    summary, domains = reports.hostile(reports.summary_of(TOOLS))
    # As long as these are shown: long texts in tables have an element of their own.
    names = [str(at).ljust(len(reports.as_shown(each)), "x") for at, each in enumerate(reports.TEXTS)]
    harmless = page(*reports.hostile(reports.summary_of(TOOLS), names))
    kinds = [tag for tag, *_ in Document(page(summary, domains)).elements]
    assert kinds == [tag for tag, *_ in Document(harmless).elements]


def test_hostile_names_are_there_as_text() -> None:
    made = hostile()
    titles = [text for attrs, text in made.all("h3") if (attrs.get("id") or "").startswith("finding-")]
    for name, title in zip(reports.TEXTS, titles, strict=True):
        assert title.split(" ", 1)[1] == reports.as_shown(name)
    names = [entry[1] for entry in made.data("domain-1-data")]
    assert names[1:] == [*map(reports.as_shown, reports.TEXTS), r"caf\xe9\xff\xfe"]


def test_no_character_acts_on_its_reader() -> None:
    text = page(*reports.hostile(reports.summary_of(TOOLS)))
    found = {each for each in text if not each.isprintable()} - {"\n"}
    assert not found, found


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_numbers_are_those_of_the_summary(capture: Path) -> None:
    summary = reports.summary_of(capture)
    made = Document(page(summary))
    totals = summary.totals
    shown = {cells[0][1]: int(cells[1][0]) for cells in made.rows("totals-table")}
    assert shown["Calls"] == totals.calls
    assert shown["Frames read"] == totals.frames
    assert len(shown) == len(totals.__struct_fields__)
    for table, column in (
        ("conversations-table", 4),
        ("servers-table", 5),
        ("procedures-table", 1),
        ("timeline-table", 1),
    ):
        assert sum(int(row[column][0]) for row in made.rows(table)) == totals.calls, table
    for table, column in (("conversations-table", 5), ("servers-table", 6)):
        assert sum(int(row[column][0]) for row in made.rows(table)) == totals.replies, table
    for row in made.rows("totals-table"):
        assert row[1][1].replace(",", "") == row[1][0]


def test_structure() -> None:
    """Landmarks, headings one below the other, tables with captions and scopes, and every name that is referred to."""
    made = ordinary()
    ids = [attrs["id"] for _, attrs, _ in made.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attributes, _ in made.elements:
        for name in ("aria-labelledby", "for"):
            assert attributes.get(name, ids[0]) in ids
        if (attributes.get("href") or "").startswith("#"):
            assert attributes["href"][1:] in ids
    for tag in ("header", "nav", "main", "footer"):
        assert made.all(tag)
    assert len(made.all("h1")) == len(made.all("main")) == 1
    levels = [int(tag[1]) for tag, *_ in made.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(made.all("caption")) == len(made.all("table"))
    assert all(attrs.get("scope") in ("col", "row") for attrs, _ in made.all("th"))
    assert made.elements[0][1] == {"lang": "en"}


def test_hashes_are_hidden_unless_they_are_to_be_revealed() -> None:
    summary, domains = reports.summary_of(TOOLS), [reports.ordinary()]
    hidden, revealed = page(summary, domains), page(summary, domains, reveal=True)
    for name in ("aBcDeFgHiJkLm", "0123456789abcdefghij", "oldHashValue1", "newHashValue2"):
        assert name not in hidden
        assert name in revealed
    for start in ("aB...", "ol...", "ne..."):
        assert start in hidden


def test_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(pcap_bytes([reports.NO_FRAME])[:24])
    made = Document(page(reports.summary_of(path)))
    assert [text for _, text in made.all("h1")] == ["empty.pcap"]
    assert "No NetInfo" in made.all("section", id="overview")[0][1]
    assert made.data("data")["responses"] == []


def test_much_is_shortened_and_says_so() -> None:
    summary = reports.many_hosts(reports.summary_of(TOOLS), 20_000, 200)
    text = page(summary, [reports.large_domain(20_000)])
    made = Document(text)
    assert len(made.rows("conversations-table")) == MOST_ROWS
    ((_, caption),) = made.all("caption", id="conversations-table-caption")
    assert f"the first {MOST_ROWS} of 20,000" in caption
    assert len(made.data("domain-1-data")) == 20_000
    assert len(text) < 6_000_000


def test_times_in_another_zone() -> None:
    from zoneinfo import ZoneInfo

    made = Document(page(reports.summary_of(TOOLS), zone=ZoneInfo("Asia/Kolkata")))
    assert made.data("data")["zone"] == "Asia/Kolkata"
    # 18:22:38 UTC
    assert made.rows("timeline-table")[0][0][1].startswith("2026-11-23 23:52:38.")
    assert made.rows("timeline-table")[0][0][1].endswith("+05:30")
    assert any("(Asia/Kolkata)" in text for _, text in made.all("th", scope="col"))
