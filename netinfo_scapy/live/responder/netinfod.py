"""netinfod: the 29 procedures over one domain's objects (docs/specification.md, 5 to 7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Any, Protocol

from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.copies import Copies
from netinfo_scapy.live.responder.dialects import Dialect
from netinfo_scapy.live.responder.edits import EDITS, placed, property_at, value_at
from netinfo_scapy.live.responder.rights import SUPERUSER, Person, Tally, carried, identify, may_write
from netinfo_scapy.live.responder.service import PRIVILEGED, Caller, Failed, Refused, result_type
from netinfo_scapy.live.responder.statistics import Counters, statistics
from netinfo_scapy.live.responder.store import ROOT, Changes, KeepError, Object, Store
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO, NONE_INDEX
from netinfo_scapy.protocol.secret import CHECKSUM_WORD
from netinfo_scapy.protocol.table import Kind, Procedure

_VERSION_OF = 0xFFFFFFFE
"""As an object of SELF: tell the store's version at which the object named by the instance was last written."""

_READALL = next(row for row in NETINFO.procedures if row.name == "READALL")

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
    servers of the domain; while there is something to tell them, nobody gets READALL.
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
        self._encoded: tuple[int, bytes] | None = None

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
            return _READS[row.name](self, caller, arguments)
        finally:
            self.counters.count(row.number, time.perf_counter_ns() - started)

    # objects

    def _object(self, given: Arguments) -> Object:
        found = self.store.objects.get(given["object"])
        if found is None:
            raise Refused(self.dialect.missing)
        return found

    def _id(self, number: int) -> Result:
        instance = self.dialect.instance
        return {"object": number, "instance": self.store.objects[number].instance if instance is None else instance}

    def _tells_of_versions(self, given: Arguments) -> bool:
        return self.dialect.odd_objects and given["object"] == NONE_INDEX

    # reading

    def _nothing(self, _caller: Caller, _given: Arguments) -> None:
        return None

    def _statistics(self, caller: Caller, _given: Arguments) -> Result:
        every = self.dialect.whole_statistics and carried(caller) != CHECKSUM_WORD
        return {"properties": statistics(self) if every else statistics(self)[:1]}

    def _root(self, _caller: Caller, _given: Arguments) -> Result:
        return {"status": 0, "id": self._id(ROOT)}

    def _self(self, _caller: Caller, given: Arguments) -> Result:
        wanted, store = given["id"], self.store
        number, version = wanted["object"], wanted["instance"]
        if self._tells_of_versions(wanted):
            version = store.version if version == NONE_INDEX else version
            written = store.written_at(version)
            if written is None:
                raise Refused(self.dialect.missing)
            return {"status": 0, "id": {"object": written, "instance": version}}
        if self.dialect.odd_objects and number == _VERSION_OF:
            known = store.version_of(version)
            if known is None:
                raise Refused(self.dialect.missing)
            return {"status": 0, "id": {"object": version, "instance": known}}
        self._object(wanted)
        return {"status": 0, "id": self._id(number)}

    def _parent(self, _caller: Caller, given: Arguments) -> Result:
        found = self._object(given["id"])
        number = given["id"]["object"]
        if number == ROOT and self.dialect.root_parent:
            raise Refused(self.dialect.root_parent)
        return {"status": 0, "parent": found.parent, "self_id": self._id(number)}

    def _read(self, _caller: Caller, given: Arguments) -> Result:
        if self._tells_of_versions(given["id"]):
            return {"status": 0, "id": given["id"], "props": []}
        found = self._object(given["id"])
        return {"status": 0, "id": self._id(given["id"]["object"]), "props": found.properties}

    def _children(self, _caller: Caller, given: Arguments) -> Result:
        if self._tells_of_versions(given["id"]):
            return {"status": 0, "children": [], "self_id": given["id"]}
        found = self._object(given["id"])
        return {"status": 0, "children": found.children, "self_id": self._id(given["id"]["object"])}

    def _hits(self, given: Arguments) -> list[int]:
        self._object(given["id"])
        hits = list(self.store.matching(given["id"]["object"], given["key"], given["value"]))
        if not hits:
            raise Refused("NODIR")
        return hits

    def _lookup(self, _caller: Caller, given: Arguments) -> Result:
        hits = self._hits(given)
        return {"status": 0, "ids": hits, "self_id": self._id(given["id"]["object"])}

    def _lookupread(self, _caller: Caller, given: Arguments) -> Result:
        hits = self._hits(given)
        read = hits if self.dialect.merges else hits[:1]
        properties = [each for number in read for each in self.store.objects[number].properties]
        return {"status": 0, "id": self._id(given["id"]["object"]), "props": properties}

    def _list(self, _caller: Caller, given: Arguments) -> Result:
        found = self._object(given["id"])
        entries = [
            {"id": number, "names": self.store.objects[number].values(given["key"]) or None}
            for number in found.children
        ]
        return {"status": 0, "entries": entries, "self_id": self._id(given["id"]["object"])}

    def _listall(self, _caller: Caller, given: Arguments) -> Result:
        found = self._object(given["id"])
        entries = [self.store.objects[number].properties for number in found.children]
        return {"status": 0, "self_id": self._id(given["id"]["object"]), "entries": entries}

    def _readprop(self, _caller: Caller, given: Arguments) -> Result:
        found = property_at(self._object(given["id"]).properties, given["prop_index"])
        return {"status": 0, "values": found["values"], "self_id": self._id(given["id"]["object"])}

    def _listprops(self, _caller: Caller, given: Arguments) -> Result:
        names = [each["name"] for each in self._object(given["id"]).properties]
        return {"status": 0, "values": names, "self_id": self._id(given["id"]["object"])}

    def _readname(self, _caller: Caller, given: Arguments) -> Result:
        found = property_at(self._object(given["id"]).properties, given["prop_index"])
        value = value_at(found, given["name_index"])
        return {"status": 0, "id": self._id(given["id"]["object"]), "name": value}

    # other servers

    def _rparent(self, _caller: Caller, _given: Arguments) -> Result:
        here = (each for each in machines.parents_of(self.store) if self.host.serves(*each))
        found = self.parent or next(here, self.found_parent)
        if found is None:
            raise Refused("NETROOT")
        self.bound = found
        return {"status": 0, "tag": found[0], "addr": int(found[1])}

    def serves_parent_of(self, tag: bytes, address: int) -> bool:
        """Whether this domain is the parent of the domain that a host has under a tag."""
        return machines.has_child(self.store, tag, IPv4Address(address))

    def _bind(self, _caller: Caller, given: Arguments) -> None:
        if not self.serves_parent_of(given["tag"], given["addr"]):
            raise Failed

    def _readall(self, _caller: Caller, given: Arguments) -> Result:
        store = self.store
        if self.is_clone and store.objects[ROOT].values(b"cloneReplyReadall") is None:
            raise Refused("NOTMASTER")
        if self.copies.pending:
            raise Refused("MASTERBUSY")
        if given["checksum"] == store.checksum:
            return {"status": 0, "checksum": 0, "highest_id": 0, "objects": []}
        if self._encoded is None or self._encoded[0] != store.version:
            self._encoded = store.version, self._whole()
        return {"status": 0, "encoded": self._encoded[1]}

    def _whole(self) -> bytes:
        store = self.store
        objects = [
            {"id": self._id(number), "props": each.properties, "parent": each.parent, "children": each.children}
            for number, each in ((number, store.objects[number]) for number in store.walk())
        ]
        xdr = result_type(self, _READALL)
        assert xdr is not None
        whole = {"status": 0, "checksum": store.checksum, "highest_id": store.highest, "objects": objects}
        return encode(xdr, whole)

    def _resync(self, _caller: Caller, _given: Arguments) -> Result:
        self.copies.resync()
        return {"status": 0}

    def _crashed(self, _caller: Caller, given: Arguments) -> None:
        self.copies.hear_of_crash(given["checksum"])

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
            if caller.peer.port < PRIVILEGED and machines.is_master(self.store, caller.peer.address):
                return SUPERUSER
            raise Refused("RDONLY")
        return identify(self.store, caller, self.tally)

    def _fresh(self, given: Arguments) -> Object:
        found = self._object(given)
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
        return {"status": 0, "id": self._id(number)}

    def _create(self, person: Person, given: Arguments) -> Result:
        above = self._fresh(given["parent"])
        self._permit(person, above, None)
        parent, number = given["parent"]["object"], self.store.free_id()
        children = placed(above.children, given["where"], number)
        made = Object(0, parent, (), tuple(given["props"]))
        self._commit({number: made, parent: above._replace(instance=above.instance + 1, children=children)})
        return {"status": 0, "id": self._id(number), "self_id": self._id(parent)}

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
        return {"status": 0, "id": self._id(parent)}


_READS: dict[str, Callable[[Netinfod, Caller, Arguments], Result | None]] = {
    "PING": Netinfod._nothing,
    "STATISTICS": Netinfod._statistics,
    "ROOT": Netinfod._root,
    "SELF": Netinfod._self,
    "PARENT": Netinfod._parent,
    "READ": Netinfod._read,
    "CHILDREN": Netinfod._children,
    "LOOKUP": Netinfod._lookup,
    "LIST": Netinfod._list,
    "READPROP": Netinfod._readprop,
    "LISTPROPS": Netinfod._listprops,
    "READNAME": Netinfod._readname,
    "RPARENT": Netinfod._rparent,
    "LISTALL": Netinfod._listall,
    "BIND": Netinfod._bind,
    "READALL": Netinfod._readall,
    "CRASHED": Netinfod._crashed,
    "RESYNC": Netinfod._resync,
    "LOOKUPREAD": Netinfod._lookupread,
}
