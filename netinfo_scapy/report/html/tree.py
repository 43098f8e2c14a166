"""Rebuilt directories -> what the page shows of them: flat lists for JSON, and lines of text where scripts are off.

Trees may be deep and wide, and hold anything. So they are flat here, and everything is bounded; what is left out is
told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.analysis.findings.hashes import shown_value
from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.analysis.values import rfc3339, text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.html.cells import MOST_ROWS, Cell, Part, Table, columns, moment, text, zone_name
from netinfo_scapy.report.words import tag_name

MOST_DIRECTORIES = 50_000
"""Directories in a page."""

MOST_CHARACTERS = 16_000_000
"""Characters of values in a page."""

MOST_VALUES, MOST_LENGTH = 200, 1_000
"""Values of a property, and characters of a value."""

MOST_LINES = 300
"""Directories shown of each domain where there are no scripts."""

_WHOLE, _ALL_CHILDREN, _LOOSE = 1, 2, 4
_NAME = b"name"
_MOST_SHOWN_VALUES = 6


class Shown(NamedTuple):
    """A domain in the page.

    title, remark: what it is, and how much is known. total: directories that are known.
    entries: those in the page, a parent before its children, as `_entry` has them. lines: some of them as text.
    """

    title: str
    remark: str
    total: int
    entries: list[list[Any]]
    lines: list[str]


class _Room:
    """What may still go into the page."""

    def __init__(self) -> None:
        self.directories = MOST_DIRECTORIES
        self.characters = MOST_CHARACTERS


def shown(domains: Iterable[Domain], reveal: bool) -> list[Shown]:
    """The domains for the page. reveal: password hashes, too."""
    room = _Room()
    return [_domain(each, reveal, room) for each in domains]


def value_text(value: bytes) -> str:
    r"""A value for people: its text, bytes that are no UTF-8 as \xNN, nothing that a screen could act on."""
    return printable(value.decode("utf-8", "backslashreplace"))


def directory_name(directory: Directory) -> str:
    """What a directory is called, among others of its parent."""
    name = directory.first(_NAME)
    if name is not None:
        return value_text(name) or '""'
    return "a directory" if directory.object is None else f"directory {directory.object}"


def _domain(domain: Domain, reveal: bool, room: _Room) -> Shown:
    entries: list[list[Any]] = []
    lines: list[str] = []
    total = unknown = 0
    for parent, depth, loose, directory in _walk(domain):
        total += 1
        unknown += not (directory.whole and directory.all_children)
        if room.directories <= 0 or room.characters <= 0:
            continue
        room.directories -= 1
        entry = _entry(directory, parent, loose, reveal, room)
        entries.append(entry)
        if len(lines) < MOST_LINES:
            lines.append(_line(entry, depth))
    remark = f"{total:,} {'directory' if total == 1 else 'directories'}"
    remark += f", {unknown:,} of them only in part" if unknown else ", all of it known"
    if domain.evicted:
        remark += f"; {domain.evicted:,} pieces let go for lack of room"
    return Shown(_title(domain), remark, total, entries, lines)


def _title(domain: Domain) -> str:
    where = [f"{endpoint.port}/{transport.label}" for transport, endpoint in domain.endpoints[:4]]
    host = "a file" if domain.address is None else ip_text(domain.address)
    what = f"A domain on {', '.join(where) or 'unknown ports'}" if domain.tag is None else tag_name(text_of(domain.tag))
    return f"{what} at {host}"


def _walk(domain: Domain) -> Iterator[tuple[int, int, bool, Directory]]:
    """Every directory with the place of its parent (-1: none), its depth, and whether its parent is not known."""
    left = [(-1, 0, True, each) for each in reversed(domain.loose)]
    if domain.root is not None:
        left.append((-1, 0, False, domain.root))
    place = 0
    while left:
        parent, depth, loose, directory = left.pop()
        yield parent, depth, loose, directory
        left += [(place, depth + 1, False, each) for each in reversed(directory.children)]
        place += 1


def _entry(directory: Directory, parent: int, loose: bool, reveal: bool, room: _Room) -> list[Any]:
    """[parent's place, name, object, instance, flags, [capture, frame] or null, properties]."""
    flags = _WHOLE * directory.whole + _ALL_CHILDREN * directory.all_children + _LOOSE * loose
    name = "/" if parent < 0 and not loose else directory_name(directory)[:MOST_LENGTH]
    learned = None if directory.learned is None else [directory.learned.capture, directory.learned.number]
    properties = [_property(each, reveal, room) for each in directory.properties]
    room.characters -= len(name)
    return [parent, name, directory.object, directory.instance, flags, learned, properties]


def _property(each: Property, reveal: bool, room: _Room) -> list[Any]:
    """[name, values or null where they are not known, how many there are]; a value that is cut: [its start, length]."""
    name = value_text(each.name)[:MOST_LENGTH]
    room.characters -= len(name)
    if each.values is None:
        return [name, None, 0]
    values: list[Any] = []
    for value in each.values[:MOST_VALUES]:
        if room.characters <= 0:
            break
        whole = property_value(each.name, value, reveal)
        start = whole[:MOST_LENGTH]
        room.characters -= len(start)
        values.append(start if start == whole else [start, len(whole)])
    return [name, values, len(each.values)]


def _line(entry: list[Any], depth: int) -> str:
    """An entry as a line of text."""
    _, name, *_, properties = entry
    told = "; ".join(_property_text(each) for each in properties if each[0] != _NAME.decode())
    return f"{'  ' * min(depth, 20)}{name}{': ' if told else ''}{told}"


def _property_text(shown_property: list[Any]) -> str:
    name, values, total = shown_property
    if values is None:
        return f"{name} (not seen)"
    told = [each if isinstance(each, str) else f"{each[0]}…" for each in values[:_MOST_SHOWN_VALUES]]
    more = [f"{total - len(told):,} more"] if total > len(told) else []
    return f"{name} = {', '.join(told + more)}"


def property_value(name: bytes, value: bytes, reveal: bool) -> str:
    """A value of the property `name` for people; a password hash as its first two characters unless it is revealed."""
    text = shown_value(name, value, reveal)
    return printable(text) if isinstance(text, str) else value_text(value)


# what was written


def changes(domains: Iterable[Domain], summary: Summary, zone: tzinfo | None, reveal: bool) -> Table:
    """Every successful write: when, by whom, where, what became of it."""
    every = [(each, domain) for domain in domains for each in domain.changes]
    every.sort(key=lambda item: item[0].at)
    rows = [_change(each, domain, summary, zone, reveal) for each, domain in every[:MOST_ROWS]]
    titles = (f"When ({zone_name(zone)})", "Who", "Uid", "Procedure", "Domain", "Directory", "What changed", "Frame#")
    return Table("changes-table", "What was written", columns(*titles), rows, len(every))


def _change(change: Change, domain: Domain, summary: Summary, zone: tzinfo | None, reveal: bool) -> list[Cell]:
    where = change.path if change.path is not None else b"?" if change.object is None else b"id %d" % change.object
    return [
        moment(rfc3339(change.at.time_ns, 6), zone),
        text(change.client.ip, "address"),
        text("none" if change.uid is None else str(change.uid)),
        text(change.procedure),
        text(_title(domain), "tag"),
        Cell((Part(value_text(where), "path"),), value_text(where)),
        Cell([Part(each) for each in _difference(change, reveal)]),
        _frame(change, summary.captures),
    ]


def _frame(change: Change, captures: Sequence[Any]) -> Cell:
    name = f" of {printable(captures[change.at.capture].capture)}" if len(captures) > 1 else ""
    return Cell((Part(f"{change.at.number:,}{name}"),), f"{change.at.capture * 10**12 + change.at.number}")


def _difference(change: Change, reveal: bool) -> list[str]:
    """What a write did to the properties, a line each."""
    lines = ["made"] * change.created + ["destroyed"] * change.destroyed
    before, after = (_texts(each, reveal) for each in (change.before, change.after))
    if before is None or after is None:
        told = after if after is not None else before
        lines += [f"{name} = {value}" for name, value in (told or [])]
        return [each[:MOST_LENGTH] for each in lines]
    lines += [f"- {name} = {value}" for name, value in before if (name, value) not in after]
    lines += [f"+ {name} = {value}" for name, value in after if (name, value) not in before]
    return [each[:MOST_LENGTH] for each in lines[:MOST_VALUES]]


def _texts(properties: Iterable[Property] | None, reveal: bool) -> list[tuple[str, str]] | None:
    if properties is None:
        return None
    return [(value_text(each.name), _values_text(each, reveal)) for each in properties]


def _values_text(each: Property, reveal: bool) -> str:
    if each.values is None:
        return "?"
    return ", ".join(property_value(each.name, value, reveal) for value in each.values[:MOST_VALUES])
