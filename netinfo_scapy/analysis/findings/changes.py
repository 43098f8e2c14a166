"""Writes -> what they did to which property: told by the rebuilt directories, and how a finding shows it.

Many writes name a property by its place. Where the names were not known at the time, but were told later, and
every write between is known, they are known after all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from netinfo_scapy.analysis.directory.node import Sent
from netinfo_scapy.analysis.directory.paths import NAME, Step, parse_path, print_path
from netinfo_scapy.analysis.directory.tree import Change, Domain, Property, numbered
from netinfo_scapy.analysis.findings.clones import updating
from netinfo_scapy.analysis.findings.evidence import Evidence
from netinfo_scapy.analysis.findings.hashes import PASSWD, SHORTEST, scheme_of, shown_value
from netinfo_scapy.analysis.summary import Text
from netinfo_scapy.analysis.values import plain_text, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol.programs import RESERVED_BELOW

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.view import View

_USERS = Step(NAME, b"users")
_MOST_VALUES = 16
_LONGEST = 120
"""Values of a property, and characters of one, that a row of details shows."""

Names = list[bytes | None]


class Difference(Struct, frozen=True, gc=False):
    """What a write did to one property.

    name: None where the write tells but its place, and what stood there is not known.
    before, after: its values; None where it is not there, or they are not known.
    """

    what: str
    name: bytes | None
    before: Sequence[bytes] | None
    after: Sequence[bytes] | None


class Noted(Struct, frozen=True, gc=False):
    """A change of a domain.

    names: of the properties before it, where only what came later tells them. meant: those of its differences that
    matter; None for all.
    """

    domain: Domain
    change: Change
    names: Names | None
    meant: list[Difference] | None = None

    @property
    def differences(self) -> list[Difference]:
        """What it did; found anew each time, so that it is not kept of every change."""
        before, after = _sides(self.change)
        return _differences(self, before, after)

    def may_have_found(self, word: bytes) -> bool:
        """Whether a property in whose name is a word may have stood there before; false where that is certain."""
        change, before = self.change, self.change.before
        if self.names is not None:
            return True
        if before is None:
            return False
        # Not `in`, which first tries to take the word for a number.
        if type(before) is Sent:
            return before.may_mention(word)
        place = change.place
        for each in before if place is None else before[place : place + 1]:  # noqa: SIM110 - no generator for each change
            if each.name.find(word) >= 0:
                return True
        return False

    @property
    def end(self) -> tuple[Transport, Endpoint]:
        """Which server was asked."""
        return self.change.transport, self.change.server


ADDED, REMOVED, CHANGED = "added", "removed", "changed"

DETAILS = {
    "path": "of the directory; null where it is not known",
    "object": "its number",
    "procedure": "of the write",
    "property": "which property; null where only its place is known",
    "what": "whether it was added, removed or changed",
    "before": "its values; null where it was not there, or they are not known",
    "after": "its values, or those that the write tells; null as before",
    "client": "who asked for it",
    "time": "when the server did it",
    "first": "the frame of the call",
}
"""What the keys of `rows` mean."""


def noted(view: View) -> list[Noted]:
    """All changes. Left out are the updates that a master pushed to its clone, where its own change is here, too."""
    found = []
    for domain in view.domains:
        names, masters = _late_names(domain), updating(view, domain)
        for index, change in enumerate(domain.changes):
            update = change.uid is None and change.client.port < RESERVED_BELOW and change.client.address in masters
            if not update:
                found.append(Noted(domain, change, names.get(index)))
    return found


class Mentions:
    """Which of many changes may concern a property."""

    def __init__(self, changes: Sequence[Noted]) -> None:
        self._changes = changes
        # All that was sent is searched as one: there are many changes, and few of them are meant.
        self._sent = b"\0".join([each.change.sent for each in changes])
        self._ends = list(accumulate(len(each.change.sent) + 1 for each in changes))
        self._found_some = [
            place for place, each in enumerate(changes) if each.names is not None or each.change.before is not None
        ]

    def of(self, word: bytes) -> list[Noted]:
        """Those that may have changed a property in whose name is a word, which has no NUL, and all that did."""
        # What a write can have changed it names, or it stood there before.
        places = {place for place in self._found_some if self._changes[place].may_have_found(word)}
        at = self._sent.find(word)
        while at >= 0:
            place = bisect_right(self._ends, at)
            places.add(place)
            at = self._sent.find(word, self._ends[place])
        return [self._changes[place] for place in sorted(places)]


def evidence_of(changes: Iterable[Noted]) -> list[Evidence]:
    """Changes as evidence: for each server endpoint and client address, the frames of calls and replies."""
    rows: dict[tuple[Transport, Endpoint, bytes], Evidence] = {}
    for each in changes:
        change = each.change
        key = change.transport, change.server, change.client.address
        row = rows.get(key)
        if row is None:
            row = rows[key] = Evidence(*key, ())
        row.add(_began(change.call_at, change.at))
        row.add(change.at)
    return list(rows.values())


def _began(call_at: FrameRef, at: FrameRef) -> FrameRef:
    """The first of the frames of a change: captures can be given in an order in which the reply stands before."""
    return at if call_at.is_later(at) else call_at


def rows(changes: Iterable[Noted], view: View) -> Iterator[dict[str, Any]]:
    """The rows of details: one for each property that was changed."""
    for each in changes:
        change = each.change
        was, now = _sides(change)
        secrets = _secrets(was, now)
        path = None if change.path is None else shown_path(change.path, view.reveal)
        client, time = ip_text(change.client.address), view.time(change.at.time_ns)
        first = view.place_of(_began(change.call_at, change.at))
        reveal = view.reveal
        for one in _differences(each, was, now):
            name = one.name
            yield {
                "path": path,
                "object": change.object,
                "procedure": change.procedure,
                "property": None if name is None else text_of(name),
                "what": one.what,
                "before": _shown(name, one.before, secrets, reveal),
                "after": _shown(name, one.after, secrets, reveal),
                "client": client,
                "time": time,
                "first": first,
            }


def place_of(change: Change, view: View) -> str:
    """A directory as a title names it."""
    if change.path is None:
        return f"directory {change.object}"
    return plain_text(shown_path(change.path, view.reveal))


def is_of_the_host(change: Change, view: View) -> bool:
    """Whether the superuser of the server's own host asked for it."""
    return change.client.port < RESERVED_BELOW and view.known.is_same_host(change.server.address, change.client.address)


def users_of(change: Change, view: View) -> list[Text]:
    """For whom it was done; nobody where it was anonymous, or done by the server's own host."""
    if change.uid is None or is_of_the_host(change, view):
        return []
    return view.users_of(change.transport, change.server, change.uid)


def writer_of(change: Change, view: View) -> str:
    """Who asked for it, as a title says it."""
    client = ip_text(change.client.address)
    if is_of_the_host(change, view):
        return f"{client} (the server's own host)"
    if change.uid is None:
        return f"{client} (anonymous)"
    return f"{client} ({', '.join(map(plain_text, users_of(change, view)))})"


def place_is_of(change: Change, user: bytes) -> bool:
    """Whether the directory is that of a user."""
    return change.path is not None and parse_path(change.path) == (_USERS, Step(NAME, user))


def is_user(change: Change) -> bool:
    """Whether the directory is one of /users, or it is not known where it is."""
    steps = None if change.path is None else parse_path(change.path)
    return steps is None or isinstance(steps, int) or (len(steps) == 2 and steps[0] == _USERS)


def shown_path(path: bytes, reveal: bool) -> Text:
    """A path; a hash that leads there is shown as `hashes.shown_hash` has it."""
    if reveal or b"=" not in path:  # only names lead there
        return text_of(path)
    steps = parse_path(path)
    if isinstance(steps, int) or all(step.key == NAME for step in steps):
        return text_of(path)
    return text_of(print_path(_hidden(step) for step in steps))


def _hidden(step: Step) -> Step:
    value = shown_value(step.key, step.value, reveal=False)
    return step if isinstance(value, dict) else Step(step.key, value.encode())


# what was done


def _sides(change: Change) -> tuple[list[Property] | None, list[Property] | None]:
    """The properties before a change and after it, where they are known: read once for all that looks at them."""
    before, after = change.before, change.after
    return None if before is None else list(before), None if after is None else list(after)


def _differences(noted: Noted, before: list[Property] | None, after: list[Property] | None) -> list[Difference]:
    """What a change did. before, after: its sides."""
    if noted.meant is not None:
        return noted.meant
    change = noted.change
    found: list[Difference] = []
    if (before is not None or change.created) and (after is not None or change.destroyed):
        found = _compared(before or [], after or []) or list(_same(change, after or []))
    if found:
        return found
    names: Names = (noted.names or []) if before is None else [each.name for each in before]
    return list(_told(change, names))


def _compared(before: list[Property], after: list[Property]) -> list[Difference]:
    """Property by property; where names repeat, the first with the first."""
    if not before:
        return [Difference(ADDED, each.name, None, each.values) for each in after]
    if not after:
        return [Difference(REMOVED, each.name, each.values, None) for each in before]
    if [each.name for each in before] == [each.name for each in after]:
        return [
            Difference(CHANGED, old.name, old.values, new.values)
            for old, new in zip(before, after, strict=True)
            if old is not new and old != new
        ]
    was, now = numbered(before), numbered(after)
    found: list[Difference] = []
    for key, each in was.items():
        if key not in now:
            found.append(Difference(REMOVED, each.name, each.values, None))
        elif now[key] != each:
            found.append(Difference(CHANGED, each.name, each.values, now[key].values))
    return found + [Difference(ADDED, each.name, None, each.values) for key, each in now.items() if key not in was]


def _same(change: Change, after: Sequence[Property]) -> Iterator[Difference]:
    """What was written as it had been before."""
    place = change.place
    for index, each in enumerate(after):
        if place in (None, index):
            yield Difference(CHANGED, each.name, each.values, each.values)


def _told(change: Change, names: Names) -> Iterator[Difference]:
    """What the arguments alone tell."""
    asked = change.asked
    place = asked.get("prop_index", -1)
    name = names[place] if 0 <= place < len(names) else None
    match change.procedure:
        case "CREATE" | "WRITE":
            what = ADDED if change.created else CHANGED
            given = [Difference(what, each["name"], None, each["values"]) for each in asked["props"]]
            yield from given or [Difference(what, None, None, None)]
        case "CREATEPROP":
            yield Difference(ADDED, asked["prop"]["name"], None, asked["prop"]["values"])
        case "WRITEPROP":
            yield Difference(CHANGED, name, None, asked["values"])
        case "CREATENAME" | "WRITENAME":
            yield Difference(CHANGED, name, None, [asked["name"]])
        case "RENAMEPROP":
            yield Difference(REMOVED, name, None, None)
            yield Difference(ADDED, asked["name"], None, None)
        case "DESTROYNAME":
            yield Difference(CHANGED, name, None, None)
        case _:
            yield Difference(REMOVED, name, None, None)


def _late_names(domain: Domain) -> dict[int, Names]:
    """The names of properties before a change, by the change's place, where only what came later tells them."""
    if not any(change.before is None and change.place is not None for change in domain.changes):
        return {}
    known: dict[int, tuple[int, Sequence[Property] | None, Names]] = {
        each.object: (each.instance, each.properties, [])
        for each in domain.directories()
        if each.object is not None and each.instance is not None and each.whole and not each.outdated
    }
    late: dict[int, Names] = {}
    for index in range(len(domain.changes) - 1, -1, -1):
        change = domain.changes[index]
        if change.object is None:
            continue
        after = known.pop(change.object, None)
        if after is None and change.before is None:
            continue
        instance = change.instance
        if instance is None:
            continue
        if change.before is not None:
            known[change.object] = instance, change.before, []
        elif after is not None and after[0] == instance + 1:
            _, properties, names_after = after
            names = _names_before(change, names_after if properties is None else [each.name for each in properties])
            if names is not None:
                late[index] = names
                known[change.object] = instance, None, names
    return late


def _names_before(change: Change, after: Names) -> Names | None:
    """The names before a change, by those after it; None where they cannot be told."""
    names = after.copy()
    place = -1 if change.place is None else change.place
    match change.procedure:
        case "WRITEPROP" | "CREATENAME" | "DESTROYNAME" | "WRITENAME":
            return names
        case "RENAMEPROP" if place < len(names):
            names[place] = None
            return names
        case "DESTROYPROP" if place <= len(names):
            names.insert(place, None)
            return names
        case "CREATEPROP" if names:
            del names[min(change.asked["where"], len(names) - 1)]
            return names
    return None


# how it is shown


def _secrets(before: list[Property] | None, after: list[Property] | None) -> set[bytes]:
    """The hashes that are in the first place where they are secret: they stay so under another name."""
    secrets: set[bytes] = set()
    for properties in (before, after):
        for each in properties or ():
            if each.name == PASSWD:
                secrets.update(value for value in each.values or () if scheme_of(value) is not None)
    return secrets


def _shown(name: bytes | None, values: Sequence[bytes] | None, secrets: set[bytes], reveal: bool) -> list[Text] | None:
    """Values as a row shows them; where the property is not known, it can be that of the password."""
    if values is None:
        return None
    shown = []
    for value in values[:_MOST_VALUES]:
        if len(value) < SHORTEST:  # neither a hash nor to be cut
            shown.append(text_of(value))
            continue
        shown.append(_cut(shown_value(PASSWD if name is None or value in secrets else name, value, reveal)))
    if len(values) > _MOST_VALUES:
        shown.append(f"... and {len(values) - _MOST_VALUES:,} more")
    return shown


def _cut(text: Text) -> Text:
    if isinstance(text, dict):
        return {"hex": text["hex"][: 2 * _LONGEST]} if len(text["hex"]) > 2 * _LONGEST else text
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
