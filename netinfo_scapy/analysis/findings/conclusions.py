"""View -> findings: what all detectors conclude, in order, and no more than a person can read.

A hostile capture can be made to show the same thing of thousands of hosts. So the gravest and earliest findings of
each detector are kept, and what is beyond is one finding that counts them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.summary import SEVERITIES, Finding
from netinfo_scapy.analysis.values import counted

MOST_FINDINGS = 100
"""Findings kept of one detector."""

MOST_HOSTS = 1_000
"""Servers and clients named by the finding that stands for the rest, of each."""


def conclusions(view: View) -> list[Finding]:
    """What all detectors find: the gravest first, then the earliest."""
    kept: list[Finding] = []
    for detector in DETECTORS.values():
        found = sorted(detector.conclude(view.evidence(detector.id), view), key=_order)
        kept += [each.finding() for each in found[:MOST_FINDINGS]]
        rest = found[MOST_FINDINGS:]
        if rest:
            kept.append(_together(rest))
    return sorted(kept, key=_order)


def _order(finding: Finding | Draft) -> tuple[int, str, str, list[str], list[str], str]:
    # What follows the time is there so that the order is the same each time.
    grave = SEVERITIES.index(finding.severity)
    return grave, finding.first_time or "", finding.id, finding.servers, finding.clients, finding.title


def _together(rest: Sequence[Draft]) -> Finding:
    """One finding for all of the rest, with the frames of the gravest and earliest of them."""
    return replace(
        rest[0].finding(),
        title=f"{counted(len(rest), 'more finding')} like these; the first: {rest[0].title}",
        servers=sorted({host for each in rest for host in each.servers})[:MOST_HOSTS],
        clients=sorted({host for each in rest for host in each.clients})[:MOST_HOSTS],
        count=sum(each.count for each in rest),
        first_time=min((each.first_time for each in rest if each.first_time is not None), default=None),
        last_time=max((each.last_time for each in rest if each.last_time is not None), default=None),
    )
