"""`netinfo-scapy ids run` and `ids rules`: the corpus both ways, a user's own captures and rules, each way to fail."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import netinfo_scapy
from netinfo_scapy.craft.cases.table import CASES
from netinfo_scapy.craft.rules.rule import Engine
from netinfo_scapy.craft.rules.table import RULES
from tests.cli.test_commands import one_line, run
from tests.support.captures import CRAFTED

CORPUS = CRAFTED.parent / "ids"
CASE = "procedure-netinfo-listall"
SOURCES = Path(netinfo_scapy.__file__).parent / "craft"
OWN = 'alert udp any any -> any any (msg:"mine"; content:"|0b ed 48 a0|"; offset:12; depth:4; sid:42;)\n'


def found(*words: object, code: int = 0) -> dict[str, Any]:
    done = run("ids", "run", *words, "--format", "json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("suricata")
def test_every_label_of_the_corpus_holds() -> None:
    done = run("ids", "run", "--format", "json")
    matrix = json.loads(done.stdout)
    wrong = [
        (each["case"], each["checksums"], each["failure"], rule["sid"], rule["verdict"])
        for each in matrix["cases"]
        for rule in each["rules"] or [{"sid": None, "verdict": None}]
        if each["failure"] or rule["verdict"] in ("miss", "false-alarm", "known-miss-hits")
    ]
    assert wrong == []
    assert (done.returncode, done.stderr) == (0, "")
    ways = [(each["case"], each["checksums"]) for each in matrix["cases"] if each["labelled"]]
    assert sorted(ways) == sorted((case.name, way) for case in CASES for way in ("all", "none"))
    assert matrix["rules"] == sum(Engine.SURICATA in rule.engines for rule in RULES.values())
    assert matrix["differences"] == 0


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of one's own, the label of which can be changed."""
    folder = tmp_path / CASE
    shutil.copytree(CORPUS / CASE, folder)
    return folder


@pytest.mark.usefixtures("suricata")
@pytest.mark.parametrize(
    ("must", "known_miss", "said"),
    [
        ([1961100, 1961110, 1961112, 1961140], [], "miss: 1961100"),
        ([1961112, 1961140], [], "false alarm: 1961110"),
        ([1961110, 1961140], [{"sid": 1961112, "why": "x"}], "known miss hits: 1961112"),
    ],
)
def test_a_difference_from_a_label(case: Path, must: list[int], known_miss: list[dict[str, Any]], said: str) -> None:
    path = case / "case.yaml"
    label = yaml.safe_load(path.read_text())
    label["expected"]["suricata"] = {"must": must, "known_miss": known_miss}
    path.write_text(yaml.safe_dump(label))
    done = run("ids", "run", case, "--checksums", "all", COLUMNS="200")
    assert done.returncode == 4, done.stderr
    assert f"{CASE}: {said}" in done.stdout
    assert "1 run differs" in done.stdout


@pytest.mark.usefixtures("suricata")
def test_own_rules_and_captures(tmp_path: Path) -> None:
    rules = tmp_path / "own.rules"
    rules.write_text(OWN)
    matrix = found(CRAFTED / "netinfo-udp.pcap", CRAFTED / "netinfo-tcp.pcap", "--rules", rules, "--checksums", "none")
    assert [each["rules"] for each in matrix["cases"]] == [[], [{"sid": 42, "verdict": "shown", "why": None}]]
    text = run("ids", "run", CASE, "recipe-password-guessing", "--rules", rules)
    assert text.returncode == 0
    assert [line.split()[1] for line in text.stdout.splitlines() if line.startswith((" proc", " recipe"))] == [
        "-",
        "alerts",
    ]


@pytest.mark.usefixtures("suricata")
def test_inside_and_outside(tmp_path: Path) -> None:
    """The client of the capture is 192.0.2.10, the server 192.0.2.1; where nothing is said, both are any."""
    rules = tmp_path / "own.rules"
    rules.write_text(OWN.replace("udp any any -> any", "udp $EXTERNAL_NET any -> $HOME_NET"))
    words = (CRAFTED / "netinfo-udp.pcap", "--rules", rules, "--checksums", "all")
    home = ("--home-net", "192.0.2.1", "--home-net", "10.0.0.0/8")
    alerts = [found(*words, *more)["cases"][0]["rules"] != [] for more in ((), home, ("--home-net", "192.0.2.0/24"))]
    assert alerts == [True, True, False]


@pytest.mark.usefixtures("suricata")
def test_drafts_alert_on_their_own_messages(tmp_path: Path) -> None:
    """The rules that `explain` begins with are loaded, and the last of them sees the message that it was made of."""
    for transport in ("tcp", "udp"):
        capture = CRAFTED / f"netinfo-{transport}.pcap"
        messages = json.loads(run("ids", "explain", capture, "--json").stdout)["messages"]
        drafts = [each["rule"].splitlines() for each in messages]
        assert [len(each) for each in drafts] == [1 if each["type"] == "call" else 2 for each in messages]
        assert len(drafts) > 40
        lines = [
            re.sub(r"sid:\d+", f"sid:{sid if line == draft[-1] else sid + 10_000}", line)
            for sid, draft in enumerate(drafts, 1)
            for line in draft
        ]
        rules = tmp_path / f"{transport}.rules"
        rules.write_text("\n".join(lines))
        (row,) = found(capture, "--rules", rules, "--checksums", "all")["cases"]
        assert {each["sid"] for each in row["rules"]} == set(range(1, len(drafts) + 1))


@pytest.mark.usefixtures("suricata")
def test_packed_captures_are_unpacked(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzip.compress((CRAFTED / "netinfo-udp.pcap").read_bytes()))
    (row,) = found(path, "--checksums", "all")["cases"]
    assert {rule["sid"] for rule in row["rules"]} == {1961101, 1961111, 1961201, 1961211}


@pytest.mark.usefixtures("suricata")
def test_a_rule_that_is_not_loaded(tmp_path: Path) -> None:
    rules = tmp_path / "own.rules"
    rules.write_text(OWN + 'alert tcp any any -> any any (msg:"x"; nothing:1; sid:43;)\n')
    done = run("ids", "run", CASE, "--rules", rules)
    assert done.returncode == 4
    assert done.stdout == ""
    assert one_line(done.stderr)
    assert "own.rules: suricata did not load line 2: sid 43: unknown rule keyword 'nothing'" in done.stderr


def test_an_engine_that_died(tmp_path: Path) -> None:
    engine = tmp_path / "suricata"
    engine.write_text(
        "#!/bin/sh\n[ \"$1\" = -V ] && { echo 'This is Suricata version 7.0.10'; exit 0; }\nkill -SEGV $$\n"
    )
    engine.chmod(0o755)
    done = run("ids", "run", CASE, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode == 4
    assert f"{CASE}: suricata died (signal 11)" in done.stdout


@pytest.mark.parametrize("engine", list(Engine))
def test_no_engine(engine: str) -> None:
    done = run("ids", "run", CASE, "--engine", engine, PATH="/nowhere")
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert f"{engine} is not installed; " in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "missing.pcap"), 2, "missing.pcap: no such file"),
        (("run", CASE, "--rules", "missing.rules"), 2, "missing.rules: No such file"),
        (("run", CASE, "--rules", CRAFTED / "netinfo-udp.pcap"), 2, "no rule with a sid"),
        (("run", CASE, "--engine", "zeek"), 2, "zeek"),
        (("run", CASE, "--home-net", "inside"), 2, "inside is no network"),
        (("run", __file__), 2, "a scenario, no capture; make one of it: netinfo-scapy craft"),
        (("explain", __file__), 2, "a scenario, no capture"),
        (("run", SOURCES), 3, "no capture"),
        (("rules", "-o", "/nowhere/x.rules"), 2, "there is no such folder"),
        (("explain", CASE, "999"), 2, "there is no frame 999; it has"),
        (("explain", CASE, "1"), 3, "no message of which frame 1"),
        (("explain", CRAFTED), 2, "captures in it; name one"),
        (("export", CRAFTED / "netinfo-udp.pcap", "-o", "/nowhere/x"), 3, "no case with a case.yaml"),
    ],
)
@pytest.mark.usefixtures("suricata")
def test_mistakes(words: tuple[object, ...], code: int, said: str) -> None:
    done = run("ids", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert one_line(done.stderr)
    assert said in done.stderr


def test_a_label_that_is_none(case: Path) -> None:
    path = case / "case.yaml"
    path.write_text(path.read_text().replace("kind: procedure", "kind: nonsense"))
    done = run("ids", "export", case, "-o", case / "out")
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "case.yaml:2: kind" in done.stderr


@pytest.mark.parametrize("engine", list(Engine))
def test_rules_go_to_a_file_with_their_scripts(tmp_path: Path, engine: Engine) -> None:
    done = run("ids", "rules", "--engine", engine, "-o", tmp_path / "netinfo.rules")
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "netinfo.rules").read_text()
    scripts = {path.name for path in tmp_path.glob("*.lua")}
    assert all(f"lua:{name};" in text for name in scripts)
    assert bool(scripts) is (engine is Engine.SURICATA)
    printed = run("ids", "rules", "--engine", engine)
    assert printed.stdout == text
