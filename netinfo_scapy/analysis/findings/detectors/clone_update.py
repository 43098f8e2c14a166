"""Updates to a clone that are not from its master."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.clones import is_clone
from netinfo_scapy.analysis.findings.detector import About, Alike, Bodies, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.programs import RESERVED_BELOW
from netinfo_scapy.protocol.table import Kind

_WRITES = frozenset(f"NetInfo.{row.name}" for row in NETINFO.procedures if row.kind is Kind.WRITE)
_UPDATE, _REFUSED, _STATISTICS = "update", "refused", "statistics"
"""Kinds of clues: a write as an update comes; a write that only a clone refuses so; a clone that calls itself one."""
_READ_ONLY = {name: number for number, name in NI_STATUS.members}["NI_RDONLY"]
_DONE = NI_STATUS.label(0)


class CloneUpdate(Detector):
    """Anonymous writes from a reserved port, to a clone, by another host than its master."""

    id = "clone-update"
    severity = "high"
    about = About(
        title="A clone was sent updates by a host that is not its master",
        meaning=(
            "A clone takes changes from its master alone, and knows it by nothing but its address and a source port "
            "under 1024: no password is sent. Whoever passes for the master writes into the clone what he likes, "
            "and the hosts that ask this clone get it for an answer."
        ),
        advice=(
            "Find out what that host is. Where the clone took the updates, compare it with its master, and have it "
            "copy the directory anew. Where it refused them, somebody may only have meant to write to the master."
        ),
        silent=(
            "Updates from an address of the master (that of the machine which `master` on the root names), writes "
            "with a credential or from a port of 1024 or more, and the clone's own host. Where neither a directory "
            "nor `--known` tells who is the master, nothing is found."
        ),
        details={
            "client": "who sent them",
            "procedure": "which write",
            "statuses": "how it was answered, and how often each",
            "first": "the first frame with it",
        },
        references=("MITRE ATT&CK T1565.001", "MITRE ATT&CK T1557"),
    )
    needs = Needs(replies=_WRITES, alike=Alike.PEERS, bodies=(Bodies(frozenset({"NetInfo.STATISTICS"}), (b"clone",)),))

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """A clone that calls itself one: the second value of `tag` in its statistics."""
        for each in (result or {}).get("properties", ()):
            if each["name"] == b"tag" and each["values"][1:2] == [b"clone"]:
                yield (_STATISTICS,)

    def message(self, message: Message) -> Iterable[Key]:
        """A write as an update comes, or the refusal that only a clone has."""
        call, status = message.call, message.status
        if call is None or status is None:
            return
        if status == _READ_ONLY:
            yield (_REFUSED,)
        if call.record.lane.source_port < RESERVED_BELOW and call.client.address != call.server.address:
            header = call.called
            credential = None if header is None else header.credential
            if credential is not None and credential.flavor == rpc.AUTH_NONE and message.row is not None:
                yield _UPDATE, message.row.name, NI_STATUS.label(status)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each client of each clone."""
        clones = {(row.transport, row.server) for row in evidence if row.key[0] != _UPDATE}
        updates = [row for row in evidence if row.key[0] == _UPDATE]
        senders = grouped(updates, lambda row: (row.transport, row.server, row.client))
        for (transport, server, client), rows in senders.items():
            known = (transport, server) in clones
            if not _is_foreign(transport, server, client, known, view):
                continue
            done = sum(row.count for row in rows if row.key[2] == _DONE)
            yield view.finding(
                self,
                rows,
                f"{ip_text(client)}, which is not the master, sent updates to {view.place(transport, server)}: "
                f"{counted(sum(row.count for row in rows), 'write')}, {done:,} done",
                severity="high" if done else "medium",
                details=(_detail(mine, view) for mine in grouped(rows, lambda row: row.key[1]).values()),
            )


def _is_foreign(transport: Transport, server: Endpoint, client: bytes, clone: bool, view: View) -> bool:
    """Whether a server is a clone, and a client is known not to be its master. clone: the server told that it is."""
    domain, known = view.domain(transport, server), view.known
    if known.is_same_host(server.address, client):
        return False
    master = view.master(domain)
    if not clone and (domain is None or not is_clone(domain, master)):
        return False
    if master is not None and master.addresses:
        return client not in master.addresses
    return known.anything and not known.serves_domain(client, domain)


def _detail(rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row.key[2]] = statuses.get(row.key[2], 0) + row.count
    return {
        "client": ip_text(rows[0].client),
        "procedure": rows[0].key[1],
        "statuses": statuses,
        "first": view.first(rows),
    }


DETECTOR = CloneUpdate()
