"""The examples in docs/, typed as they stand there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from netinfo_scapy.analysis.scrub.known import KNOWN
from tests.support.guide import DOCS, check_python, furnish, pages, run, same, sessions

GUIDE = (DOCS / "exports.md").read_text()


def name(page: Path) -> str:
    return str(page.relative_to(DOCS))


@pytest.mark.parametrize("page", pages("console"), ids=name)
def test_commands(page: Path, tmp_path: Path) -> None:
    for tool in ("jq", "tshark"):
        shutil.which(tool) or pytest.skip(f"no {tool}")
    furnish(tmp_path)
    for session in sessions(page):
        printed = run(session, tmp_path)
        assert len(printed) == len(session), (session, printed)
        for command, got in zip(session, printed, strict=True):
            assert same(command.printed, got), f"$ {command.typed}{got}instead of\n{command.printed}"


@pytest.mark.parametrize("page", pages("pycon"), ids=name)
def test_python(page: Path, tmp_path: Path) -> None:
    furnish(tmp_path)
    assert check_python(page, tmp_path) == ""


def test_the_words_that_stay_are_listed() -> None:

    listed = GUIDE.rpartition("stay wherever they stand:")[2]
    assert set(re.findall(r"`([^`]+)`", listed)) == KNOWN
