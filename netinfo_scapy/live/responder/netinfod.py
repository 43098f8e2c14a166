"""netinfod: the 29 procedures over one domain's objects (docs/specification.md, 5 to 7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Any, Protocol

from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.copies import Copies
from netinfo_scapy.live.responder.dialects import Dialect
from netinfo_scapy.live.responder.edits import EDITS, placed
from netinfo_scapy.live.responder.reads import READS
from netinfo_scapy.live.responder.rights import SUPERUSER, Person, Tally, identify, may_write
from netinfo_scapy.live.responder.service import Caller, Refused
from netinfo_scapy.live.responder.statistics import Counters
from netinfo_scapy.live.responder.store import ROOT, Changes, KeepError, Object, Store
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import RESERVED_BELOW
from netinfo_scapy.protocol.table import Kind, Procedure

Arguments = Mapping[str, Any]
Result = dict[str, Any]


class Neighborhood(Protocol):
    """What a netinfod knows of its host.

    name: as it stands in `master`. address: the one it tells of itself.
    """

    name: bytes
    address: IPv4Address

    def serves(self, tag: bytes, address: IPv4Address) -> bool:
        """Whether a domain is to be found at an address, as far as that is this host."""


class Netinfod:
    """One domain's server.

    refusal: the status of a write that would be done; None: it is done. parent: tag and address of the parent
    domain's server; None: it is looked for on this host, as `serves` tells, then where `found_parent` says.
    transfers: answers to READALL that are on their way; until they are there, nothing is written. copies: the other
    servers of the domain; while there is something to tell them, nobody gets READALL. encoded: the answer to READALL,
    and the version of the store that it is of.
    """

    program = NETINFO

    def __init__(
        self,
        tag: bytes,
        store: Store,
        host: Neighborhood,
        dialect: Dialect,
        *,
        refusal: str | None = None,
        parent: tuple[bytes, IPv4Address] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tag = tag
        self.store = store
        self.host = host
        self.dialect = dialect
        self.own_results = dialect.own_results
        self.fragment = dialect.netinfo_fragment
        self.refusal = refusal
        self.parent = parent
        self.transfers = 0
        self.tally = Tally()
        self.counters = Counters(clock)
        self.bound: tuple[bytes, IPv4Address] | None = None
        self.copies = Copies(self)
        self.found_parent: tuple[bytes, IPv4Address] | None = None
        self.encoded: tuple[int, bytes] | None = None

    @property
    def is_clone(self) -> bool:
        """Whether another server is the domain's master."""
        return self.copies.is_clone

    # what a service is asked

    def offers(self, row: Procedure) -> bool:
        """Whether the procedure is there."""
        return row.name in self.dialect.served

    def offers_over_udp(self, row: Procedure | None) -> bool:
        """Whether it is served over UDP."""
        return row is not None and row.name in self.dialect.over_udp

    def trusts(self, caller: Caller) -> bool:
        """Whether a connection is served: the root's `trusted_networks`, if it has one, names the caller's."""
        networks = self.store.objects[ROOT].values(b"trusted_networks")
        return networks is None or caller.is_here or machines.is_within(self.store, networks, caller.peer.address)

    def call(self, row: Procedure, caller: Caller, arguments: Arguments) -> Result | None:
        """Carry a call out. Raises Refused, Failed."""
        started = time.perf_counter_ns()
        try:
            if row.kind is Kind.WRITE:
                return self._write(row, caller, arguments)
            return READS[row.name](self, caller, arguments)
        finally:
            self.counters.count(row.number, time.perf_counter_ns() - started)

    # objects

    def object(self, given: Arguments) -> Object:
        """The object of an id, whatever its instance. Raises Refused."""
        found = self.store.objects.get(given["object"])
        if found is None:
            raise Refused(self.dialect.missing)
        return found

    def id_of(self, number: int) -> Result:
        """An object's id as it now is."""
        instance = self.dialect.instance
        return {"object": number, "instance": self.store.objects[number].instance if instance is None else instance}

    # writing

    def _write(self, row: Procedure, caller: Caller, given: Arguments) -> Result:
        if self.transfers:
            raise Refused("MASTERBUSY")
        try:
            person = self._writer(caller)
        except Refused:
            self.tally.bad_writes += 1
            raise
        special = {"CREATE": self._create, "DESTROY": self._destroy}.get(row.name)
        try:
            result = special(person, given) if special else self._edit(row, person, given)
        except Refused:
            # What a clone's master could do and the clone cannot: they do not hold the same.
            self.copies.fall_behind()
            raise
        self.tally.good_writes += 1
        self.copies.wrote(row, given, result)
        return result

    def _writer(self, caller: Caller) -> Person:
        if self.is_clone:
            if caller.peer.port < RESERVED_BELOW and machines.is_master(self.store, caller.peer.address):
                return SUPERUSER
            raise Refused("RDONLY")
        return identify(self.store, caller, self.tally)

    def _fresh(self, given: Arguments) -> Object:
        found = self.object(given)
        if found.instance != given["instance"]:
            raise Refused("STALE")
        return found

    def _permit(self, person: Person, directory: Object, name: bytes | None) -> None:
        if not may_write(person, directory, name):
            self.tally.bad_writes += 1
            raise Refused("PERM")

    def _commit(self, changes: Changes) -> None:
        if self.refusal:
            raise Refused(self.refusal)
        try:
            self.store.commit(changes)
        except KeepError:
            raise Refused("NOSPACE") from None

    def _edit(self, row: Procedure, person: Person, given: Arguments) -> Result:
        before = self._fresh(given["id"])
        edit = EDITS[row.name](before.properties, dict(given))
        self._permit(person, before, edit.name)
        number = given["id"]["object"]
        self._commit({number: before._replace(instance=before.instance + 1, properties=edit.properties)})
        return {"status": 0, "id": self.id_of(number)}

    def _create(self, person: Person, given: Arguments) -> Result:
        above = self._fresh(given["parent"])
        self._permit(person, above, None)
        parent, number = given["parent"]["object"], self.store.free_id()
        children = placed(above.children, given["where"], number)
        made = Object(0, parent, (), tuple(given["props"]))
        self._commit({number: made, parent: above._replace(instance=above.instance + 1, children=children)})
        return {"status": 0, "id": self.id_of(number), "self_id": self.id_of(parent)}

    def _destroy(self, person: Person, given: Arguments) -> Result:
        above = self._fresh(given["parent_id"])
        self._permit(person, above, None)
        child = self._fresh(given["self_id"])
        if child.children:
            raise Refused("NOTEMPTY")
        parent, number = given["parent_id"]["object"], given["self_id"]["object"]
        if number not in above.children:
            raise Refused("UNRELATED")
        children = tuple(each for each in above.children if each != number)
        self._commit({number: None, parent: above._replace(instance=above.instance + 1, children=children)})
        return {"status": 0, "id": self.id_of(parent)}
