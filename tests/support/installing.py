"""Packages built from these sources, environments to install them in, and what must work wherever they are."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import netinfo_scapy
from netinfo_scapy import __version__
from tests.support.captures import capture_path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = ROOT / "requirements" / "oldest.txt"
NAME = "netinfo-scapy"
TOP = f"netinfo_scapy-{__version__}/"
"""The folder that the archive of the source has everything in."""

WITHOUT_RIGHTS = (
    ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--no-new-privs"] if os.geteuid() == 0 else []
)
"""What takes root its rights, reading and writing everywhere among them."""


MADE = {".venv", "build", "dist", "__pycache__", "netinfo_scapy.egg-info"}
"""Folders of what is made from the sources."""


def sources() -> list[Path]:
    """The files of the project: those that git has, or would take; where there is no git, those that nothing made."""
    if not (ROOT / ".git").exists():
        found = (each for each in ROOT.rglob("*") if each.is_file() and each.suffix not in (".so", ".pyc"))
        return sorted(each for each in found if not MADE.intersection(each.relative_to(ROOT).parts))
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return sorted(path for name in told.split("\0") if name and (path := ROOT / name).is_file())


def copy_sources(folder: Path) -> Path:
    """A clean copy of the project, as a clone has it."""
    for path in sources():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return folder


WITHOUT_COMPILER = {"PATH": "/nonexistent"}
"""Variables with which no compiler is found, nor any other program."""


def build(source: Path, kind: str, **variables: str) -> Path:
    """Build a `wheel` or an `sdist` with the build tools that are here."""
    usual = {key: value for key, value in os.environ.items() if key != "NETINFO_SCAPY_PURE"}
    done = subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--outdir", "dist", "--no-isolation", "--skip-dependency-check"],
        cwd=source,
        env={**usual, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (source / "dist").glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


class Built(NamedTuple):
    """Where the package was built. copy: of the sources; sdist: made there; wheel: made from the sdist, pure."""

    copy: Path
    sdist: Path
    wheel: Path


def build_all(folder: Path) -> Built:
    """Build it as `make dist` does where nothing is compiled; the manual page stands for the one that Sphinx makes."""
    copy = copy_sources(folder / "copy")
    sdist = build(copy, "sdist", NETINFO_SCAPY_PURE="1")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    unpacked = folder / "unpacked" / TOP
    page = unpacked / "docs" / "man" / "netinfo-scapy.1"
    page.parent.mkdir(exist_ok=True)
    page.write_text(MANUAL_PAGE)
    return Built(copy, sdist, build(unpacked, "wheel", NETINFO_SCAPY_PURE="1"))


MANUAL_PAGE = """.TH NETINFO-SCAPY 1
.SH NAME
netinfo-scapy \\- a page that was made for a test
"""


def needed() -> set[str]:
    """The distributions that the package needs, and those need, extras left out."""
    found: set[str] = set()
    pending = [NAME]
    while pending:
        name = canonicalize_name(pending.pop())
        if name in found:
            continue
        found.add(name)
        asked = map(Requirement, metadata.requires(name) or ())
        pending += [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found - {NAME}


class Environment(NamedTuple):
    """A virtual environment."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def run(
        self,
        *words: object,
        cwd: Path,
        wrap: Sequence[str] = (),
        without: Iterable[str] = (),
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of it, or one that a path names, with few variables beside those given, and no terminal."""
        usual = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(cwd)}
        program, *rest = map(str, words)
        return subprocess.run(
            [*wrap, str(self.bin / program), *rest],
            cwd=cwd,
            env={key: value for key, value in {**usual, **variables}.items() if key not in without},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=1200,
            check=False,
            start_new_session=True,
        )


def empty(folder: Path, python: str | None = None) -> Environment:
    """An environment with nothing in it, of this Python or another."""
    if python is None:
        venv.create(folder, symlinks=True)
    else:
        subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    return Environment(folder)


def pip(environment: Environment, *words: object, **variables: str) -> None:
    """Install something there, with the pip that is here; what has to be built for it is, with tools fetched anew."""
    command = [sys.executable, "-m", "pip", "--python", str(environment.bin / "python"), "install", "-q"]
    usual = {key: value for key, value in os.environ.items() if key != "NETINFO_SCAPY_PURE"}
    done = subprocess.run(
        [*command, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
        env={**usual, **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def lend(environment: Environment) -> None:
    """Put what the package needs into an environment, and nothing else, from what is installed here."""
    (site,) = environment.folder.glob("lib/python3*/site-packages")
    for name in needed():
        found = metadata.distribution(name)
        tops = {path.parts[0] for path in found.files or () if path.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            (site / top).symlink_to(Path(str(found.locate_file(top))))


def pythons() -> Iterator[str]:
    """Every Python from 3.11 up that is here, one of each version: on the path, and pyenv's."""
    found: dict[str, str] = {}
    names = [f"python3.{minor}" for minor in range(11, 30)]
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)  # that of the user, not that of the tests
    elsewhere = [str(each) for each in home.glob(".pyenv/versions/*/bin/python3.*") if each.name in names]
    for each in (sys.executable, *filter(None, map(shutil.which, names)), *sorted(elsewhere)):
        tell = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2])"
        told = subprocess.run([each, "-c", tell], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            found.setdefault(told.stdout.strip(), each)
    yield from found.values()


CAPTURE = capture_path("04-auth")


def check(environment: Environment, cwd: Path, **circumstances: object) -> None:
    """Whether a summary, and a report for a terminal, come out right, and nothing is said beside them."""
    told = _run(environment, cwd, circumstances, "analyze", CAPTURE, "--format", "json")
    assert json.loads(told)["totals"] == netinfo_scapy.analyze(CAPTURE)["totals"]
    assert "90 NetInfo calls and 9 nibind calls" in _run(environment, cwd, circumstances, "analyze", CAPTURE)


def check_crafting(environment: Environment, cwd: Path, **circumstances: object) -> None:
    """Whether a packet comes out right: Scapy keeps files in the user's home, where it can."""
    crafted = cwd / "crafted.pcap"
    words = ("craft", "call", "NetInfo.LOOKUP", "--id", 0, "--key", "name", "--value", "users", "-o", crafted)
    _run(environment, cwd, circumstances, *words, told=f"netinfo-scapy: {crafted}: ")
    assert len(list(netinfo_scapy.messages(crafted))) == 1


def _run(
    environment: Environment, cwd: Path, circumstances: Mapping[str, object], *words: object, told: str = ""
) -> str:
    """What a command prints. told: what the one line begins with that it says beside; none where that is empty."""
    done = environment.run("netinfo-scapy", *words, cwd=cwd, **circumstances)  # type: ignore[arg-type] # as given
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == bool(told)
    return done.stdout


def check_all(environment: Environment, cwd: Path, variables: Mapping[str, str]) -> None:
    """Whether what needs files of the package's own works, too: the page for a browser, the shell, the clients."""
    check(environment, cwd, **variables)
    check_crafting(environment, cwd, **variables)
    for words in (
        ("--version",),
        ("analyze", CAPTURE, "--format", "html", "-o", "report.html"),
        ("findings", CAPTURE),
        ("messages", CAPTURE, "--format", "ndjson"),
        ("dump", CAPTURE, "--tag", "network"),
        ("analyze", "--help"),
    ):
        done = environment.run("netinfo-scapy", *words, cwd=cwd, **variables)
        assert done.returncode == 0, done.stderr
    page = (cwd / "report.html").read_text(encoding="utf-8")
    assert "<script" in page
    assert "<style" in page
    tell = "from scapy.all import conf; conf.exts.load('netinfo-scapy'); import scapy.layers.netinfo as n; print(n.RPC)"
    assert "rpc.RPC" in environment.run("python", "-c", tell, cwd=cwd, **variables).stdout


LAYERS = (
    "tests/layers/test_auth.py",
    "tests/layers/test_campaign.py",
    "tests/layers/test_captures.py",
    "tests/layers/test_session.py",
    "tests/layers/test_structs.py",
    "tests/layers/test_live.py",
    "tests/craft/test_arguments.py",
    "tests/craft/test_assembly.py",
    "tests/cli/test_sniff.py",
)
"""Tests of what uses Scapy."""
SLOW = ("06-tools", "07-", "10-rparent", "11-clone", "fuzz_builds", "random_bytes", "pairs_and_counts", "plot")
"""Words in the names of those that take most of the time, or need an extra."""


def without_the_package(copy: Path) -> Path:
    """The tests of a copy of the sources, beside no package: what they import is what is installed."""
    folder = copy.with_name(f"{copy.name}-apart")
    shutil.copytree(copy, folder, ignore=shutil.ignore_patterns("netinfo_scapy"))
    return folder


def check_layers(environment: Environment, tests: Path) -> int:
    """Run the tests of what uses Scapy in an environment: how many passed, when all did."""
    pip(environment, "pytest", "hypothesis")
    chosen = ("-k", " and ".join(f"not {word}" for word in SLOW))
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, *LAYERS)
    done = environment.run("python", *words, cwd=tests, PATH=os.environ["PATH"])
    assert done.returncode == 0, done.stdout
    (passed,) = re.findall(r"^(\d+) passed", done.stdout, re.MULTILINE)
    return int(passed)
