"""The procedures that read a domain, as a table of functions of the server that is asked.

Each raises Refused, Failed. Source: docs/specification.md, 6 and 9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.edits import property_at, value_at
from netinfo_scapy.live.responder.rights import carried
from netinfo_scapy.live.responder.service import Caller, Failed, Refused, result_type
from netinfo_scapy.live.responder.statistics import statistics
from netinfo_scapy.live.responder.store import ROOT
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO, NONE_INDEX
from netinfo_scapy.protocol.secret import CHECKSUM_WORD

if TYPE_CHECKING:
    from netinfo_scapy.live.responder.netinfod import Netinfod

Arguments = Mapping[str, Any]
Result = dict[str, Any]

_VERSION_OF = 0xFFFFFFFE
"""As an object of SELF: tell the store's version at which the object named by the instance was last written."""

_READALL = next(row for row in NETINFO.procedures if row.name == "READALL")


def _tells_of_versions(server: Netinfod, given: Arguments) -> bool:
    return server.dialect.odd_objects and given["object"] == NONE_INDEX


def _nothing(_server: Netinfod, _caller: Caller, _given: Arguments) -> None:
    return None


def _statistics(server: Netinfod, caller: Caller, _given: Arguments) -> Result:
    every = server.dialect.whole_statistics and carried(caller) != CHECKSUM_WORD
    return {"properties": statistics(server) if every else statistics(server)[:1]}


def _root(server: Netinfod, _caller: Caller, _given: Arguments) -> Result:
    return {"status": 0, "id": server.id_of(ROOT)}


def _self(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    wanted, store = given["id"], server.store
    number, version = wanted["object"], wanted["instance"]
    if _tells_of_versions(server, wanted):
        version = store.version if version == NONE_INDEX else version
        written = store.written_at(version)
        if written is None:
            raise Refused(server.dialect.missing)
        return {"status": 0, "id": {"object": written, "instance": version}}
    if server.dialect.odd_objects and number == _VERSION_OF:
        known = store.version_of(version)
        if known is None:
            raise Refused(server.dialect.missing)
        return {"status": 0, "id": {"object": version, "instance": known}}
    server.object(wanted)
    return {"status": 0, "id": server.id_of(number)}


def _parent(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    found = server.object(given["id"])
    number = given["id"]["object"]
    if number == ROOT and server.dialect.root_parent:
        raise Refused(server.dialect.root_parent)
    return {"status": 0, "parent": found.parent, "self_id": server.id_of(number)}


def _read(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    if _tells_of_versions(server, given["id"]):
        return {"status": 0, "id": given["id"], "props": []}
    found = server.object(given["id"])
    return {"status": 0, "id": server.id_of(given["id"]["object"]), "props": found.properties}


def _children(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    if _tells_of_versions(server, given["id"]):
        return {"status": 0, "children": [], "self_id": given["id"]}
    found = server.object(given["id"])
    return {"status": 0, "children": found.children, "self_id": server.id_of(given["id"]["object"])}


def _hits(server: Netinfod, given: Arguments) -> list[int]:
    server.object(given["id"])
    hits = list(server.store.matching(given["id"]["object"], given["key"], given["value"]))
    if not hits:
        raise Refused("NODIR")
    return hits


def _lookup(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    hits = _hits(server, given)
    return {"status": 0, "ids": hits, "self_id": server.id_of(given["id"]["object"])}


def _lookupread(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    hits = _hits(server, given)
    read = hits if server.dialect.merges else hits[:1]
    properties = [each for number in read for each in server.store.objects[number].properties]
    return {"status": 0, "id": server.id_of(given["id"]["object"]), "props": properties}


def _list(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    found = server.object(given["id"])
    entries = [
        {"id": number, "names": server.store.objects[number].values(given["key"]) or None} for number in found.children
    ]
    return {"status": 0, "entries": entries, "self_id": server.id_of(given["id"]["object"])}


def _listall(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    found = server.object(given["id"])
    entries = [server.store.objects[number].properties for number in found.children]
    return {"status": 0, "self_id": server.id_of(given["id"]["object"]), "entries": entries}


def _readprop(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    found = property_at(server.object(given["id"]).properties, given["prop_index"])
    return {"status": 0, "values": found["values"], "self_id": server.id_of(given["id"]["object"])}


def _listprops(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    names = [each["name"] for each in server.object(given["id"]).properties]
    return {"status": 0, "values": names, "self_id": server.id_of(given["id"]["object"])}


def _readname(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    found = property_at(server.object(given["id"]).properties, given["prop_index"])
    value = value_at(found, given["name_index"])
    return {"status": 0, "id": server.id_of(given["id"]["object"]), "name": value}


# what other servers ask


def _rparent(server: Netinfod, _caller: Caller, _given: Arguments) -> Result:
    here = (each for each in machines.parents_of(server.store) if server.host.serves(*each))
    found = server.parent or next(here, server.found_parent)
    if found is None:
        raise Refused("NETROOT")
    server.bound = found
    return {"status": 0, "tag": found[0], "addr": int(found[1])}


def _bind(server: Netinfod, _caller: Caller, given: Arguments) -> None:
    if not machines.has_child(server.store, given["tag"], IPv4Address(given["addr"])):
        raise Failed


def _readall(server: Netinfod, _caller: Caller, given: Arguments) -> Result:
    store = server.store
    if server.is_clone and store.objects[ROOT].values(b"cloneReplyReadall") is None:
        raise Refused("NOTMASTER")
    if server.copies.pending:
        raise Refused("MASTERBUSY")
    if given["checksum"] == store.checksum:
        return {"status": 0, "checksum": 0, "highest_id": 0, "objects": []}
    if server.encoded is None or server.encoded[0] != store.version:
        server.encoded = store.version, _whole(server)
    return {"status": 0, "encoded": server.encoded[1]}


def _whole(server: Netinfod) -> bytes:
    store = server.store
    objects = [
        {"id": server.id_of(number), "props": each.properties, "parent": each.parent, "children": each.children}
        for number, each in ((number, store.objects[number]) for number in store.walk())
    ]
    xdr = result_type(server, _READALL)
    assert xdr is not None
    whole = {"status": 0, "checksum": store.checksum, "highest_id": store.highest, "objects": objects}
    return encode(xdr, whole)


def _resync(server: Netinfod, _caller: Caller, _given: Arguments) -> Result:
    server.copies.resync()
    return {"status": 0}


def _crashed(server: Netinfod, _caller: Caller, given: Arguments) -> None:
    server.copies.hear_of_crash(given["checksum"])


READS: dict[str, Callable[[Netinfod, Caller, Arguments], Result | None]] = {
    "PING": _nothing,
    "STATISTICS": _statistics,
    "ROOT": _root,
    "SELF": _self,
    "PARENT": _parent,
    "READ": _read,
    "CHILDREN": _children,
    "LOOKUP": _lookup,
    "LIST": _list,
    "READPROP": _readprop,
    "LISTPROPS": _listprops,
    "READNAME": _readname,
    "RPARENT": _rparent,
    "LISTALL": _listall,
    "BIND": _bind,
    "READALL": _readall,
    "CRASHED": _crashed,
    "RESYNC": _resync,
    "LOOKUPREAD": _lookupread,
}
"""By name."""
