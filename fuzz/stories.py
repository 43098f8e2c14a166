"""Conversations of which pcaps/ has few: what is known of a directory, is written, and is read again.

They are calls to a host of ours; what it answers fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fuzz import wire
from fuzz.host import TAG, make_host, services
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.calls import Values, anonymous, make_call
from netinfo_scapy.live.responder.service import Caller, answer
from netinfo_scapy.protocol.netinfo import NETINFO

_ROWS = {row.name: row for row in NETINFO.procedures}
_SERVER = Endpoint(wire.SERVER, 700)
_ROOT_HERE = Caller(_SERVER, _SERVER, Transport.TCP)
"""Who may write anything."""

_Asked = tuple[str, dict[str, Any]]


def _property(name: bytes, *values: bytes) -> dict[str, Any]:
    return {"name": name, "values": list(values)}


_TOOR = [_property(b"name", b"toor"), _property(b"uid", b"0"), _property(b"passwd", b"*")]
_SPARE = _property(b"_writers_passwd", b"guest")
_LAST = 0xFFFFFFFF
_KNOWN: tuple[tuple[_Asked, ...], ...] = (
    (),
    (("READALL", {"checksum": 0}),),
    (("ROOT", {}), ("READ", {"id": 0}), ("LISTALL", {"id": 0}), ("LISTALL", {"id": 1}), ("LISTALL", {"id": 2})),
    (("CHILDREN", {"id": 1}), ("LIST", {"id": 1, "key": b"name"}), ("LISTPROPS", {"id": 4}), ("SELF", {"id": 4})),
)
"""How it became known what there was."""

_WRITTEN: tuple[tuple[_Asked, ...], ...] = (
    (("CREATE", {"parent": 1, "props": _TOOR, "where": _LAST, "target": None}),),
    (
        ("CREATEPROP", {"id": 4, "prop": _property(b"uid", b"501"), "where": _LAST}),
        ("WRITEPROP", {"id": 4, "prop_index": 3, "values": [b"0"]}),
        ("WRITENAME", {"id": 4, "prop_index": 3, "name_index": 0, "name": b"00"}),
    ),
    (
        ("CREATEPROP", {"id": 4, "prop": _property(b"spare", b"0"), "where": 0}),
        ("RENAMEPROP", {"id": 4, "prop_index": 0, "name": b"uid"}),
    ),
    (("WRITE", {"id": 4, "props": _TOOR}), ("READ", {"id": 4}), ("DESTROY", {"parent_id": 1, "self_id": 4})),
    (("WRITE", {"id": 3, "props": [_property(b"name", b"root"), _property(b"uid", b"0", b"1"), _SPARE]}),),
    (
        ("CREATENAME", {"id": 0, "prop_index": 1, "name": b"10", "where": 0}),
        ("WRITENAME", {"id": 0, "prop_index": 1, "name_index": 0, "name": b"0"}),
        ("DESTROYNAME", {"id": 0, "prop_index": 1, "name_index": 1}),
        ("DESTROYPROP", {"id": 0, "prop_index": 1}),
    ),
    (
        ("WRITEPROP", {"id": 0, "prop_index": 1, "values": [b"127", b"192.0.2"]}),
        ("WRITEPROP", {"id": 0, "prop_index": 0, "values": [b"other/network"]}),
    ),
    (
        ("WRITEPROP", {"id": 1, "prop_index": 1, "values": [b"*"]}),
        ("CREATENAME", {"id": 1, "prop_index": 1, "name": b"guest", "where": 0}),
        ("DESTROYNAME", {"id": 1, "prop_index": 1, "name_index": 1}),
    ),
    (
        ("WRITEPROP", {"id": 4, "prop_index": 2, "values": [b"aB3dE5gH7jK9M"]}),
        ("WRITEPROP", {"id": 4, "prop_index": 2, "values": [b"$1$abcdefgh$0123456789012345678901"]}),
        ("WRITEPROP", {"id": 4, "prop_index": 1, "values": [b"guest"]}),
        ("DESTROYPROP", {"id": 4, "prop_index": 2}),
    ),
    (("WRITEPROP", {"id": 7, "prop_index": 2, "values": [b"aB3dE5gH7jK9M"]}),),
    (
        ("WRITEPROP", {"id": 5, "prop_index": 2, "values": [b"./network", b"../local", b"clone/network"]}),
        ("WRITEPROP", {"id": 5, "prop_index": 1, "values": [b"192.0.2.1", b"192.0.2.10"]}),
    ),
)
_SEEN: tuple[tuple[_Asked, ...], ...] = (
    (),
    (("LISTALL", {"id": 1}), ("READ", {"id": 0}), ("LOOKUPREAD", {"id": 1, "key": b"name", "value": b"toor"})),
    (
        ("LOOKUP", {"id": 1, "key": b"uid", "value": b"0"}),
        *(("READPROP", {"id": number, "prop_index": place}) for number in (0, 1, 4) for place in (1, 2)),
        ("READNAME", {"id": 4, "prop_index": 0, "name_index": 0}),
        ("PARENT", {"id": 4}),
        ("READALL", {"checksum": 1}),
    ),
)
"""How it was seen what became of it."""


def _told(asked: tuple[_Asked, ...], credential: Values) -> Iterator[tuple[bytes, bytes]]:
    """The calls with their answers."""
    host = make_host("apple-208", None)
    objects = host.domains[TAG].store.objects

    def identified(key: str, value: Any) -> Any:
        if key not in ("id", "parent", "parent_id", "self_id"):
            return value
        return {"object": value, "instance": objects[value].instance if value in objects else 0}

    for xid, (name, arguments) in enumerate(asked, 100):
        values = {key: identified(key, value) for key, value in arguments.items()}
        call = make_call(NETINFO, _ROWS[name], values, xid, credential).message
        (answered,) = answer(services(host), call, _ROOT_HERE, lambda _seen: None)
        yield call, answered


def stories(credential: Values | None = None) -> Iterator[list[tuple[bytes, bytes]]]:
    """Each a list of calls and their answers. credential: of the calls, whom the host takes for root anyway."""
    for number, written in enumerate(_WRITTEN):
        for known, seen in zip(_KNOWN, (_SEEN[2], _SEEN[1], _SEEN[number % 3], _SEEN[1]), strict=True):
            yield list(_told((*known, *written, *seen), credential or anonymous()))
