"""Password hashes that were given out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.accounts import Account, clues, servers
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.hashes import scheme_of, shown_hash
from netinfo_scapy.analysis.findings.passwd import READS, told
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.values import counted, text_of
from netinfo_scapy.capture.flows import ip_text


class PasswordHashes(Detector):
    """Answers that hold the hash of a password: whose, and of which scheme."""

    id = "password-hashes"
    severity = "high"
    about = About(
        title="Password hashes were given out",
        meaning=(
            "NetInfo lets whoever reaches its port read the directory of users, and the hashes of their passwords "
            "with it. Traditional DES crypt hashes, which these mostly are, give up any password of eight "
            "characters to a single machine of today; hashes of other schemes give up the weak ones. Whoever could "
            "read this traffic has them, too."
        ),
        advice=(
            "Take the passwords of these accounts for known, and change them wherever they were used. Set "
            "trusted_networks on the root directory, or filter the ports of NetInfo, so that only hosts that need "
            "it can ask."
        ),
        silent=(
            "A locked account (`*`, `!`), the `********` that Mac OS X 10.2 and 10.3 leave where the hash is kept "
            "elsewhere, an empty value, and words of 13 letters in properties other than `passwd`, as "
            "`Administrator`."
        ),
        details={
            "user": "the account, by its name where that is known",
            "uid": "its uid, where that is known",
            "object": "the number of its directory, where that is known",
            "scheme": "of the hash",
            "hash": "its first two characters; all of it with `--reveal`",
            "clients": "who was given it",
            "first": "the first frame that shows it",
        },
        references=("CVE-2001-1412", "MITRE ATT&CK T1003.008", "MITRE ATT&CK T1087.002", "MITRE ATT&CK T1110.002"),
    )
    needs = Needs(bodies=READS)

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """Where `passwd` stands, and the hashes in it."""
        return clues(told(procedure, arguments, result), lambda value: scheme_of(value) is not None)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        for each in servers(evidence, view):
            rows = each.evidence
            hashes = counted(len(each.accounts), "password hash", "password hashes")
            hosts = counted(len({row.client for row in rows}), "host")
            yield view.finding(
                self,
                rows,
                f"{hashes} of {view.place(*each.end)} given to {hosts}",
                count=each.answers,
                users=[account.label for account in each.accounts],
                details=(_detail(account, mine, view) for account, mine in each.accounts.items()),
            )


def _detail(account: Account, rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    return {
        "user": account.label,
        "uid": None if account.uid is None else text_of(account.uid),
        "object": account.object,
        "scheme": scheme_of(account.value.reveal()),
        "hash": shown_hash(account.value, view.reveal),
        "clients": [ip_text(client) for client in sorted({row.client for row in rows})],
        "first": view.first(rows),
    }


DETECTOR = PasswordHashes()
