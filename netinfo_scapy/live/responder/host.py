"""A host that serves NetInfo: its domains, its nibindd, its port mapper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol

from netinfo_scapy.live.responder.dialects import DIALECTS, Dialect
from netinfo_scapy.live.responder.netinfod import Netinfod
from netinfo_scapy.live.responder.nibindd import Nibindd, Ports
from netinfo_scapy.live.responder.portmapper import Portmapper
from netinfo_scapy.live.responder.service import Caller, Failed, Refused, read_arguments
from netinfo_scapy.live.responder.store import ROOT, Changes, KeepError, Object, Store, wire_property
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import XdrError
from netinfo_scapy.protocol.message import CallHeader, read_header
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.table import Procedure

_LOOPBACK = IPv4Address("127.0.0.1")
_PING, _ROOT, _READ, _BIND = (
    next(row for row in NETINFO.procedures if row.name == name) for name in ("PING", "ROOT", "READ", "BIND")
)
_GETREGISTER = next(row for row in NIBIND.procedures if row.name == "GETREGISTER")


class Keeper(Protocol):
    """Where domains outlive the process. All methods raise KeepError."""

    def keep(self, tag: bytes, changes: Changes) -> None:
        """Changes of a domain's objects, all or none; a tag that is new is a new domain."""

    def drop(self, tag: bytes) -> None:
        """A domain that is gone."""


class NoKeeper:
    """Keeps nothing."""

    def keep(self, tag: bytes, changes: Changes) -> None:
        """Nothing."""

    def drop(self, tag: bytes) -> None:
        """Nothing."""


@dataclass(kw_only=True)
class Host:
    """A host. name: as it stands in `master`, and `hostname` of STATISTICS. address: what it tells as its own.

    addresses: further ones of its own. refusal: the status of writes that
    would be done (as `RDONLY`); None: they are done. root_password: its Unix root's, as crypt(3) has it.
    answering: UDP ports at which a netinfod that is none of ours answered a PING. changed: how often domains came or
    went.
    """

    name: bytes
    address: IPv4Address = _LOOPBACK
    addresses: frozenset[IPv4Address] = frozenset()
    dialect: Dialect = DIALECTS["apple-208"]
    refusal: str | None = "RDONLY"
    root_password: bytes | None = None
    parent: tuple[bytes, IPv4Address] | None = None
    keeper: Keeper = field(default_factory=NoKeeper)
    domains: dict[bytes, Netinfod] = field(default_factory=dict)
    answering: set[int] = field(default_factory=set)
    changed: int = 0
    portmapper: Portmapper = field(default_factory=Portmapper)
    nibindd: Nibindd = field(init=False)

    def __post_init__(self) -> None:
        self.nibindd = Nibindd(self, self.dialect, refusal=self.refusal, root_password=self.root_password)
        self.portmapper.services = {NIBIND.number: self.nibindd}

    def add(self, tag: bytes, objects: Mapping[int, Object]) -> Netinfod:
        """Serve a domain."""
        store = Store(objects, self._keep_for(tag))
        server = Netinfod(tag, store, self, self.dialect, refusal=self.refusal, parent=self.parent)
        self.domains[tag] = server
        self.changed += 1
        if self.dialect.registers_netinfo:
            self.portmapper.services[NETINFO.number] = server
        return server

    def _keep_for(self, tag: bytes) -> Callable[[Changes], None]:
        return lambda changes: self.keeper.keep(tag, changes)

    def register(self, tag: bytes, ports: Ports) -> None:
        """What a netinfod of ours does when it has its ports; nibindd then reads its root."""
        self.nibindd.register(tag, ports)
        for row in (_ROOT, _READ):
            self.domains[tag].counters.count(row.number, 0)

    # what a netinfod asks

    def serves(self, tag: bytes, address: IPv4Address) -> bool:
        """Whether a domain of a tag is here, at one of the host's addresses."""
        own = address.is_loopback or address == self.address or address in self.addresses
        return own and tag in self.domains

    # what nibindd asks

    def has(self, tag: bytes) -> bool:
        """Whether there is a domain of a tag."""
        return tag in self.domains

    def is_alive(self, tag: bytes, ports: Ports) -> bool:
        """Whether a netinfod answers."""
        own = self.domains.get(tag)
        if own is None:
            return ports.udp in self.answering
        own.counters.count(_PING.number, 0)
        return True

    def binds(self, tag: bytes, client_tag: bytes, client: IPv4Address, caller: Caller) -> bool:
        """Whether a domain is the parent of a client's."""
        server = self.domains.get(tag)
        if server is None:
            return False
        try:
            server.call(_BIND, caller, {"tag": client_tag, "addr": int(client)})
        except Failed:
            return False
        return True

    def make(self, tag: bytes, master_name: bytes, master: IPv4Address | None, master_tag: bytes) -> None:
        """A new domain, as nidomain makes one."""
        objects = new_domain(master_name, master or self.address, master_tag)
        try:
            self.keeper.keep(tag, objects)
        except KeepError:
            raise Refused("NOSPACE") from None
        self.add(tag, objects)

    def remove(self, tag: bytes) -> None:
        """Remove a domain."""
        if tag not in self.domains:
            return
        try:
            self.keeper.drop(tag)
        except KeepError:
            raise Refused("NOSPACE") from None
        del self.domains[tag]
        self.changed += 1

    # what the sockets ask

    def to_ping(self, data: bytes) -> int | None:
        """The UDP port of a netinfod that is none of ours, and must be pinged before a call to nibind is answered."""
        others = {tag: ports for tag, ports in self.nibindd if tag not in self.domains}
        header = read_header(data) if others else None
        if (
            not isinstance(header, CallHeader)
            or not header.whole
            or (header.program, header.version, header.procedure)
            != (NIBIND.number, NIBIND.version, _GETREGISTER.number)
            or header.rpc_version != rpc.RPC_VERSION
        ):
            return None
        try:
            given = read_arguments(_GETREGISTER, data, header.end) or {}
        except XdrError:
            return None
        ports = others.get(given["tag"])
        return ports.udp if ports else None

    def services(self) -> Iterator[Netinfod | Nibindd | Portmapper]:
        """Every program that is served."""
        yield from self.domains.values()
        yield self.nibindd
        yield self.portmapper


def new_domain(host: bytes, address: IPv4Address, tag: bytes) -> dict[int, Object]:
    """What a domain begins with: its master, and the machine that this is."""
    machine = (
        wire_property(b"name", [host]),
        wire_property(b"ip_address", [str(address).encode()]),
        wire_property(b"serves", [b"./" + tag]),
    )
    return {
        ROOT: Object(3, ROOT, (1,), (wire_property(b"master", [host + b"/" + tag]),)),
        1: Object(1, ROOT, (2,), (wire_property(b"name", [b"machines"]),)),
        2: Object(0, 1, (), machine),
    }


def is_readall(row: Procedure | None) -> bool:
    """Whether a call asked for the whole of a domain."""
    return row is not None and row.name == "READALL"
