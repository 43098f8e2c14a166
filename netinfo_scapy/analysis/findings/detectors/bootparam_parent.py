"""Answers of bootparam that tell a host whose directory to use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.findings.answers import FORWARDS, answer_of
from netinfo_scapy.analysis.findings.clues import clipped
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.values import plain_text, text_of
from netinfo_scapy.capture.flows import ip_text
from netinfo_scapy.capture.message import Message

_GETFILE, _FILE = "bootparam.GETFILE", b"netinfo_parent"


class BootparamParent(Detector):
    """GETFILE of `netinfo_parent`, answered."""

    id = "bootparam-parent"
    severity = "high"
    about = About(
        title="bootparam names a NetInfo parent",
        meaning=(
            "A host whose parent is `-BOOTPARAMS-` asks bootparam by broadcast for the file `netinfo_parent`, and "
            "binds to the server that the first answer names. Whoever answers gives that host a directory of his own. "
            "High where that server is not known; info where it is."
        ),
        advice=(
            "Look whose the answering host and the named server are. Name the right ones with --known FILE; set a "
            "fixed parent in the host's own domain."
        ),
        silent="Questions that nobody answered, and answers for other files, as `root` or `private`.",
        details={
            "answered": "the host that answered",
            "server": "the NetInfo server that it names",
            "name": "what it calls that server",
            "tag": "of the parent domain",
            "known": "whether that server is known to serve it",
            "answers": "how many answers named it",
            "first": "the first frame that does",
        },
        references=("MITRE ATT&CK T1557",),
    )
    needs = Needs(replies=FORWARDS | {_GETFILE})

    def message(self, message: Message) -> Iterable[Key]:
        """Who answered, and whom that names."""
        answer = answer_of(message)
        if answer is None or answer.procedure != _GETFILE or answer.arguments.get("file_id") != _FILE:
            return
        result = answer.result
        address = (result.get("address") or {}).get("address")
        if address is not None:
            yield (
                message.server.address,
                address.to_bytes(4, "big"),
                clipped(result["server_name"]),
                clipped(result["path"]),
            )

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each answering host and server named."""
        for (host, parent, name, tag), rows in grouped(evidence, lambda row: row.key).items():
            known = view.known.is_server(parent, tag)
            yield view.finding(
                self,
                rows,
                f"{ip_text(host)} names {ip_text(parent)}, tag {plain_text(text_of(tag))}, as the NetInfo parent by "
                f"bootparam; {'known' if known else 'unknown'}",
                severity="info" if known else "high",
                tags=[text_of(tag)],
                details=[
                    {
                        "answered": ip_text(host),
                        "server": ip_text(parent),
                        "name": text_of(name),
                        "tag": text_of(tag),
                        "known": known,
                        "answers": sum(row.count for row in rows),
                        "first": view.first(rows),
                    }
                ],
            )


DETECTOR = BootparamParent()
