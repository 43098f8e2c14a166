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
from netinfo_scapy.report.tables import listing


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
        old, new = (_named(one) if one else [] for one in (before, state))
        for each in old:
            if each not in new:
                yield from _line(b"-", each)
        for each in new:
            yield from _line(b" " if before is None or each in old else b"+", each)
        if state.there and not state.whole:
            yield b"      there may be more properties\n"
        before = state


def _named(state: State) -> list[Property]:
    """The properties of a state. Whether all values are known makes no other property."""
    return [Property(each.name, each.values) for each in state.properties]


def _seen(state: State, before: State | None) -> str:
    """What is new in a state to which no write led."""
    if before is None:
        return "seen as it is"
    if not state.there:
        return "not there any more"
    if not before.there or before.object != state.object or _named(before) != _named(state):
        return "seen otherwise"
    news = [
        "all of its properties are known now" if state.whole and not before.whole else "",
        "" if before.children == state.children else _relations(before.children, state.children),
        "its values are known better" if before.properties != state.properties else "",
    ]
    told = [each for each in news if each]
    return "; ".join(["seen again", *told] if told or not state.outdated else ["as it was"])


def _relations(before: list[int] | None, after: list[int] | None) -> str:
    """How the numbers of the directories in one differ; None: they are not all known."""
    if before is None:
        return "it is known now which directories are in it"
    if after is None:
        return "it is not known any more which directories are in it"
    parts = ("new in it: ", set(after) - set(before)), ("gone from it: ", set(before) - set(after))
    told = [name + listing([str(each) for each in sorted(numbers)]) for name, numbers in parts if numbers]
    return ", ".join(told) or "the directories in it have another order"


def _told(state: State, before: State | None) -> str:
    """How a directory came to a state."""
    change = state.change
    if change is None:
        return _seen(state, before) + (", written by somebody since" if state.outdated else "")
    who = "no user" if change.uid is None else f"uid {change.uid}"
    server = f"{change.server.ip} port {change.server.port}/{change.transport.label}"
    what = "created by " if change.created else "destroyed by " if change.destroyed else ""
    if state.object is not None and change.object not in (None, state.object):
        what = "one in it was " + what if what else "in it, "
    number = "" if change.object is None else f" of directory {change.object}"
    return f"{what}{change.procedure}{number}, asked of {server} by {change.client.ip}, {who}"
