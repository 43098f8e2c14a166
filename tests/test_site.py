"""The documentation as a site and a manual page: built without a warning, complete, and on its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.cli.main import app
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.report.schema import SCHEMAS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def build(folder: Path, builder: str) -> Path:
    """Build all pages anew; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-d", str(folder / "trees")]
    done = subprocess.run(
        [*command, str(DOCS), str(folder / builder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / builder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"), "html")


def commands() -> list[str]:
    """Every command and subcommand, as one types it."""
    found = []

    def visit(command: object, typed: str) -> None:
        found.append(typed)
        for name, below in getattr(command, "commands", {}).items():
            visit(below, f"{typed} {name}")

    visit(typer.main.get_command(app), "netinfo-scapy")
    return found


def text(page: Path) -> str:
    """What a reader sees of a page, markup left out."""
    return re.sub(r"<[^>]+>", "", page.read_text())


def test_every_page_is_in_the_site_and_in_its_menu(site: Path) -> None:
    menu = (site / "index.html").read_text()
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix(".html").as_posix()
        assert (site / name).exists()
        if name not in ("index.html", "reference/man.html"):
            assert f'href="{name}"' in menu, name


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', page.read_text())) for page in site.rglob("*.html")}
    for page in anchors:
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            if re.match(r"https?:|mailto:|data:|#$", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            assert target.exists(), (page.name, link)
            if anchor and target in anchors:
                assert anchor in anchors[target], (page.name, link)


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = re.findall(r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="([^"]+)"', page.read_text())
        assert not [each for each in loaded if re.match(r"(https?:)?//", each)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text()), style.name


def test_the_reference_is_complete(site: Path) -> None:
    shown = text(site / "reference/commands.html")
    assert [each for each in commands() if each not in shown] == []
    shown = text(site / "reference/anomalies.html")
    assert [each.value for each in Anomaly if each.value not in shown] == []
    shown = text(site / "findings.html")
    assert [each for each in DETECTORS if each not in shown] == []
    shown = text(site / "reference/schema.html")
    assert [title for _, title in SCHEMAS.values() if title.replace("`", "") not in shown] == []
    shown = text(site / "reference/layers.html")
    prefixes = {"NetInfo": "NI", "nibind": "NIBIND", "portmap": "PMAP", "bootparam": "BP"}
    for program in (each for each in PROGRAMS if each.name in prefixes):
        for row in program.procedures:
            for kind in ("Call", "Reply"):
                assert f"{prefixes[program.name]}_{row.name}_{kind}" in shown


def test_the_manual_page(tmp_path: Path) -> None:
    page = build(tmp_path, "man") / "netinfo-scapy.1"
    if shutil.which("man"):
        shown = subprocess.run(
            ["man", "-l", str(page)],
            capture_output=True,
            text=True,
            env={"MANWIDTH": "200", "LC_ALL": "C.UTF-8"},
            check=True,
        ).stdout
    else:
        shown = page.read_text().replace("\\-", "-").replace("\\fP", "").replace("\\fB", "")
    for each in commands():
        assert each in shown
    assert "130 interrupted" in shown


def test_links_of_the_readme_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / name).read_text()):
            assert link.startswith("https:") or (ROOT / link).exists(), link
