"""Who wrote what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.changes import (
    DETAILS,
    Noted,
    evidence_of,
    is_of_the_host,
    rows,
    users_of,
    writer_of,
)
from netinfo_scapy.analysis.findings.detector import About, Detector
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import Endpoint, Transport


class Writes(Detector):
    """Every write that was done, by whom, and what was there before and after."""

    id = "writes"
    severity = "low"
    about = About(
        title="The directory was written to",
        meaning=(
            "These writes were done. Whoever administers the domain makes such changes; so does an intruder, who "
            "adds accounts, opens a directory to other writers, or leads hosts elsewhere. What is dangerous in "
            "itself is a finding of its own."
        ),
        advice=(
            "Compare the changes with what was meant to be changed. `netinfo-scapy diff` and the `--history` of "
            "`netinfo-scapy dump` show them in full."
        ),
        silent=(
            "Writes that were refused or not answered, and the updates that a master pushes to its clones, where the "
            "change at the master is in the same input."
        ),
        details=DETAILS,
        references=("MITRE ATT&CK T1098", "MITRE ATT&CK T1565.001"),
    )

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client, server endpoint and user."""

        def writer(each: Noted) -> tuple[Transport, Endpoint, bytes, int | None, bool]:
            change = each.change
            return change.transport, change.server, change.client.address, change.uid, is_of_the_host(change, view)

        for (transport, server, *_, of_host), mine in grouped(view.changes, writer).items():
            change = mine[0].change
            yield view.finding(
                self,
                evidence_of(mine),
                f"{writer_of(change, view)} wrote to {view.place(transport, server)}: {counted(len(mine), 'change')}",
                severity="info" if of_host else "low",
                count=len(mine),
                users=(user for each in mine[:1] for user in users_of(each.change, view)),
                details=rows(mine, view),
            )


DETECTOR = Writes()
