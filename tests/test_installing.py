"""The package, built from a clean copy and installed in empty environments, under circumstances that are not these.

Daily it is built in its pure form and finds what it needs already downloaded; `make install-matrix`
(NETINFO_INSTALLS=all) lets pip find everything, the oldest and the newest, for every Python that is here.
"""

from __future__ import annotations

import os
import re
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from netinfo_scapy import __version__
from tests.support import installing
from tests.support.installing import (
    CAPTURE,
    OLDEST,
    ROOT,
    WITHOUT_RIGHTS,
    Environment,
    check,
    check_all,
    check_crafting,
)

TOP = f"netinfo_scapy-{__version__}/"


class Built(NamedTuple):
    """Where the package was built. copy: of the sources; sdist: made there; wheel: made from the sdist."""

    copy: Path
    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    copy = installing.copy_sources(folder / "copy")
    sdist = installing.build(copy, "sdist", pure=True)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return Built(copy, sdist, installing.build(folder / "unpacked" / TOP, "wheel", pure=True))


@pytest.fixture(scope="module")
def environment(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With the wheel, and what it needs."""
    made = installing.empty(tmp_path_factory.mktemp("environment") / "venv")
    installing.pip(made, "--no-deps", "--no-index", built.wheel)
    installing.lend(made)
    return made


def test_the_archive_of_the_source_has_every_file(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        held = {each.name.removeprefix(TOP) for each in archive.getmembers() if each.isfile()}
    expected = {str(path.relative_to(ROOT)) for path in installing.sources()}
    assert expected - held == {".gitignore"}
    assert {each for each in held - expected if not each.startswith("netinfo_scapy.egg-info/")} == {
        "PKG-INFO",
        "setup.cfg",
    }


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith(TOP[:-1] + ".")}
    assert built.wheel.name.endswith("py3-none-any.whl")
    assert held == {
        str(path.relative_to(ROOT)) for path in installing.sources() if path.is_relative_to(ROOT / "netinfo_scapy")
    }


def test_the_manual_page_comes_along_where_it_was_made(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    page = tmp_path / TOP / "docs" / "man" / "netinfo-scapy.1"
    page.parent.mkdir(exist_ok=True)
    page.write_text("a page")
    with zipfile.ZipFile(installing.build(tmp_path / TOP, "wheel", pure=True)) as archive:
        assert archive.read(f"{TOP[:-1]}.data/data/share/man/man1/netinfo-scapy.1") == b"a page"


def test_in_an_empty_environment(environment: Environment, tmp_path: Path) -> None:
    check_all(environment, tmp_path, {})
    where = environment.run("python", "-c", "import netinfo_scapy; print(netinfo_scapy.__file__)", cwd=tmp_path).stdout
    assert where.startswith(str(environment.folder))


CIRCUMSTANCES: dict[str, dict[str, Any]] = {
    "LANG=C": {"LANG": "C"},
    "LC_ALL=C, and Python takes it at its word": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "a locale that is not there": {"LC_ALL": "xx_XX.UTF-8"},
    "no rights": {"wrap": WITHOUT_RIGHTS},
    "a terminal that can nothing": {"TERM": "dumb", "NO_COLOR": "1"},
    "nothing but the command on the path": {"PATH": "/nonexistent"},
}
HOMES: dict[str, dict[str, Any]] = {
    "HOME is not set": {"without": ("HOME",)},
    "a home that is not there": {"HOME": "/nonexistent"},
    "a home that cannot be written": {"wrap": WITHOUT_RIGHTS, "HOME": "read-only"},
}


@pytest.mark.parametrize("name", CIRCUMSTANCES)
def test_circumstances(name: str, environment: Environment, tmp_path: Path) -> None:
    check(environment, tmp_path, **CIRCUMSTANCES[name])


@pytest.mark.parametrize("name", HOMES)
def test_homes(name: str, environment: Environment, tmp_path: Path) -> None:
    given = dict(HOMES[name])
    if given.get("HOME") == "read-only":
        home = tmp_path / "home"
        home.mkdir(mode=0o500)
        given["HOME"] = str(home)
    check(environment, tmp_path, **given)
    check_crafting(environment, tmp_path, **given)


def test_what_needs_tshark_or_rights_says_so(environment: Environment, tmp_path: Path) -> None:
    done = environment.run("netinfo-scapy", "verify", CAPTURE, cwd=tmp_path, PATH="/nonexistent")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "witness" in done.stderr or "tshark" in done.stderr
    done = environment.run("netinfo-scapy", "sniff", "-i", "lo", "-c", "1", cwd=tmp_path, wrap=WITHOUT_RIGHTS)
    assert done.stderr.count("\n") == 1
    assert "root" in done.stderr


@pytest.mark.parametrize("typed, offered", [("an", "analyze"), ("analyze --le", "--learn"), ("craft ", "call")])
def test_completion(typed: str, offered: str, environment: Environment, tmp_path: Path) -> None:
    words = f"netinfo-scapy {typed}"
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_NETINFO_SCAPY_COMPLETE": "complete_bash"}
    done = environment.run("netinfo-scapy", cwd=tmp_path, **variables)
    assert offered in done.stdout.split()


def test_the_oldest_versions_are_those_that_are_allowed() -> None:
    lines = (line.partition(";")[0].split("==") for line in OLDEST.read_text().splitlines() if "==" in line)
    pinned: dict[str, Version] = {}
    for name, version in lines:
        pinned[name] = min(pinned.get(name, Version(version)), Version(version))
    project = (ROOT / "pyproject.toml").read_text()
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    allowed = [Requirement(each) for each in re.findall(r'"([^"]+)"', block)]
    assert pinned == {
        each.name: Version(next(part.version for part in each.specifier if part.operator == ">=")) for each in allowed
    }


class Install(NamedTuple):
    """A way to install. python: which; versions: of what it needs; compiled: whether a compiler may be used."""

    python: str
    versions: str
    compiled: bool


WAYS = (("newest", True), ("newest", False), ("oldest", False))

if os.environ.get("NETINFO_INSTALLS"):

    def test_with_build_tools_fetched_anew(tmp_path: Path) -> None:
        copy = installing.copy_sources(tmp_path)
        wheel = installing.build(copy, "wheel", pure=False, isolated=True)
        with zipfile.ZipFile(wheel) as archive:
            assert [name for name in archive.namelist() if name.endswith(".so")]

    INSTALLS = [Install(python, *way) for python in installing.pythons() for way in WAYS]

    @pytest.mark.parametrize("install", INSTALLS, ids=str)
    def test_installs(install: Install, built: Built, tmp_path: Path) -> None:
        started = time.monotonic()
        made = installing.empty(tmp_path / "venv", install.python)
        constraints = ["-c", OLDEST] if install.versions == "oldest" else []
        installing.pip(made, *constraints, built.sdist if install.compiled else built.wheel)
        check_all(made, tmp_path, {})
        tell = "import sys, netinfo_scapy.capture.pcap as p; print(sys.version.split()[0], p.__file__.endswith('.so'))"
        version, compiled = made.run("python", "-c", tell, cwd=tmp_path).stdout.split()
        assert compiled == str(install.compiled)
        kind = "compiled" if install.compiled else "pure"
        sys.stdout.write(f"Python {version}, {install.versions}, {kind}: {time.monotonic() - started:.0f} s\n")
