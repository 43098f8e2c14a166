"""The summary for people, in a terminal: the answer first, then the detail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from netinfo_scapy.analysis.summary import ConversationSummary, ProcedureSummary, ServerSummary, Statuses, Summary
from netinfo_scapy.analysis.values import local_time
from netinfo_scapy.protocol.anomalies import MEANINGS
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.report.escape import printable, shown

MOST_ROWS = 30
"""Rows of a table, unless all is asked for."""

_GOOD = {"NI_OK", "SUCCESS"}
_REFUSED = {"NI_PERM", "NI_AUTHERROR", "NI_NOUSER", "NI_RDONLY", "AUTH_ERROR"}
_OURS = {NETINFO.number, NIBIND.number}


def report(summary: Summary, zone: tzinfo | None = None, full: bool = False) -> RenderableType:
    """Everything a person should see of a summary. full: tables at any length."""
    most = None if full else MOST_ROWS
    parts = [
        _answer(summary, zone),
        _servers(summary, most),
        _conversations(summary, zone, most),
        _procedures(summary, most),
        _odd(summary),
        _captures(summary, most),
    ]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts if part is not None))


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _listing(words: list[str], most: int = 6) -> str:
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# the answer


def _answer(summary: Summary, zone: tzinfo | None) -> RenderableType:
    lines = list(_sentences(summary, zone))
    text = Text("\n").join(Text.from_markup(line) for line in lines)
    return Panel(text, title="NetInfo", title_align="left", box=box.ROUNDED, padding=(0, 1))


def _sentences(summary: Summary, zone: tzinfo | None) -> Iterator[str]:
    totals = summary.totals
    ours = [each for each in summary.conversations if each.program in _OURS]
    read = f"{_count(len(summary.captures), 'capture')}, {_count(totals.frames, 'frame')}"
    if not totals.messages and not totals.incomplete_records:
        yield f"[bold]No RPC message of interest[/] in {read}."
        yield from _caveats(summary)
        return
    if not ours:
        yield f"[bold]No NetInfo[/] in {read}; {_count(totals.messages, 'other RPC message')}."
    else:
        clients = {each.client_ip for each in ours}
        servers = {each.server_ip for each in ours}
        calls = sum(each.calls for each in ours)
        yield (
            f"[bold]{_count(calls, 'NetInfo call')}[/] from {_count(len(clients), 'client')} to "
            f"{_count(len(servers), 'server host')}, in {read}."
        )
    if summary.domains:
        named = [f"[bold]{_safe(shown(each.tag))}[/] on {each.server_ip}" for each in summary.domains]
        yield f"{'Domain' if len(named) == 1 else 'Domains'}: {_listing(named)}."
    times = [each for row in summary.conversations for each in (row.first_time, row.last_time)]
    if times:
        yield f"From {local_time(min(times), zone)} to {local_time(max(times), zone)}."
    refused = sum(
        count for row in summary.procedures.values() for status, count in row.statuses.items() if status in _REFUSED
    )
    if refused:
        yield f"[yellow]{_count(refused, 'call')} refused[/] for want of rights."
    yield from _caveats(summary)


def _caveats(summary: Summary) -> Iterator[str]:
    """What the capture does not show, or what was not read."""
    totals = summary.totals
    if totals.incomplete_records or totals.missed_bytes:
        yield (
            f"[yellow]{_count(totals.incomplete_records, 'record')} incomplete[/]: "
            f"{_count(totals.missed_bytes, 'byte')} are not in the capture."
        )
    if totals.calls_without_reply:
        yield f"{_count(totals.calls_without_reply, 'call')} got no reply that was seen."
    if totals.not_rpc:
        yield f"[yellow]{_count(totals.not_rpc, 'time')}[/] something on these ports was no RPC."
    if totals.evicted:
        yield f"[red]{totals.evicted:,} items were let go for lack of room[/]: counts are lower bounds."
    for capture in summary.captures:
        if capture.error:
            yield f"[red]{_safe(printable(capture.capture))}: {_safe(printable(capture.error))}[/]"


def _safe(text: str) -> str:
    """Escape what rich would take for markup."""
    return text.replace("[", r"\[")


# tables


def _table(title: str, rows: int, most: int | None) -> Table:
    cut = f" (the first {most} of {rows:,}; --full shows all)" if most is not None and rows > most else ""
    return Table(title=Text(title + cut), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def _servers(summary: Summary, most: int | None) -> Table | None:
    rows = [each for each in summary.servers if each.calls or each.replies or each.connections.attempted]
    if not rows:
        return None
    table = _table("Servers", len(rows), most)
    table.add_column("address", overflow="fold")
    table.add_column("port", justify="right")
    table.add_column("what", overflow="fold")
    table.add_column("clients", justify="right")
    table.add_column("calls", justify="right")
    table.add_column("replies", justify="right")
    table.add_column("connections", overflow="fold")
    for each in rows[:most]:
        table.add_row(
            each.server_ip,
            f"{each.server_port}/{each.transport}",
            _what(each),
            f"{each.clients:,}",
            f"{each.calls:,}",
            f"{each.replies:,}",
            _connections(each),
        )
    return table


def _what(server: ServerSummary) -> Text:
    text = Text(", ".join(server.program_names) or "no RPC seen", style="cyan" if server.program_names else "dim")
    if server.tags:
        text.append(f" {', '.join(shown(tag) for tag in server.tags)}", style="bold")
    return text


def _connections(server: ServerSummary) -> Text:
    counts = server.connections
    if not counts.attempted:
        return Text("-" if server.transport == "tcp" else "")
    text = Text(f"{counts.attempted:,}")
    for number, meaning in ((counts.refused, "refused"), (counts.closed_without_a_byte, "closed without a byte")):
        if number:
            text.append(f", {number:,} {meaning}", style="yellow")
    return text


def _statuses(statuses: Statuses) -> Text:
    """OK, then the others by how often; refusals stand out."""
    text = Text()
    for status, count in sorted(statuses.items(), key=lambda item: (item[0] not in _GOOD, -item[1], item[0])):
        style = "green" if status in _GOOD else "yellow" if status in _REFUSED else "magenta"
        text.append(", " if text else "")
        text.append(f"{status} ", style=style)
        text.append(f"{count:,}")
    return text


def _conversations(summary: Summary, zone: tzinfo | None, most: int | None) -> Table | None:
    rows = sorted(summary.conversations, key=lambda each: -(each.calls + each.replies))
    if not rows:
        return None
    table = _table("Who talked to whom", len(rows), most)
    table.add_column("client", overflow="fold")
    table.add_column("server", overflow="fold")
    table.add_column("program", overflow="fold")
    table.add_column("calls", justify="right")
    table.add_column("statuses", overflow="fold")
    table.add_column("uids", overflow="fold")
    table.add_column("first", overflow="fold")
    for each in rows[:most]:
        table.add_row(
            each.client_ip,
            f"{each.server_ip}:{each.server_port}/{each.transport}",
            _program(each),
            f"{each.calls:,}",
            _statuses(each.statuses),
            ", ".join(map(str, each.users[:5])) + (", ..." if len(each.users) > 5 else ""),
            local_time(each.first_time, zone)[:19],
        )
    return table


def _program(conversation: ConversationSummary) -> Text:
    text = Text(conversation.program_name or "calls not seen", style="cyan" if conversation.program_name else "dim")
    if conversation.tags:
        text.append(f" {', '.join(shown(tag) for tag in conversation.tags[:3])}", style="bold")
        text.append(", ..." if len(conversation.tags) > 3 else "")
    return text


def _procedures(summary: Summary, most: int | None) -> Table | None:
    rows = sorted(summary.procedures.items(), key=lambda item: (-item[1].calls, item[0]))
    if not rows:
        return None
    table = _table("What was asked", len(rows), most)
    table.add_column("procedure", overflow="fold")
    table.add_column("calls", justify="right")
    table.add_column("")
    table.add_column("answers", overflow="fold")
    table.add_column("median", justify="right")
    table.add_column("p95", justify="right")
    largest = max(row.calls for _, row in rows) or 1
    for name, row in rows[:most]:
        table.add_row(
            name, f"{row.calls:,}", ProgressBar(largest, row.calls, width=12), _statuses(row.statuses), *_times(row)
        )
    return table


def _times(row: ProcedureSummary) -> tuple[str, str]:
    times = row.rtt_seconds
    return (_duration(times.median), _duration(times.p95)) if times else ("", "")


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def _odd(summary: Summary) -> Table | None:
    rows = [(name, count, MEANINGS[name]) for name, count in summary.anomalies.items()]
    rows += [(f"not understood: {name}", count, "") for name, count in summary.not_understood.items()]
    if not rows:
        return None
    table = _table("What is odd", len(rows), None)
    table.add_column("", overflow="fold")
    table.add_column("count", justify="right")
    table.add_column("meaning", overflow="fold")
    for name, count, meaning in sorted(rows, key=lambda row: -row[1]):
        table.add_row(Text(printable(name), style="magenta"), f"{count:,}", meaning)
    return table


def _captures(summary: Summary, most: int | None) -> Table:
    table = _table("Captures", len(summary.captures), most)
    table.add_column("file", overflow="fold")
    table.add_column("format")
    table.add_column("frames", justify="right")
    table.add_column("bytes", justify="right")
    table.add_column("remark", overflow="fold")
    for each in summary.captures[:most]:
        kind = " in ".join(part for part in (each.format, each.compression) if part)
        remark = each.error or each.warning or ", ".join(each.link_types)
        table.add_row(
            Text(printable(each.capture)), kind, f"{each.frames:,}", f"{each.bytes:,}", Text(printable(remark))
        )
    return table
