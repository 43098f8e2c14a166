"""What a server is: Apple's, by release, or another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netinfo_scapy.analysis.findings.detector import About, Alike, Detector, Needs
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.naming import credential_of, status_of
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import codec
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.releases import RELEASES, STATISTICS, titled
from netinfo_scapy.protocol.secret import CHECKSUM_WORD, inverted
from netinfo_scapy.protocol.table import Kind

_STATISTICS = "NetInfo.STATISTICS"
_LACKING = frozenset(
    [f"NetInfo.{row.name}" for row in NETINFO.procedures if row.kind is Kind.WRITE]
    + [f"NetInfo.{name}" for name in ("READNAME", "LISTALL", "READALL", "RESYNC")]
)
"""What Apple's servers have, and the Previous emulator has not."""

_OLDEST_SIGN = "cleanup_wait"
_BY_PROPERTIES = tuple(
    (each.name.encode(), f"Apple, release {titled(each.since)}")
    for each in sorted(STATISTICS, key=lambda each: -each.since)
    if each.since > RELEASES[0] or each.name == _OLDEST_SIGN
)
"""A property of STATISTICS that a release has, the latest first; of the oldest one any that no other server has."""
_PREVIOUS, _APPLE = "the Previous emulator", "Apple"
_LONGEST = 32


class ServerDialect(Detector):
    """Answers that differ between the releases of Apple's server and the imitations of it."""

    id = "server-dialect"
    severity = "info"
    about = About(
        title="It can be told what kind of server answered",
        meaning=(
            "Releases of Apple's netinfod can be told by what STATISTICS answers: 233 added `connections`, 272 added "
            "`domain_servers`. The NeXT emulator Previous serves NetInfo, too, in a dialect of its own: it "
            "has no writes, READALL or LISTALL, it answers LISTREG with a linked list, and STATISTICS with a "
            "checksum alone."
        ),
        advice=(
            "Nothing, where it is what you expect. An emulator, or another release than you run, in a network of old "
            "machines can be somebody else's server."
        ),
        silent=(
            "The checksum alone where the caller asked for no more, and procedures that no server has, which "
            "all answer with PROC_UNAVAIL."
        ),
        details={
            "server": "what it is",
            "sign": "what tells it",
            "release": "`server_version`, as the server gives it",
            "answers": "answers that show it",
            "first": "the first frame that shows it",
        },
        references=("MITRE ATT&CK T1046", "https://previous.unixdude.net/"),
    )
    needs = Needs(
        replies=frozenset({_STATISTICS}),
        alike=Alike.BODY,
        failures=True,
        anomalies=frozenset({Anomaly.DIALECT_PREVIOUS}),
    )

    def message(self, message: Message) -> Iterable[Key]:
        """What the server is, the sign of it, and the release it names."""
        walks = message.walks
        if message.is_call or walks is None:
            return
        if walks.name == _STATISTICS:
            yield from _by_statistics(message)
        elif message.plain and walks.name in _LACKING:
            return
        elif Anomaly.DIALECT_PREVIOUS in message.check():
            yield _PREVIOUS, f"the form of {walks.name}", None
        elif walks.name in _LACKING and status_of(message) == "PROC_UNAVAIL":
            yield _PREVIOUS, f"no {walks.name}", None

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        for (transport, server), rows in grouped(evidence, lambda row: (row.transport, row.server)).items():
            kinds = sorted({row.key[0] for row in rows})
            yield view.finding(
                self,
                rows,
                f"{view.place(transport, server)}: {', '.join(map(_titled, kinds))}",
                details=(_detail(mine, view) for mine in grouped(rows, lambda row: row.key).values()),
            )


def _titled(kind: str) -> str:
    return f"most likely {kind}" if kind == _PREVIOUS else kind


def _by_statistics(message: Message) -> Iterable[Key]:
    properties = _properties(message)
    if not properties:
        return
    names = {each["name"] for each in properties}
    if names == {b"checksum"}:
        if message.call is not None and not _wants_checksum(message.call):
            yield _PREVIOUS, "STATISTICS of a checksum alone", None
        return
    version = next((each["values"] for each in properties if each["name"] == b"server_version"), None)
    release = version[0][:_LONGEST] if version else None
    for name, kind in _BY_PROPERTIES:
        if name in names:
            yield kind, f"STATISTICS has {name.decode()}", release
            return
    if release is not None:
        yield _APPLE, "STATISTICS has server_version", release


def _properties(message: Message) -> list[dict[str, Any]] | None:
    row = message.row
    if message.plain and row is not None and row.result is not None and not message.check():
        # Nothing is odd about it, so what stands before its body need not be made.
        value, _ = codec.decode(row.result, message.record.data, message.begin)
    else:
        value = message.value() or {}
    return value.get("properties")


def _wants_checksum(call: Message) -> bool:
    credential = credential_of(call)
    return credential is not None and inverted(credential["machinename"]) == CHECKSUM_WORD


def _detail(rows: Sequence[Evidence], view: View) -> dict[str, Any]:
    kind, sign, release = rows[0].key
    return {
        "server": kind,
        "sign": sign,
        "release": None if release is None else text_of(release),
        "answers": sum(row.count for row in rows),
        "first": view.first(rows),
    }


DETECTOR = ServerDialect()
