"""Events as Suricata's EVE log has them: an object a line, a common envelope, and one object named after the event.

Their JSON Schema is made from these classes.
"""

from __future__ import annotations

from typing import IO, Any

import msgspec
from msgspec import Struct

from netinfo_scapy.analysis.summary import Count, Finding, Port, Summary, Time, Totals
from netinfo_scapy.report.exports.flows import eve_flow_id
from netinfo_scapy.report.exports.table import Parts
from netinfo_scapy.report.json_text import json_line
from netinfo_scapy.report.message_object import MessageObject

_ENVELOPE = frozenset(
    {"capture", "frame", "time", "transport", "src_ip", "src_port", "dst_ip", "dst_port", "community_id"}
)
_FIELDS = tuple(field for field in msgspec.structs.fields(MessageObject) if field.name not in _ENVELOPE)
_NAMES = tuple(field.name for field in _FIELDS)

NetinfoObject: Any = msgspec.defstruct(
    "NetinfoObject",
    [(field.name, field.type) for field in _FIELDS],
    frozen=True,
    module=__name__,
    namespace={"__doc__": "The message, as `messages --format ndjson` shows it, but for the envelope and for hashes."},
)


class NetinfoEvent(Struct, frozen=True, tag_field="event_type", tag="netinfo"):
    """One RPC message. pcap_cnt: the number of the frame that completed it. flow_id: made from the Community ID."""

    timestamp: Time
    flow_id: Count
    pcap_filename: str
    pcap_cnt: Count
    src_ip: str
    src_port: Port
    dest_ip: str
    dest_port: Port
    proto: str
    community_id: str
    netinfo: NetinfoObject


class FindingEvent(Struct, frozen=True, tag_field="event_type", tag="netinfo_finding"):
    """Something a person should know.

    timestamp: of its first frame. pcap_filename, pcap_cnt: that frame. src_ip, dest_ip: the first
    client and the first server of those concerned.
    """

    timestamp: Time | None
    pcap_filename: str | None
    pcap_cnt: Count | None
    src_ip: str | None
    dest_ip: str | None
    finding: Finding


class Stats(Struct, frozen=True):
    """What the input adds up to, as in the summary. findings: how many; counts_only: none were looked for."""

    captures: list[str]
    totals: Totals
    anomalies: dict[str, Count]
    findings: Count
    counts_only: bool


class StatsEvent(Struct, frozen=True, tag_field="event_type", tag="stats"):
    """The last event. timestamp: of the latest frame."""

    timestamp: Time | None
    stats: Stats


Event = NetinfoEvent | FindingEvent | StatsEvent


class Writer:
    """Writes the events."""

    def __init__(self, parts: Parts) -> None:
        self._stream: IO[bytes] | None = parts("")

    def message(self, item: MessageObject, time_ns: int) -> None:  # noqa: ARG002 - the event has the time as text
        """Write a message."""
        self._write(
            NetinfoEvent(
                timestamp=item.time,
                flow_id=eve_flow_id(item.community_id),
                pcap_filename=item.capture,
                pcap_cnt=item.frame,
                src_ip=item.src_ip,
                src_port=item.src_port,
                dest_ip=item.dst_ip,
                dest_port=item.dst_port,
                proto=item.transport.upper(),
                community_id=item.community_id,
                netinfo=NetinfoObject(*[getattr(item, name) for name in _NAMES]),
            )
        )

    def finish(self, summary: Summary) -> None:
        """Write the findings and the sums."""
        for finding in summary.findings:
            first = next(iter(finding.frames), None)
            self._write(
                FindingEvent(
                    timestamp=finding.first_time,
                    pcap_filename=first.capture if first else None,
                    pcap_cnt=first.frame if first else None,
                    src_ip=next(iter(finding.clients), None),
                    dest_ip=next(iter(finding.servers), None),
                    finding=finding,
                )
            )
        last = max((capture.last_time for capture in summary.captures if capture.last_time), default=None)
        names = [capture.capture for capture in summary.captures]
        found = len(summary.findings)
        self._write(
            StatsEvent(last, Stats(names, summary.totals, summary.anomalies, found, counts_only=summary.counts_only))
        )

    def _write(self, event: Event) -> None:
        if self._stream is not None:
            self._stream.write(json_line(event))
