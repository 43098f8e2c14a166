"""`analyze --counts-only`, as a person or a script meets it: who reads the output cannot take silence for an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import one_line, run
from tests.report.html.documents import Document
from tests.support.captures import NAMES, RECORDED
from tests.support.commands import call
from tests.support.zeek import read_log

AUTH = RECORDED / "04-auth.pcap"
SAID = "Only counted: no findings were looked for, and no directory was rebuilt (--counts-only)."


def test_any_number_of_jobs_prints_the_same() -> None:
    one, two = (
        run("analyze", RECORDED, "--counts-only", "--format", "json", "--jobs", jobs).stdout for jobs in ("1", "2")
    )
    assert one == two
    found, whole = json.loads(one), json.loads(run("analyze", RECORDED, "--format", "json").stdout)
    assert len(found["captures"]) == len(NAMES)
    assert (found.pop("counts_only"), whole.pop("counts_only")) == (True, False)
    assert (found.pop("findings"), bool(whole.pop("findings"))) == ([], True)
    names = [(each["tag"], each["server_ip"], each["udp_ports"], each["tcp_ports"]) for each in found.pop("domains")]
    assert names == [
        (each["tag"], each["server_ip"], each["udp_ports"], each["tcp_ports"])
        for each in whole.pop("domains")
        if each["tag"] is not None
    ]
    assert json.dumps(found) == json.dumps(whole)


def test_the_text_says_what_was_not_looked_for() -> None:
    counted, whole = (call("analyze", AUTH, *more).stdout for more in (("--counts-only",), ()))
    assert SAID in unwrapped(counted)
    assert "Only counted" not in whole
    # Besides, it is what a whole analysis prints, but for findings and what directories tell.
    assert "inding" not in unwrapped(counted).replace(SAID, "")
    assert "\nFindings" in whole
    below = "\nServers"
    assert counted[counted.index(below) :] == whole[whole.index(below) :]


def unwrapped(text: str) -> str:
    """The answer in one line."""
    return " ".join(word for word in text.split() if word != "│")


def test_the_page_says_what_was_not_looked_for() -> None:
    counted, whole = (
        Document(call("analyze", AUTH, "--format", "html", *more).stdout) for more in (["--counts-only"], [])
    )
    said = [text for attributes, text in counted.all("p") if attributes.get("class") == "empty"]
    assert said == [
        "No findings were looked for: the captures were only counted (--counts-only).",
        "No directory was rebuilt: the captures were only counted (--counts-only).",
    ]
    answers = [text for attributes, text in counted.all("div") if attributes.get("class") == "answer"]
    assert SAID in answers[0]
    assert not counted.all("span", **{"class": "badge"}) and whole.all("span", **{"class": "badge"})
    assert not [text for _, text in counted.all("li") if text.endswith(" findings")]
    for table in ("servers-table", "conversations-table", "procedures-table", "totals-table", "timeline-table"):
        assert counted.rows(table) == whole.rows(table) != []
    # No column says 0 of directories that nobody looked for.
    assert counted.rows("domains-table") == [row[:3] for row in whole.rows("domains-table")] != []


def test_events_are_the_same_but_for_findings() -> None:
    counted, whole = (
        [json.loads(line) for line in call("analyze", AUTH, "--format", "ndjson", *more).stdout.splitlines()]
        for more in (["--counts-only"], [])
    )
    kinds = [each["event_type"] for each in whole]
    assert kinds.count("netinfo_finding") > 10
    *events, stats = (each for each in whole if each["event_type"] != "netinfo_finding")
    assert counted[:-1] == events
    expected = {**stats["stats"], "findings": 0, "counts_only": True}
    assert (counted[-1]["stats"], stats["stats"]["counts_only"]) == (expected, False)


def test_there_is_no_log_of_findings(tmp_path: Path) -> None:
    counted, whole = tmp_path / "counted", tmp_path / "whole"
    assert call("analyze", AUTH, "--format", "tsv", "--counts-only", "-o", counted).returncode == 0
    assert call("analyze", AUTH, "--format", "tsv", "-o", whole).returncode == 0
    assert {each.name for each in counted.iterdir()} == {"netinfo.log", "netinfo_conversations.log"}
    for each in counted.iterdir():
        assert read_log(each.read_bytes()).rows == read_log((whole / each.name).read_bytes()).rows != []
    stream = call("analyze", AUTH, "--format", "tsv", "--counts-only").stdout
    assert read_log(stream.encode()).rows == read_log((counted / "netinfo.log").read_bytes()).rows
    # One that is there would be taken for that of these captures.
    before = {each.name: each.read_bytes() for each in whole.iterdir()}
    done = call("analyze", AUTH, "--format", "tsv", "--counts-only", "-o", whole)
    assert (done.returncode, one_line(done.stderr), "netinfo_findings.log" in done.stderr) == (2, True, True)
    assert {each.name: each.read_bytes() for each in whole.iterdir()} == before


def test_a_table_has_the_same_rows(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed; `make test` installs it")
    for name, more in (("counted", ["--counts-only"]), ("whole", [])):
        assert call("analyze", AUTH, "--format", "parquet", "-o", tmp_path / name, *more).returncode == 0
    assert parquet.read_table(tmp_path / "counted").equals(parquet.read_table(tmp_path / "whole"))


def test_a_capture_that_is_followed() -> None:
    found, whole = (
        json.loads(run("analyze", "-", "--format", "json", *more, stdin=AUTH.read_bytes()).stdout)
        for more in (("--follow", "--counts-only"), ())
    )
    for key in ("totals", "procedures", "conversations", "servers", "connections", "timeline", "anomalies"):
        assert found[key] == whole[key]
    assert (found["counts_only"], found["findings"]) == (True, [])


def test_filters_hold() -> None:
    def totals(*more: str) -> Any:
        done = call("analyze", AUTH, "--format", "json", "--tag", "network", "--user", "501", *more)
        return json.loads(done.stdout)["totals"]

    assert totals("--counts-only") == totals()
    assert 0 < totals("--counts-only")["calls"] < 90


def test_secrets_in_messages_can_be_asked_for() -> None:
    """Those are what `--reveal` is for in the formats with every message."""
    hidden, shown = (
        call("analyze", AUTH, "--format", "ndjson", "--counts-only", *more).stdout for more in ([], ["--reveal"])
    )
    assert "rootpw" in shown and "rootpw" not in hidden


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--known", "no-such-file"), "--known is for findings"),
        (("--known", AUTH, "--format", "ndjson"), "--known is for findings"),
        (("--reveal",), "--reveal is for findings and directories"),
        (("--reveal", "--json"), "--reveal is for findings and directories"),
        (("--reveal", "--format", "html", "--follow"), "--reveal is for findings and directories"),
        (("--user", "501", "--user", "root"), "--user root"),
        (("--user", "root", "--format", "tsv"), "--user root"),
    ],
)
def test_what_it_has_nothing_for_is_refused_in_one_line(words: tuple[object, ...], said: str) -> None:
    done = call("analyze", AUTH, "--counts-only", *words)
    assert (done.returncode, done.stdout, one_line(done.stderr)) == (2, "", True)
    assert said in done.stderr and "--counts-only" in done.stderr
