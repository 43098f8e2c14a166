"""Calls in record fragments that no client makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.naming import name_of
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.events import LAST_FRAGMENT
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

SMALL = 64
"""Bytes below which a record fragment that is not the last is small: the header of a call alone has 40."""


class RecordFragments(Detector):
    """Small record fragments before the last."""

    id = "record-fragments"
    severity = "medium"
    about = About(
        title="Calls were hidden in small record fragments",
        meaning=(
            f"A TCP record was sent with a fragment of less than {SMALL} bytes that is not the last. Servers put such "
            "records together; an IDS that looks at fixed places for program and procedure does not see the call. No "
            "client writes so: NetInfo's library fills fragments of 3,996 bytes, netinfod such of 1,020, and what is "
            "left goes into the last. Calls in this way are there to evade detection, or to test it."
        ),
        advice=(
            "Look at what was called: this toolkit puts the records together. Give the IDS a rule for the evasion "
            "itself: a record mark from the client without its highest bit and a length under 64."
        ),
        silent="Records in full fragments, however many, small records in one, and replies.",
        details={
            "call": "the procedure that was called; null where it is not known",
            "calls": "how many were sent so",
            "least": "bytes of the smallest fragment but the last, at the least",
            "fragments": "each of these calls has fewer fragments than this",
            "first": "the first frame that ends one",
        },
        references=("RFC 5531, section 11", "MITRE ATT&CK T1562"),
    )
    needs = Needs(fragments=True)

    def message(self, message: Message) -> Iterable[Key]:
        """A call, how small its fragments are, and how many, as a power of two: that keeps the rows few."""
        record = message.record
        least = min((mark for _, mark in record.marks if mark < LAST_FRAGMENT), default=SMALL)
        if least < SMALL:
            name = name_of(message) if message.walks is not None else None
            yield name, least, record.fragments.bit_length()

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server endpoint."""
        ends = grouped(evidence, lambda row: (row.transport, row.server, row.client))
        for (transport, server, client), rows in ends.items():
            count = sum(row.count for row in rows)
            least = min(row.key[1] for row in rows)
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)} sent {counted(count, 'call')} to {view.place(transport, server)} in record "
                f"fragments of {counted(least, 'byte')} and up",
                details=(_detail(mine, view) for mine in grouped(rows, lambda row: row.key[0]).values()),
            )


def _detail(rows: Sequence[Evidence], view: View) -> dict[str, object]:
    return {
        "call": rows[0].key[0],
        "calls": sum(row.count for row in rows),
        "least": min(row.key[1] for row in rows),
        "fragments": 1 << max(row.key[2] for row in rows),
        "first": view.first(rows),
    }


DETECTOR = RecordFragments()
