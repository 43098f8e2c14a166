"""Passwords that were tried, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.credentials import Verdict, password_of, verdict_of
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.summary import Severity, Text
from netinfo_scapy.analysis.values import counted, plain_text
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.secret import Secret

FROM_ONE, FROM_MANY, MANY_HOSTS = 5, 10, 3
"""Different tries (a user with a password) within `_WINDOW` hours that are guessing: from one host; from this many."""

IN_ALL = 50
"""Different tries from one host that are guessing however long they took."""

Hits = Mapping[tuple[bytes, bytes, int], list[Evidence]]
"""Passwords that were accepted, by `_target`."""

_WINDOW = 2
_HOUR_NS = 3_600 * 10**9


class PasswordGuessing(Detector):
    """Writes refused for their password, with one password after the other."""

    id = "password-guessing"
    severity = "high"
    about = About(
        title="Passwords were guessed",
        meaning=(
            "Writes were refused for a wrong password or an unknown user (NI_AUTHERROR, NI_NOUSER) with at least "
            f"{FROM_ONE} different pairs of user and password from one host within two hours ({IN_ALL} in any time), "
            f"or with {FROM_MANY} from {MANY_HOSTS} hosts or more, against one server or one user. NetInfo has no "
            "limit to such tries, and answers each at once."
        ),
        advice=(
            "See whether the guessing hit: `accepted` in the details counts passwords of these users from these "
            "hosts that the server took. Change those, and shut the hosts out with trusted_networks."
        ),
        silent=(
            "A typing error or a few, the same wrong password again and again (a program that was not told of a "
            "change), and ordinary AUTH_SYS credentials with a host name, which a server takes for wrong passwords."
        ),
        details={
            "client": "who tried",
            "users": "for whom",
            "tries": "how many writes were refused",
            "different": "with how many different pairs of user and password",
            "accepted": "how many passwords of these users it sent that were accepted",
            "first": "the first frame of it",
        },
        references=("MITRE ATT&CK T1110.001", "MITRE ATT&CK T1110.003"),
    )
    needs = Needs(passwords=True)

    def message(self, message: Message) -> Iterable[Key]:
        """The user and the password that a write was refused or accepted for, and in which hour."""
        call = message.call
        verdict = verdict_of(message)
        if call is None or verdict not in (Verdict.REFUSED, Verdict.ACCEPTED):
            return
        carried = password_of(call)
        if carried is not None:
            yield verdict, *carried, message.record.at.time_ns // _HOUR_NS

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each host that guessed at a server; for the rest, one a server, and one a user."""
        refused = [row for row in evidence if row.key[0] == Verdict.REFUSED]
        hits = grouped((row for row in evidence if row.key[0] == Verdict.ACCEPTED), _target)
        left: list[Evidence] = []
        for (server, client), rows in grouped(refused, lambda row: (row.server.address, row.client)).items():
            if _is_guessing(rows, FROM_ONE, 1) or len(_pairs(rows)) >= IN_ALL:
                yield self._finding(rows, hits, view, f"{ip_text(client)} guessed passwords at {ip_text(server)}")
            else:
                left += rows
        rest: list[Evidence] = []
        for server, rows in grouped(left, lambda row: row.server.address).items():
            if _is_guessing(rows, FROM_MANY, MANY_HOSTS):
                yield self._finding(rows, hits, view, f"{_hosts(rows)} guessed passwords at {ip_text(server)}")
            else:
                rest += rows
        for uid, rows in grouped(rest, lambda row: row.key[1]).items():
            if _is_guessing(rows, FROM_MANY, MANY_HOSTS):
                yield self._finding(rows, hits, view, f"{_hosts(rows)} guessed the password of uid {uid}")

    def _finding(self, rows: Sequence[Evidence], hits: Hits, view: View, what: str) -> Draft:
        details = [_detail(mine, hits, view) for mine in grouped(rows, lambda row: row.client).values()]
        accepted = sum(detail["accepted"] for detail in details)
        severity: Severity = "high" if accepted else "medium"
        tried = counted(len(_pairs(rows)), "try", "tries")
        return view.finding(
            self,
            rows,
            f"{what}: {tried}" + (f", {counted(accepted, 'password')} accepted" if accepted else ""),
            severity=severity,
            users=_users(rows, view),
            details=details,
        )


def _target(row: Evidence) -> tuple[bytes, bytes, int]:
    """Who tried, where, and for whom."""
    return row.client, row.server.address, row.key[1]


def _hosts(rows: Iterable[Evidence]) -> str:
    return counted(len({row.client for row in rows}), "host")


def _users(rows: Iterable[Evidence], view: View) -> list[Text]:
    targets = dict.fromkeys((row.transport, row.server, row.key[1]) for row in rows)
    return [user for target in targets for user in view.users_of(*target)]


def _pairs(rows: Iterable[Evidence]) -> set[tuple[int, Secret]]:
    """The different pairs of user and password."""
    return {(row.key[1], row.key[2]) for row in rows}


def _is_guessing(rows: Sequence[Evidence], pairs: int, hosts: int) -> bool:
    """Whether there are so many different pairs, from so many hosts, within any `_WINDOW` hours."""
    hours: dict[int, list[Evidence]] = {}
    for row in rows:
        for hour in range(row.key[3], row.key[3] + _WINDOW):
            hours.setdefault(hour, []).append(row)
    return any(len(_pairs(each)) >= pairs and len({row.client for row in each}) >= hosts for each in hours.values())


def _detail(rows: Sequence[Evidence], hits: Hits, view: View) -> dict[str, Any]:
    """What one client tried."""
    accepted = [hit for target in {_target(row) for row in rows} for hit in hits.get(target, ())]
    return {
        "client": ip_text(rows[0].client),
        "users": list(dict.fromkeys(map(plain_text, _users(rows, view)))),
        "tries": sum(row.count for row in rows),
        "different": len(_pairs(rows)),
        "accepted": len(_pairs(accepted)),
        "first": view.first(rows),
    }


DETECTOR = PasswordGuessing()
