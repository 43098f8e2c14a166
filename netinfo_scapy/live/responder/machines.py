"""What a directory says of servers: `master`, `serves`, `ip_address`, `trusted_networks`.

Source: docs/specification.md, 8.5 and 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import NamedTuple

from netinfo_scapy.live.responder.store import ROOT, Object, Store

_HERE, _ABOVE = b".", b".."
_OCTETS = 4


def _machines(store: Store) -> Iterator[Object]:
    number = store.child(ROOT, b"name", b"machines")
    if number is not None:
        yield from (store.objects[each] for each in store.objects[number].children)


def _addresses(machine: Object) -> Iterator[IPv4Address]:
    for value in machine.values(b"ip_address") or ():
        try:
            yield IPv4Address(value.decode("ascii"))
        except (UnicodeDecodeError, AddressValueError):
            continue


def addresses(store: Store) -> Iterator[IPv4Address]:
    """Every address of a machine."""
    for machine in _machines(store):
        yield from _addresses(machine)


def _served(machine: Object) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of domain and tag that a machine serves."""
    for value in machine.values(b"serves") or ():
        domain, slash, tag = value.rpartition(b"/")
        if slash:
            yield domain, tag


def master_of(store: Store) -> tuple[bytes, bytes] | None:
    """Host and tag of the master, as the root's `master` has it."""
    value = store.objects[ROOT].first(b"master")
    if value is None or b"/" not in value:
        return None
    host, _, tag = value.rpartition(b"/")
    return host, tag


def is_master(store: Store, address: bytes) -> bool:
    """Whether an address is one of the master's. address: packed."""
    master = where_the_master_is(store)
    return master is not None and any(address == each.packed for each in master.addresses)


class Server(NamedTuple):
    """A server that a directory names: the host's names, the tag it serves the domain under, the host's addresses."""

    names: tuple[bytes, ...]
    tag: bytes
    addresses: tuple[IPv4Address, ...]


def servers_of(store: Store) -> Iterator[Server]:
    """Those that are said to serve this very domain, in order."""
    for machine in _machines(store):
        for domain, tag in _served(machine):
            if domain == _HERE:
                yield Server(tuple(machine.values(b"name") or ()), tag, tuple(_addresses(machine)))


def clones_of(store: Store, host: bytes, tag: bytes) -> list[Server]:
    """Those of them that are not the one given, which is the master."""
    return [each for each in servers_of(store) if not (each.tag == tag and host in each.names)]


def where_the_master_is(store: Store) -> Server | None:
    """The master, as the root's `master` names it and /machines says where it is."""
    named = master_of(store)
    if named is None:
        return None
    found = [each for each in _machines(store) if named[0] in (each.values(b"name") or ())]
    return Server((named[0],), named[1], tuple(address for machine in found for address in _addresses(machine)))


def parents_of(store: Store) -> Iterator[tuple[bytes, IPv4Address]]:
    """Tag and address of each server that is said to serve the parent domain."""
    for machine in _machines(store):
        for domain, tag in _served(machine):
            if domain == _ABOVE:
                yield from ((tag, address) for address in _addresses(machine))


def has_child(store: Store, tag: bytes, address: IPv4Address) -> bool:
    """Whether a machine with an address serves a child domain under a tag."""
    return any(
        domain not in (_HERE, _ABOVE) and served == tag and address in _addresses(machine)
        for machine in _machines(store)
        for domain, served in _served(machine)
    )


def is_within(store: Store, networks: Iterable[bytes], address: bytes) -> bool:
    """Whether an address is in one of the networks: `192.0.2`, `192.0.2.0`, `192.0.2.0/24`, or a name in /networks."""
    if len(address) != _OCTETS:
        return False
    packed = IPv4Address(address)
    known = store.child(ROOT, b"name", b"networks")
    for network in networks:
        found = store.child(known, b"name", network) if known is not None else None
        texts = [network] if found is None else store.objects[found].values(b"address") or []
        if any(packed in each for each in map(_network, texts) if each is not None):
            return True
    return False


def _network(text: bytes) -> IPv4Network | None:
    """A network as inet_network(3) reads it: octets that are missing, or zero at the end, are any."""
    if b"/" in text:
        try:
            return IPv4Network(text.decode("ascii"), strict=False)
        except (UnicodeDecodeError, AddressValueError, NetmaskValueError, ValueError):
            return None
    octets = text.rstrip(b".").split(b".")
    if len(octets) > _OCTETS or not all(each.isdigit() and int(each) <= 0xFF for each in octets):
        return None
    numbers = bytes(int(each) for each in octets).rstrip(b"\0")
    return IPv4Network((numbers.ljust(_OCTETS, b"\0"), 8 * len(numbers)))
