"""Which hosts are known to serve NetInfo: given by hand, or named in the directories that were rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from msgspec import Struct

from netinfo_scapy.analysis.directory.tree import Directory, Domain

_MOST_BYTES = 16 << 20
"""Of a file of known servers."""


class Given(Struct, frozen=True):
    """A line of the file of known servers. tag: None for any."""

    network: IPv4Network | IPv6Network
    tag: bytes | None


class Machine(Struct, frozen=True):
    """A directory of /machines. addresses: packed. serves: tags that it is said to serve; here: of its own domain."""

    names: frozenset[bytes]
    addresses: frozenset[bytes]
    serves: frozenset[bytes]
    here: frozenset[bytes] = frozenset()


class Known:
    """What is known of hosts.

    given: by hand. domains: those that were rebuilt; their /machines and the `master` of their roots count.
    """

    def __init__(self, given: Iterable[Given] = (), domains: Iterable[Domain] = ()) -> None:
        domains = list(domains)
        machines = {id(domain): list(_machines(domain)) for domain in domains}
        self._given = tuple(given)
        self._machines = tuple(machine for domain in domains for machine in machines[id(domain)])
        self._here = {
            number: {address for each in mine if each.here for address in each.addresses}
            for number, mine in machines.items()
        }
        self._by_address: dict[bytes, list[Machine]] = {}
        for machine in self._machines:
            for address in machine.addresses:
                self._by_address.setdefault(address, []).append(machine)
        masters = {master for domain in domains for master in _masters(domain)}
        self._masters = {
            (address, tag)
            for machine in self._machines
            for host, tag in masters
            if host in machine.names
            for address in machine.addresses
        }

    def with_domains(self, domains: Iterable[Domain]) -> Known:
        """The same, and what domains say."""
        return Known(self._given, domains)

    @property
    def anything(self) -> bool:
        """Whether any server is known at all."""
        return bool(self._given or any(machine.serves for machine in self._machines))

    def serves(self, address: bytes, tag: bytes | None = None) -> bool:
        """Whether a host is known to serve a tag, be it as the master or as a clone; any tag, where that is None."""
        if self._is_given(address, tag):
            return True
        served = [each.serves for each in self._by_address.get(address, ())]
        return any(tag in tags if tag is not None else tags for tags in served)

    def _is_given(self, address: bytes, tag: bytes | None) -> bool:
        """Whether a host was given as a server of a tag, or of any, where that is None."""
        number = ip_address(address)
        return any(number in each.network and (tag is None or each.tag in (None, tag)) for each in self._given)

    def is_master(self, address: bytes, tag: bytes) -> bool:
        """Whether a host is known to be the master of the domain that it serves under a tag."""
        return (address, tag) in self._masters

    def serves_domain(self, address: bytes, domain: Domain | None) -> bool:
        """Whether a host is known to serve this very domain, be it as the master or as a clone."""
        if self._is_given(address, None if domain is None else domain.tag):
            return True
        return domain is not None and address in self._here.get(id(domain), ())

    def addresses_of(self, host: bytes) -> frozenset[bytes]:
        """The packed addresses of the host of a name."""
        return frozenset(address for each in self._machines if host in each.names for address in each.addresses)

    def is_server(self, address: bytes, tag: bytes | None = None) -> bool:
        """Whether a host is known as a server of a tag, or of any: it is said to serve it, or to be its master."""
        return self.serves(address, tag) or any(
            address == host and tag in (None, served) for host, served in self._masters
        )

    def is_same_host(self, one: bytes, other: bytes) -> bool:
        """Whether two addresses are those of one host: equal, or both in one directory of /machines."""
        if one == other:
            return True
        mine = self._by_address.get(one)
        return mine is not None and any(other in machine.addresses for machine in mine)


def read_known(path: Path) -> list[Given]:
    """The servers of a file: an address or network a line, after which a tag can stand; # begins a comment.

    Raises OSError, and ValueError with the line that is wrong.
    """
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{path}: longer than {_MOST_BYTES >> 20} MB; this is no list of servers")
    return [given for number, line in enumerate(data.splitlines(), 1) for given in _given(line, f"{path}:{number}")]


def _given(line: bytes, where: str) -> Iterator[Given]:
    words = line.partition(b"#")[0].split()
    if not words:
        return
    text = words[0].decode("ascii", "backslashreplace")
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(
            f"{where}: {text!r} is no address or network; write 192.0.2.1, 192.0.2.1 network or 192.0.2.0/24"
        ) from None
    if len(words) > 2:
        raise ValueError(f"{where}: more than an address and a tag; write one server a line")
    yield Given(network, words[1] if len(words) == 2 else None)


def _machines(domain: Domain) -> Iterator[Machine]:
    """What the directories with an address and a name say, wherever they are."""
    for each in domain.directories():
        told, names = each.values(b"ip_address"), each.values(b"name")
        addresses = frozenset(_packed(told)) if told and names else None
        if addresses and names:
            served = [value.rpartition(b"/") for value in each.values(b"serves") or () if b"/" in value]
            here = frozenset(tag for above, _, tag in served if above == b".")
            yield Machine(frozenset(names), addresses, frozenset(tag for *_, tag in served), here)


def _masters(domain: Domain) -> Iterator[tuple[bytes, bytes]]:
    """The host and the tag that the root names as the master."""
    root: Directory | None = domain.root
    host, slash, tag = (root.first(b"master") or b"" if root else b"").rpartition(b"/")
    if slash:
        yield host, tag


def _packed(values: Iterable[bytes]) -> Iterator[bytes]:
    """Addresses in dotted form, packed; others are left out."""
    for value in values:
        try:
            yield IPv4Address(value.decode("ascii")).packed
        except ValueError:
            continue
