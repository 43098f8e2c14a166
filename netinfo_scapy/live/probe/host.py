"""One host: its ports at once, then what the port mapper and nibind name, then each netinfod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

from netinfo_scapy.analysis.probed import DomainProbed, HostProbed, PortProbed, TagProbed, Verdict
from netinfo_scapy.analysis.values import file_name, text_of
from netinfo_scapy.live.client import Nibind_Client, Portmap_Client
from netinfo_scapy.live.errors import ClientError, UnresolvedError
from netinfo_scapy.live.probe.domain import Domain
from netinfo_scapy.live.probe.pace import Pace
from netinfo_scapy.live.probe.ports import UDP_TRANSMISSIONS, probe_port
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT, program_name

USUAL_PORTS = (NETINFO_PORT, PORTMAP_PORT, 1033, 1043)
"""Ours, the port mapper's, tag local's from release 233 on, the one of the Previous emulator."""

_TRANSPORTS = ("udp", "tcp")
_MOST_DOMAINS = 32
_MOST_AT_ONCE = 16
_WORTH = {verdict: number for number, verdict in enumerate(get_args(Verdict))}
_PROTOCOLS = {17: "udp", 6: "tcp"}


@dataclass(frozen=True)
class Manner:
    """How a probe goes about it.

    ports: those that are asked. rate: messages and connections a second, at the most. timeout: seconds for each.
    checks: whether a netinfod is judged; deep: also by what takes its whole database.
    """

    ports: Sequence[int] = USUAL_PORTS
    rate: float = 20.0
    timeout: float = 3.0
    checks: bool = True
    deep: bool = False


_Mappings = dict[tuple[int, str], int]
"""(program, transport) -> port."""


def probe(host: str, manner: Manner) -> HostProbed:
    """What is at a host. Nothing is written, nothing is left unfinished."""
    pace = Pace(manner.rate)
    try:
        ports = _ports(host, manner, pace)
    except UnresolvedError:
        return HostProbed(file_name(host), "unresolved", [], [], [], 0, pace.cost())
    mappings = _mappings(host, ports, manner, pace)
    tags = _tags(host, ports, mappings, manner, pace)
    places = _places(ports, mappings, tags)
    domains = list(_domains(host, places[:_MOST_DOMAINS], mappings, manner, pace))
    left_out = len(places[_MOST_DOMAINS:])
    verdict = _verdict(ports, tags, domains)
    return HostProbed(file_name(host), verdict, ports, tags, domains, left_out, pace.cost())


def _ports(host: str, manner: Manner, pace: Pace) -> list[PortProbed]:
    wanted = [(port, transport) for port in dict.fromkeys(manner.ports) for transport in _TRANSPORTS]
    with ThreadPoolExecutor(min(len(wanted), _MOST_AT_ONCE) or 1) as pool:
        found = [pool.submit(probe_port, host, port, how, pace, manner.timeout) for port, how in wanted]
        return [each.result() for each in found]


def _mappings(host: str, ports: Iterable[PortProbed], manner: Manner, pace: Pace) -> _Mappings | None:
    """What the port mapper knows of ours; None where there is none, or it does not tell."""
    portmap = next((port for port in ports if "portmap" in port.programs), None)
    if portmap is None:
        return None
    client = pace.client(Portmap_Client, portmap.transport, transmissions=UDP_TRANSMISSIONS)
    try:
        with client.connect(host, portmap.port, manner.timeout):
            told = client.call("DUMP").value["mappings"]
    except ClientError:
        return None
    return {
        (each["program"], _PROTOCOLS[each["protocol"]]): each["port"]
        for each in told
        if each["program"] in (NETINFO.number, NIBIND.number) and each["protocol"] in _PROTOCOLS
    }


def _tags(
    host: str, ports: Iterable[PortProbed], mappings: _Mappings | None, manner: Manner, pace: Pace
) -> list[TagProbed]:
    """The domains that the host's nibind names."""
    places: list[tuple[str, int]] = [(port.transport, port.port) for port in ports if "nibind" in port.programs]
    places += [(how, port) for (program, how), port in (mappings or {}).items() if program == NIBIND.number]
    for transport, port in dict.fromkeys(places):
        client = pace.client(Nibind_Client, transport, transmissions=UDP_TRANSMISSIONS)
        try:
            with client.connect(host, port, manner.timeout):
                told = client.call("LISTREG").value["registrations"]
        except ClientError:
            continue
        return [TagProbed(text_of(each["tag"]), each["udp_port"], each["tcp_port"]) for each in told]
    return []


_Place = tuple[int | None, int | None, tuple[int, int] | None]
"""UDP and TCP port of a netinfod, None where there is none; the two as nibind tells them."""


def _places(ports: Sequence[PortProbed], mappings: _Mappings | None, tags: Sequence[TagProbed]) -> list[_Place]:
    """Where netinfods are: those that nibind names, then others that were found."""
    named = [(tag.udp_port, tag.tcp_port) for tag in tags if 0 < tag.udp_port < 65536 and 0 < tag.tcp_port < 65536]
    places: list[_Place] = [(udp, tcp, (udp, tcp)) for udp, tcp in dict.fromkeys(named)]
    known = {place for pair in named for place in zip(_TRANSPORTS, pair, strict=True)}
    found: list[tuple[str, int]] = [(port.transport, port.port) for port in ports if "NetInfo" in port.programs]
    found += [(how, port) for (program, how), port in (mappings or {}).items() if program == NETINFO.number]
    for number in dict.fromkeys(port for how, port in found if (how, port) not in known):
        # A server that shuts strangers out answers over UDP alone.
        places.append((number if ("udp", number) in found else None, number, None))
    return places


def _domains(
    host: str, places: Sequence[_Place], mappings: _Mappings | None, manner: Manner, pace: Pace
) -> Iterator[DomainProbed]:
    """What answers at these places."""
    registered = None if mappings is None else frozenset(program_name(program) for program, _ in mappings)
    for udp_port, tcp_port, told in places:
        made = Domain(host, udp_port, tcp_port, pace, manner.timeout, registered, told)
        probed = made.probed(manner.checks, manner.deep)
        if probed is not None:
            yield probed


def _verdict(ports: Iterable[PortProbed], tags: Sequence[TagProbed], domains: Sequence[DomainProbed]) -> Verdict:
    found = {port.verdict for port in ports}
    if domains:
        return "netinfo"
    if tags:
        found.add("nibind")
    return max(found, key=_WORTH.__getitem__, default="closed")
