"""Accounts that have no password."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.accounts import Account, clues, servers
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.passwd import READS, told
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.values import counted, plain_text, text_of


class AccountWithoutPassword(Detector):
    """User directories in which `passwd` is there and empty."""

    id = "account-without-password"
    severity = "high"
    about = About(
        title="Accounts have no password",
        meaning=(
            "In the directory of a user, `passwd` is an empty list or begins with an empty value. Any password "
            "passes for such an account: to NetInfo's own server, which lets it write wherever the user may, and to "
            "the logins of the hosts that take their users from this domain."
        ),
        advice="Give the account a password, or lock it: a `*` in `passwd` matches none.",
        silent=(
            "A directory without `passwd` (its user cannot log in), a locked account (`*`), a group with an empty "
            "`passwd`, and what has no uid."
        ),
        details={
            "user": "the account, by its name where that is known",
            "uid": "its uid",
            "object": "the number of its directory, where that is known",
            "first": "the first frame that shows it",
        },
        references=("MITRE ATT&CK T1078", "MITRE ATT&CK T1087.002"),
    )
    needs = Needs(bodies=READS)

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """Where `passwd` stands, and where it is empty."""
        return clues(told(procedure, arguments, result), lambda value: not value)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        for each in servers(evidence, view, users_only=True):
            names = [plain_text(account.label) for account in each.accounts]
            who = f"{names[0]} of" if len(names) == 1 else f"{counted(len(names), 'account')} of"
            yield view.finding(
                self,
                each.evidence,
                f"{who} {view.place(*each.end)} {'has' if len(names) == 1 else 'have'} no password",
                count=each.answers,
                users=[account.label for account in each.accounts],
                details=(_detail(account, rows, view) for account, rows in each.accounts.items()),
            )


def _detail(account: Account, rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    return {
        "user": account.label,
        "uid": None if account.uid is None else text_of(account.uid),
        "object": account.object,
        "first": view.first(rows),
    }


DETECTOR = AccountWithoutPassword()
