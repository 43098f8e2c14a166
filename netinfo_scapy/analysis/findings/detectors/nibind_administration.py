"""Administration of a host's domains from another host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.naming import status_of
from netinfo_scapy.analysis.values import counted, text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

_PROCEDURES = frozenset(
    f"nibind.{name}" for name in ("REGISTER", "UNREGISTER", "CREATEMASTER", "CREATECLONE", "DESTROYDOMAIN")
)
_ASKED, _DONE = "", "NI_OK"


class NibindAdministration(Detector):
    """Calls that make, remove or redirect a host's domains, from elsewhere."""

    id = "nibind-administration"
    severity = "high"
    about = About(
        title="nibind was administered from another host",
        meaning=(
            "nibind makes and removes the domains of its host, and tells clients at which ports they are. netinfod "
            "and nidomain call these procedures on the host itself. From another host they need its root password; "
            "whoever has that can put a directory of his own in the place of a domain, or remove one."
        ),
        advice=(
            "Ask who did it. Where it was done, compare the domains of the host (nidomain -l) with what they should "
            "be; where it was refused, look for what else that client did."
        ),
        silent=(
            "The same calls from an address of the host itself, whether it is the one called or another of its own."
        ),
        details={
            "procedure": "what was asked for",
            "tag": "of the domain",
            "client": "who asked",
            "calls": "how often",
            "statuses": "how it was answered, and how often each; calls beyond their sum got no answer",
            "first": "the first frame with it",
        },
        references=("MITRE ATT&CK T1484", "MITRE ATT&CK T1565", "MITRE ATT&CK T1210"),
    )
    needs = Needs(calls=_PROCEDURES, replies=_PROCEDURES)

    def message(self, message: Message) -> Iterable[Key]:
        """What is asked for another host, or how that is answered."""
        call = message if message.is_call else message.call
        if call is None or call.client.address == call.server.address or message.walks is None:
            return
        told = _ASKED if message.is_call else status_of(message)
        if told is None:  # cut short before it says
            return
        tag = (call.value() or {}).get("tag")
        yield message.walks.name, None if tag is None else clipped(tag), told

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server host."""
        for (server, client), rows in grouped(evidence, lambda row: (row.server.address, row.client)).items():
            if view.known.is_same_host(server, client):
                continue
            details = [_detail(mine, view) for mine in grouped(rows, lambda row: row.key[:2]).values()]
            done = sum(row.count for row in rows if row.key[2] == _DONE)
            refused = sum(row.count for row in rows if row.key[2] not in (_ASKED, _DONE))
            asked = sum(row.count for row in rows if row.key[2] == _ASKED)
            said = ", ".join(f"{number} {word}" for number, word in ((done, "done"), (refused, "refused")) if number)
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)} administered nibind on {ip_text(server)}: {counted(asked, 'call')}, "
                f"{said or 'no answer seen'}",
                severity="high" if done or not refused else "medium",
                count=asked,
                tags=[text_of(tag) for tag in sorted({row.key[1] for row in rows} - {None})],
                details=details,
            )


def _detail(rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    procedure, tag = rows[0].key[:2]
    statuses: dict[str, int] = {}
    for row in rows:
        if row.key[2] != _ASKED:
            statuses[row.key[2]] = statuses.get(row.key[2], 0) + row.count
    return {
        "procedure": procedure,
        "tag": None if tag is None else text_of(tag),
        "client": ip_text(rows[0].client),
        "calls": sum(row.count for row in rows if row.key[2] == _ASKED),
        "statuses": statuses,
        "first": view.first(rows),
    }


DETECTOR = NibindAdministration()
