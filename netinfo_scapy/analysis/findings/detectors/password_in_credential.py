"""Passwords that credentials carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.credentials import Verdict, password_of, verdict_of
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.summary import Text
from netinfo_scapy.analysis.values import counted, plain_text, text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.secret import Secret

_MOST_NAMES = 4
"""Names of one uid in a title."""


class PasswordInCredential(Detector):
    """Passwords in the machinename of AUTH_SYS credentials, and what the server said of them."""

    id = "password-in-credential"
    severity = "high"
    about = About(
        title="Passwords can be read in credentials",
        meaning=(
            "A NetInfo client that acts for a user sends the user's password in each call, with nothing but its "
            "bits inverted. Whoever sees the traffic has the password. One that the server refused is worth having, "
            "too: it often differs from the right one by a letter, or is right elsewhere. In calls to nibind it is "
            "the root password of the host."
        ),
        advice=(
            "Change the passwords that were accepted, wherever they are used, and those that may have been. "
            "Administer NetInfo on the server itself (there no password is sent), or through a tunnel that "
            "encrypts."
        ),
        silent=(
            "Credentials with a host name, an empty one, and the word `checksum` that a call to STATISTICS carries "
            "in the place of a password."
        ),
        details={
            "password": "the password; only with `--reveal`",
            "accepted": "true or false as the server told of it by its answers to writes; null where it never did",
            "calls": "how many calls carried it",
            "clients": "from where",
            "first": "the first frame with it",
        },
        references=("MITRE ATT&CK T1040", "MITRE ATT&CK T1552"),
    )
    needs = Needs(passwords=True)

    def message(self, message: Message) -> Iterable[Key]:
        """Whose password it is, the password, and what is said of it."""
        call = message if message.is_call else message.call
        carried = password_of(call) if call is not None else None
        verdict = verdict_of(message)
        if call is not None and carried is not None and verdict is not Verdict.UNTOLD:
            uid, password = carried
            yield call.program == NIBIND.number, uid, password, verdict

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each user at each server endpoint."""
        accounts = grouped(evidence, lambda row: (row.transport, row.server, *row.key[:2]))
        for (transport, server, of_host, uid), rows in accounts.items():
            users: list[Text] = ["root"] if of_host else view.users_of(transport, server, uid)
            passwords = grouped(sorted(rows, key=lambda row: row.frames[0]), lambda row: row.key[2])
            details = [_detail(password, mine, view) for password, mine in passwords.items()]
            said = {detail["accepted"] for detail in details}
            whose = ", ".join(map(plain_text, users[:_MOST_NAMES]))
            yield view.finding(
                self,
                rows,
                f"{counted(len(passwords), 'password')} sent for {whose} to {view.place(transport, server)}: "
                + _summed_up([detail["accepted"] for detail in details]),
                severity="medium" if said == {False} else "high",
                count=sum(row.count for row in rows if row.key[3] == Verdict.ASKED),
                users=users,
                details=details,
            )


def _detail(password: Secret, rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    verdicts = {row.key[3] for row in rows}
    accepted = True if Verdict.ACCEPTED in verdicts else False if Verdict.REFUSED in verdicts else None
    shown = {"password": text_of(password.reveal())} if view.reveal else {}
    return {
        **shown,
        "accepted": accepted,
        "calls": sum(row.count for row in rows if row.key[3] == Verdict.ASKED),
        "clients": [ip_text(client) for client in sorted({row.client for row in rows})],
        "first": view.first(rows),
    }


def _summed_up(accepted: Sequence[bool | None]) -> str:
    words = ((True, "accepted"), (False, "refused"), (None, "not judged"))
    return ", ".join(f"{accepted.count(each)} {word}" for each, word in words if each in accepted)


DETECTOR = PasswordInCredential()
