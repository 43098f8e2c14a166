"""Something else than NetInfo where NetInfo is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.detection import is_failure, is_from_server
from netinfo_scapy.analysis.findings.detector import About, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.naming import status_of
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import KNOWN_NUMBERS, NETINFO_PORT

HEAD_BYTES = 32
"""Bytes that are shown of what is no RPC."""

_OURS = frozenset({NETINFO.number, NIBIND.number})
_BYTES, _PROGRAM, _UNAVAILABLE = "bytes", "program", "unavailable"
_PROTOCOLS = (
    (b"HTTP/", "HTTP"),
    (b"<!DOCTYPE", "HTTP"),
    (b"SSH-", "SSH"),
    (b"220", "FTP or SMTP"),
    (b"+OK", "POP3"),
    (b"* OK", "IMAP"),
    (b"RFB ", "VNC"),
    (b"\x16\x03", "TLS"),
    (b"\x15\x03", "TLS"),
    (b"\xff\xfd", "Telnet"),
    (b"\xff\xfb", "Telnet"),
)
"""What a server's first bytes tell."""


class ForeignService(Detector):
    """Answers from 961, and from ports that should be NetInfo's, that are none of NetInfo."""

    id = "foreign-service"
    severity = "low"
    about = About(
        title="A service on a port of NetInfo is none",
        meaning=(
            "At port 961, or at a port that the input tells to be NetInfo's, a server sent what is no RPC, answered "
            "calls to another program, or said that it does not have NetInfo (PROG_UNAVAIL). So something else serves "
            "there: by chance, because a port was given out again, or to be reached where filters let NetInfo pass."
        ),
        advice="Look what it is: the first bytes are in the details. Take the port out of filters that allow NetInfo.",
        silent=(
            "A server that also answers calls to NetInfo or nibind, clients that send such a server something else, "
            "what nobody answered, and connections whose beginning was not captured."
        ),
        details={
            "what": "bytes (no RPC), program (another program was served) or unavailable (PROG_UNAVAIL)",
            "protocol": "what the bytes look like, where that can be told",
            "head": f"the first bytes, at most {HEAD_BYTES}",
            "program": "the program's number",
            "times": "how often",
            "first": "the first frame of it",
        },
        references=("MITRE ATT&CK T1571",),
    )
    needs = Needs(strays=True, failures=True, unknown=True)

    def event(self, event: Connection | NotRpc | Offer) -> Iterable[Key]:
        """Bytes from a server that are no RPC."""
        if isinstance(event, NotRpc) and is_from_server(event):
            yield _BYTES, event.head[:HEAD_BYTES], None

    def message(self, message: Message) -> Iterable[Key]:
        """An answer of another program, or one that NetInfo is not there."""
        call = message.call
        if call is None:
            return
        if call.program in _OURS:
            if status_of(message) == "PROG_UNAVAIL":
                yield _UNAVAILABLE, None, call.program
        elif call.program not in KNOWN_NUMBERS and not is_failure(message):
            yield _PROGRAM, None, call.program

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each endpoint."""
        speaking = _speaking(view) if evidence else set()
        for end, rows in grouped(evidence, lambda row: (row.transport, row.server)).items():
            if end in speaking or not _is_expected(end, view):
                continue
            known = sorted({name for row in rows if (name := _protocol(row.key[1])) is not None})
            said = f"it looks like {', '.join(known)}" if known else "it is no RPC"
            if all(row.key[0] != _BYTES for row in rows):
                said = "it is another RPC program" if rows[0].key[0] == _PROGRAM else "it does not have the program"
            transport, server = end
            yield view.finding(
                self,
                rows,
                f"the service at {server}/{transport.label} is not NetInfo: {said}",
                details=(_detail(row, view) for row in rows),
            )


def _speaking(view: View) -> set[tuple[Transport, Endpoint]]:
    """The endpoints where calls to NetInfo or nibind were carried out."""
    return {
        (key.transport, key.server)
        for key, row in view.facts.conversations.items()
        if key.program in _OURS and any(each == "SUCCESS" or each.startswith("NI_") for each in row.statuses)
    }


def _is_expected(end: tuple[Transport, Endpoint], view: View) -> bool:
    """Whether NetInfo or nibind should be there."""
    transport, server = end
    learned = view.interest.learned.get(end)
    return (
        server.port == NETINFO_PORT
        or (transport, server.port) in view.interest.given
        or (learned is not None and not _OURS.isdisjoint(learned.programs))
    )


def _protocol(head: bytes | None) -> str | None:
    return None if head is None else next((name for start, name in _PROTOCOLS if head.startswith(start)), None)


def _detail(row: Evidence, view: View) -> dict[str, Any]:
    what, head, program = row.key
    return {
        "what": what,
        "protocol": _protocol(head),
        "head": None if head is None else text_of(head),
        "program": program,
        "times": row.count,
        "first": view.first([row]),
    }


DETECTOR = ForeignService()
