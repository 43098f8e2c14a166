"""What a probe found at a host: the object that `netinfo-scapy probe --json` prints, a line for each host.

The JSON Schema is made from these classes.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from netinfo_scapy.analysis.summary import Count, Text

Verdict = Literal["closed", "filtered", "silent", "not-rpc", "rpc", "nibind", "netinfo", "unresolved"]
"""From nothing to all: refused; unanswered; connections are taken and no call is answered; something else speaks there;
RPC without NetInfo; nibindd alone; netinfod. unresolved: the host has no address."""

MEANINGS: dict[Verdict, str] = {
    "closed": "closed: nothing listens",
    "filtered": "filtered: nothing comes back",
    "silent": "open, but no call is answered: not RPC, or stalled",
    "not-rpc": "open, but not RPC",
    "rpc": "RPC, but not NetInfo",
    "nibind": "nibind: a NetInfo host without a domain that answers",
    "netinfo": "NetInfo",
    "unresolved": "the host has no address",
}
"""Each verdict for people. Later ones say more."""


class PortProbed(Struct, frozen=True):
    """One port. programs: those that answered there, by name. evidence: what was asked, and what came back."""

    port: Count
    transport: Literal["udp", "tcp"]
    verdict: Verdict
    programs: list[str]
    evidence: list[str]


class TagProbed(Struct, frozen=True):
    """A domain that nibind names."""

    tag: Text
    udp_port: Count
    tcp_port: Count


class CheckProbed(Struct, frozen=True):
    """One way to tell a real netinfod from an imitation.

    expected: what a genuine netinfod answers. agrees: null where nothing came back to judge by.
    """

    id: str
    title: str
    expected: str
    found: str
    agrees: bool | None


class GiftProbed(Struct, frozen=True):
    """Something that a stranger asked for. given: whether it was got."""

    what: str
    given: bool
    evidence: str


class DomainProbed(Struct, frozen=True):
    """One netinfod.

    udp_port, tcp_port: null where it was not asked, or does not answer there. tag, master: as the server tells.
    role: of this server in its domain. implementation: netinfod, the server of the Previous emulator, or something else
    that speaks the protocol. release: of netinfod, as far as its statistics tell. binding: what it says of its parent.
    shut_out: strangers' connections are closed without a byte (trusted_networks). impostor: whether it says to be
    a netinfod, and checks say otherwise; null where there were none.
    """

    udp_port: Count | None
    tcp_port: Count | None
    tag: Text | None
    role: Literal["master", "clone"] | None
    implementation: Literal["netinfod", "previous", "other"] | None
    release: str | None
    hostname: Text | None
    master: Text | None
    binding: Text | None
    shut_out: bool
    gives: list[GiftProbed]
    checks: list[CheckProbed]
    impostor: bool | None


class Cost(Struct, frozen=True):
    """What was sent for it. calls, answers: RPC messages, all transmissions counted."""

    calls: Count
    answers: Count
    connections: Count
    seconds: float


class HostProbed(Struct, frozen=True):
    """One host. verdict: the one that says most of all its ports'. domains_left_out: too many to be asked."""

    host: str
    verdict: Verdict
    ports: list[PortProbed]
    tags: list[TagProbed]
    domains: list[DomainProbed]
    domains_left_out: Count
    cost: Cost
