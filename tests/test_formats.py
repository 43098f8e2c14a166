"""All formats say the same: counts of what one run of each says of the same capture, and none tells a secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from netinfo_scapy.cli.analyze import Format
from netinfo_scapy.cli.export import FORMATS
from netinfo_scapy.report.exports.table import FORMS
from tests.cli.test_commands import run
from tests.support.captures import RECORDED, capture_path
from tests.support.zeek import Log, read_log

CRAFTED = [RECORDED.parent / "crafted" / f"{name}.pcap" for name in ("malformed", "records")]
SOME = [*map(capture_path, ("01-nibind-portmap", "04-auth", "07-large-tcp")), *CRAFTED]


class Said:
    """What each format says of a capture."""

    def __init__(self, path: Path, folder: Path, *options: str) -> None:
        self.text = output("analyze", path, "--full", *options)
        self.json = json.loads(output("analyze", path, "--format", "json", *options))
        self.messages = [
            json.loads(line) for line in output("messages", path, "--format", "ndjson", *options).splitlines()
        ]
        self.events = [
            json.loads(line) for line in output("analyze", path, "--format", "ndjson", *options).splitlines()
        ]
        assert output("analyze", path, "--format", "tsv", "-o", folder / "logs", *options) == ""
        self.logs: dict[str, Log] = {each.stem: read_log(each.read_bytes()) for each in (folder / "logs").iterdir()}
        output("analyze", path, "--format", "parquet", "-o", folder / "table.parquet", *options)
        self.rows = pq.read_table(folder / "table.parquet").to_pylist()


def lines(*words: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output(*words).splitlines()]


def output(*words: object) -> str:
    done = run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_counts(path: Path, tmp_path: Path) -> None:
    said = Said(path, tmp_path)
    events = [event for event in said.events if event["event_type"] == "netinfo"]
    (stats,) = [event["stats"] for event in said.events if event["event_type"] == "stats"]
    rows = said.logs["netinfo"].rows
    every = len(said.messages)
    assert (len(events), len(rows), len(said.rows)) == (every, every, every)
    totals = said.json["totals"]
    whole = [message for message in said.messages if "incomplete-record" not in message["anomalies"]]
    assert len(whole) == totals["messages"]
    assert stats["totals"] == totals
    assert stats["anomalies"] == said.json["anomalies"]
    counts = [
        Counter(_key(message["name"], message["type"], message["status"]) for message in said.messages),
        Counter(_key(e["netinfo"]["name"], e["netinfo"]["type"], e["netinfo"]["status"]) for e in events),
        Counter(_key(row["name"], row["type"], row["status"]) for row in said.rows),
        Counter(_key(_unset(row["name"]), _TYPES[row["is_orig"]], _unset(row["status"])) for row in rows),
    ]
    assert all(each == counts[0] for each in counts)
    assert Counter(row["anomalies"] for row in rows if row["anomalies"] != "(empty)") == Counter(
        ",".join(message["anomalies"]) for message in said.messages if message["anomalies"]
    )
    assert [row["frame"] for row in said.rows] == [event["pcap_cnt"] for event in events]
    assert [int(row["frame"]) for row in rows] == [message["frame"] for message in said.messages]
    conversations = said.json["conversations"]
    found = said.logs["netinfo_conversations"].rows
    assert [int(row["calls"]) for row in found] == [each["calls"] for each in conversations]
    findings = [event["finding"]["id"] for event in said.events if event["event_type"] == "netinfo_finding"]
    assert findings == [each["id"] for each in said.json["findings"]]
    assert findings == [row["finding"] for row in said.logs["netinfo_findings"].rows]
    assert stats["findings"] == len(findings)
    told = dict(re.findall(r"^ ([\w-]+\.\w+) +([\d,]+) ", said.text, re.MULTILINE))
    calls = {name: row["calls"] for name, row in said.json["procedures"].items()}
    assert {name: int(count.replace(",", "")) for name, count in told.items()} == calls


_TYPES = {"T": "call", "F": "reply"}


def _key(*parts: Any) -> tuple[Any, ...]:
    return parts


def _unset(value: str) -> str | None:
    return None if value == "-" else value


def test_filters_count_for_all(tmp_path: Path) -> None:
    said = Said(capture_path("04-auth"), tmp_path, "--status", "NI_AUTHERROR")
    events = [event for event in said.events if event["event_type"] == "netinfo"]
    assert len(said.messages) == len(said.rows) == len(said.logs["netinfo"].rows) == len(events) > 10
    assert said.json["totals"]["messages"] == len(said.messages)


def test_every_format_has_its_row() -> None:
    assert {each.value for each in Format} - {"text", "json", "html"} == FORMATS == FORMS.keys()
