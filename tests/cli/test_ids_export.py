"""`netinfo-scapy ids export`: each test is carried out as suricata-verify does it, with what its README says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from netinfo_scapy.craft.label import read_label
from tests.cli.test_commands import run
from tests.support.captures import CRAFTED

CORPUS = CRAFTED.parent / "ids"


def carried_out(suricata: str, folder: Path) -> list[str]:
    """What of a test fails. Suricata runs in the test's folder, checks in that of its output."""
    test = yaml.safe_load((folder / "test.yaml").read_text())
    output = folder / "output"
    output.mkdir()
    words = [word for each in test["args"] for word in each.split()]
    command = [suricata, *words, "--init-errors-fatal", "-l", str(output), "-c", str(folder / "suricata.yaml")]
    command += ["-r", str(folder / "input.pcap"), "-S", str(folder / "test.rules")]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in (output / "eve.json").read_text().splitlines()]
    failed = []
    for check in test["checks"]:
        ((kind, said),) = check.items()
        if kind == "filter":
            assert set(said["match"]) == {"event_type", "alert.signature_id"}
            alerts = [each for each in events if each["event_type"] == said["match"]["event_type"]]
            count = sum(each["alert"]["signature_id"] == said["match"]["alert.signature_id"] for each in alerts)
            passed = count == said["count"]
        else:
            assert kind == "shell"
            ended = subprocess.run(said["args"], shell=True, cwd=output, capture_output=True, check=False, text=True)
            passed = ended.returncode == 0 and ended.stdout.strip() == str(said["expect"])
        if not passed:
            failed.append(str(said))
    return failed


def test_the_tests_pass(suricata: str, tmp_path: Path) -> None:
    names = ["procedure-netinfo-listall", "evasion-record-1-byte", "evasion-chaff-ambiguous", "negative-http-on-961"]
    done = run("ids", "export", *names, "-o", tmp_path)
    assert done.returncode == 0
    assert "4 tests" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"netinfo-{name}" for name in names)
    for name in names:
        folder = tmp_path / f"netinfo-{name}"
        assert [path.name for path in folder.glob("*.pcap*")] == ["input.pcap"]
        assert [path.name for path in folder.glob("*.rules")] == ["test.rules"]
        assert carried_out(suricata, folder) == []


def test_a_test_fails_where_the_label_does_not_hold(suricata: str, tmp_path: Path) -> None:
    """The capture of one case with the checks of another."""
    names = ["procedure-netinfo-listall", "evasion-record-1-byte"]
    assert run("ids", "export", *names, "-o", tmp_path).returncode == 0
    folders = [tmp_path / f"netinfo-{name}" for name in names]
    (folders[0] / "input.pcap").write_bytes((folders[1] / "input.pcap").read_bytes())
    failed = carried_out(suricata, folders[0])
    musts = [set(read_label(CORPUS / name / "case.yaml").expected["suricata"].must) for name in names]
    differing = {str(sid) for sid in musts[0] ^ musts[1]}
    assert sorted(sid for sid in differing for each in failed if sid in each) == sorted(differing)
    assert len(failed) == len(differing)
