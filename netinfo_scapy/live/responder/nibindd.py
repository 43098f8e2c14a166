"""nibindd: which domains a host serves, and on which ports (docs/specification.md, 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any, NamedTuple, Protocol

from netinfo_scapy.live.responder.dialects import Dialect
from netinfo_scapy.live.responder.rights import carried, password_fits
from netinfo_scapy.live.responder.service import Caller, Failed, Refused
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.table import Procedure

MOST_LISTED = 32
"""Registrations that an answer to LISTREG can hold."""

MOST_REGISTERED = 4_096
"""Registrations that are kept; a host has a few."""

_CHANGES = frozenset({"REGISTER", "UNREGISTER", "CREATEMASTER", "CREATECLONE", "DESTROYDOMAIN"})

Arguments = Mapping[str, Any]
Result = dict[str, Any]


class Ports(NamedTuple):
    """Where a domain is served."""

    udp: int
    tcp: int


class Domains(Protocol):
    """The host that a nibindd belongs to."""

    def is_alive(self, tag: bytes, ports: Ports) -> bool:
        """Whether a netinfod answers a PING there."""

    def binds(self, tag: bytes, client_tag: bytes, client: IPv4Address, caller: Caller) -> bool:
        """Whether the domain of a tag takes itself for the parent of a client's domain."""

    def make(self, tag: bytes, master_name: bytes, master: IPv4Address | None, master_tag: bytes) -> None:
        """A new domain; master: the address of its master, None where that is this host. Raises KeepError."""

    def remove(self, tag: bytes) -> None:
        """Remove a domain and its directory. Raises KeepError."""

    def has(self, tag: bytes) -> bool:
        """Whether there is a domain of a tag, registered or not."""

    name: bytes


class Nibindd:
    """One host's nibindd.

    refusal: as of `Netinfod`. root_password: of the host's own root, as crypt(3) has it; None: none fits.
    """

    program = NIBIND

    def __init__(
        self, host: Domains, dialect: Dialect, *, refusal: str | None = None, root_password: bytes | None = None
    ) -> None:
        self.host = host
        self.dialect = dialect
        self.own_results = dialect.own_results
        self.fragment = dialect.nibind_fragment
        self.refusal = refusal
        self.root_password = root_password
        self._registered: list[tuple[bytes, Ports]] = []

    def __iter__(self) -> Iterator[tuple[bytes, Ports]]:
        return iter(self._registered)

    def ports(self, tag: bytes) -> Ports | None:
        """Where a domain is served, if it is registered."""
        return dict(self._registered).get(tag)

    def register(self, tag: bytes, ports: Ports) -> None:
        """Know a domain; one that is known stays in its place."""
        tags = [each for each, _ in self._registered]
        if tag in tags:
            self._registered[tags.index(tag)] = tag, ports
        elif len(tags) >= MOST_REGISTERED:
            raise Refused("NOSPACE")
        else:
            self._registered.append((tag, ports))

    def unregister(self, tag: bytes) -> None:
        """Forget a domain, if it is known: the last one takes its place."""
        tags = [each for each, _ in self._registered]
        if tag in tags:
            self._registered[tags.index(tag)] = self._registered[-1]
            del self._registered[-1]

    # what a service is asked

    def offers(self, row: Procedure) -> bool:
        """Whether the procedure is there."""
        return row.name in self.dialect.nibind_served

    def offers_over_udp(self, row: Procedure | None) -> bool:
        """Whether it is served over UDP."""
        return row is not None and row.name in self.dialect.nibind_over_udp

    def trusts(self, _caller: Caller) -> bool:
        """Everybody may ask."""
        return True

    def call(self, row: Procedure, caller: Caller, arguments: Arguments) -> Result | None:
        """Carry a call out. Raises Refused, Failed."""
        if row.name in _CHANGES:
            self._permit(caller)
        return _PROCEDURES[row.name](self, caller, arguments)

    def _permit(self, caller: Caller) -> None:
        fits = (
            caller.fields is not None
            and self.root_password is not None
            and password_fits(carried(caller), self.root_password)
        )
        if not (caller.is_root_here or fits):
            raise Refused("PERM")
        if self.refusal:
            raise Refused(self.refusal)

    def _ping(self, _caller: Caller, _given: Arguments) -> None:
        return None

    def _register(self, _caller: Caller, given: Arguments) -> Result:
        self.register(given["tag"], Ports(given["udp_port"], given["tcp_port"]))
        return {"status": 0}

    def _unregister(self, _caller: Caller, given: Arguments) -> Result:
        self.unregister(given["tag"])
        return {"status": 0}

    def _getregister(self, _caller: Caller, given: Arguments) -> Result:
        ports = self.ports(given["tag"])
        if ports is None:
            raise Refused("NOTAG")
        if not self.host.is_alive(given["tag"], ports):
            raise Refused("NORESPONSE")
        return {"status": 0, "udp_port": ports.udp, "tcp_port": ports.tcp}

    def _listreg(self, _caller: Caller, _given: Arguments) -> Result:
        if len(self._registered) > MOST_LISTED and not self.own_results:
            # The library has sent the status and the count when it finds that the list is too long.
            raise Failed(bytes(4) + len(self._registered).to_bytes(4, "big"))
        registrations = [{"tag": tag, "udp_port": ports.udp, "tcp_port": ports.tcp} for tag, ports in self._registered]
        return {"status": 0, "registrations": registrations}

    def _createmaster(self, _caller: Caller, given: Arguments) -> Result:
        return self._create(given["tag"], self.host.name, None, given["tag"])

    def _createclone(self, _caller: Caller, given: Arguments) -> Result:
        master = IPv4Address(given["master_addr"])
        return self._create(given["tag"], given["master_name"], master, given["master_tag"])

    def _create(self, tag: bytes, master_name: bytes, master: IPv4Address | None, master_tag: bytes) -> Result:
        if self.ports(tag) or self.host.has(tag):
            raise Refused("DUPTAG")
        self.host.make(tag, master_name, master, master_tag)
        return {"status": 0}

    def _destroydomain(self, _caller: Caller, given: Arguments) -> Result:
        tag = given["tag"]
        if self.ports(tag) is None and not self.host.has(tag):
            raise Refused("NOTAG")
        self.host.remove(tag)
        self.unregister(tag)
        return {"status": 0}

    def _bind(self, caller: Caller, given: Arguments) -> Result | None:
        registered = self.ports(given["server_tag"]) is not None
        client = IPv4Address(given["client_addr"])
        if not (registered and self.host.binds(given["server_tag"], given["client_tag"], client, caller)):
            raise Refused("NOTAG") if self.own_results else Failed
        return {"status": 0} if self.own_results else None


_PROCEDURES: dict[str, Callable[[Nibindd, Caller, Arguments], Result | None]] = {
    "PING": Nibindd._ping,
    "REGISTER": Nibindd._register,
    "UNREGISTER": Nibindd._unregister,
    "GETREGISTER": Nibindd._getregister,
    "LISTREG": Nibindd._listreg,
    "CREATEMASTER": Nibindd._createmaster,
    "CREATECLONE": Nibindd._createclone,
    "DESTROYDOMAIN": Nibindd._destroydomain,
    "BIND": Nibindd._bind,
}
