"""What differs between two trees, and what a directory went through, as lines for people, in nidump's notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from netinfo_scapy.analysis.directory.compare import Difference
from netinfo_scapy.analysis.directory.document import Captured
from netinfo_scapy.analysis.directory.history import State
from netinfo_scapy.analysis.directory.tree import Property
from netinfo_scapy.analysis.values import file_name, local_time, rfc3339
from netinfo_scapy.report.dumps.raw import readable_property
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
        yield mark + b"     " + readable_property(each) + b"\n"


def gone_through(states: Iterable[State], captures: Sequence[Captured], zone: tzinfo | None) -> Iterator[bytes]:
    """The states of a directory: since when, how it came to it and by whom; then its properties, changes marked."""
    before: State | None = None
    for state in states:
        at, capture = state.first, captures[state.first.capture]
        frame = f"frame {at.number}" + (f" of {printable(file_name(capture.name))}" if len(captures) > 1 else "")
        yield f"{local_time(rfc3339(at.time_ns, capture.digits), zone)}  {frame}: {_told(state, before)}\n".encode()
        # Whether all values are known makes no other property.
        old, new = (
            [Property(each.name, each.values) for each in one.properties] if one else [] for one in (before, state)
        )
        for each in old:
            if each not in new:
                yield from _line(b"-", each)
        for each in new:
            yield from _line(b" " if before is None or each in old else b"+", each)
        if state.there and not state.whole:
            yield b"      there may be more properties\n"
        before = state


def _told(state: State, before: State | None) -> str:
    """How a directory came to a state."""
    change = state.change
    if change is None:
        seen = "seen as it is" if before is None else "seen otherwise" if state.there else "not there any more"
        return seen + (", written by somebody since" if state.outdated else "")
    who = "no user" if change.uid is None else f"uid {change.uid}"
    server = f"{change.server.ip} port {change.server.port}/{change.transport.label}"
    what = "created by " if change.created else "destroyed by " if change.destroyed else ""
    if state.object is not None and change.object not in (None, state.object):
        what = "one in it was " + what if what else "in it, "
    number = "" if change.object is None else f" of directory {change.object}"
    return f"{what}{change.procedure}{number}, asked of {server} by {change.client.ip}, {who}"
