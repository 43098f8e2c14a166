"""Writes that were done without any credential."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.changes import (
    DETAILS,
    Noted,
    evidence_of,
    is_of_the_host,
    rows,
)
from netinfo_scapy.analysis.findings.clones import is_clone
from netinfo_scapy.analysis.findings.detector import About, Detector
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.protocol.programs import RESERVED_BELOW


class AnonymousWrites(Detector):
    """Successful writes with AUTH_NONE that are neither the host's own nor the updates of a clone."""

    id = "anonymous-writes"
    severity = "medium"
    about = About(
        title="The directory was written to without a password",
        meaning=(
            "A server does the writes of an anonymous caller where `_writers` (or `_writers_NAME`, for the values of "
            "the property NAME) has a `*`: everyone who reaches the port can make these changes."
        ),
        advice=(
            "Name the users in `_writers` who need to write there, and take out the `*`. Compare what was written "
            "with what was meant to be."
        ),
        silent=(
            "The writes of the server's own superuser (from an address of the host and a port under 1024), the "
            "updates that a clone takes, and anonymous writes that were refused."
        ),
        details=DETAILS,
        references=("MITRE ATT&CK T1078", "MITRE ATT&CK T1565.001"),
    )

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server endpoint."""
        anonymous = [each for each in view.changes if each.change.uid is None and not is_of_the_host(each.change, view)]
        for (transport, server, client), mine in grouped(
            anonymous, lambda each: (*each.end, each.change.client.address)
        ).items():
            written = _without_updates(mine, view)
            if written:
                yield view.finding(
                    self,
                    evidence_of(written),
                    f"{ip_text(client)} wrote to {view.place(transport, server)} without a password: "
                    f"{counted(len(written), 'change')}",
                    count=len(written),
                    details=rows(written, view),
                )


def _without_updates(mine: Sequence[Noted], view: View) -> list[Noted]:
    """The same, without what comes from a reserved port where that is how a clone is updated.

    Only an update to a clone has a `target`: the number that the master took.
    """
    domain = mine[0].domain
    clone = is_clone(domain, view.master(domain))
    if clone or any(each.change.asked.get("target") is not None and _is_reserved(each) for each in mine):
        return [each for each in mine if not _is_reserved(each)]
    return list(mine)


def _is_reserved(each: Noted) -> bool:
    return each.change.client.port < RESERVED_BELOW


DETECTOR = AnonymousWrites()
