"""Whole directories that were given to a host that is no clone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.detector import About, Alike, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

_OK = 0
_FIRST_OBJECT = 16
"""Where the list of objects begins: behind status, checksum, highest id and its own flag."""
_NOT_EMPTY = 12


class Readall(Detector):
    """READALL that was answered with a directory, to a host not known to hold a copy of it."""

    id = "readall"
    severity = "high"
    about = About(
        title="A whole directory was given to a host that is no clone",
        meaning=(
            "READALL gives all of a domain in one answer. A clone asks for it at its start and when it is out of "
            "step; nobody else has a use for it. This host has every account, hash, machine and mount of the "
            "domain now."
        ),
        advice=(
            "Find out what that host is. If it is a clone, name it in /machines, with `serves` `./TAG`, or in the "
            "file given by --known. If not, take all hashes for known, and set trusted_networks."
        ),
        silent=(
            "A host that /machines names as a server of this domain (`serves` `./TAG`) or that --known names, the "
            "server's own host, an answer without a directory (the caller's copy is up to date), and a refusal "
            "(NI_NOTMASTER, NI_MASTERBUSY)."
        ),
        details={
            "client": "who was given it",
            "answers": "how often",
            "bytes": "of the longest answer, at most",
            "first": "the first frame with it",
        },
        references=("CVE-2001-1412", "MITRE ATT&CK T1213", "MITRE ATT&CK T1087.002"),
    )
    needs = Needs(replies=frozenset({"NetInfo.READALL"}), statuses=frozenset({_OK}), alike=Alike.BODY)

    def message(self, message: Message) -> Iterable[Key]:
        """An answer with a directory in it, and its length, rounded up to a power of two."""
        data, begin = message.record.data, message.begin if message.plain else message.header.end
        if any(data[begin + _NOT_EMPTY : begin + _FIRST_OBJECT]):
            yield ((len(data) - begin).bit_length(),)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each server endpoint."""
        askers = grouped(evidence, lambda row: (row.transport, row.server, row.client))
        for (transport, server, client), rows in askers.items():
            domain, known = view.domain(transport, server), view.known
            if known.is_same_host(server.address, client) or known.serves_domain(client, domain):
                continue
            count = sum(row.count for row in rows)
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)}, which is no known clone, was given all of {view.place(transport, server)}"
                + (f" {count:,} times" if count > 1 else ""),
                details=[_detail(rows, view)],
            )


def _detail(rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    return {
        "client": ip_text(rows[0].client),
        "answers": sum(row.count for row in rows),
        "bytes": 1 << max(row.key[0] for row in rows),
        "first": view.first(rows),
    }


DETECTOR = Readall()
