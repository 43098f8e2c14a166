"""One host that tries many for NetInfo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.detector import About, Alike, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import MOST_DETAILS, View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

MANY_HOSTS = 10
"""Hosts tried by one client that are a sweep, where most of them do not answer."""

_FIRST_CALLS = frozenset(
    {f"NetInfo.{name}" for name in ("PING", "STATISTICS", "ROOT")}
    | {f"nibind.{name}" for name in ("PING", "LISTREG", "GETREGISTER")}
)
"""What a scanner begins with."""

_TRIED, _REFUSED, _ANSWERED = "no answer", "refused", "answered"


class NetinfoSweep(Detector):
    """Connections and first calls to many addresses, most of which do not answer."""

    id = "netinfo-sweep"
    severity = "medium"
    about = About(
        title="Many hosts were tried for NetInfo",
        meaning=(
            f"One host tried {MANY_HOSTS} or more addresses at port 961, or at ports that the input tells to be "
            "NetInfo's, by connecting or with calls that ask who is there, and more than half of them refused or did "
            "not answer. Clients know their servers: this one looks for some."
        ),
        advice="Look whose that host is, and what it did with those that answered; they stand first in the details.",
        silent="A client of many servers that answer, and one that tries a single dead server again and again.",
        details={
            "server": "an address that was tried",
            "outcome": "answered, refused, or no answer",
            "tries": "connections and calls to it",
            "first": "the first frame of it",
        },
        references=("MITRE ATT&CK T1046", "MITRE ATT&CK T1018"),
    )
    needs = Needs(connections=True, calls=_FIRST_CALLS, replies=_FIRST_CALLS, alike=Alike.PEERS)

    def event(self, event: Connection | NotRpc | Offer) -> Iterable[Key]:
        """How a connection fared."""
        if isinstance(event, Connection):
            yield (_REFUSED if event.refused else _ANSWERED if event.accepted else _TRIED,)

    def message(self, message: Message) -> Iterable[Key]:
        """A call, or that it was answered."""
        yield (_TRIED if message.is_call else _ANSWERED,)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client that tried so many."""
        for client, rows in grouped(evidence, lambda row: row.client).items():
            if len(rows) < MANY_HOSTS:  # there are no more hosts than rows
                continue
            hosts = grouped(rows, lambda row: row.server.address)
            outcomes = {host: _outcome(mine) for host, mine in hosts.items()}
            answered = sum(each == _ANSWERED for each in outcomes.values())
            if len(hosts) < MANY_HOSTS or 2 * answered >= len(hosts):
                continue
            ports = sorted({row.server.port for row in rows})
            where = f"port {ports[0]}" if len(ports) == 1 else counted(len(ports), "port")
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)} tried {counted(len(hosts), 'host')} at {where}; {answered:,} answered",
                details=_details(hosts, outcomes, view),
            )


def _details(hosts: dict[bytes, list[Evidence]], outcomes: dict[bytes, str], view: View) -> Iterator[dict[str, Any]]:
    for host in sorted(hosts, key=lambda host: (outcomes[host], host))[:MOST_DETAILS]:
        yield {
            "server": ip_text(host),
            "outcome": outcomes[host],
            "tries": sum(row.count for row in hosts[host] if not _is_reply(row)),
            "first": view.first(hosts[host]),
        }


def _outcome(rows: Sequence[Evidence]) -> str:
    kinds = {row.key[0] for row in rows}
    return next(each for each in (_ANSWERED, _REFUSED, _TRIED) if each in kinds)


def _is_reply(row: Evidence) -> bool:
    return bool(row.key[0] == _ANSWERED)


DETECTOR = NetinfoSweep()
