"""What differs between two trees, and what a directory went through, as lines for people, in nidump's notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from netinfo_scapy.analysis.directory.compare import Difference, State
from netinfo_scapy.analysis.directory.document import Captured
from netinfo_scapy.analysis.directory.tree import Change, Property
from netinfo_scapy.analysis.values import file_name, local_time, rfc3339
from netinfo_scapy.report.dumps.raw import raw_property
from netinfo_scapy.report.escape import printable, printable_bytes


def differing(found: Iterable[Difference]) -> Iterator[bytes]:
    """A line with the path of each directory, `-` in front if it is gone, `+` if it is new; its properties below."""
    for each in found:
        mark = b"-" if each.after is None else b"+" if each.before is None else b" "
        yield mark + b" " + printable_bytes(each.path) + b"\n"
        for before, after in each.properties:
            yield from _line(b"-", before)
            yield from _line(b"+", after)


def _line(mark: bytes, each: Property | None) -> Iterator[bytes]:
    if each is not None and each.values is None:
        yield mark + b"     " + printable_bytes(each.name) + b", whose values are not known\n"
    elif each is not None:
        yield mark + b"     " + raw_property(each, utf8=True) + b"\n"


def gone_through(states: Iterable[State], captures: Sequence[Captured], zone: tzinfo | None) -> Iterator[bytes]:
    """The states of a directory: when it changed, how and by whom, then its properties, those that changed marked."""
    for change, before, after in states:
        yield (b"as it was first known\n" if change is None else _told(change, captures, zone).encode() + b"\n")
        if after is None and not (change and change.destroyed):
            yield b"      its properties are not known\n"
            continue
        old, new = before or [], after or []
        for each in old:
            if each not in new:
                yield from _line(b"-", each)
        for each in new:
            yield from _line(b" " if change is None or each in old else b"+", each)


def _told(change: Change, captures: Sequence[Captured], zone: tzinfo | None) -> str:
    at, capture = change.at, captures[change.at.capture]
    what = "created by " if change.created else "destroyed by " if change.destroyed else ""
    frame = f"frame {at.number}" + (f" of {printable(file_name(capture.name))}" if len(captures) > 1 else "")
    who = "no user" if change.uid is None else f"uid {change.uid}"
    server = f"{change.server.ip} port {change.server.port}/{change.transport.label}"
    time = local_time(rfc3339(at.time_ns, capture.digits), zone)
    number = "" if change.object is None else f" of directory {change.object}"
    return f"{time}  {frame}: {what}{change.procedure}{number}, asked of {server} by {change.client.ip}, {who}"
