"""Clues about values of `passwd` -> whose they are: the same account may be told of in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from netinfo_scapy.analysis.findings.clues import clipped, order_of
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.hashes import PASSWD, is_unmistakable
from netinfo_scapy.analysis.findings.passwd import Told
from netinfo_scapy.analysis.findings.view import End, View, grouped
from netinfo_scapy.analysis.summary import Text
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.protocol.secret import Secret

PLACE, VALUE, ANSWER = "place", "value", "answer"
"""Kinds of clues: at which place of a directory `passwd` stands; its value, or that of the property at some place;
an answer that has a value of it, whatever their number."""


class Account(NamedTuple):
    """One account at a server. value: of `passwd`. name, uid: None where they are not known."""

    end: End
    object: int | None
    name: bytes | None
    uid: bytes | None
    value: Secret

    @property
    def label(self) -> Text:
        """What it is called: by its name, else by what else is known."""
        if self.name is not None:
            return text_of(self.name)
        return "an unnamed account" if self.object is None else f"directory {self.object}"


class Served(NamedTuple):
    """What is told of the accounts at one server endpoint.

    accounts: each with what tells of it, the first told first. answers: how many showed any of them.
    """

    end: End
    accounts: dict[Account, list[Evidence]]
    answers: int

    @property
    def evidence(self) -> list[Evidence]:
        """All that tells of them."""
        return [row for rows in self.accounts.values() for row in rows]


def clues(answer: Iterable[Told], wanted: Callable[[bytes], bool]) -> Iterator[Key]:
    """The clues in what an answer tells. wanted: whether a value of `passwd` is of interest."""
    shows = False
    for told in answer:
        if told.values is None:
            yield PLACE, told.object, told.place
        elif wanted(value := told.values[0] if told.values else b""):
            yield VALUE, told.object, told.place, short(told.name), short(told.uid), Secret(clipped(value))
            shows |= told.place is None
    if shows:
        yield (ANSWER,)


def accounts(evidence: Sequence[Evidence], view: View) -> dict[Account, list[Evidence]]:
    """Each account with what tells of it, in order."""
    places = {(_end(row), *row.key[1:]) for row in evidence if row.key[0] == PLACE}
    found: dict[Account, list[Evidence]] = {}
    for row in evidence:
        if row.key[0] != VALUE:
            continue
        number, place, name, uid, value = row.key[1:]
        if place is None or _is_passwd(places, row, number, place, view) or is_unmistakable(value.reveal()):
            known = view.directory(row.transport, row.server, number)
            if known is not None:
                name, uid = name or short(known.first(b"name")), uid or short(known.first(b"uid"))
            found.setdefault(Account(_end(row), number, name, uid, value), []).append(row)
    return _joined(found)


def servers(evidence: Sequence[Evidence], view: View, users_only: bool = False) -> Iterator[Served]:
    """The accounts by server endpoint. users_only: those that are known to have a uid."""
    whole: dict[End, int] = {}
    for row in evidence:
        if row.key[0] == ANSWER:
            whole[_end(row)] = whole.get(_end(row), 0) + row.count
    found = [each for each in accounts(evidence, view).items() if not users_only or each[0].uid is not None]
    for end, here in grouped(found, lambda each: each[0].end).items():
        here.sort(key=lambda each: (min(row.frames[0] for row in each[1]), order_of(tuple(each[0]))))
        rows = [row for _, mine in here for row in mine]
        single = sum(row.count for row in rows if row.key[2] is not None)
        answers = min(whole.get(end, 0) + single, sum(row.count for row in rows))
        yield Served(end, dict(here), answers)


def short(value: bytes | None) -> bytes | None:
    """A name or value, if there is one, as a key holds it."""
    return None if value is None else clipped(value)


def _end(row: Evidence) -> End:
    return row.transport, row.server


def _is_passwd(places: set[tuple[object, ...]], row: Evidence, number: int, place: int, view: View) -> bool:
    """Whether the property at a place is `passwd`: as LISTPROPS told, or as the directory is known."""
    if (_end(row), number, place) in places:
        return True
    known = view.directory(row.transport, row.server, number)
    return known is not None and place < len(known.properties) and known.properties[place].name == PASSWD


def _joined(found: dict[Account, list[Evidence]]) -> dict[Account, list[Evidence]]:
    """The same, where one account was told of by its name and by its object alike.

    A hash is salted: two accounts of one server hardly have the same. So where one with that hash has a name, one
    without it is taken for the same; likewise where the object is the same.
    """
    named: dict[tuple[End, Secret], Account] = {}
    numbered: dict[tuple[End, int | None, Secret], Account] = {}
    for each in found:
        if each.name is not None:
            named.setdefault((each.end, each.value), each)
            if each.object is not None:
                numbered.setdefault((each.end, each.object, each.value), each)
    joined: dict[Account, list[Evidence]] = {}
    best: dict[tuple[End, bytes | None, int | None, Secret], Account] = {}
    for each, rows in found.items():
        same = numbered.get((each.end, each.object, each.value))
        if same is None and each.name is None and each.value.reveal():
            same = named.get((each.end, each.value))
        account = same or each
        key = (account.end, account.name, None if account.name is not None else account.object, account.value)
        joined.setdefault(best.setdefault(key, account), []).extend(rows)
    return joined
