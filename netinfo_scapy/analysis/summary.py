"""The summary: what the reports show and `analyze --format json` prints. Its JSON Schema is made from these classes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

Time = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC, ending in Z, with 6 or 9 decimals",
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{6}|\d{9})Z$",
    ),
]
Count = Annotated[int, Meta(ge=0)]
UInt32 = Annotated[int, Meta(ge=0, le=0xFFFFFFFF)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Text = Annotated[str | dict[str, str], Meta(description='text where the bytes are UTF-8, else {"hex": "..."}')]
Statuses = dict[str, Count]
Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The gravest first."""


class ResponseTimes(Struct, frozen=True):
    """Seconds from a call's first transmission to its first reply; median and p95 within 1 %."""

    count: Count
    min: float
    median: float
    p95: float
    max: float


class Totals(Struct, frozen=True):
    """Counts over the whole input.

    frames, bytes: all that was read. messages: complete RPC messages, each transmission one.
    calls_without_reply: calls, retransmissions left out, that no complete reply answered.
    incomplete_records: records of which bytes are missing; not among the messages.
    missed_bytes: payload that the capture does not have. cut_frames: of the frames, those cut
    short by the snap length. not_rpc: what was on an endpoint of interest and is no RPC.
    bad_checksums: TCP segments dropped for one, on flows where they are right.
    stray_segments: TCP segments that fit nowhere in their connection.
    lost_fragment_bytes: of IP fragments whose datagram's start is not in the capture.
    evicted: what was let go for lack of room; of findings and directories nothing, where `counts_only` is true.
    """

    frames: Count
    bytes: Count
    messages: Count
    calls: Count
    replies: Count
    calls_without_reply: Count
    replies_without_call: Count
    retransmissions: Count
    duplicate_replies: Count
    incomplete_records: Count
    missed_bytes: Count
    not_rpc: Count
    cut_frames: Count
    bad_checksums: Count
    stray_segments: Count
    lost_fragment_bytes: Count
    evicted: Count


class ResponseBin(Struct, frozen=True):
    """Response times from one to below another, in seconds, and how many there were."""

    from_seconds: float
    to_seconds: float
    count: Count


class ProcedureSummary(Struct, frozen=True):
    """One procedure.

    rtt_bins: the same response times as a distribution: the bins that are not empty, four to each doubling.
    """

    calls: Count
    replies: Count
    statuses: Statuses
    rtt_seconds: ResponseTimes | None
    rtt_bins: list[ResponseBin]


class TimelineBin(Struct, frozen=True):
    """What happened from a time on, until the bin is over: calls, and replies that refuse for want of rights."""

    time: Time
    calls: Count
    refused: Count


class TimelineSummary(Struct, frozen=True):
    """Calls and refusals by time, in bins of equal length of which those that are not empty are listed."""

    bin_seconds: float
    bins: list[TimelineBin]


class ConversationSummary(Struct, frozen=True, gc=False):
    """One client address with one server address, transport and port, for one program.

    program: null where only replies were seen. users: the uids of AUTH_SYS credentials.
    tags: the NetInfo tags of the server, and those that calls to nibind name.
    """

    client_ip: str
    server_ip: str
    server_port: Count
    transport: Literal["udp", "tcp"]
    program: Count | None
    program_name: str | None
    tags: list[Text]
    first_time: Time
    last_time: Time
    calls: Count
    replies: Count
    statuses: Statuses
    users: list[Count]


class ConnectionsSummary(Struct, frozen=True, gc=False):
    """TCP connections whose SYN was seen, to endpoints of interest."""

    attempted: Count
    refused: Count
    closed_without_a_byte: Count


class ServerSummary(Struct, frozen=True, gc=False):
    """One server endpoint that was called, or connected to."""

    server_ip: str
    server_port: Count
    transport: Literal["udp", "tcp"]
    programs: list[Count]
    program_names: list[str]
    tags: list[Text]
    clients: Count
    first_time: Time | None
    last_time: Time | None
    calls: Count
    replies: Count
    connections: ConnectionsSummary


class EndpointSummary(Struct, frozen=True):
    """A port of a server."""

    transport: Literal["udp", "tcp"]
    server_port: Count


class DomainSummary(Struct, frozen=True):
    """A NetInfo domain: a tag at one host, as nibind told, or an endpoint whose tag is not known.

    tag: null where no answer of nibind named one, or named several for one port. udp_ports, tcp_ports: as nibind told.
    endpoints: where something was learned of its directories. directories, properties: how many are known.
    incomplete: directories of which not all properties, values or children are known. changes: successful writes.
    """

    tag: Text | None
    server_ip: str
    udp_ports: list[Count]
    tcp_ports: list[Count]
    endpoints: list[EndpointSummary]
    directories: Count
    properties: Count
    incomplete: Count
    changes: Count


class CaptureSummary(Struct, frozen=True):
    """One file of the input.

    warning: a truncated end. error: why it could be read only in part, or not at all.
    """

    capture: str
    format: str | None
    compression: str | None
    link_types: list[str]
    frames: Count
    bytes: Count
    first_time: Time | None
    last_time: Time | None
    warning: str | None
    error: str | None


class FrameSummary(Struct, frozen=True):
    """A frame of a capture, by Wireshark's number."""

    capture: str
    frame: Count


class Finding(Struct, frozen=True):
    """Something a person should know, with its evidence.

    id: of the detector, as `netinfo-scapy findings --explain` takes it.
    title: what was found, in one line. meaning, advice, references: what it means, what to do, where to read on.
    servers, clients: addresses of the hosts concerned. tags, users: domains and accounts concerned.
    count: messages (or connections) that show it. frames: the first of them. filter: shows these frames in Wireshark.
    details: the evidence in rows, whose keys depend on the detector. What is secret in them is hidden, and a password
        hash is its scheme and first two characters, unless they were asked to be revealed.
    """

    id: str
    severity: Severity
    title: str
    servers: list[str]
    clients: list[str]
    tags: list[Text]
    users: list[Text]
    count: Count
    first_time: Time | None
    last_time: Time | None
    frames: list[FrameSummary]
    filter: str
    details: list[dict[str, Any]]
    meaning: str
    advice: str
    references: list[str]


class Summary(Struct, frozen=True):
    """What a set of captures holds.

    findings: what a person should know, with its evidence.
    timeline: when it happened, as finely as some 256 bins can show.
    filtered_from: messages there were before a filter left those counted here; null without one.
    counts_only: no findings were looked for and no directory was rebuilt (`--counts-only`). Then an empty `findings`,
        and 0 in what `domains` tell of directories, say nothing of the captures; domains without a tag are left out.
    anomalies: how many messages have each. not_understood: frames by link type or protocol.
    """

    version: str
    captures: list[CaptureSummary]
    totals: Totals
    filtered_from: Count | None
    counts_only: bool
    servers: list[ServerSummary]
    domains: list[DomainSummary]
    conversations: list[ConversationSummary]
    procedures: dict[str, ProcedureSummary]
    connections: ConnectionsSummary
    anomalies: dict[str, Count]
    not_understood: dict[str, Count]
    findings: list[Finding]
    timeline: TimelineSummary
