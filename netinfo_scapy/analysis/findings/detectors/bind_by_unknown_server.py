"""Searches for a parent that a host answered which nobody knows as a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.answers import FORWARDS, answer_of
from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import plain_text, text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

_BINDS = frozenset({"nibind.BIND", "NetInfo.BIND"})


class BindByUnknownServer(Detector):
    """BIND with success, from a host that no directory names as a server."""

    id = "bind-by-unknown-server"
    severity = "high"
    about = About(
        title="An unknown server answered the search for a parent",
        meaning=(
            "A host looks for its parent domain with BIND, mostly by broadcast through the port mappers (CALLIT). Only "
            "a host that serves the domain answers, and the first that does is believed: its accounts, root's too, are "
            "the searching host's from then on. This one is named as a server of that domain by no directory of the "
            "input (`serves`, `master`), and not in the file of --known. Low where the input names no server at all."
        ),
        advice=(
            "Look whose the answering host is. If it is a server of yours, put it into the file of --known; if not, "
            "look at what was read from it afterwards, and set the parent's address in the host's own `serves`."
        ),
        silent=(
            "Answers from known servers, from the searching host itself, and failures: silence, SYSTEM_ERR, or another "
            "status than NI_OK as the Previous emulator sends."
        ),
        details={
            "server": "who answered",
            "client": "who searched",
            "tag": "the domain looked for, under the server's tag",
            "client_tag": "the searching domain, under its own tag",
            "answers": "how many there were",
            "first": "the first frame with one",
        },
        references=("MITRE ATT&CK T1557", "CVE-2003-1009"),
    )
    needs = Needs(replies=FORWARDS | _BINDS)

    def message(self, message: Message) -> Iterable[Key]:
        """Who answered, and for which domains. NetInfo's own BIND does not name the server's tag."""
        answer = answer_of(message)
        if answer is None or answer.procedure not in _BINDS or message.server.address == message.client.address:
            return
        asked, tag = answer.arguments, answer.arguments.get("server_tag")
        mine = asked.get("client_tag", asked.get("tag"))
        if mine is not None:
            yield message.server.address, None if tag is None else clipped(tag), clipped(mine)

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each answering host and domain looked for."""
        foreign = [row for row in evidence if not view.known.is_same_host(row.key[0], row.client)]
        for (host, tag), rows in grouped(foreign, lambda row: row.key[:2]).items():
            if view.known.is_server(host, tag):
                continue
            domain = "a parent" if tag is None else f"the parent {plain_text(text_of(tag))}"
            yield view.finding(
                self,
                rows,
                f"{ip_text(host)}, which is not known as its server, answered the search for {domain}",
                severity="high" if view.known.anything else "low",
                tags=[] if tag is None else [text_of(tag)],
                details=_details(rows, view),
            )


def _details(rows: Sequence[Evidence], view: View) -> Iterator[dict[str, Any]]:
    for (client, mine), each in grouped(rows, lambda row: (row.client, row.key[2])).items():
        host, tag, _ = each[0].key
        yield {
            "server": ip_text(host),
            "client": ip_text(client),
            "tag": None if tag is None else text_of(tag),
            "client_tag": text_of(mine),
            "answers": sum(row.count for row in each),
            "first": view.first(each),
        }


DETECTOR = BindByUnknownServer()
