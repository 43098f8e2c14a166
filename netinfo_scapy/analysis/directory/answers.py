"""What the answer of each reading procedure tells: a function each, from a body (sightings.py) to knowledge.

Facts about the answers: docs/specification.md, 6. READ and CHILDREN of ffffffff are answered, but are no object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Hit, Node
from netinfo_scapy.protocol import codec, words
from netinfo_scapy.protocol.netinfo import NETINFO, NI_ENTRY, NI_ID, NONE_INDEX, PROPERTIES

_RESULT = 12
"""Where the result goes on behind an id and the status."""
_NOT_OBJECTS = (NONE_INDEX, NONE_INDEX - 1)
"""With SELF they ask for the newest write and for versions of the store."""
_ROWS = {row.name: row for row in NETINFO.procedures}

_Values = dict[str, Any]


def _id_at(body: bytes, offset: int) -> tuple[int, int]:
    return words.u32(body, offset), words.u32(body, offset + 4)


def _told_at(knowledge: Knowledge, body: bytes, offset: int) -> Node:
    return knowledge.told(words.u32(body, offset), words.u32(body, offset + 4))


def _told_of(knowledge: Knowledge, value: _Values) -> Node:
    return knowledge.told(value["object"], value["instance"])


def _numbers(body: bytes, offset: int, count: int) -> Iterator[int]:
    return (words.u32(body, at) for at in range(offset, offset + 4 * count, 4))


def _arguments(name: str, body: bytes) -> tuple[_Values, int]:
    """The arguments, and where what is behind the result's status begins."""
    arguments = _ROWS[name].arguments or NI_ID
    value, end = codec.decode(arguments, body)
    return value, end + 4


def _both(name: str, body: bytes) -> tuple[_Values, _Values]:
    """Arguments and result, of a procedure whose answers are small."""
    arguments, at = _arguments(name, body)
    result = _ROWS[name].result or NI_ID
    return arguments, codec.decode(result, body, at - 4)[0]


def _root(knowledge: Knowledge, body: bytes) -> None:
    number, instance = _id_at(body, 4)
    knowledge.root = number
    knowledge.told(number, instance)


def _self(knowledge: Knowledge, body: bytes) -> None:
    if words.u32(body, 0) not in _NOT_OBJECTS:
        _told_at(knowledge, body, _RESULT)


def _parent(knowledge: Knowledge, body: bytes) -> None:
    parent, (number, instance) = words.u32(body, _RESULT), _id_at(body, _RESULT + 4)
    if number != knowledge.root:
        knowledge.claim(knowledge.node(parent), number)
    knowledge.told(number, instance)


def _read(knowledge: Knowledge, body: bytes) -> None:
    if words.u32(body, 0) != NONE_INDEX:
        knowledge.all_properties(_told_at(knowledge, body, _RESULT), (body, _RESULT + 8))


def _children(knowledge: Knowledge, body: bytes) -> None:
    if words.u32(body, 0) != NONE_INDEX:
        count = words.u32(body, _RESULT)
        node = _told_at(knowledge, body, _RESULT + 4 + 4 * count)
        knowledge.all_children(node, _numbers(body, _RESULT + 4, count), count)


def _lookup(knowledge: Knowledge, body: bytes) -> None:
    arguments, at = _arguments("LOOKUP", body)
    key, value, count = arguments["key"], arguments["value"], words.u32(body, at)
    node = _told_at(knowledge, body, at + 4 + 4 * count)
    for number in _numbers(body, at + 4, count):
        if number != node.object:
            knowledge.has_value(knowledge.claim(node, number), key, value)
    if count:
        node.hits = node.hits or {}
        node.hits[key, value] = Hit(words.u32(body, at + 4), count, knowledge.now)


def _entries(body: bytes, offset: int, count: int) -> Iterator[tuple[int, list[bytes] | None]]:
    for _ in range(count):
        entry, offset = codec.decode(NI_ENTRY, body, offset)
        yield entry["id"], entry["names"]


def _list(knowledge: Knowledge, body: bytes) -> None:
    arguments, at = _arguments("LIST", body)
    key, count = arguments["key"], words.u32(body, at)
    node = _told_at(knowledge, body, len(body) - 8)
    knowledge.all_children(node, (number for number, _ in _entries(body, at + 4, count)), count)
    for number, values in _entries(body, at + 4, count):
        child = knowledge.nodes.get(number)
        if child is not None and child.parent is node:
            knowledge.has_values(child, key, values)


def _list_all(knowledge: Knowledge, body: bytes) -> None:
    node = _told_at(knowledge, body, _RESULT)
    knowledge.all_entries(node, (body, _RESULT + 12), words.u32(body, _RESULT + 8))


def _list_props(knowledge: Knowledge, body: bytes) -> None:
    _, result = _both("LISTPROPS", body)
    knowledge.property_names(_told_of(knowledge, result["self_id"]), result["values"])


def _read_prop(knowledge: Knowledge, body: bytes) -> None:
    arguments, result = _both("READPROP", body)
    knowledge.values_at(_told_of(knowledge, result["self_id"]), arguments["prop_index"], result["values"])


def _read_name(knowledge: Knowledge, body: bytes) -> None:
    arguments, result = _both("READNAME", body)
    node = _told_of(knowledge, result["id"])
    knowledge.value_at(node, arguments["prop_index"], arguments["name_index"], result["name"])


def _lookup_read(knowledge: Knowledge, body: bytes) -> None:
    """The id is that of the directory searched.

    A server that names another one means the child, but for the Previous emulator, whose answer may be of several.
    """
    arguments, at = _arguments("LOOKUPREAD", body)
    number, instance = _id_at(body, at)
    searched = arguments["id"]["object"]
    if number != searched and not knowledge.only_ones:
        knowledge.claim(knowledge.node(searched), number)
        knowledge.all_properties(knowledge.told(number, instance), (body, at + 8))
        return
    node = knowledge.told(number, instance) if number == searched else knowledge.node(searched)
    knowledge.found(node, (arguments["key"], arguments["value"]), (body, at + 8))


def _read_all(knowledge: Knowledge, body: bytes) -> None:
    """Every object; nothing where the caller had the newest already."""
    at = _RESULT
    if not words.u32(body, at):
        return
    knowledge.forget_all()
    while words.u32(body, at):
        number, instance = _id_at(body, at + 4)
        after = codec.walk(PROPERTIES, body, at + 12)
        parent, count = _id_at(body, after)
        if number != knowledge.root:
            knowledge.claim(knowledge.node(parent), number)
        node = knowledge.told(number, instance)
        knowledge.all_properties(node, (body, at + 12))
        knowledge.all_children(node, _numbers(body, after + 8, count), count)
        at = after + 8 + 4 * count


ANSWERS: dict[str, Callable[[Knowledge, bytes], None]] = {
    "ROOT": _root,
    "SELF": _self,
    "PARENT": _parent,
    "READ": _read,
    "CHILDREN": _children,
    "LOOKUP": _lookup,
    "LIST": _list,
    "READPROP": _read_prop,
    "LISTPROPS": _list_props,
    "READNAME": _read_name,
    "LISTALL": _list_all,
    "READALL": _read_all,
    "LOOKUPREAD": _lookup_read,
}
