"""Hosts that feel their way to NetInfo: through the port mapper, and by guessing tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.naming import status_of
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND

MANY_TAGS, MANY_PROGRAMS, MANY_HOSTS = 8, 6, 8
"""Different tags asked of one host; programs, with version and transport, asked of one; hosts asked what they have."""

_OURS = frozenset({NETINFO.number, NIBIND.number})
_GETREGISTER, _LISTREG = "nibind.GETREGISTER", "nibind.LISTREG"
_PORTS = frozenset({"portmap.GETPORT", "rpcbind.GETADDR", "rpcbind.GETVERSADDR", "rpcbind.GETADDRLIST"})
_DUMPS = frozenset({"portmap.DUMP", "rpcbind.DUMP"})
_TAG, _PROGRAM, _LIST, _DUMP = "tag", "program", "list", "dump"
_ASKED, _NOTAG = "", "NI_NOTAG"


class ServiceProbing(Detector):
    """Many tags, many programs, or many hosts, asked by one client."""

    id = "service-probing"
    severity = "medium"
    about = About(
        title="NetInfo was probed for",
        meaning=(
            f"A host asked one nibind for {MANY_TAGS} or more different tags, most of which it does not serve "
            f"(NI_NOTAG); or one port mapper for {MANY_PROGRAMS} or more combinations of program, version and "
            f"transport of NetInfo and nibind; or {MANY_HOSTS} or more hosts what they have, by GETPORT for these "
            "programs, DUMP or LISTREG. Clients know what they look for: this is how domains are found by somebody "
            "who does not."
        ),
        advice="Look what that host did next, and whose it is. Filter the port mapper and NetInfo's ports.",
        silent=(
            "Looking up nibind and a few tags, a client that asks for one tag again and again, and one that asks for "
            "many tags that are there."
        ),
        details={
            "kind": "tag, program, list (LISTREG) or dump (DUMP)",
            "server": "the host that was asked",
            "asked": "how many different tags or programs it was asked for; null for list and dump",
            "unknown": "how many of the tags it does not serve",
            "calls": "how many calls that took",
            "first": "the first frame of it",
        },
        references=("MITRE ATT&CK T1046", "MITRE ATT&CK T1018"),
    )
    needs = Needs(calls=_PORTS | _DUMPS | {_GETREGISTER, _LISTREG}, replies=frozenset({_GETREGISTER}))

    def message(self, message: Message) -> Iterable[Key]:
        """What is asked for; how it is answered, for tags."""
        call, walks = message if message.is_call else message.call, message.walks
        if call is None or walks is None:
            return
        if walks.name == _LISTREG:
            yield (_LIST,)
        elif walks.name in _DUMPS:
            yield (_DUMP,)
        else:
            asked = call.value() or {}
            if walks.name == _GETREGISTER:
                if "tag" in asked:
                    yield _TAG, clipped(asked["tag"]), _ASKED if message.is_call else status_of(message)
            elif asked.get("program") in _OURS:
                way = asked.get("protocol", asked.get("netid"))
                yield _PROGRAM, asked["program"], asked["version"], clipped(way) if isinstance(way, bytes) else way

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of a host, and one for each of many hosts."""
        left: list[Evidence] = []
        for (server, client), rows in grouped(evidence, lambda row: (row.server.address, row.client)).items():
            kinds = grouped(rows, lambda row: row.key[0])
            tags, programs = kinds.get(_TAG, []), kinds.get(_PROGRAM, [])
            if _are_guessed(tags):
                asked = counted(len(_different(tags)), "tag")
                yield self._finding(tags, f"{ip_text(client)} asked {ip_text(server)} for {asked}", view)
                tags = []
            if len(_different(programs)) >= MANY_PROGRAMS:
                asked = counted(len(_different(programs)), "program and version", "programs and versions")
                yield self._finding(programs, f"{ip_text(client)} asked {ip_text(server)} for {asked}", view)
                programs = []
            left += [row for row in rows if row.key[0] in (_LIST, _DUMP)] + programs
        for client, rows in grouped(left, lambda row: row.client).items():
            hosts = {row.server.address for row in rows}
            if len(hosts) >= MANY_HOSTS:
                asked = counted(len(hosts), "host")
                yield self._finding(rows, f"{ip_text(client)} asked {asked} whether they have NetInfo", view)

    def _finding(self, rows: Sequence[Evidence], what: str, view: View) -> Draft:
        calls = sum(row.count for row in rows if row.key[0] != _TAG or row.key[2] == _ASKED)
        count = calls or sum(row.count for row in rows)  # only replies were captured
        return view.finding(self, rows, what, count=count, details=_details(rows, view))


def _different(rows: Iterable[Evidence]) -> set[Any]:
    """The tags, or the programs with their versions and transports."""
    return {row.key[1] if row.key[0] == _TAG else row.key[1:] for row in rows}


def _missing(rows: Iterable[Evidence]) -> set[bytes]:
    return {row.key[1] for row in rows if row.key[0] == _TAG and row.key[2] == _NOTAG}


def _are_guessed(rows: Sequence[Evidence]) -> bool:
    different = len(_different(rows))
    return different >= MANY_TAGS and 2 * len(_missing(rows)) > different


def _details(rows: Sequence[Evidence], view: View) -> Iterator[dict[str, Any]]:
    for (kind, server), mine in grouped(rows, lambda row: (row.key[0], row.server.address)).items():
        yield {
            "kind": kind,
            "server": ip_text(server),
            "asked": len(_different(mine)) if kind in (_TAG, _PROGRAM) else None,
            "unknown": len(_missing(mine)) if kind == _TAG else None,
            "calls": sum(row.count for row in mine if kind != _TAG or row.key[2] == _ASKED),
            "first": view.first(mine),
        }


DETECTOR = ServiceProbing()
