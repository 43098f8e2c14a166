"""The package, built from a clean copy and installed in an empty environment, under circumstances that are not these.

Here it is built in its pure form and finds what it needs already downloaded; tests/install_matrix.py lets pip find
everything.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import netinfo_scapy
from tests.support import installing
from tests.support.installing import (
    CAPTURE,
    LAYERS,
    OLDEST,
    ROOT,
    TOP,
    WITHOUT_COMPILER,
    WITHOUT_RIGHTS,
    Built,
    Environment,
    check,
    check_all,
    check_crafting,
)
from tests.support.terminal import Terminal, terminal
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return installing.build_all(tmp_path_factory.mktemp("built"))


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


def test_without_a_compiler_it_builds_in_its_pure_form(built: Built, tmp_path: Path) -> None:
    """With one of the modules that are compiled: what is done with it is done with each."""
    shutil.copytree(built.copy, tmp_path / "copy", ignore=shutil.ignore_patterns("pcaps", "docs"))
    for each in (tmp_path / "copy").rglob("*.pxd"):
        if each.name != "lines.pxd":
            each.unlink()
    for variables, compiled in ((WITHOUT_COMPILER, []), ({}, ["netinfo_scapy/capture/lines"])):
        wheel = installing.build(tmp_path / "copy", "wheel", **variables)
        with zipfile.ZipFile(wheel) as archive:
            held = archive.namelist()
        assert [name.partition(".")[0] for name in held if name.endswith(".so")] == compiled
        assert "netinfo_scapy/capture/lines.py" in held
        wheel.unlink()


def test_the_manual_page_is_found_where_the_wheel_is_installed(environment: Environment, tmp_path: Path) -> None:
    page = environment.folder / "share" / "man" / "man1" / "netinfo-scapy.1"
    assert page.read_text() == installing.MANUAL_PAGE
    man = shutil.which("man")
    if man is None:
        pytest.skip("man is not installed; `make test` installs it")
    done = environment.run(man, "netinfo-scapy", cwd=tmp_path)
    assert "a page that was made for a test" in done.stdout, done.stderr


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


AS_ON_WINDOWS = """
import os, select, signal, sys
for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios"):
    sys.modules[name] = None
for place, names in {
    os: "fork geteuid getuid getgid getpgid killpg mkfifo pread sched_getaffinity sendfile setsid statvfs uname",
    select: "epoll poll POLLERR POLLHUP POLLIN POLLOUT",
    signal: "SIGHUP SIGPIPE SIGALRM SIGUSR1 SIGKILL setitimer pthread_sigmask",
}.items():
    for name in names.split():
        delattr(place, name)
from netinfo_scapy.cli.main import main
main()
"""
"""The command, without what Windows lacks."""


@pytest.mark.parametrize(
    "words, code",
    [
        (["analyze", CAPTURE, "--format", "html", "-o", "report.html"], 0),
        (["messages", CAPTURE, "--format", "ndjson"], 0),
        (["findings", CAPTURE], 0),
        (["dump", CAPTURE, "--tag", "network"], 0),
        (["extract", CAPTURE, "--status", "NI_AUTHERROR", "-o", "refused.pcapng"], 0),
        (["tags", "127.0.0.1:9", "--timeout", "0.1"], 3),
        (["serve"], 2),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_without_what_windows_lacks(words: list[object], code: int, environment: Environment, tmp_path: Path) -> None:
    done = environment.run("python", "-c", AS_ON_WINDOWS, *words, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


class Shell(NamedTuple):
    """A shell for people. file: what completion is installed in, below the home; options: how it starts as one in which
    somebody types, with its own settings alone; first: what is typed before all else."""

    file: str
    options: tuple[str, ...]
    first: str = ""


_KILL_LINE = "\x15"
SHELLS = {
    "bash": Shell(".bash_completions/netinfo-scapy.sh", ("--rcfile", ".bashrc", "-i")),
    # zsh loads a function at the first Tab, and typer's completes nothing yet when it is loaded.
    "zsh": Shell(".zfunc/_netinfo-scapy", ("-i",), f"netinfo-scapy \t{_KILL_LINE}"),
    "fish": Shell(".config/fish/completions/netinfo-scapy.fish", ("-i",)),
}
_READY = "\x1b[?2004h"
"""All of them write it when they wait for a line: that what is pasted shall be marked as such."""


def shows(screen: Terminal, key: str) -> bool:
    """Whether a key that is typed is seen to be typed."""
    at = len(screen.text)
    screen.type(key)
    time.sleep(0.3)
    return key in screen.text[at:]


@pytest.mark.parametrize("name", SHELLS)
def test_completion(name: str, environment: Environment, tmp_path: Path) -> None:
    """Installed from a shell; in a new one, Tab makes a command out of beginnings, and it does what it should."""
    path, shell = shutil.which(name), SHELLS[name]
    if path is None:
        pytest.skip(f"{name} is not installed; `make test` installs it")
    done = environment.run(path, "-c", "netinfo-scapy --install-completion; true", cwd=tmp_path)
    assert done.stdout.startswith(f"{name} completion installed in {tmp_path / shell.file}"), done.stderr
    shown = environment.run(path, "-c", "netinfo-scapy --show-completion; true", cwd=tmp_path).stdout
    assert shown.strip() == (tmp_path / shell.file).read_text().strip()
    shutil.copy(CAPTURE, tmp_path / "an-old-capture.pcap")
    variables = {"PATH": f"{environment.bin}:/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "xterm"}
    with terminal() as screen:
        ends = {"stdin": screen.end, "stdout": screen.end, "stderr": screen.end}
        with subprocess.Popen(
            ["setsid", "--ctty", path, *shell.options], cwd=tmp_path, env=variables, **ends
        ) as process:
            os.close(screen.end)
            wait_for(lambda: _READY in screen.raw)
            try:
                # Some write it before they read, and what was typed until then is lost.
                wait_for(lambda: shows(screen, "Q"), 90)
                screen.type(f"{_KILL_LINE}{shell.first}")
                for begun, rest in (("netinfo-scapy anal", "yze"), ("--form", "at"), ("json an-old", "-capture.pcap")):
                    at = len(screen.text)
                    screen.type(f"{begun}\t")
                    # Not before: what is typed while a shell looks for what fits may be lost.
                    wait_for(lambda at=at, rest=rest: rest in screen.text[at:], 90)
                screen.type("-o out.json\rexit\r")
                assert process.wait(120) == 0, screen.text
            finally:
                process.kill()
    assert json.loads((tmp_path / "out.json").read_bytes())["totals"] == netinfo_scapy.analyze(CAPTURE)["totals"]


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


def test_what_every_way_of_installing_runs_is_there() -> None:
    assert [each for each in LAYERS if not (ROOT / each).exists()] == []
