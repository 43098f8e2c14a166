"""Explained messages for people, and as one object."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from netinfo_scapy.analysis.naming import name_of
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.craft.explain import Explained, Place
from netinfo_scapy.craft.fields import MACHINENAME
from netinfo_scapy.craft.whereabouts import Piece
from netinfo_scapy.report.escape import printable, shown
from netinfo_scapy.report.tables import table

_MOST_BYTES, _MOST_PIECES, _MOST_MARKS, _MOST_ROWS, _MOST_RULES = 24, 4, 8, 40, 12
_SECRET = 0x80
"""A machinename that begins with such a byte, or a greater one, may be a password."""


def is_hidden(place: Place, reveal: bool) -> bool:
    """Whether a place may hold a password that is not to be shown."""
    return not reveal and place.what == MACHINENAME and place.data[:1] >= bytes([_SECRET])


def explained_report(found: list[Explained], reveal: bool, full: bool) -> RenderableType:
    """For each message a table, of fields, bytes and where they lie, and below it how a rule finds them."""
    return Group(*(part for each in found for part in (_title(each), _table(each, reveal, full), _rules(each, full))))


def _title(each: Explained) -> Text:
    flow, record = each.message.record.flow, each.message.record
    ends = " -> ".join(f"{ip_text(end.address)}:{end.port}" for end in (flow.source, flow.target))
    kind = "call" if each.message.is_call else "reply"
    fragments = f" in {record.fragments:,} record fragments" if record.fragments > 1 else ""
    text = f"Frame {record.at.number}: {kind} {name_of(each.message) or 'of a call that was not seen'}, "
    text += f"xid {each.message.xid:08x}, {flow.transport.name.lower()} {ends}, {len(record.data):,} bytes{fragments}"
    return Text(printable(text), "bold")


def _table(each: Explained, reveal: bool, full: bool) -> Table:
    tcp = each.message.record.lane.is_tcp
    marks = each.marks if full else each.marks[:_MOST_MARKS]
    rows: list[tuple[str, bytes | None, tuple[Piece, ...]]] = [
        *((f"record mark {mark:08x}", mark.to_bytes(4, "big"), pieces) for mark, pieces in marks),
        *((p.what, None if is_hidden(p, reveal) else p.data, p.pieces) for p in each.places),
    ]
    most = None if full else _MOST_ROWS
    grid = table("", len(rows), most, "field", "bytes", "frame#", "in it#", "payload#", "stream#" if tcp else "")
    texts = {place.what for place in each.places if place.text}
    for what, data, pieces in rows[:most]:
        grid.add_row(
            printable(what),
            _value(data, what in texts, full),
            *(Text("\n").join(Text(column) for column in lines) for lines in _columns(pieces, tcp, full)),
        )
    return grid


def _rules(each: Explained, full: bool) -> Text:
    """How a rule finds each field, and a rule to begin with; never wrapped, as they are to be copied."""
    said = [(place.what, place.rule) for place in each.places if place.rule]
    shown_rules = said if full else said[:_MOST_RULES]
    lines = [f" {what}: {rule}" for what, rule in shown_rules]
    if len(shown_rules) < len(said):
        lines.append(f" {len(said) - len(shown_rules):,} more; --full shows all")
    if each.draft.rules:
        lines += ["", " A rule to begin with:" if each.message.is_call else " Rules to begin with:", *each.draft.rules]
    else:
        lines += ["", f" No rule to begin with: {each.draft.why_not}."]
    return Text("".join(f"{printable(line)}\n" for line in lines), no_wrap=True, overflow="ignore")


def _columns(pieces: tuple[Piece, ...], tcp: bool, full: bool) -> list[list[str]]:
    """A line a piece: frame, offset in it, in the payload, in the stream, each with the length of the piece."""
    shown_pieces = pieces if full else pieces[:_MOST_PIECES]
    more = [f"{len(pieces) - len(shown_pieces):,} more"] if len(pieces) > len(shown_pieces) else []
    return [
        [*(str(each.frame) for each in shown_pieces), *more] or ["-"],
        [f"{each.packet}+{each.length}" for each in shown_pieces],
        [str(each.payload) for each in shown_pieces],
        [str(each.stream) if tcp else "" for each in shown_pieces],
    ]


def _value(data: bytes | None, text: bool, full: bool) -> Text:
    if data is None:
        return Text("hidden; --reveal shows it", "dim")
    cut = data if full else data[:_MOST_BYTES]
    more = f" ... {len(data):,} bytes" if len(cut) < len(data) else ""
    if not text:
        return Text(cut.hex(" ") + more)
    return Text.assemble((shown(text_of(cut)), "cyan"), more)


def explained_object(found: list[Explained], reveal: bool) -> dict[str, Any]:
    """The same as `--format json` prints it."""
    return {"messages": [_message(each, reveal) for each in found]}


def _message(each: Explained, reveal: bool) -> dict[str, Any]:
    record = each.message.record
    return {
        "frame": record.at.number,
        "type": "call" if each.message.is_call else "reply",
        "name": name_of(each.message),
        "xid": each.message.xid,
        "transport": record.flow.transport.name.lower(),
        "length": len(record.data),
        "fragments": record.fragments,
        "rule": "\n".join(each.draft.rules) or None,
        "no_rule": each.draft.why_not,
        "marks": [{"mark": mark, "pieces": [piece._asdict() for piece in pieces]} for mark, pieces in each.marks],
        "places": [
            {
                "what": place.what,
                "hex": None if is_hidden(place, reveal) else place.data.hex(),
                "length": len(place.data),
                "pieces": [piece._asdict() for piece in place.pieces],
                "rule": place.rule,
            }
            for place in each.places
        ],
    }
