"""DHCP replies that tell a host whose directory to use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import plain_text, text_of
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.flows import ip_text

MOST_PARENTS = 16
"""Servers of one reply that are looked at, the first ones: a client tries them in this order."""


class DhcpBinding(Detector):
    """Options 112 and 113 of DHCP replies."""

    id = "dhcp-binding"
    severity = "high"
    about = About(
        title="DHCP names NetInfo servers",
        meaning=(
            "A host that takes its NetInfo parent from DHCP (Mac OS X up to 10.3 by default) binds to the servers that "
            "a DHCP reply names in option 112, with the tag in option 113, and believes the accounts it finds there, "
            "root's among them. Whoever answers DHCP first can log in to it. High where a server named is not known; "
            "info where all are."
        ),
        advice=(
            "Look whose the DHCP server is, by its address and its hardware address, and whose the NetInfo servers "
            "are. Name the right ones with --known FILE. Take DHCP out of the hosts' binding methods."
        ),
        silent="DHCP replies without the two options, and requests that ask for them.",
        details={
            "dhcp": "who answered: the server identifier, else the address the reply came from",
            "servers": "the NetInfo servers that it names, the first of them",
            "unknown": "which of these are not known",
            "tag": "the tag for all of them",
            "replies": "how many replies named them",
            "first": "the first frame that does",
        },
        references=("CVE-2003-1009", "MITRE ATT&CK T1557.003"),
    )
    needs = Needs(offers=True)

    def event(self, event: Connection | NotRpc | Offer) -> Iterable[Key]:
        """Who answered, and what that names."""
        if isinstance(event, Offer):
            binding = event.binding
            tag = None if binding.tag is None else clipped(binding.tag)
            yield binding.server or event.flow.source.address, binding.parents[:MOST_PARENTS], tag

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each DHCP server with what it names."""
        for (dhcp, parents, tag), rows in grouped(evidence, lambda row: row.key).items():
            unknown = [each for each in parents if not view.known.is_server(each, tag)]
            named = ", ".join(map(ip_text, parents)) or "no server"
            under = "" if tag is None else f" for the tag {plain_text(text_of(tag))}"
            said = "unknown: " + ", ".join(map(ip_text, unknown)) if unknown else "none of them unknown"
            yield view.finding(
                self,
                rows,
                f"DHCP server {ip_text(dhcp)} names {named}{under}; {said}",
                severity="high" if unknown else "info",
                tags=[] if tag is None else [text_of(tag)],
                details=[
                    {
                        "dhcp": ip_text(dhcp),
                        "servers": list(map(ip_text, parents)),
                        "unknown": list(map(ip_text, unknown)),
                        "tag": None if tag is None else text_of(tag),
                        "replies": sum(row.count for row in rows),
                        "first": view.first(rows),
                    }
                ],
            )


DETECTOR = DhcpBinding()
