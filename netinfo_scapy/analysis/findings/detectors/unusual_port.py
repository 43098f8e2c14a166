"""NetInfo where no server of it puts itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest

from netinfo_scapy.analysis.findings.detector import About, Alike, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import MOST_FRAMES, Evidence, Key
from netinfo_scapy.analysis.findings.view import End, View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.programs import NETINFO_PORT

USUAL = frozenset({NETINFO_PORT, 1033, 1043, *range(600, 1024)})
"""961; `local` of later releases; the Previous emulator; what netinfod takes by itself."""

_SEEN = frozenset(f"NetInfo.{name}" for name in ("PING", "STATISTICS", "ROOT", "SELF", "BIND", "RPARENT", "READALL"))
"""What nearly every client asks at some time; a reply to each READ is not looked at."""


class UnusualPort(Detector):
    """Successful answers of NetInfo from another port than the usual ones."""

    id = "unusual-port"
    severity = "medium"
    about = About(
        title="NetInfo is served at an unusual port",
        meaning=(
            "netinfod takes a port of 600 to 1023 by itself, the tag `local` of later releases 1033, the Previous "
            "emulator 1043, and this toolkit's port is 961. NetInfo was answered from another one: somebody set `port` "
            "in a root directory, forwards the port through something, or runs a server of his own, for which no root "
            "is needed above 1023. Low where the host is known as a server."
        ),
        advice=(
            "Look what listens there. If it is as it should be, name the host with --known FILE, and the port with "
            "--netinfo-port and in your IDS's rules, which may look at the usual ports only."
        ),
        silent="The usual ports, nibind at whatever port, and calls that no NetInfo server answered.",
        details={
            "port": "where it is served",
            "transport": "udp or tcp",
            "clients": "how many clients it answered",
            "known": "whether the host is known as a server",
        },
        references=("MITRE ATT&CK T1571", "MITRE ATT&CK T1205"),
    )
    needs = Needs(replies=_SEEN, alike=Alike.PEERS)

    def message(self, message: Message) -> Iterable[Key]:
        """An answer from an unusual port."""
        if message.asked_server.port not in USUAL and message.readable:
            yield ()

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each endpoint."""
        ends = grouped(evidence, lambda row: (row.transport, row.server))
        told = grouped(_told_of(view), lambda row: (row.transport, row.server))
        for (transport, server), rows in {**told, **ends}.items():
            known = view.known.is_server(server.address)
            clients = len({row.client for row in rows})
            yield view.finding(
                self,
                rows,
                f"{view.place(transport, server)} serves NetInfo at an unusual port, to {counted(clients, 'client')}",
                severity="low" if known else "medium",
                details=[
                    {"port": server.port, "transport": transport.label, "clients": clients, "known": known},
                ],
            )


def _told_of(view: View) -> Iterator[Evidence]:
    """The same of servers whose directories are known, though nobody asked them any of `_SEEN`.

    The frames are those in which each thing known of the directory was told first, whoever asked.
    """
    shown: set[End] = set()
    for key, row in view.facts.conversations.items():
        if (
            key.server.port not in USUAL
            and "NI_OK" in row.statuses
            and view.domain(key.transport, key.server) is not None
        ):
            made = Evidence(key.transport, key.server, key.client, ())
            made.add_unplaced(row.replies, (row.first_ns, row.last_ns))
            end = key.transport, key.server
            made.frames = [] if end in shown else _told_first(end, view)
            shown.add(end)
            yield made


def _told_first(end: End, view: View) -> list[FrameRef]:
    """The first frames in which something of a server's directory was told."""
    tables = [table for table in view.facts.sightings.tables.values() if (table.transport, table.endpoint) == end]
    frames = {(each.first.capture, each.first.number): each.first for table in tables for each in table.seen.values()}
    return [frames[place] for place in nsmallest(MOST_FRAMES, frames)]


DETECTOR = UnusualPort()
