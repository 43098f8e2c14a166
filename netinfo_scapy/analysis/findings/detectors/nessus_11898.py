"""The scanner of 2003 that fetches the users of a domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.nibind import NIBIND

TOGETHER = 3
"""Different marks that make it: one alone comes about by chance."""

_MARKS: dict[str, tuple[int, ...]] = {
    "nibind.LISTREG": (0x11E04095,),
    "nibind.GETREGISTER": (0x68C15898,),
    "NetInfo.ROOT": (0x15EB4980, 0x15EB497F),
    "NetInfo.LOOKUP": (0x15EB497E,),
    "NetInfo.SELF": (0x15EB497D,),
    "NetInfo.CHILDREN": (0x15EB497C,),
}
"""The calls with the xids that it always has."""

_GETPORT, _ANY_VERSION = "portmap.GETPORT", 0xFFFFFFFF
_IN_USERS = "NetInfo.CHILDREN"


class Nessus11898(Detector):
    """Calls with the fixed xids of Nessus plugin 11898."""

    id = "nessus-11898"
    severity = "high"
    about = About(
        title="The Nessus scanner fetched the users",
        meaning=(
            "Nessus plugin 11898, of 2003, looks nibind up in the port mapper under version 4294967295, lists the "
            "domains, and reads /users child by child. Its calls have the same xids on each run. At least "
            f"{TOGETHER} of its marks came from one host to another: the version, or the xid with the procedure. High "
            "where it got as far as the list of users; medium else."
        ),
        advice=(
            "Ask who ran it. Take the hashes that it was given (see password-hashes) for known. Set trusted_networks, "
            "or filter NetInfo's ports."
        ),
        silent="One or two of these xids by chance, and other clients that read users.",
        details={
            "call": "one of its calls",
            "xid": "with this xid; null for GETPORT, of which the version is the mark",
            "times": "how often",
            "first": "the first frame with it",
        },
        references=("Nessus plugin 11898", "CVE-2001-1412", "MITRE ATT&CK T1046", "MITRE ATT&CK T1087.002"),
    )
    needs = Needs(calls=frozenset({_GETPORT}), xids=_MARKS)

    def message(self, message: Message) -> Iterable[Key]:
        """A call that only the scanner makes."""
        walks = message.walks
        if walks is None or not message.is_call:
            return
        if walks.name != _GETPORT:
            if message.xid in _MARKS[walks.name]:
                yield walks.name, message.xid
            return
        asked = message.value() or {}
        if asked.get("program") == NIBIND.number and asked["version"] == _ANY_VERSION:
            yield _GETPORT, None

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server host."""
        for (server, client), rows in grouped(evidence, lambda row: (row.server.address, row.client)).items():
            marks = grouped(rows, lambda row: row.key)
            if len(marks) < TOGETHER:
                continue
            reached = any(name == _IN_USERS for name, _ in marks)
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)} ran Nessus plugin 11898 against {ip_text(server)}: "
                f"{counted(len(marks), 'of its marks', 'of its marks')}"
                f"{', up to the list of users' if reached else ''}",
                severity="high" if reached else "medium",
                details=[
                    {
                        "call": name,
                        "xid": None if xid is None else f"{xid:#010x}",
                        "times": sum(row.count for row in mine),
                        "first": view.first(mine),
                    }
                    for (name, xid), mine in marks.items()
                ],
            )


DETECTOR = Nessus11898()
