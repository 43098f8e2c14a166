"""Facts -> summary."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from netinfo_scapy.analysis.directory.rebuild import rebuild
from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.analysis.facts import ConversationFacts, ConversationKey, Facts, ProcedureFacts, ServerFacts, Timed
from netinfo_scapy.analysis.findings.basis import Basis
from netinfo_scapy.analysis.findings.conclusions import conclusions
from netinfo_scapy.analysis.findings.known import Known
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.histogram import Durations
from netinfo_scapy.analysis.summary import (
    CaptureSummary,
    ConnectionsSummary,
    ConversationSummary,
    DomainSummary,
    EndpointSummary,
    ProcedureSummary,
    ResponseBin,
    ResponseTimes,
    ServerSummary,
    Summary,
    Text,
    TimelineBin,
    TimelineSummary,
    Totals,
)
from netinfo_scapy.analysis.timeline import Timeline
from netinfo_scapy.analysis.values import file_name, rfc3339, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.sources import Capture
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import program_name


def conclude(
    facts: Facts,
    captures: Iterable[Capture],
    interest: Interest,
    version: str,
    *,
    known: Known | None = None,
    reveal: bool = False,
    domains: Sequence[Domain] | None = None,
) -> Summary:
    """The summary of everything counted.

    known: servers that were given by hand. reveal: findings show passwords and hashes. domains: as `domains_in` has
    them, where they are at hand already.
    """
    captures = list(captures)
    if domains is None:
        domains = domains_in(facts, interest)
    digits = _digits(captures)
    findings = (
        []
        if facts.counts_only
        else conclusions(view_of(facts, captures, interest, domains, known=known, reveal=reveal))
    )
    servers = sorted(facts.servers.items(), key=_server_order)
    return Summary(
        version=version,
        captures=[_capture(capture) for capture in captures],
        totals=_totals(facts, captures, domains),
        filtered_from=facts.filtered_from,
        counts_only=facts.counts_only,
        servers=[_server(key, row, interest, digits) for key, row in servers],
        domains=_domains(interest, domains),
        conversations=[
            _conversation(key, row, interest, digits)
            for key, row in sorted(facts.conversations.items(), key=_conversation_order)
        ],
        procedures={name: _procedure(facts.procedures[name]) for name in sorted(facts.procedures)},
        connections=_connections(facts.servers.values()),
        anomalies=_sorted(facts.anomalies),
        not_understood=_sorted(facts.not_understood),
        findings=findings,
        timeline=_timeline(facts.timeline, digits),
    )


def view_of(
    facts: Facts,
    captures: Sequence[Capture],
    interest: Interest,
    domains: Sequence[Domain],
    *,
    known: Known | None = None,
    reveal: bool = False,
    basis: Basis | None = None,
) -> View:
    """What detectors conclude from. known, reveal, domains: as in `conclude`. basis: as in `View`."""
    known = (known or Known()).with_domains(domains)
    return View(facts, captures, interest, _digits(captures), domains, known, reveal, basis)


def domains_in(facts: Facts, interest: Interest) -> list[Domain]:
    """The domains that were rebuilt, as large as a summary wants them."""
    return rebuild(facts.sightings, interest, Limits.directories)


def _digits(captures: Iterable[Capture]) -> int:
    """Of times: as many as the finest capture has."""
    return max((capture.digits for capture in captures), default=6)


def _server_order(item: tuple[tuple[Transport, Endpoint], ServerFacts]) -> tuple[bytes, int, int]:
    (transport, endpoint), _ = item
    return endpoint.address, endpoint.port, transport


def _conversation_order(item: tuple[ConversationKey, ConversationFacts]) -> tuple[int, bytes, bytes, int, int, int]:
    key, row = item
    program = -1 if key.program is None else key.program
    return row.first_ns or 0, key.client, key.server.address, key.server.port, key.transport, program


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _totals(facts: Facts, captures: Iterable[Capture], domains: Iterable[Domain]) -> Totals:
    totals, sightings = facts.totals, facts.sightings
    # What a domain let go was let go of the sightings before, or when they were gone through.
    rebuilding = sum(domain.evicted for domain in domains) - sum(each.evicted for each in sightings.tables.values())
    captures = list(captures)
    return Totals(
        frames=sum(capture.frames_read for capture in captures),
        bytes=sum(capture.bytes_read for capture in captures),
        messages=totals.messages,
        calls=totals.calls,
        replies=totals.replies,
        calls_without_reply=totals.calls - totals.retransmissions - totals.answered,
        replies_without_call=totals.replies_without_call,
        retransmissions=totals.retransmissions,
        duplicate_replies=totals.duplicate_replies,
        incomplete_records=totals.incomplete_records,
        missed_bytes=totals.missed_bytes,
        not_rpc=totals.not_rpc,
        cut_frames=totals.cut_frames,
        bad_checksums=totals.bad_checksums,
        stray_segments=totals.stray_segments,
        lost_fragment_bytes=totals.lost_fragment_bytes,
        evicted=totals.evicted + facts.clues.evicted + sightings.evicted + rebuilding,
    )


def _capture(capture: Capture) -> CaptureSummary:
    first, last = _times(Timed(capture.first_ns, capture.last_ns), capture.digits)
    return CaptureSummary(
        capture=file_name(capture.name),
        format=capture.format,
        compression=capture.compression,
        link_types=sorted(capture.link_types),
        frames=capture.frames_read,
        bytes=capture.bytes_read,
        first_time=first,
        last_time=last,
        warning=capture.warning,
        error=capture.error,
    )


def _times(row: Timed, digits: int) -> tuple[str | None, str | None]:
    if row.first_ns is None or row.last_ns is None:
        return None, None
    first = rfc3339(row.first_ns, digits)
    return first, first if row.last_ns == row.first_ns else rfc3339(row.last_ns, digits)


def _durations(durations: Durations) -> ResponseTimes | None:
    if not durations.count:
        return None
    return ResponseTimes(
        count=durations.count,
        min=durations.least / 1e9,
        median=durations.quantile(0.5) / 1e9,
        p95=durations.quantile(0.95) / 1e9,
        max=durations.most / 1e9,
    )


def _procedure(row: ProcedureFacts) -> ProcedureSummary:
    bins = [ResponseBin(low / 1e9, high / 1e9, count) for low, high, count in row.durations.coarse()]
    return ProcedureSummary(row.calls, row.replies, _sorted(row.statuses), _durations(row.durations), bins)


def _timeline(timeline: Timeline, digits: int) -> TimelineSummary:
    bins = [
        TimelineBin(rfc3339(number << timeline.level, digits), calls, refused)
        for number, (calls, refused) in sorted(timeline.bins.items())
    ]
    return TimelineSummary((1 << timeline.level) / 1e9, bins)


def _texts(values: Iterable[bytes]) -> list[Text]:
    return [text_of(value) for value in sorted(values)]


def _conversation(key: ConversationKey, row: ConversationFacts, interest: Interest, digits: int) -> ConversationSummary:
    served = interest.tags_of(key.transport, key.server) if key.program == NETINFO.number else set()
    first, last = _times(row, digits)
    return ConversationSummary(
        client_ip=ip_text(key.client),
        server_ip=key.server.ip,
        server_port=key.server.port,
        transport=key.transport.label,
        program=key.program,
        program_name=None if key.program is None else program_name(key.program),
        tags=_texts({*row.tags, *served}),
        first_time=first or "",
        last_time=last or "",
        calls=row.calls,
        replies=row.replies,
        statuses=_sorted(row.statuses),
        users=list(row.users),
    )


def _connections(rows: Iterable[ServerFacts]) -> ConnectionsSummary:
    rows = list(rows)
    return ConnectionsSummary(
        attempted=sum(row.attempted for row in rows),
        refused=sum(row.refused for row in rows),
        closed_without_a_byte=sum(row.closed_without_a_byte for row in rows),
    )


def _server(key: tuple[Transport, Endpoint], row: ServerFacts, interest: Interest, digits: int) -> ServerSummary:
    transport, endpoint = key
    first, last = _times(row, digits)
    return ServerSummary(
        server_ip=endpoint.ip,
        server_port=endpoint.port,
        transport=transport.label,
        programs=list(row.programs),
        program_names=[program_name(number) for number in row.programs],
        tags=_texts(interest.tags_of(transport, endpoint)),
        clients=len(row.clients),
        first_time=first,
        last_time=last,
        calls=row.calls,
        replies=row.replies,
        connections=_connections([row]),
    )


def _domains(interest: Interest, domains: Iterable[Domain]) -> list[DomainSummary]:
    """Every tag that nibind or a server named, with its ports; then what was learned where the tag is not known."""
    ports: defaultdict[tuple[bytes, bytes], Counter[tuple[Transport, int]]] = defaultdict(Counter)
    for (transport, endpoint), known in interest.learned.items():
        for tag in known.tags:
            ports[endpoint.address, tag][transport, endpoint.port] += 1
    rebuilt = {(domain.address, domain.tag): domain for domain in domains}
    told = [(tag, address, rebuilt.get((address, tag), Domain())) for address, tag in ports]
    told.sort(key=lambda domain: domain[:2])
    untold = [(domain.address, domain) for domain in domains if domain.tag is None and domain.address is not None]
    return [
        *(_domain(tag, address, ports[address, tag], domain) for tag, address, domain in told),
        *(_domain(None, address, (), domain) for address, domain in untold),
    ]


def _domain(tag: bytes | None, address: bytes, ports: Iterable[tuple[Transport, int]], domain: Domain) -> DomainSummary:
    directories = properties = incomplete = 0
    for directory in domain.directories():
        directories += 1
        properties += len(directory.properties)
        incomplete += not (directory.whole and directory.all_children)
    return DomainSummary(
        tag=None if tag is None else text_of(tag),
        server_ip=ip_text(address),
        udp_ports=sorted(port for transport, port in ports if transport is Transport.UDP),
        tcp_ports=sorted(port for transport, port in ports if transport is Transport.TCP),
        endpoints=[EndpointSummary(transport.label, endpoint.port) for transport, endpoint in domain.endpoints],
        directories=directories,
        properties=properties,
        incomplete=incomplete,
        changes=len(domain.changes),
    )
