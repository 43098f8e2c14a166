"""What a probe found, for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from netinfo_scapy.analysis.probed import MEANINGS, DomainProbed, HostProbed
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.report.escape import printable, shown

_IMPLEMENTATIONS = {
    "netinfod": "netinfod",
    "previous": "the server of the Previous emulator",
    "other": "something that speaks NetInfo, not netinfod",
    None: "a server that tells nothing of itself",
}


def probe_report(found: HostProbed, full: bool = False) -> RenderableType:
    """A host's verdict with its evidence. full: also the checks that agree, and the evidence of every port."""
    return Group(*(_indented(text, style) for text, style in _lines(found, full)))


def _indented(text: str, style: str) -> RenderableType:
    """A line; what of it has no room is on the next ones, indented as much."""
    words = text.lstrip(" ")
    return Padding(Text(printable(words), style, overflow="fold"), (0, 0, 0, len(text) - len(words)))


def _lines(found: HostProbed, full: bool) -> Iterator[tuple[str, str]]:
    yield f"{found.host}: {MEANINGS[found.verdict]}", "bold"
    for port in found.ports:
        served = f" ({', '.join(port.programs)})" if port.programs else ""
        yield f"  {port.port}/{port.transport}: {MEANINGS[port.verdict]}{served}", ""
        if full or port.verdict not in ("closed", "filtered"):
            yield from ((f"      {each}", "dim") for each in port.evidence)
    for tag in found.tags:
        yield f"  nibind names {shown(tag.tag)}: {tag.udp_port}/udp, {tag.tcp_port}/tcp", ""
    for domain in found.domains:
        yield from _domain(domain, full)
    if found.domains_left_out:
        yield f"  {found.domains_left_out} more domains were not asked: too many", ""
    cost = found.cost
    yield (
        f"  asked with {counted(cost.calls, 'call')} over {counted(cost.connections, 'connection')} in "
        f"{cost.seconds:.1f} s; {counted(cost.answers, 'answer')}; nothing was written",
        "dim",
    )


def _domain(domain: DomainProbed, full: bool) -> Iterator[tuple[str, str]]:
    ports = [f"{port}/{how}" for port, how in ((domain.udp_port, "udp"), (domain.tcp_port, "tcp")) if port is not None]
    tag = f"domain {shown(domain.tag)}" if domain.tag is not None else "a domain that is not named"
    yield f"  {tag} at {', '.join(ports)}: {', '.join(_identity(domain))}", "bold"
    if domain.shut_out:
        yield "      strangers' connections are closed without a byte: trusted_networks leaves this host out", ""
    for gift in domain.gives:
        yield f"      {'gives' if gift.given else 'keeps'} {gift.what}: {gift.evidence}", ""
    judged = [check for check in domain.checks if check.agrees is not None]
    wrong = [check for check in judged if not check.agrees]
    if domain.impostor is not None:
        verdict = (
            f"gives itself away in {len(wrong)} of {len(judged)} checks"
            if domain.impostor
            else f"answers as a genuine one in {len(judged)} of {len(judged)} checks"
        )
        yield f"      {verdict}", "bold" if domain.impostor else ""
    for check in domain.checks if full else wrong:
        marks = {True: "as expected", False: f"expected: {check.expected}", None: f"would be: {check.expected}"}
        yield f"        {check.id}: {check.title}: {check.found} ({marks[check.agrees]})", ""


def _identity(domain: DomainProbed) -> Iterator[str]:
    release = f" of release {domain.release}" if domain.release else ""
    yield f"{_IMPLEMENTATIONS[domain.implementation]}{release}"
    if domain.role:
        yield domain.role
    if domain.hostname is not None:
        yield f"host {shown(domain.hostname)}"
    if domain.master is not None:
        yield f"the domain's master is {shown(domain.master)}"
    if domain.binding is not None:
        yield f"parent {shown(domain.binding)}"
