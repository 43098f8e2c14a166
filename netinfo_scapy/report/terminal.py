"""The summary for people, in a terminal: the answer first, then the detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from netinfo_scapy.analysis.summary import DomainSummary, ProcedureSummary, ServerSummary, Statuses, Summary
from netinfo_scapy.analysis.timeline import REFUSALS
from netinfo_scapy.analysis.values import counted, local_time
from netinfo_scapy.protocol.anomalies import MEANINGS
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.findings import findings_table, found
from netinfo_scapy.report.tables import listing, table
from netinfo_scapy.report.words import OK, by_status, domain_name, duration, grouped, service_of, tag_name, talk_of

MOST_ROWS = 16
"""Rows of a table, unless all is asked for."""

_ONLY_COUNTED = "[yellow]Only counted[/]: no findings were looked for, and no directory was rebuilt (--counts-only)."
_MOST_HOSTS = 5
_MOST_TAGS = 8
_MOST_STATUSES = 6
_MOST_PORTS = 4
_OURS = {NETINFO.number, NIBIND.number}


def report(summary: Summary, zone: tzinfo | None = None, full: bool = False) -> RenderableType:
    """Everything a person should see of a summary. full: tables at any length."""
    most = None if full else MOST_ROWS
    parts = [
        _answer(summary, zone),
        findings_table(summary.findings, zone, most),
        _servers(summary, most),
        _conversations(summary, zone, most),
        _procedures(summary, most),
        _odd(summary),
        _captures(summary, most),
    ]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts if part is not None))


# the answer


def answer(summary: Summary, zone: tzinfo | None) -> list[Text]:
    """What the capture is, who the servers are, what leaked: a line each."""
    return [Text.from_markup(each) if isinstance(each, str) else each for each in _sentences(summary, zone)]


def _answer(summary: Summary, zone: tzinfo | None) -> RenderableType:
    text = Text("\n").join(answer(summary, zone))
    return Panel(text, title="NetInfo", title_align="left", box=box.ROUNDED, padding=(0, 1))


def _sentences(summary: Summary, zone: tzinfo | None) -> Iterator[str | Text]:
    """The lines of the answer: our own words as markup, what came from the network or the user as Text."""
    totals = summary.totals
    read = f"{counted(len(summary.captures), 'capture')}, {counted(totals.frames, 'frame')}"
    asked = {number: sum(row.calls for row in summary.conversations if row.program == number) for number in _OURS}
    if totals.messages or totals.incomplete_records:
        ours = [row for row in summary.conversations if row.program in _OURS]
        if ours:
            netinfo, nibind = (counted(asked[each.number], f"{each.name} call") for each in (NETINFO, NIBIND))
            yield (
                f"[bold]{netinfo}[/] and {nibind} from {counted(len({row.client_ip for row in ours}), 'client')} to "
                f"{counted(len({row.server_ip for row in ours}), 'server host')}, in {read}."
            )
        elif totals.messages:
            yield f"[bold]No NetInfo[/] in {read}; {counted(totals.messages, 'other RPC message')}."
        else:
            yield f"[bold]Nothing but incomplete RPC messages[/] in {read}."
    elif summary.filtered_from:
        yield f"[bold]None of {counted(summary.filtered_from, 'message')} passes the filters[/], in {read}."
    else:
        yield f"[bold]No NetInfo[/] in {read}. Servers on ports that nothing names: try --netinfo-port."
    if summary.filtered_from and totals.messages:
        yield f"Only what passes the filters: {totals.messages:,} of {counted(summary.filtered_from, 'message')}."
    for host in sorted({each.server_ip for each in summary.domains})[:_MOST_HOSTS]:
        tags = [_domain(each) for each in summary.domains if each.server_ip == host]
        more = [Text(f"{len(tags) - _MOST_TAGS} more")] if len(tags) > _MOST_TAGS else []
        yield Text.assemble(
            f"{'Domain' if len(tags) == 1 else 'Domains'} of {host}: ", Text(", ").join(tags[:_MOST_TAGS] + more), "."
        )
    times = [each for row in summary.conversations for each in (row.first_time, row.last_time)]
    if times:
        yield f"From {local_time(min(times), zone)} to {local_time(max(times), zone)}."
    refused = sum(
        count for row in summary.procedures.values() for status, count in row.statuses.items() if status in REFUSALS
    )
    if refused:
        yield f"[yellow]{counted(refused, 'call')} refused[/] for want of rights."
    if summary.counts_only:
        yield _ONLY_COUNTED
    yield from found(summary.findings)
    yield from _caveats(summary)


def _caveats(summary: Summary) -> Iterator[str | Text]:
    """What the capture does not show, or what was not read."""
    totals = summary.totals
    if totals.incomplete_records or totals.missed_bytes:
        yield (
            f"[yellow]{counted(totals.incomplete_records, 'record')} incomplete[/]: "
            f"{counted(totals.missed_bytes, 'byte')} are not in the capture."
        )
    if totals.cut_frames:
        yield (
            f"[yellow]{counted(totals.cut_frames, 'frame')} cut short[/] when the capture was taken (snap length): "
            "messages in them are incomplete."
        )
    if totals.retransmissions:
        yield f"{counted(totals.retransmissions, 'call')} repeated (UDP retransmissions)."
    if totals.calls_without_reply:
        yield f"{counted(totals.calls_without_reply, 'call')} got no reply that was seen."
    if totals.not_rpc:
        yield f"[yellow]{counted(totals.not_rpc, 'time')}[/] something on these ports was no RPC."
    if totals.evicted:
        yield f"[red]{totals.evicted:,} items were let go for lack of room[/]: counts are lower bounds."
    for capture in summary.captures:
        if capture.error:
            yield Text(printable(f"{capture.capture}: {capture.error}"), style="red")


# tables


def _domain(domain: DomainSummary) -> Text:
    """A domain, and how much of it the captures show."""
    parts = [counted(domain.directories, "directory", "directories")] if domain.directories else []
    parts += [counted(domain.changes, "change")] if domain.changes else []
    named = Text(domain_name(domain), style="" if domain.tag is None else "bold")
    return Text.assemble(named, f" ({', '.join(parts)})" if parts else "")


def _what(program: str, tags: list[str]) -> Text:
    return Text.assemble((printable(program), "cyan"), " ", (listing(tags, 4) if tags else "", "bold"))


def _servers(summary: Summary, most: int | None) -> Table | None:
    """What is served at each host: a row for each program and tag, whatever its ports."""
    groups = grouped(summary.servers, service_of)
    if not groups:
        return None
    grid = table("Servers", len(groups), most, "host@", "what", "ports", "clients#", "calls#", "connections#", "")
    for (host, programs, tags), rows in groups[:most]:
        ports = [f"{row.server_port}/{row.transport}" for row in rows]
        grid.add_row(
            host,
            _what(programs, list(tags)),
            listing(ports, _MOST_PORTS),
            f"{max(row.clients for row in rows):,}",
            f"{sum(row.calls for row in rows):,}",
            f"{sum(row.connections.attempted for row in rows):,}",
            _fates(rows),
        )
    return grid


def _fates(rows: list[ServerSummary]) -> Text:
    """What became of connections that carried nothing."""
    counts = (
        (sum(row.connections.refused for row in rows), "refused"),
        (sum(row.connections.closed_without_a_byte for row in rows), "closed without a byte"),
    )
    return Text(", ".join(f"{number:,} {meaning}" for number, meaning in counts if number), style="yellow")


def _statuses(all_statuses: Iterable[Statuses]) -> Text:
    """OK first, then the others by how often; refusals stand out."""
    ordered = by_status(all_statuses)
    text = Text()
    for status, count in ordered[:_MOST_STATUSES]:
        style = "green" if status == OK else "yellow" if status in REFUSALS else "magenta"
        text.append("  " if text else "")
        # No space inside, so that a line never ends between the two.
        text.append(status, style=style)
        text.append(f":{count:,}")
    if len(ordered) > _MOST_STATUSES:
        text.append(f" and {len(ordered) - _MOST_STATUSES} more")
    return text


def _conversations(summary: Summary, zone: tzinfo | None, most: int | None) -> Table | None:
    """Who asked whom for which program, whatever the ports."""
    groups = grouped(summary.conversations, talk_of)
    if not groups:
        return None
    grid = table(
        "Who talked to whom",
        len(groups),
        most,
        "client@",
        "server@",
        "about",
        "calls#",
        "answers+",
        "uids",
        "when@",
    )
    for (client, server, program), rows in groups[:most]:
        tags = sorted({tag_name(tag) for row in rows for tag in row.tags})
        uids = [str(uid) for uid in sorted({uid for row in rows for uid in row.users})]
        grid.add_row(
            client,
            server,
            _what(program, tags),
            f"{sum(row.calls for row in rows):,}",
            _statuses(row.statuses for row in rows),
            ", ".join(uids[:6]) + (", ..." if len(uids) > 6 else ""),
            _when(min(row.first_time for row in rows), max(row.last_time for row in rows), zone),
        )
    return grid


def _when(first: str, last: str, zone: tzinfo | None) -> str:
    """Two times, to the second; one where they are the same."""
    one, other = local_time(first, zone)[:19], local_time(last, zone)[:19]
    return one if one == other else f"{one}\n{other}"


def _procedures(summary: Summary, most: int | None) -> Table | None:
    rows = sorted(summary.procedures.items(), key=lambda item: (-item[1].calls, item[0]))
    if not rows:
        return None
    grid = table("What was asked", len(rows), most, "procedure!", "calls#", "", "answers", "median#", "p95#")
    largest = max(row.calls for _, row in rows) or 1
    for name, row in rows[:most]:
        bar = ProgressBar(largest, row.calls, width=12, complete_style="blue", finished_style="blue")
        grid.add_row(name, f"{row.calls:,}", bar, _statuses([row.statuses]), *_times(row))
    return grid


def _times(row: ProcedureSummary) -> tuple[str, str]:
    times = row.rtt_seconds
    return (duration(times.median), duration(times.p95)) if times else ("", "")


def _odd(summary: Summary) -> Table | None:
    rows = [(name, count, MEANINGS[name]) for name, count in summary.anomalies.items()]
    rows += [(f"not understood: {name}", count, "") for name, count in summary.not_understood.items()]
    if not rows:
        return None
    grid = table("What is odd", len(rows), None, "what", "count#", "meaning")
    for name, count, meaning in sorted(rows, key=lambda row: -row[1]):
        grid.add_row(Text(printable(name), style="magenta"), f"{count:,}", meaning)
    return grid


def _captures(summary: Summary, most: int | None) -> Table:
    rows = summary.captures
    grid = table("Captures", len(rows), most, "file", "format", "frames#", "bytes#", "remark")
    for each in rows[:most]:
        kind = " in ".join(part for part in (each.format, each.compression) if part)
        remark = each.error or each.warning or ", ".join(each.link_types)
        grid.add_row(
            Text(printable(each.capture)), kind, f"{each.frames:,}", f"{each.bytes:,}", Text(printable(remark))
        )
    return grid
