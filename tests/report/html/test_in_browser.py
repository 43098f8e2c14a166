"""The page in a real Chromium: it renders, can be read, searched, sorted and walked through, and asks for nothing."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from netinfo_scapy.cli.workers import cores
from tests.report.html.conftest import PAGES
from tests.support import reports
from tests.support.browser import THEMES, WIDTHS, Browser

Pages = Callable[[str], Path]

# Every element with text of its own: its colors, and those of the nearest background that is not see-through.
COLORS = """
const channels = (color) => {
  const canvas = COLORS_CANVAS; canvas.fillStyle = "#000"; canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const COLORS_CANVAS = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const seen = new Set();
const found = [];
for (const element of document.querySelectorAll("body *")) {
  if (!element.checkVisibility() || element.closest("script, style, title, noscript")) continue;
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
  const style = getComputedStyle(element);
  const color = element.closest("svg") && element.closest(".canvas") ? style.fill : style.color;
  let above = element;
  let back;
  while (above) {
    back = channels(getComputedStyle(above).backgroundColor);
    if (back[3] === 255) break;
    above = above.parentElement;
  }
  const key = `${color} ${back}`;
  if (seen.has(key)) continue;
  seen.add(key);
  found.push([channels(color), back, `${element.tagName}.${element.className.baseVal ?? element.className}`]);
}
return found;
"""
OVERLAPS = """
const labels = [...document.querySelectorAll(arguments[0])];
const boxes = labels.map((each) => [each.textContent, each.getBoundingClientRect()]);
const found = [];
for (let one = 0; one < boxes.length; one += 1) for (let other = 0; other < one; other += 1) {
  const [a, b] = [boxes[one][1], boxes[other][1]];
  if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    found.push([boxes[one][0], boxes[other][0]]);
}
return found;
"""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_it_opens_without_a_complaint_and_without_a_request(browser: Browser, page_of: Pages, name: str) -> None:
    path = page_of(name)
    looks = list(itertools.product(WIDTHS.values(), THEMES))
    for width, theme in looks if name in ("ordinary", "hostile") else looks[::3]:
        browser.look(width, theme)
        browser.open(path)
        assert browser.console() == []
        assert browser.requests() == [path.as_uri()]
        wide, window = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window == width, "the page scrolls sideways"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["ordinary", "guessing", "hostile"])
def test_text_stands_out_from_its_background(browser: Browser, page_of: Pages, name: str, theme: str) -> None:
    browser.look(theme=theme)
    browser.open(page_of(name))
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    found = browser.run(COLORS)
    assert len(found) > 8
    for color, background, where in found:
        lighter, darker = sorted((luminance(color), luminance(background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (where, color, background)


def luminance(color: list[int]) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in (c / 255 for c in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("name", "width"), [("ordinary", 1280), ("ordinary", 390), ("empty", 1280)])
def test_axe_finds_nothing_that_shuts_anybody_out(browser: Browser, page_of: Pages, name: str, width: int) -> None:
    """All of its rules but that for contrast, which takes long, and of which there is a test above."""
    browser.look(width)
    browser.open(page_of(name))
    browser.run(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = browser.driver.execute_async_script(
        "axe.run(document, {rules: {'color-contrast': {enabled: false}}}).then(arguments[0])"
    )
    assert found["violations"] == []
    assert len(found["passes"]) > 20


def test_themes(browser: Browser, page_of: Pages) -> None:
    """As the system has it, until a person chooses."""
    path = page_of("ordinary")

    def background() -> str:
        return browser.run("return getComputedStyle(document.body).backgroundColor")

    browser.look(theme="light")
    browser.open(path)
    light = background()
    browser.look(theme="dark")
    dark = background()
    assert light != dark
    for choice, expected in (("light", light), ("dark", dark), ("auto", dark), ("light", light)):
        browser.run(f"document.querySelector('input[value={choice}]').click()")
        assert background() == expected
    browser.open(path)
    assert background() == light, "the choice is remembered"
    browser.run("document.querySelector('input[value=auto]').click()")
    assert background() == dark


def test_search(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))
    everything = browser.texts("#procedures-table tbody tr")
    search(browser, "lookup")
    shown = browser.texts("#procedures-table tbody tr")
    assert shown == [row for row in everything if "lookup" in row.lower()] != []
    assert browser.texts(".finding") == []
    assert browser.texts("#findings-nothing")
    (status,) = browser.texts("#search-status")
    assert re.fullmatch(r"\d+ rows?, 0 findings, 0 directories", status)
    search(browser, "STEVE realname")
    assert browser.texts("#directory-matches li") == ["/users/steve"]
    browser.run("document.querySelector('#directory-matches button').click()")
    assert browser.texts(".tree li[aria-selected=true] .label") == ["steve"]
    assert "/Users/steve" in browser.texts(".sheet")[0]
    search(browser, "")
    assert browser.texts("#procedures-table tbody tr") == everything
    assert len(browser.texts(".finding")) == 4
    assert browser.texts("#directory-matches") == []


def search(browser: Browser, words: str) -> None:
    browser.run(
        "const field = document.getElementById('search'); field.value = arguments[0]; field.form.requestSubmit()", words
    )


def test_findings_by_severity(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))
    assert len(browser.texts(".finding")) == 4
    browser.run("document.querySelector('#severities input[value=high]').click()")
    assert len(browser.texts(".finding")) == 3
    assert browser.texts(".finding.high") == []


def test_sorting(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))

    def column(number: int) -> list[str]:
        return browser.texts(f"#procedures-table tbody tr > :nth-child({number})")

    def press(number: int) -> Any:
        browser.run("document.querySelector(arguments[0]).focus()", f"#procedures-table th:nth-child({number}) button")
        browser.type("\ue007")
        return browser.run(f"return document.querySelector('#procedures-table th:nth-child({number})').ariaSort")

    numbers = [int(each.replace(",", "")) for each in column(2)]
    assert press(2) == "descending"
    assert [int(each.replace(",", "")) for each in column(2)] == sorted(numbers, reverse=True)
    assert press(2) == "ascending"
    assert [int(each.replace(",", "")) for each in column(2)] == sorted(numbers)
    assert press(1) == "ascending"
    assert column(1) == sorted(column(1), key=str.lower)
    assert browser.run("return document.querySelectorAll('#procedures-table [aria-sort]').length") == 1
    # Response times are of different units; they are sorted by what they are.
    press(6)
    sizes = [size(each) for each in column(6)]
    assert sizes == sorted(sizes, reverse=True)


def size(shown: str) -> float:
    number, unit = shown.split()
    return float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1}[unit]


def test_the_tree_by_keyboard(browser: Browser, page_of: Pages) -> None:
    """WAI-ARIA's tree view: one stop for the tab key, arrows inside."""
    browser.look()
    browser.open(page_of("ordinary"))
    down, up, left, right, home, end = "\ue015", "\ue013", "\ue012", "\ue014", "\ue011", "\ue010"
    browser.run("document.querySelector('.tree li').focus()")
    assert browser.run("return document.querySelectorAll('.tree li[tabindex=\"0\"]').length") == 1

    def focused() -> Any:
        return browser.run(
            "const item = document.activeElement; return [item.querySelector('.label').textContent,"
            " +item.ariaLevel, item.ariaExpanded, +item.ariaPosInSet, +item.ariaSetSize]"
        )

    assert focused() == ["/", 1, "true", 1, 2]
    browser.type(down)
    assert focused() == ["users", 2, "false", 1, 3]
    browser.type(right)
    assert focused() == ["users", 2, "true", 1, 3]
    browser.type(right)
    assert focused() == ["root", 3, None, 1, 3]
    assert browser.texts(".sheet dt") == ["name", "uid", "gid", "passwd", "realname", "home", "shell"]
    assert browser.texts(".sheet dd")[3] == "aB..."
    browser.type(left)
    assert focused()[0] == "users"
    browser.type(left)
    assert focused() == ["users", 2, "false", 1, 3]
    browser.type("m")
    assert focused()[0] == "machines"
    browser.type("m")
    assert focused() == ["mounts", 2, None, 3, 3]
    browser.type(end)
    assert focused()[:2] == ["stray", 1]
    assert "Where it belongs was not seen." in browser.texts(".sheet")[0]
    browser.type(up, home)
    assert focused()[0] == "/"
    assert browser.run("return document.querySelectorAll('.tree li[aria-selected=true]').length") == 1


def test_everything_can_be_reached_by_tab(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))
    reached = set()
    for _ in range(120):
        browser.type("\ue004")
        reached.add(browser.run("const e = document.activeElement; return e.id || e.className || e.type || e.tagName"))
    assert {"skip", "search", "tree", "sheet", "responses-of"} - reached <= {"tree"}


@pytest.mark.parametrize("name", ["three-hosts", "300-hosts", "ordinary", "largest", "clone", "guessing"])
@pytest.mark.parametrize("width", WIDTHS.values())
def test_labels_of_pictures_do_not_overlap(browser: Browser, page_of: Pages, name: str, width: int) -> None:
    browser.look(width)
    browser.open(page_of(name))
    for picture in ("timeline", "talks", "responses"):
        assert browser.texts(f"#{picture}-picture text")
        assert browser.run(OVERLAPS, f"#{picture}-picture text") == []
        inside = browser.run(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [...document.querySelectorAll(arguments[0] + ' text')].map(e => e.getBoundingClientRect())"
            ".every(e => e.left >= box.left - 1 && e.right <= box.right + 1)",
            f"#{picture}-picture",
        )
        assert inside, picture
    hosts = browser.texts("#talks-picture text.name")
    assert len(hosts) == {"three-hosts": 4, "300-hosts": 82}.get(name, 2)


def test_pictures_have_a_name_and_a_table(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))
    for picture, table in (("timeline", "timeline"), ("talks", "conversations"), ("responses", "responses")):
        name = browser.run(f"return document.querySelector('#{picture}-picture svg[role=img]').ariaLabel")
        assert "table" in name
        assert browser.run(f"return document.querySelectorAll('#{table}-table tbody tr').length") > 0
    bars = browser.run("return document.querySelectorAll('#timeline-picture .bar').length")
    assert bars == browser.run("return document.querySelectorAll('#timeline-table tbody tr').length")


def test_response_times_of_one_procedure(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("ordinary"))
    options = browser.run("return [...document.querySelectorAll('#responses-of option')].map(e => e.textContent)")
    assert options[0] == "all procedures together (661)"
    browser.run(
        "const of = document.getElementById('responses-of'); of.value = 1; of.dispatchEvent(new Event('change'))"
    )
    assert [each.split(" ")[0] for each in browser.texts("#responses-picture .mark-label")] == ["median", "95"]


def test_hostile_names_are_shown_as_text(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("hostile"))
    assert browser.run("return document.title") == f"NetInfo: {len(reports.TEXTS)} captures"
    assert browser.run("return document.querySelectorAll('script:not([type])').length") == 5
    assert browser.run("return document.querySelectorAll('img, iframe, [onerror], [onload]').length") == 0
    expected = [reports.as_shown(each) for each in reports.TEXTS]
    shown = browser.run("return [...document.querySelectorAll('#domain-1 .label')].map(e => e.textContent)")
    browser.run("document.querySelectorAll('#domain-1 li')[1].click()")
    assert shown[1 : len(expected) + 1] == expected
    for selector in (
        "#conversations-table",
        "#servers-table",
        "#procedures-table",
        "#captures-table",
        ".sheet",
        "#odd-table",
    ):
        (text,) = browser.run(
            "return [[...document.querySelectorAll(arguments[0])].map(e => e.textContent).join(' ')]", selector
        )
        for each in expected:
            assert each in text, (selector, each)
    text = browser.run(
        "return document.body.textContent + [...document.querySelectorAll('svg title')].map(e => e.textContent)"
    )
    assert {each for each in text if not each.isprintable()} <= {"\n"}
    for each in reports.TEXTS:
        search(browser, each)
    assert browser.console() == []


def test_without_scripts(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.scripts(False)
    try:
        browser.driver.get(page_of("ordinary").as_uri())
        shot = browser.driver.find_elements("css selector", "noscript .note, noscript pre")
        texts = [each.text for each in shot]
        rows = browser.driver.find_elements("css selector", "#procedures-table tbody tr")
        controls = browser.driver.find_elements("css selector", "#search, #themes, #severities, .browser")
        assert not any(each.is_displayed() for each in controls)
        assert all(each.is_displayed() for each in rows) and rows
        assert sum("picture is drawn by a script" in each for each in texts) == 3
        (lines,) = (each for each in texts if "master = server/network" in each)
        assert "    steve: uid = 501; gid = 20; passwd = $1...; realname = Steve" in lines
    finally:
        browser.scripts(True)


def test_on_paper(browser: Browser, page_of: Pages) -> None:
    """Light, without what only a screen can do, folded parts open."""
    browser.look(theme="dark")
    browser.open(page_of("ordinary"))
    media = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        browser.run("dispatchEvent(new Event('beforeprint'))")
        assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert browser.texts(".tools, .contents, .filters, .skip") == []
        assert browser.texts(".finding details .references")
        assert browser.texts("#timeline-picture text")
        printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {})
        assert len(printed["data"]) > 10_000
        browser.run("dispatchEvent(new Event('afterprint'))")
        assert browser.run("return document.querySelectorAll('details[open]').length") == 0
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("name", ["largest", "large"])
def test_it_opens_in_under_a_second(browser: Browser, page_of: Pages, name: str) -> None:
    """From the start of the navigation to load and first paint; others use the machine, so once is enough.

    Where they use more than there is, what the page has of a processor until it is still counts instead.
    """
    browser.look()
    times, busy = [], []
    for _ in range(6):
        browser.open(page_of(name))
        times.append(
            browser.run(
                "const all = performance.getEntriesByType('navigation')[0];"
                "return [all.loadEventEnd, ...performance.getEntriesByType('paint').map((each) => each.startTime)]"
            )
        )
        busy.append(browser.processor_time())
        if max(times[-1]) < 1_000:
            return
    assert os.getloadavg()[0] > cores(), f"it took {times} ms"
    assert 0 < min(busy) < 1_000, f"it took {busy} ms of a processor"


def test_large_stays_usable(browser: Browser, page_of: Pages) -> None:
    browser.look()
    browser.open(page_of("large"))
    rows = "return document.querySelectorAll('.tree li').length"
    assert browser.run(rows) == 2
    browser.run("document.querySelectorAll('.tree li')[1].click()")
    assert browser.run(rows) == 203
    browser.run("document.querySelector('.tree li:last-child').click()")
    assert browser.run(rows) == 403
    assert browser.texts(".tree li:last-child") == ["19,598 more: show the next 200"]
    took = browser.run(
        "const start = performance.now(); const field = document.getElementById('search'); field.value = 'zq';"
        "field.form.requestSubmit(); return performance.now() - start"
    )
    assert took < 1_000
    matches = browser.texts("#directory-matches li")
    assert 0 < len(matches) <= 101
    browser.run("document.querySelector('#directory-matches button').click()")
    (chosen,) = browser.texts(".tree li[aria-selected=true] .label")
    assert f"/users/{chosen}" == matches[0]
