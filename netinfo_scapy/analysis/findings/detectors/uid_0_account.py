"""Accounts with uid 0 beside root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from netinfo_scapy.analysis.directory.paths import parse_path
from netinfo_scapy.analysis.directory.rebuild import Replay, Source, domain_of, sources
from netinfo_scapy.analysis.directory.sightings import Sighting, Write
from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property, values_of
from netinfo_scapy.analysis.findings.accounts import short
from netinfo_scapy.analysis.findings.changes import Noted, evidence_of, is_user
from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Bodies, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.hashes import PASSWD
from netinfo_scapy.analysis.findings.passwd import first
from netinfo_scapy.analysis.findings.users import ROOT, is_zero, users_of
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.summary import Text
from netinfo_scapy.analysis.values import counted, plain_text, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef

_NAME, _UID = b"name", b"uid"
_MOST_LOOKS = 16
"""Accounts of a server, found by reads, of which it is looked up whether they are new: each look goes through all."""
_READS = frozenset(f"NetInfo.{name}" for name in ("READ", "LOOKUPREAD", "LISTALL", "READALL"))


class Account(NamedTuple):
    """An account with uid 0. new: it was made, given uid 0 or found in a place where it was not before."""

    object: int | None
    name: bytes | None
    uid: bytes
    new: bool
    seen: str
    evidence: list[Evidence]

    @property
    def label(self) -> Text:
        """What it is called."""
        return f"directory {self.object}" if self.name is None else text_of(self.name)


class Uid0Account(Detector):
    """Accounts of the superuser that are not called root: written, or found by a read."""

    id = "uid-0-account"
    severity = "high"
    about = About(
        title="Another account than root has uid 0",
        meaning=(
            "Whoever logs in to an account with uid 0 is the superuser, of every host that takes its users from this "
            "domain, and may change all of the directory. A second one beside root is how an intruder comes back "
            "when root's password is changed."
        ),
        advice=(
            "Find out who made it and when. Unless you did, take it out, on the master, and look for what else was "
            "changed (`writes`); take the passwords of whoever was logged in as it for known."
        ),
        silent=(
            "root itself, an account with another uid, and a uid in a directory that is known to be none of /users. "
            "Where it is only read, and nothing tells that it was not there before, the severity is medium. Reads are "
            "looked at where they tell of a `passwd`, without which nobody can log in."
        ),
        details={
            "user": "the account, by its name where that is known",
            "uid": "its uid, as it is spelled: the server takes `0` alone, the hosts read what C's atoi reads as 0",
            "object": "the number of its directory, where that is known",
            "new": f"whether it was not there before, or not with this uid; among reads, looked up for {_MOST_LOOKS}",
            "seen": "written or read",
            "clients": "who wrote it, or was given it",
            "first": "the first frame that shows it",
        },
        references=("MITRE ATT&CK T1136.002", "MITRE ATT&CK T1098"),
    )
    needs = Needs(bodies=(Bodies(_READS, (PASSWD,)),))

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """Directories with such a uid: number, number of the directory above, name and uid."""
        if arguments is None or result is None:
            return
        for number, above, properties in _directories(procedure, arguments, result):
            uids, names = first(properties, _UID), first(properties, _NAME)
            name = names[0] if names else None
            if uids and is_zero(uids) and name != ROOT:
                yield number, above, short(name), clipped(uids[0])

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        found: dict[tuple[Transport, Endpoint], list[Account]] = {}
        for end, mine in grouped(filter(_makes_one, view.changes_of(_UID)), lambda each: each.end).items():
            found[end] = list(_written(mine, view))
        for end, rows in grouped(evidence, lambda row: (row.transport, row.server)).items():
            here = found.setdefault(end, [])
            here += _read(rows, here, end, view)
        for end, accounts in found.items():
            if accounts:
                yield self._finding(end, accounts, view)

    def _finding(self, end: tuple[Transport, Endpoint], accounts: Sequence[Account], view: View) -> Draft:
        labels = list(dict.fromkeys(plain_text(each.label) for each in accounts))
        who = labels[0] if len(labels) == 1 else counted(len(labels), "account")
        new = any(each.new for each in accounts)
        said = "got uid 0 beside root" if new else f"{'has' if len(labels) == 1 else 'have'} uid 0 beside root"
        return view.finding(
            self,
            [row for each in accounts for row in each.evidence],
            f"{who} of {view.place(*end)} {said}",
            severity="high" if new else "medium",
            users=[each.label for each in accounts],
            details=(_detail(each, view) for each in accounts),
        )


def _detail(account: Account, view: View) -> dict[str, Any]:
    return {
        "user": account.label,
        "uid": text_of(account.uid),
        "object": account.object,
        "new": account.new,
        "seen": account.seen,
        "clients": [ip_text(client) for client in sorted({row.client for row in account.evidence})],
        "first": view.first(account.evidence),
    }


# what was written


def _written(changes: Sequence[Noted], view: View) -> Iterator[Account]:
    """The accounts that changes made, each once."""
    for (number, name), mine in grouped(changes, lambda each: (each.change.object, _name_after(each, view))).items():
        if name != ROOT or _is_second_root(mine[0]):
            uids = _after(mine[-1], _UID) or [b"0"]
            yield Account(number, name, uids[0], True, "written", evidence_of(mine))


def _makes_one(noted: Noted) -> bool:
    """Whether an account has uid 0 after a change of its name or uid, and had not, under that name, before it."""
    change = noted.change
    if change.destroyed:
        return False
    uids = _after(noted, _UID)
    if not uids or not is_zero(uids) or not is_user(change):
        return False
    if not any(each.name in (_NAME, _UID) for each in noted.differences):
        return False
    was = values_of(change.before, _UID)
    return not was or not is_zero(was) or values_of(change.before, _NAME) == [ROOT]


def _after(noted: Noted, name: bytes) -> Sequence[bytes] | None:
    """The values of a property after a change, as far as it is known."""
    if noted.change.after is not None:
        return values_of(noted.change.after, name)
    return next((each.after for each in noted.differences if each.name == name), None)


def _name_after(noted: Noted, view: View) -> bytes | None:
    names = _after(noted, _NAME)
    if names:
        return names[0]
    change = noted.change
    steps = None if change.path is None else parse_path(change.path)
    if isinstance(steps, tuple) and steps and steps[-1].key == _NAME:
        return steps[-1].value
    known = view.directory(change.transport, change.server, change.object)
    return None if known is None or known.object is None else known.first(_NAME)


def _is_second_root(noted: Noted) -> bool:
    """Whether another directory of /users is called root, too."""
    users = users_of(noted.domain)
    children = users.children if users else ()
    return any(each.object != noted.change.object and each.first(_NAME) == ROOT for each in children)


# what was read


def _directories(
    procedure: str, arguments: dict[str, Any], result: dict[str, Any]
) -> Iterator[tuple[int | None, int | None, list[dict[str, Any]]]]:
    """The directories an answer tells of: number, number of the directory above, properties."""
    match procedure:
        case "NetInfo.READ":
            yield arguments["id"]["object"], None, result["props"]
        case "NetInfo.LOOKUPREAD":
            yield None, arguments["id"]["object"], result["props"]
        case "NetInfo.LISTALL":
            for entry in result["entries"]:
                yield None, arguments["id"]["object"], entry
        case "NetInfo.READALL":
            for each in result["objects"]:
                yield each["id"]["object"], each["parent"], each["props"]


def _read(
    rows: Sequence[Evidence], written: Sequence[Account], end: tuple[Transport, Endpoint], view: View
) -> list[Account]:
    """The accounts that reads showed at a server endpoint, without those that were seen to be written."""
    told = {value for each in written for value in (each.object, short(each.name)) if value is not None}
    users = _Users(view.domain(*end))
    found: list[Account] = []
    by_account = grouped(sorted(rows, key=lambda row: row.frames[0]), lambda row: row.key)
    for (number, above, name, uid), same in by_account.items():
        if number not in told and name not in told and users.may_hold(number, above):
            looked = len(found) < _MOST_LOOKS
            new = looked and _was_missing(_before(view, end, same[0].frames[0]), number, name)
            found.append(Account(number, name, uid, new, "read", list(same)))
    return found


class _Users:
    """Which directories are among /users."""

    def __init__(self, domain: Domain | None) -> None:
        users = users_of(domain)
        self._above = None if users is None else users.object
        self._children = {each.object for each in users.children} if users else set()
        root = None if domain is None else domain.root
        self._placed = {each.object for each in root.walk()} if root else set()

    def may_hold(self, number: int | None, above: int | None) -> bool:
        """Whether a directory is one of them, as far as is known. above: number of the directory above it."""
        if self._above is None:
            return True
        if above is not None:
            return above == self._above
        return number in self._children or number not in self._placed


class _Before(Source, kw_only=True):
    """What was told before a frame."""

    until: FrameRef

    def events(self) -> Iterator[tuple[FrameRef, Sighting | Write]]:
        """The events before it."""
        return takewhile(lambda event: event[0] < self.until, super().events())


def _before(view: View, end: tuple[Transport, Endpoint], at: FrameRef) -> Directory | None:
    """/users as it was known before a frame."""
    for source in sources(view.facts.sightings, view.interest):
        if end in source.endpoints:
            before = _Before(source.address, source.tag, source.endpoints, source.tables, source.writes, until=at)
            return users_of(domain_of(Replay(before, changes=False).run()))
    return None


def _was_missing(users: Directory | None, number: int | None, name: bytes | None) -> bool:
    """Whether there was no such account, or it had another uid."""
    if users is None:
        return False
    for each in users.children:
        same = (
            each.object == number
            if number is not None and each.object is not None
            else short(each.first(_NAME)) == name
        )
        if same:
            return _is_other(each.properties, name)
    named = all(each.first(_NAME) is not None or each.object is not None for each in users.children)
    return users.all_children and (named or number is not None)


def _is_other(properties: Sequence[Property], name: bytes | None) -> bool:
    """Whether what a directory held before is known to be no such account."""
    uids, names = values_of(properties, _UID), values_of(properties, _NAME)
    return (bool(uids) and not is_zero(uids or [])) or (bool(names) and [short(each) for each in names or []] != [name])


DETECTOR = Uid0Account()
