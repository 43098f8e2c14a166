"""Password hashes that were written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.accounts import Account, clues, servers
from netinfo_scapy.analysis.findings.detector import About, Bodies, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.hashes import PASSWD, may_stand, scheme_of, shown_hash
from netinfo_scapy.analysis.findings.passwd import Told, first, told
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.values import counted, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Message

_BY_NAME = frozenset(("CREATE", "WRITE", "CREATEPROP"))
"""Writes that name the properties that they give."""
_WRITES = frozenset(f"NetInfo.{name}" for name in (*_BY_NAME, "WRITEPROP", "CREATENAME", "WRITENAME"))


class PasswordHashWritten(Detector):
    """Calls that write the hash of a password: whose, of which scheme, and whether it was done."""

    id = "password-hash-written"
    severity = "high"
    about = About(
        title="Password hashes were written",
        meaning=(
            "A call set the password of an account, and the hash of the new one stands in it for whoever sees the "
            "traffic, be the write done or refused. Who may write there can be anybody the account belongs to, or an "
            "intruder who gives an account a password he knows."
        ),
        advice=(
            "Ask the users whether they changed their passwords then. In any case take these for known, as with "
            "hashes that are read, and change them on the server itself."
        ),
        silent=(
            "A locked account (`*`), an empty value, and words of 13 letters written to properties other than "
            "`passwd`, or to one of which only the place is known and not that it is `passwd`."
        ),
        details={
            "user": "the account, by its name where that is known",
            "uid": "its uid, where that is known",
            "object": "the number of its directory, where that is known",
            "scheme": "of the hash",
            "hash": "its first two characters; all of it with `--reveal`",
            "done": "whether the server was seen to do it",
            "clients": "who wrote it",
            "first": "the first frame that shows it",
        },
        references=("MITRE ATT&CK T1098", "MITRE ATT&CK T1040", "MITRE ATT&CK T1110.002"),
    )
    needs = Needs(calls=_WRITES, bodies=(Bodies(frozenset({"NetInfo.LISTPROPS"}), (PASSWD,)),))

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """Where `passwd` stands."""
        return clues(told(procedure, arguments, result), _is_hash)

    def message(self, message: Message) -> Iterable[Key]:
        """The hashes in a call."""
        row, data = message.row, message.record.data
        if not message.is_call or row is None or not may_stand(data, message.begin):
            return ()
        if row.name in _BY_NAME and PASSWD not in data:
            return ()
        arguments = message.value()
        return () if arguments is None else clues(_written(row.name, arguments), _is_hash)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        done = _done(view) if evidence else {}
        for each in servers(evidence, view):
            rows = each.evidence
            taken = done.get(each.end, set())
            details = [_detail(account, mine, taken, view) for account, mine in each.accounts.items()]
            hashes = counted(len(each.accounts), "password hash", "password hashes")
            number = sum(detail["done"] for detail in details)
            yield view.finding(
                self,
                rows,
                f"{hashes} written to {view.place(*each.end)}, {number:,} done",
                severity="high" if number else "medium",
                count=each.answers,
                users=[account.label for account in each.accounts],
                details=details,
            )


def _done(view: View) -> dict[tuple[Transport, Endpoint], set[FrameRef]]:
    """The frames of the calls of which it was seen that the server did them."""
    done: dict[tuple[Transport, Endpoint], set[FrameRef]] = {}
    for domain in view.domains:
        for change in domain.changes:
            done.setdefault((change.transport, change.server), set()).add(change.call_at)
    return done


def _is_hash(value: bytes) -> bool:
    return scheme_of(value) is not None


def _written(procedure: str, asked: dict[str, Any]) -> Iterator[Told]:
    """The values of `passwd` that a write gives, or those of a property of which it tells the place."""
    number = asked["id"]["object"] if "id" in asked else None
    match procedure:
        case "CREATE" | "WRITE":
            values = first(asked["props"], PASSWD)
            if values is not None:
                name, uid = (first(asked["props"], key) for key in (b"name", b"uid"))
                yield Told(number, name[0] if name else None, uid[0] if uid else None, None, values)
        case "CREATEPROP":
            if asked["prop"]["name"] == PASSWD:
                yield Told(number, None, None, None, asked["prop"]["values"])
        case "WRITEPROP":
            yield Told(number, None, None, asked["prop_index"], asked["values"])
        case _:
            yield Told(number, None, None, asked["prop_index"], [asked["name"]])


def _detail(account: Account, rows: Sequence[Evidence], taken: set[FrameRef], view: View) -> dict[str, Any]:
    return {
        "user": account.label,
        "uid": None if account.uid is None else text_of(account.uid),
        "object": account.object,
        "scheme": scheme_of(account.value.reveal()),
        "hash": shown_hash(account.value, view.reveal),
        "done": any(frame in taken for row in rows for frame in row.frames),
        "clients": [ip_text(client) for client in sorted({row.client for row in rows})],
        "first": view.first(rows),
    }


DETECTOR = PasswordHashWritten()
