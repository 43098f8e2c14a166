"""Clients that a server does not speak with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.detector import About, Alike, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import MOST_DETAILS, View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.flows import Transport, ip_text
from netinfo_scapy.capture.message import Message

_REFUSED, _CLOSED, _SERVED, _PINGED = "refused", "closed", "served", "pinged"
_PING = "NetInfo.PING"


class ClientsShutOut(Detector):
    """Connections refused, or closed by the server without a byte."""

    id = "clients-shut-out"
    severity = "low"
    about = About(
        title="Clients were shut out",
        meaning=(
            "Connections were accepted and then closed by the server without a byte: so netinfod treats a client "
            "outside the networks in the root's `trusted_networks`, which it still answers a PING over UDP. Or they "
            "were refused: no server listens there, or something on the way says so. The clients named got no answer "
            "over any connection to that port in the input."
        ),
        advice=(
            "Where these are your clients, put their network into `trusted_networks` of that domain; where they are "
            "not, somebody tried, and was kept out. A refused port: see whether netinfod runs, and on which port."
        ),
        silent=(
            "A client that was served by another connection to the same port, one that closed its connection first, "
            "and connections that nobody answered."
        ),
        details={
            "client": "who was shut out",
            "server": "of which host",
            "port": "at which port",
            "how": "closed or refused",
            "connections": "how many",
            "pinged": "whether the host answered that client's PING over UDP",
            "first": "the first frame of it",
        },
        references=("MITRE ATT&CK T1046",),
    )
    needs = Needs(connections=True, replies=frozenset({_PING}), alike=Alike.PEERS)

    def event(self, event: Connection | NotRpc | Offer) -> Iterable[Key]:
        """How a connection fared."""
        if not isinstance(event, Connection):
            return
        if event.server_bytes:
            yield (_SERVED,)
        elif event.refused:
            yield (_REFUSED,)
        elif event.accepted and event.closed and event.by_server:
            yield (_CLOSED,)

    def message(self, message: Message) -> Iterable[Key]:
        """An answered PING."""
        if message.record.flow.transport is Transport.UDP and message.readable:
            yield (_PINGED,)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each endpoint that closes, and one for all that is refused."""
        served = {(row.server, row.client) for row in evidence if row.key == (_SERVED,)}
        pinged = {(row.server.address, row.client) for row in evidence if row.key == (_PINGED,)}
        shut = [row for row in evidence if row.key[0] in (_REFUSED, _CLOSED) and (row.server, row.client) not in served]
        closed = [row for row in shut if row.key[0] == _CLOSED]
        for (transport, server), rows in grouped(closed, lambda row: (row.transport, row.server)).items():
            clients = counted(len({row.client for row in rows}), "client")
            yield view.finding(
                self,
                rows,
                f"{view.place(transport, server)} closes the connections of {clients} without a byte",
                details=_details(rows, pinged, view),
            )
        refused = [row for row in shut if row.key[0] == _REFUSED]
        if refused:
            clients = counted(len({row.client for row in refused}), "client")
            ends = counted(len({row.server for row in refused}), "port")
            yield view.finding(
                self,
                refused,
                f"connections of {clients} to {ends} were refused",
                severity="info",
                details=_details(refused, pinged, view),
            )


def _details(rows: Sequence[Evidence], pinged: set[tuple[bytes, bytes]], view: View) -> Iterator[dict[str, Any]]:
    for row in rows[:MOST_DETAILS]:
        yield {
            "client": ip_text(row.client),
            "server": row.server.ip,
            "port": row.server.port,
            "how": row.key[0],
            "connections": row.count,
            "pinged": (row.server.address, row.client) in pinged,
            "first": view.first([row]),
        }


DETECTOR = ClientsShutOut()
