"""Calls and replies of NetInfo: a deck of ready bodies to draw from, and the RPC headers around them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from benchmarks.captures.directory import Directory
from benchmarks.captures.flows import EMPTY, Part, part
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS, NONE_INDEX

_ROWS = {row.name: row for row in NETINFO.procedures}
_FAILURES = {"LOOKUP": (0.1, 5), "READ": (0.01, 5), "READPROP": (0.05, 6), "WRITEPROP": (0.1, 4), "CREATE": (0.1, 20)}
"""Procedure -> what share of its calls fails, and with which ni_status; others never do."""

_INTEREST = (3, 8, 1, 1, 2, 1)
"""How often a child of each directory below the root is read: machines, users, groups, mounts, printers, aliases."""

_NO_VERIFIER = {"flavor": rpc.AUTH_NONE, "body": b""}
_CREDENTIAL_AT = 24
_REPLY = encode(
    rpc.RPC_REPLY,
    {
        "xid": 0,
        "type": rpc.REPLY,
        "reply": {"reply_status": 0, "verifier": _NO_VERIFIER, "accepted": {"accept_status": rpc.SUCCESS}},
    },
)
REPLY_HEAD = part(_REPLY[4:])
"""An accepted, successful reply from behind the xid to its result."""


class Exchange(NamedTuple):
    """A call and its reply, but for xid and credential.

    name: as `analyze` prints it. head: the call from behind the xid to its credential.
    """

    name: str
    status: str
    head: Part
    arguments: Part
    result: Part


def make_credential(machine: str, uid: int, gids: list[int], stamp: int) -> Part:
    """A call's AUTH_SYS credential and its empty verifier."""
    body = encode(
        rpc.AUTH_SYS_BODY,
        {"stamp": stamp, "machinename": machine.encode(), "uid": uid, "gid": gids[0], "gids": gids[1:]},
    )
    credential = {"flavor": rpc.AUTH_SYS, "body": body}
    return part(_call(0, credential)[_CREDENTIAL_AT:])


def _call(procedure: int, credential: dict[str, Any]) -> bytes:
    return encode(
        rpc.RPC_CALL,
        {
            "xid": 0,
            "type": rpc.CALL,
            "rpc_version": rpc.RPC_VERSION,
            "program": NETINFO.number,
            "version": NETINFO.version,
            "procedure": procedure,
            "credential": credential,
            "verifier": _NO_VERIFIER,
        },
    )


def make_exchange(name: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None, status: int) -> Exchange:
    """An exchange of a procedure. result: None where it is void, or failed with the status."""
    row = _ROWS[name]
    asked = EMPTY if row.arguments is None else part(encode(row.arguments, arguments or {}))
    answered = EMPTY
    label = "SUCCESS"
    if row.result is not None:
        carries_status = name != "STATISTICS"
        label = NI_STATUS.label(status) if carries_status else label
        answered = part(encode(row.result, ({"status": status} if carries_status else {}) | (result or {})))
    return Exchange(
        f"{NETINFO.name}.{name}", label, part(_call(row.number, _NO_VERIFIER)[4:_CREDENTIAL_AT]), asked, answered
    )


Bodies = tuple[dict[str, Any] | None, dict[str, Any] | None]
"""The arguments of a call and the result of its reply."""


class Deck:
    """Makes exchanges about a domain.

    domain: its root. random: what is drawn from.
    """

    def __init__(self, domain: Directory, random: Random) -> None:
        self.domain = domain
        self.random = random
        self.makers: dict[str, Callable[[], Bodies]] = {
            "PING": lambda: (None, None),
            "STATISTICS": self._statistics,
            "ROOT": lambda: (None, {"id": domain.id}),
            "SELF": self._self,
            "PARENT": self._parent,
            "CREATE": self._create,
            "READ": self._read,
            "CHILDREN": self._children,
            "LOOKUP": self._lookup,
            "LIST": self._list,
            "READPROP": self._readprop,
            "WRITEPROP": self._writeprop,
            "LISTALL": self._listall,
            "READALL": self._readall,
        }

    def draw(self, weights: dict[str, float], count: int) -> list[Exchange]:
        """So many exchanges; weights: how often each procedure comes."""
        names = self.random.choices(list(weights), list(weights.values()), k=count)
        return [self.one(name) for name in names]

    def one(self, name: str) -> Exchange:
        """An exchange of a procedure."""
        arguments, result = self.makers[name]()
        share, status = _FAILURES.get(name, (0.0, 0))
        if self.random.random() < share:
            return make_exchange(name, arguments, None, status)
        return make_exchange(name, arguments, result, 0)

    def _leaf(self) -> Directory:
        above = self.random.choices(self.domain.children, _INTEREST)[0]
        return self.random.choice(above.children)

    def _above(self) -> Directory:
        return self.random.choice(self.domain.children)

    def _some_above(self, least: int, most: int) -> Directory:
        return self.random.choice([each for each in self.domain.children if least <= len(each.children) <= most])

    def _self(self) -> Bodies:
        leaf = self._leaf()
        return {"id": leaf.id}, {"id": leaf.id}

    def _parent(self) -> Bodies:
        leaf = self._leaf()
        return {"id": leaf.id}, {"parent": leaf.parent, "self_id": leaf.id}

    def _read(self) -> Bodies:
        leaf = self._leaf()
        return {"id": leaf.id}, {"id": leaf.id, "props": leaf.proplist}

    def _children(self) -> Bodies:
        above = self._above()
        return {"id": above.id}, {"children": above.ids, "self_id": above.id}

    def _lookup(self) -> Bodies:
        above = self._above()
        child = self.random.choice(above.children)
        asked = {"id": above.id, "key": b"name", "value": child.properties["name"][0].encode()}
        return asked, {"ids": [child.object], "self_id": above.id}

    def _list(self) -> Bodies:
        return self._listed(self._some_above(1, 30))

    def long_list(self) -> Exchange:
        """A LIST of so many children that its reply takes several segments."""
        return make_exchange("LIST", *self._listed(self._some_above(60, 100)), 0)

    def _listed(self, above: Directory) -> Bodies:
        entries = [{"id": each.object, "names": [each.properties["name"][0].encode()]} for each in above.children]
        return {"id": above.id, "key": b"name"}, {"entries": entries, "self_id": above.id}

    def _readprop(self) -> Bodies:
        leaf = self._leaf()
        index = self.random.randrange(len(leaf.properties))
        values = leaf.proplist[index]["values"]
        return {"id": leaf.id, "prop_index": index}, {"values": values, "self_id": leaf.id}

    def _writeprop(self) -> Bodies:
        leaf = self._leaf()
        changed = {"object": leaf.object, "instance": leaf.instance + 1}
        return {"id": leaf.id, "prop_index": len(leaf.properties) - 1, "values": [b"changed"]}, {"id": changed}

    def _create(self) -> Bodies:
        above, like = self._above(), self._leaf()
        asked = {"parent": above.id, "props": like.proplist, "where": NONE_INDEX, "target": None}
        changed = {"object": above.object, "instance": above.instance + 1}
        return asked, {"id": {"object": 100_000 + like.object, "instance": 0}, "self_id": changed}

    def _statistics(self) -> Bodies:
        """As over UDP, where only the checksum is asked for."""
        checksum = str(self.random.randrange(1 << 32)).encode()
        return None, {"properties": [{"name": b"checksum", "values": [checksum]}]}

    def _listall(self) -> Bodies:
        above = self._some_above(10, 32)
        return {"id": above.id}, {"self_id": above.id, "entries": [each.proplist for each in above.children]}

    def _readall(self) -> Bodies:
        """A small domain of its own: a root and some of the leaves below it."""
        root = Directory(0, 5, 0, {"master": ["elm2/local"]})
        picked = [self._leaf() for _ in range(self.random.randrange(16, 25))]
        root.children = [Directory(number, 3, 0, each.properties) for number, each in enumerate(picked, 1)]
        objects = [{"id": each.id, "props": each.proplist, "parent": 0, "children": each.ids} for each in root.below()]
        checksum = sum((each.object + 1) * each.instance for each in root.below())
        return {"checksum": 0}, {"checksum": checksum, "highest_id": len(picked), "objects": objects}
