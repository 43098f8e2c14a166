"""The package, installed in every way that this machine has, and the tests of what uses Scapy, run there.

pip finds everything, the newest and the oldest, for every Python that is here. It takes minutes, so it has no name by
which pytest would find it: `make install-matrix`. What was done is a table in build/install-matrix.md; docs/install.md
has one, too.
"""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import installing
from tests.support.installing import OLDEST, ROOT, WITHOUT_COMPILER, Built, check_all, check_layers

TABLE = ROOT / "build" / "install-matrix.md"
HEAD = (
    "| Python | Scapy, typer, msgspec | installed from | modules compiled | tests of the layers | seconds (processor) |"
)


class Way(NamedTuple):
    """A way to install. source: what pip is given; constraints: options that say which versions; variables: for pip."""

    source: str
    constraints: tuple[object, ...]
    compiled: bool
    variables: dict[str, str]


WAYS = {
    "newest": Way("the archive", (), True, {}),
    "newest, no compiler": Way("the archive", (), False, WITHOUT_COMPILER),
    "oldest": Way("the wheel", ("-c", OLDEST), False, {}),
}
COMPILED = {
    each.with_suffix("").relative_to(ROOT).as_posix()
    for each in (ROOT / "netinfo_scapy").rglob("*.pxd")
    if each.with_suffix(".py").exists() and each.name != "words.pxd"
}
"""Modules that a compiler makes faster; words.pxd has no code in C of its own."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return installing.build_all(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def apart(built: Built) -> Path:
    return installing.without_the_package(built.copy)


@pytest.fixture(scope="module", autouse=True)
def _table() -> None:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(f"{HEAD}\n{'|---' * (HEAD.count('|') - 1)}|\n")


def processor_seconds() -> float:
    """What processes that this one waited for have used, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


TELL = """
import json, sys
from importlib.metadata import version
from pathlib import Path
import netinfo_scapy
top = Path(netinfo_scapy.__file__).parent
libraries = [each.relative_to(top.parent) for each in top.rglob("*.so")]
compiled = [(each.parent / each.name.partition(".")[0]).as_posix() for each in libraries]
versions = ", ".join(version(name) for name in ("scapy", "typer", "msgspec"))
print(json.dumps([str(top), sys.version.split()[0], versions, compiled]))
"""


PYTHONS = list(installing.pythons())
# What is built without a compiler is the same for each Python.
ROWS = [(python, way) for python in PYTHONS for way in WAYS if way != "newest, no compiler" or python == PYTHONS[0]]


@pytest.mark.parametrize("python, way", ROWS, ids=lambda given: Path(given).name)
def test_installs(python: str, way: str, built: Built, apart: Path, tmp_path: Path) -> None:
    started, used = time.monotonic(), processor_seconds()
    source, constraints, compiled, variables = WAYS[way]
    made = installing.empty(tmp_path / "venv", python)
    installing.pip(made, *constraints, built.sdist if source == "the archive" else built.wheel, **variables)
    top, version, versions, modules = json.loads(made.run("python", "-c", TELL, cwd=tmp_path).stdout)
    assert Path(top).is_relative_to(made.folder)
    assert set(modules) == (COMPILED if compiled else set())
    check_all(made, tmp_path, {})
    passed = check_layers(made, apart)
    cells = (version, versions, source, len(modules) or "none", passed)
    took = f"{time.monotonic() - started:.0f} ({processor_seconds() - used:.0f})"
    with TABLE.open("a") as table:
        table.write(f"| {' | '.join(map(str, (*cells, took)))} |\n")
