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
