"""What installs the system packages starts no service: it denies that while it runs, and puts back what was there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "apt-install"
POLICY = "/usr/sbin/policy-rc.d"


@pytest.mark.parametrize("before", [None, "exit 104\n"])
@pytest.mark.parametrize("code", [0, 100])
def test_services_are_denied_meanwhile(tmp_path: Path, before: str | None, code: int) -> None:
    policy, tools, asked = tmp_path / "policy-rc.d", tmp_path / "bin", tmp_path / "asked"
    tools.mkdir()
    # A copy that knows another policy, and an apt-get that asks it as a package's scripts do.
    text = SCRIPT.read_text()
    assert POLICY in text
    (tmp_path / "script").write_text(text.replace(POLICY, str(policy)))
    apt = tools / "apt-get"
    apt.write_text(f'#!/bin/sh\n{policy} slapd start; echo $? "$@" >> {asked}\ntest $1 != install || exit {code}\n')
    apt.chmod(0o755)
    if before is not None:
        policy.write_text(before)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", tmp_path / "script", "slapd"], env=environment, check=False, timeout=30)
    assert done.returncode == code
    told = asked.read_text().splitlines()
    assert [line.split()[:2] for line in told] == [["101", "update"], ["101", "install"]]
    assert told[1].endswith(" slapd")
    assert (policy.read_text() if policy.exists() else None) == before
    assert sorted(each.name for each in tmp_path.glob("policy*")) == (["policy-rc.d"] if before else [])


ONE_LINE = """deb [arch=amd64] http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-updates main
"""
DEB822 = """Types: deb
# where it came from
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://security.example/debian
Suites: bookworm-security
Components: main
"""


@pytest.mark.parametrize(
    ("name", "sources", "wanted"),
    [
        ("sources.list", ONE_LINE, "deb [arch=amd64] http://mirror.example/debian bookworm-backports main\n"),
        (
            "sources.list.d/debian.sources",
            DEB822,
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\n",
        ),
    ],
)
def test_what_a_release_lacks_is_taken_from_its_backports(tmp_path: Path, name: str, sources: str, wanted: str) -> None:
    """The suite is there while the packages are installed, and the machine's sources are as they were after it."""
    folder, tools, asked = tmp_path / "apt", tmp_path / "bin", tmp_path / "asked"
    (folder / "sources.list.d").mkdir(parents=True)
    (folder / name).write_text(sources)
    tools.mkdir()
    (tmp_path / "os-release").write_text("VERSION_CODENAME=bookworm\n")
    text = SCRIPT.read_text().replace(POLICY, str(tmp_path / "policy-rc.d")).replace("=/etc/apt", f"={folder}")
    (tmp_path / "script").write_text(text.replace("/etc/os-release", str(tmp_path / "os-release")))
    fakes = {
        "apt-get": f'echo "$@" >> {asked}; cat {folder}/sources.list.d/*-backports.* > {tmp_path}/suite || true',
        "apt-cache": 'test "$2" = suricata || echo "$2 | 1 | somewhere"',
        "dpkg-query": "exit 1",
    }
    for tool, line in fakes.items():
        (tools / tool).write_text(f"#!/bin/sh\n{line}\n")
        (tools / tool).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", tmp_path / "script", "jq", "suricata"], env=environment, check=False, timeout=30)
    assert done.returncode == 0
    installed = [line.split()[4:] for line in asked.read_text().splitlines() if line.startswith("install")]
    assert installed == [["jq"], ["-t", "bookworm-backports", "suricata"]]
    assert (tmp_path / "suite").read_text().strip() == wanted.strip()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [Path(name).name]
    assert (folder / name).read_text() == sources
