"""Suricata as it is installed: alerts of each capture apart, rules that it does not load, its end."""

from __future__ import annotations

from pathlib import Path

import pytest

import netinfo_scapy
from netinfo_scapy.cli.ids_rules import write_rules
from netinfo_scapy.craft.engines.engine import Checksums, EngineMissingError, UnloadedRulesError
from netinfo_scapy.craft.engines.suricata import Suricata
from netinfo_scapy.craft.rules.rule import Engine
from tests.support.captures import CRAFTED, RECORDED

CALL = "0b ed 48 a0 00 00 00 02"
RULE = f'alert {{0}} any any -> any any (msg:"{{0}}"; content:"|{CALL}|"; sid:{{1}};)\n'

CALLS = {
    "NetInfo.LISTALL": (1961110, 1961111),
    "NetInfo.READALL": (1961100, 1961101),
    "nibind.REGISTER": (1961400, 1961401),
    "nibind.UNREGISTER": (1961410, 1961411),
    "nibind.CREATEMASTER": (1961420, 1961421),
    "nibind.CREATECLONE": (1961430, 1961431),
    "nibind.DESTROYDOMAIN": (1961440, 1961441),
    "nibind.LISTREG": (1961460, 1961461),
    "portmap.DUMP": (1961510, 1961511),
}
"""Rules that say no more than which procedure was called: over TCP, over UDP."""


@pytest.fixture
def engine(suricata: str) -> Suricata:
    return Suricata()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "test.rules"
    path.write_text(RULE.format("tcp", 1) + RULE.format("udp", 2))
    return path


def test_each_capture_has_its_own_alerts(engine: Suricata, rules: Path) -> None:
    captures = [CRAFTED / f"{name}.pcap" for name in ("netinfo-tcp", "nibind-tcp", "netinfo-udp", "netinfo-tcp")]
    found = list(engine.run(captures, rules, Checksums.ALL))
    assert [each.capture for each in found] == captures
    assert [each.sids for each in found] == [{1}, frozenset(), {2}, {1}]
    assert all(each.failure is None for each in found)
    assert found[2].counts == {2: 29}


def test_wrong_checksums(engine: Suricata, rules: Path) -> None:
    """The recordings were made on the sending host."""
    rules.write_text(RULE.format("tcp", 1).replace("content", "flow:established; content"))
    (left_out,) = engine.run([RECORDED / "02-ni-read-tcp.pcap"], rules, Checksums.ALL)
    (taken,) = engine.run([RECORDED / "02-ni-read-tcp.pcap"], rules, Checksums.NONE)
    assert (left_out.sids, taken.sids) == (set(), {1})


def test_a_broken_rule_is_told_with_its_line(engine: Suricata, rules: Path) -> None:
    rules.write_text(rules.read_text() + '# a comment\nalert tcp any any -> any any (msg:"x"; nothing:1; sid:77;)\n')
    with pytest.raises(UnloadedRulesError) as raised:
        list(engine.run([CRAFTED / "netinfo-tcp.pcap"], rules, Checksums.ALL))
    (line,) = raised.value.rules
    assert line.startswith("line 4: sid 77: ")
    assert "nothing" in line


def test_a_rule_whose_script_is_missing_is_told(engine: Suricata, rules: Path) -> None:
    rules.write_text('alert tcp any any -> any any (msg:"x"; lua:missing.lua; sid:78;)\n')
    with pytest.raises(UnloadedRulesError, match="sid 78"):
        list(engine.run([CRAFTED / "netinfo-tcp.pcap"], rules, Checksums.ALL))


def _fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "suricata"
    path.write_text(
        f"#!/bin/sh\n[ \"$1\" = -V ] && {{ echo 'This is Suricata version 7.0.10 RELEASE'; exit 0; }}\n{script}\n"
    )
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -SEGV $$", "suricata died (signal 11)"),
        ("echo no memory >&2; exit 3", "suricata ended with exit code 3: no memory"),
        ("exit 0", "suricata did not come to its end"),
        ("sleep 20", "suricata took more than 1 seconds"),
        (
            'while [ "$1" != -l ]; do shift; done; '
            'echo \'{"event_type":"stats","stats":{"tcp":{"segment_memcap_drop":7}}}\' > "$2/eve.json"',
            "suricata lost something: tcp.segment_memcap_drop 7",
        ),
    ],
)
def test_an_engine_that_fails(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    _fake(tmp_path, monkeypatch, script)
    (found,) = Suricata(most_seconds=1).run([CRAFTED / "netinfo-tcp.pcap"], rules, Checksums.ALL)
    assert found.failure is not None
    assert found.failure.startswith(said)
    assert not found.counts or "lost" in said


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineMissingError, match="apt-get install suricata"):
        Suricata()


def test_every_rule_of_ours_is_loaded_and_names_the_calls_that_were_made(engine: Suricata, tmp_path: Path) -> None:
    """What our own decoder sees in the recordings decides what the rules for a procedure must say of them."""
    rules = tmp_path / "netinfo.rules"
    write_rules(rules, Engine.SURICATA)
    captures = sorted(RECORDED.glob("*.pcap")) + [
        CRAFTED / f"{name}.pcap" for name in ("netinfo-tcp", "netinfo-udp", "nibind-tcp", "nibind-udp")
    ]
    of_calls = frozenset(sid for pair in CALLS.values() for sid in pair)
    for alerts in engine.run(captures, rules, Checksums.NONE):
        made = {
            (each["name"], each["transport"])
            for each in netinfo_scapy.messages(alerts.capture)
            if each["type"] == "call"
        }
        must = {pair[transport == "udp"] for name, transport in made if (pair := CALLS.get(name))}
        assert alerts.sids & of_calls == must, alerts.capture
