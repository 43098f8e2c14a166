"""A host of ours that answers calls: the target of one target, and who answers in the seeds of others."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from fuzz import wire
from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Service
from netinfo_scapy.live.responder.store import ROOT, Object, wire_property

TAG = b"network"
_HASH = b"KmBmPNFjPZw5c"
"""crypt(3) of a password, with whose user one may write."""


def _objects(master: bytes) -> dict[int, Object]:
    named: dict[int, tuple[int, tuple[int, ...], tuple[Any, ...]]] = {
        ROOT: (ROOT, (1, 2), ((b"master", master + b"/network"), (b"trusted_networks", b"127"))),
        1: (ROOT, (3, 4, 7), ((b"name", b"users"), (b"_writers", b"root"))),
        2: (ROOT, (5, 6), ((b"name", b"machines"),)),
        3: (1, (), ((b"name", b"root"), (b"uid", b"0"), (b"passwd", _HASH))),
        4: (1, (), ((b"name", b"guest"), (b"_writers_passwd", b"*"), (b"passwd", b""))),
        5: (2, (), ((b"name", b"host"), (b"ip_address", b"192.0.2.2"), (b"serves", b"./network"))),
        7: (1, (), ((b"name", b"user"), (b"uid", b"501"), (b"passwd", b""), (b"_writers", b"user"))),
        6: (2, (), ((b"name", b"other"), (b"ip_address", b"192.0.2.1"), (b"serves", b"./network"))),
    }
    return {
        number: Object(1, parent, children, tuple(wire_property(name, [value]) for name, value in properties))
        for number, (parent, children, properties) in named.items()
    }


def services(host: Host) -> dict[int, Service]:
    """The programs of a host, by number."""
    return {each.program.number: each for each in (host.domains[TAG], host.nibindd, host.portmapper)}


def make_host(dialect: str, refusal: str | None, *, clone: bool = False) -> Host:
    """A host with one domain, whose master it is, or a clone. refusal: of every write, a status; or None."""
    address = IPv4Address(wire.SERVER)
    host = Host(name=b"host", address=address, dialect=DIALECTS[dialect], refusal=refusal, root_password=_HASH)
    host.add(TAG, _objects(b"other" if clone else b"host"))
    host.register(TAG, Ports(700, 701))
    return host
