"""Summary -> the tables of the page."""

from __future__ import annotations

from collections import Counter
from datetime import tzinfo

from netinfo_scapy.analysis.summary import ResponseBin, ServerSummary, Summary
from netinfo_scapy.protocol.anomalies import MEANINGS
from netinfo_scapy.report.html.cells import (
    MOST_ROWS,
    Cell,
    Part,
    Table,
    columns,
    exact,
    number,
    seconds,
    span,
    statuses,
    text,
    words,
    zone_name,
)
from netinfo_scapy.report.words import domain_name, grouped, service_of, tag_name, talk_of


def servers(summary: Summary, zone: tzinfo | None) -> Table:
    """What is served at each host, whatever its ports."""
    groups = grouped(summary.servers, service_of)
    rows = [
        [
            text(host, "address"),
            text(programs),
            words(tags, "tag"),
            words((f"{row.server_port}/{row.transport}" for row in endpoints), "port", most=6),
            number(max(row.clients for row in endpoints)),
            number(sum(row.calls for row in endpoints)),
            number(sum(row.replies for row in endpoints)),
            _connections(endpoints),
            span(((row.first_time, row.last_time) for row in endpoints), zone),
        ]
        for (host, programs, tags), endpoints in groups[:MOST_ROWS]
    ]
    titles = ("Host", "Program", "Domains", "Ports", "Clients#", "Calls#", "Replies#", "Connections", _when(zone))
    return Table("servers-table", "What is served where", columns(*titles), rows, len(groups))


def _when(zone: tzinfo | None) -> str:
    return f"First and last ({zone_name(zone)})"


def _connections(endpoints: list[ServerSummary]) -> Cell:
    """TCP connections attempted, and what became of those that carried nothing."""
    attempted = sum(row.connections.attempted for row in endpoints)
    fates = (
        (sum(row.connections.refused for row in endpoints), "refused"),
        (sum(row.connections.closed_without_a_byte for row in endpoints), "closed without a byte"),
    )
    parts = [Part(f"{count:,} {fate}", "refused") for count, fate in fates if count]
    return Cell([Part(f"{attempted:,}"), *parts], str(attempted))


_OF_NIBIND = 3
"""Columns of the domains of which nibind told; those behind are of directories."""


def domains(summary: Summary) -> Table:
    """The tags that nibind named, and what else directories were read from."""
    rows = [
        [
            text(domain_name(each), "" if each.tag is None else "tag"),
            text(each.server_ip, "address"),
            words([f"{port}/udp" for port in each.udp_ports] + [f"{port}/tcp" for port in each.tcp_ports], "port"),
            number(each.directories),
            number(each.incomplete),
            number(each.properties),
            number(each.changes),
        ]
        for each in summary.domains[:MOST_ROWS]
    ]
    titles = ("Domain", "Host", "Ports by nibind", "Directories seen#", "In part#", "Properties#", "Writes#")
    known = _OF_NIBIND if summary.counts_only else len(titles)
    return Table(
        "domains-table", "Domains", columns(*titles[:known]), [row[:known] for row in rows], len(summary.domains)
    )


def conversations(summary: Summary, zone: tzinfo | None) -> Table:
    """Who asked whom about which program, whatever the ports."""
    groups = grouped(summary.conversations, talk_of)
    rows = [
        [
            text(client, "address"),
            text(server, "address"),
            text(program),
            words(sorted({tag_name(tag) for row in talks for tag in row.tags}), "tag", most=6),
            number(sum(row.calls for row in talks)),
            number(sum(row.replies for row in talks)),
            statuses(row.statuses for row in talks),
            words(map(str, sorted({uid for row in talks for uid in row.users})), "uid"),
            span(((row.first_time, row.last_time) for row in talks), zone),
        ]
        for (client, server, program), talks in groups[:MOST_ROWS]
    ]
    titles = ("Client", "Server", "Program", "Domains", "Calls#", "Replies#", "Answers", "Uids", _when(zone))
    return Table("conversations-table", "Conversations", columns(*titles), rows, len(groups))


def procedures(summary: Summary) -> Table:
    """What was asked, and how long the answers took."""
    ordered = sorted(summary.procedures.items(), key=lambda item: (-item[1].calls, item[0]))
    rows = []
    for name, row in ordered[:MOST_ROWS]:
        times = row.rtt_seconds
        quantiles = (times.min, times.median, times.p95, times.max) if times else (None,) * 4
        answers = statuses([row.statuses])
        rows.append([text(name), number(row.calls), number(row.replies), answers, *map(seconds, quantiles)])
    titles = ("Procedure", "Calls#", "Replies#", "Answers", "Least#", "Median#", "95 %#", "Most#")
    return Table(
        "procedures-table", "What was asked, and response times", columns(*titles), rows, len(summary.procedures)
    )


def whole_distribution(summary: Summary) -> list[ResponseBin]:
    """The response times of all procedures together."""
    counts: Counter[tuple[float, float]] = Counter()
    for row in summary.procedures.values():
        for each in row.rtt_bins:
            counts[each.from_seconds, each.to_seconds] += each.count
    return [ResponseBin(*ends, count) for ends, count in sorted(counts.items())]


def responses(summary: Summary) -> Table:
    """How response times are distributed, over all and of each procedure."""
    named = [("all together", whole_distribution(summary))]
    named += [(name, summary.procedures[name].rtt_bins) for name in sorted(summary.procedures)]
    rows = [
        [text(name), seconds(each.from_seconds), seconds(each.to_seconds), number(each.count)]
        for name, bins in named
        for each in bins
    ]
    titles = columns("Procedure", "From#", "To below#", "Replies#")
    return Table("responses-table", "Distribution of response times", titles, rows[:MOST_ROWS], len(rows))


def timeline(summary: Summary, zone: tzinfo | None) -> Table:
    """Calls and refusals by time."""
    rows = [[exact(each.time, zone), number(each.calls), number(each.refused)] for each in summary.timeline.bins]
    titles = ("From", "Calls#", "Refused replies#")
    return Table("timeline-table", "Calls and refusals by time", columns(*titles), rows, len(rows))


def odd(summary: Summary) -> Table:
    """Anomalies, and what was not understood."""
    found = [(name, count, MEANINGS[name]) for name, count in summary.anomalies.items()]
    found += [(f"not understood: {name}", count, "") for name, count in summary.not_understood.items()]
    found.sort(key=lambda row: -row[1])
    rows = [[text(name), number(count), text(meaning)] for name, count, meaning in found[:MOST_ROWS]]
    return Table("odd-table", "What is odd", columns("What", "Messages or frames#", "Meaning"), rows, len(found))


def captures(summary: Summary, zone: tzinfo | None) -> Table:
    """The files."""
    rows = [
        [
            text(each.capture),
            text(" in ".join(part for part in (each.format, each.compression) if part)),
            words(each.link_types),
            number(each.frames),
            number(each.bytes),
            span([(each.first_time, each.last_time)], zone),
            text(each.error or each.warning or "", "failed" if each.error else ""),
        ]
        for each in summary.captures[:MOST_ROWS]
    ]
    titles = ("File", "Format", "Link types", "Frames#", "Bytes#", _when(zone), "Remark")
    return Table("captures-table", "Captures read", columns(*titles), rows, len(summary.captures))


_TOTALS = {
    "frames": "Frames read",
    "bytes": "Bytes read",
    "messages": "RPC messages",
    "calls": "Calls",
    "replies": "Replies",
    "calls_without_reply": "Calls without a reply",
    "replies_without_call": "Replies without a call",
    "retransmissions": "Calls repeated (UDP)",
    "duplicate_replies": "Replies repeated",
    "incomplete_records": "Incomplete records",
    "missed_bytes": "Bytes not in the capture",
    "not_rpc": "No RPC on these ports",
    "cut_frames": "Frames cut by the snap length",
    "bad_checksums": "Segments with a wrong checksum",
    "stray_segments": "Segments out of place",
    "lost_fragment_bytes": "Bytes of IP fragments without a start",
    "evicted": "Let go for lack of room",
}
"""What each of the totals is called."""


def totals(summary: Summary) -> Table:
    """All that was counted of the whole input."""
    rows = [[text(title), number(getattr(summary.totals, key))] for key, title in _TOTALS.items()]
    return Table("totals-table", "Everything counted", columns("What", "Count#"), rows, len(rows))
