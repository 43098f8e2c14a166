"""What the pictures are drawn from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netinfo_scapy.report.html import pictures
from tests.support import reports
from tests.support.captures import RECORDED

CAPTURES = sorted(RECORDED.glob("*.pcap"))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_every_message_is_in_the_pictures(capture: Path) -> None:
    summary = reports.summary_of(capture)
    talks = pictures.talks(summary)
    assert sum(weight for *_, weight in talks["links"]) == sum(row.calls + row.replies for row in summary.conversations)
    assert {name for name, _ in talks["clients"]} == {row.client_ip for row in summary.conversations}
    timeline = pictures.timeline(summary)
    assert sum(calls for _, calls, _ in timeline["bins"]) == summary.totals.calls
    whole, *each = pictures.responses(summary)
    assert whole["count"] == sum(one["count"] for one in each) == sum(count for *_, count in whole["bins"])
    for one in each:
        (_, median), (_, p95) = one["marks"]
        assert one["bins"][0][0] <= median <= p95 <= one["bins"][-1][1]


@pytest.mark.parametrize(("clients", "servers"), [(3, 1), (40, 41), (300, 60), (20_000, 1)])
def test_many_hosts_are_drawn_as_one(clients: int, servers: int) -> None:
    summary = reports.many_hosts(reports.summary_of(CAPTURES[0]), clients, servers, max(clients, servers))
    talks = pictures.talks(summary)
    most = pictures.MOST_HOSTS
    assert len(talks["clients"]) == min(clients, most + 1)
    assert len(talks["servers"]) == min(servers, most + 1)
    assert {client for client, *_ in talks["links"]} == set(range(len(talks["clients"])))
    assert {server for _, server, *_ in talks["links"]} == set(range(len(talks["servers"])))
    assert sum(weight for *_, weight in talks["links"]) == sum(row.calls + row.replies for row in summary.conversations)
    if clients > most:
        assert talks["clients"][-1][0] == f"{clients - most:,} more clients"
    assert len(json.dumps(talks)) < 200_000


def test_findings_beside_the_timeline() -> None:
    summary = reports.with_findings(reports.summary_of(CAPTURES[0]))
    found = pictures.timeline(summary)["findings"]
    assert [number for number, *_ in found] == [1, 2, 3, 4]
    assert [severity for _, severity, *_ in found] == ["high", "medium", "low", "info"]
    assert all(first <= last for *_, first, last in found)


def test_milliseconds() -> None:
    assert pictures.milliseconds("1970-01-01T00:00:01.500000Z") == 1500
    assert pictures.milliseconds("2003-05-01T12:00:00.123456789Z") == 1_051_790_400_123.456
