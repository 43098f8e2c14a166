"""The page's tables hold the summary's numbers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.report.html import tables
from netinfo_scapy.report.html.cells import MOST_ROWS, Table
from tests.support import reports
from tests.support.captures import RECORDED

CAPTURES = sorted(RECORDED.glob("*.pcap"))


@pytest.fixture(params=CAPTURES, ids=lambda path: path.stem)
def summary(request: pytest.FixtureRequest) -> Summary:
    path: Path = request.param
    return reports.summary_of(path)


def column(table: Table, title: str) -> list[str]:
    (place,) = (at for at, each in enumerate(table.columns) if each.title == title)
    return [row[place].key for row in table.rows]


def test_every_row_has_every_column(summary: Summary) -> None:
    for make in (tables.servers, tables.conversations, tables.timeline, tables.captures):
        table = make(summary, None)
        assert {len(row) for row in table.rows} <= {len(table.columns)}
    for make in (tables.domains, tables.procedures, tables.responses, tables.odd, tables.totals):
        table = make(summary)
        assert {len(row) for row in table.rows} <= {len(table.columns)}


def test_servers(summary: Summary) -> None:
    table = tables.servers(summary, None)
    calls = Counter[str]()
    for each in summary.servers:
        calls[each.server_ip] += each.calls
    found = Counter[str]()
    for host, number in zip(column(table, "Host"), column(table, "Calls"), strict=True):
        found[host] += int(number)
    assert found == calls
    connections = sum(map(int, column(table, "Connections")))
    assert connections == summary.connections.attempted


def test_conversations(summary: Summary) -> None:
    table = tables.conversations(summary, None)
    pairs = {(each.client_ip, each.server_ip, each.program) for each in summary.conversations}
    assert table.total == len(table.rows) == len(pairs)
    assert sum(map(int, column(table, "Replies"))) == sum(each.replies for each in summary.conversations)
    good = {"NI_OK", "SUCCESS"}
    bad = sum(n for each in summary.conversations for status, n in each.statuses.items() if status not in good)
    assert sum(map(int, column(table, "Answers"))) == bad


def test_response_times(summary: Summary) -> None:
    table = tables.responses(summary)
    counts = Counter[str]()
    for name, number in zip(column(table, "Procedure"), column(table, "Replies"), strict=True):
        counts[name] += int(number)
    expected = {name: row.rtt_seconds.count for name, row in summary.procedures.items() if row.rtt_seconds}
    assert counts.pop("all together") == sum(expected.values())
    assert counts == expected


def test_a_table_is_shortened() -> None:
    summary = reports.many_hosts(reports.summary_of(CAPTURES[0]), 3 * MOST_ROWS)
    table = tables.conversations(summary, None)
    assert (len(table.rows), table.total) == (MOST_ROWS, 3 * MOST_ROWS)
    calls = list(map(int, column(table, "Calls")))
    assert calls == sorted(calls, reverse=True)
    assert calls[-1] >= sorted((each.calls for each in summary.conversations), reverse=True)[MOST_ROWS - 1]


def test_times_are_in_the_zone_that_the_title_names() -> None:
    base = reports.summary_of(CAPTURES[0])
    summary = replace(base, conversations=[reports.talked("192.0.2.9", "192.0.2.1", 1)])
    for zone, title, shown in (
        (None, "First and last (UTC)", "2003-05-01 12:00:00"),
        (timezone(timedelta(hours=-7)), "First and last (UTC-07:00)", "2003-05-01 05:00:00"),
    ):
        table = tables.conversations(summary, zone)
        assert table.columns[-1].title == title
        assert table.rows[0][-1].parts[0].text == shown
        assert datetime.fromisoformat(table.rows[0][-1].key) == datetime(2003, 5, 1, 12, tzinfo=UTC)
