"""Bulk reads of users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from netinfo_scapy.analysis.findings.clues import Share
from netinfo_scapy.analysis.findings.detector import About, Alike, Bodies, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.hashes import PASSWD
from netinfo_scapy.analysis.findings.passwd import first
from netinfo_scapy.analysis.findings.users import users_of
from netinfo_scapy.analysis.findings.view import End, View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

MANY = 8
"""Users read one by one that are a bulk read."""
FEW = 3
"""Users that are one where they are all there are, or come in one answer."""
WITHIN_NS = 600 * 10**9
"""Within which time they are read one by one."""

_SHARES = 2 * MANY
"""Users are told apart by a share of their numbers, or names: so many times are kept of a client, and no more."""
_ONE = frozenset({"NetInfo.READ", "NetInfo.LOOKUPREAD"})
_WHOLE = "NetInfo.READALL"
_ALL = frozenset({"NetInfo.LIST", "NetInfo.LISTALL", _WHOLE})
_OK = 0


class BulkRead(Detector):
    """Many users, or all, read at once, or one by one in a short time."""

    id = "bulk-read"
    severity = "medium"
    about = About(
        title="Users were read in bulk",
        meaning=(
            "One host read the directory of users as a whole: all of it in one answer (LIST, LISTALL, READALL), "
            f"{MANY} users one by one (READ, LOOKUPREAD) within {WITHIN_NS // (60 * 10**9)} minutes, or all there are "
            f"in that time, where they are at least {FEW}. `nidump passwd` does so, and so does whoever collects "
            "accounts and hashes."
        ),
        advice=(
            "Find out what that host is, and what asked. Hosts that only log users in ask for single ones. Set "
            "trusted_networks, so that others cannot ask."
        ),
        silent=(
            "Single users read, more of them spread over a longer time, and directories of other things than users "
            "(those with a `uid`). A bulk read by the server's own host counts as information only."
        ),
        details={
            "client": "who read them",
            "procedure": "how",
            "users": "how many: all known of the directory, or at least so many as were told apart",
            "answers": "answers with them",
            "first": "the first frame with them",
        },
        references=("CVE-2001-1412", "MITRE ATT&CK T1087.002", "MITRE ATT&CK T1003.008"),
    )
    needs = Needs(bodies=(Bodies(_ONE, (PASSWD,)),), replies=_ALL, statuses=frozenset({_OK}), alike=Alike.BODY)

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """The share of a user."""
        if arguments is None or result is None or first(result["props"], b"uid") is None:
            return
        if procedure == "NetInfo.READ":
            yield procedure, Share(arguments["id"]["object"] % _SHARES)
        else:
            name = first(result["props"], b"name") or [arguments["value"]]
            yield procedure, Share(crc32(name[0] if name else b"") % _SHARES)

    def message(self, message: Message) -> Iterable[Key]:
        """The directory of which all was told; none named by READALL, which tells of all."""
        walks, call = message.walks, message.call
        if walks is not None and call is not None:
            arguments = {} if walks.name == _WHOLE else call.value() or {}
            yield walks.name, arguments["id"]["object"] if "id" in arguments else None

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server endpoint."""
        readers = grouped(evidence, lambda row: (row.transport, row.server, row.client))
        counts = _Counts(view)
        for (transport, server, client), rows in readers.items():
            found: list[_Found] = []
            for procedure, mine in grouped(rows, lambda row: row.key[0]).items():
                end = transport, server
                if procedure in _ONE:
                    users, counted_rows = _one_by_one(mine, counts.known(end))
                else:
                    users, counted_rows = _at_once(mine, end, counts)
                if users:
                    found.append(_Found(procedure, users, counted_rows))
            if found:
                most = max(each.users for each in found)
                own = view.known.is_same_host(server.address, client)
                yield view.finding(
                    self,
                    [row for each in found for row in each.rows],
                    f"{ip_text(client)}{' (its own host)' if own else ''} read {counted(most, 'user')} of "
                    f"{view.place(transport, server)} in bulk",
                    severity="info" if own else "medium",
                    details=(_detail(each, view) for each in found),
                )


class _Found(NamedTuple):
    """How a client read many users, how many, and what tells of it."""

    procedure: str
    users: int
    rows: Sequence[Evidence]


class _Counts:
    """How many users directories hold; each is counted once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[End, int] = {}
        self._below: dict[tuple[End, int | None], int] = {}

    def known(self, end: End) -> int:
        """Users with a password, where all of /users are known; else 0."""
        if end not in self._known:
            users = users_of(self._view.domain(*end))
            children = users.children if users and users.all_children else ()
            self._known[end] = sum(each.values(PASSWD) is not None for each in children)
        return self._known[end]

    def below(self, end: End, number: int | None) -> int:
        """Users in the directory of a number, or in /users where none is named."""
        key = end, number
        if key not in self._below:
            users = users_of(self._view.domain(*end))
            directory = users if number is None else self._view.directory(*end, number)
            children = directory.children if directory else ()
            is_users = users is not None and directory is users
            self._below[key] = sum(is_users or each.first(b"uid") is not None for each in children)
        return self._below[key]


def _one_by_one(rows: Sequence[Evidence], known: int) -> tuple[int, Sequence[Evidence]]:
    """How many users were read within the time; 0 where they are too few. known: how many there are."""
    times = [time for row in rows if row.shares for time in row.shares.values()]
    if len(times) < FEW:
        return 0, rows
    times.sort()
    most, begin = 0, 0
    for place, time in enumerate(times):
        while time - times[begin] > WITHIN_NS:
            begin += 1
        if place - begin >= most:
            most = place - begin + 1
    if most >= MANY:
        return most, rows
    return (known, rows) if FEW <= known <= most else (0, rows)


def _at_once(rows: Sequence[Evidence], end: End, counts: _Counts) -> tuple[int, Sequence[Evidence]]:
    """How many users were in the longest answer, and what tells of users; 0 where they are too few."""
    told = [(row, counts.below(end, row.key[1])) for row in rows]
    most = [(row, users) for row, users in told if users >= FEW]
    return max((users for _, users in most), default=0), [row for row, _ in most]


def _detail(found: _Found, view: View) -> dict[str, Any]:
    return {
        "client": ip_text(found.rows[0].client),
        "procedure": found.procedure,
        "users": found.users,
        "answers": sum(row.count for row in found.rows),
        "first": view.first(found.rows),
    }


DETECTOR = BulkRead()
