"""What the answer of each reading procedure tells: a function each, from a body (sightings.py) to knowledge.

Facts about the answers: docs/specification.md, 6. READ and CHILDREN of ffffffff are answered, but are no object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import (
    Hit,
    Node,
    behind_properties,
    behind_string,
    string_at,
    take_strings,
)
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.netinfo import NONE_INDEX

_NONE = NONE_INDEX
_ARGUMENTS = 8
"""Where the arguments go on behind an id."""
_RESULT = 12
"""Where the result goes on behind an id and the status."""


def _id_at(body: bytes, offset: int) -> tuple[int, int]:
    return words.u32(body, offset), words.u32(body, offset + 4)


def _told_at(knowledge: Knowledge, body: bytes, offset: int) -> Node:
    return knowledge.told(words.u32(body, offset), words.u32(body, offset + 4))


def _take_children(knowledge: Knowledge, node: Node, body: bytes, offset: int) -> int:
    """Take a list of all children; the offset after it."""
    count = words.u32(body, offset)
    offset += 4
    kept = min(count, knowledge.most)
    knowledge.all_children(node, [words.u32(body, offset + 4 * place) for place in range(kept)], count)
    return offset + 4 * count


def _root(knowledge: Knowledge, body: bytes) -> None:
    number, instance = _id_at(body, 4)
    knowledge.root = number
    knowledge.told(number, instance)


def _self(knowledge: Knowledge, body: bytes) -> None:
    # With ffffffff and the number below it SELF asks for the newest write and for versions of the store.
    if words.u32(body, 0) < _NONE - 1:
        _told_at(knowledge, body, _RESULT)


def _parent(knowledge: Knowledge, body: bytes) -> None:
    parent, (number, instance) = words.u32(body, _RESULT), _id_at(body, _RESULT + 4)
    if number != knowledge.root:
        knowledge.claim(knowledge.node(parent), number)
    knowledge.told(number, instance)


def _read(knowledge: Knowledge, body: bytes) -> None:
    if words.u32(body, 0) != _NONE:
        knowledge.all_properties(_told_at(knowledge, body, _RESULT), (body, _RESULT + 8))


def _children(knowledge: Knowledge, body: bytes) -> None:
    if words.u32(body, 0) != _NONE:
        count = words.u32(body, _RESULT)
        node = _told_at(knowledge, body, _RESULT + 4 + 4 * count)
        _take_children(knowledge, node, body, _RESULT)


def _lookup(knowledge: Knowledge, body: bytes) -> None:
    key = string_at(body, _ARGUMENTS)
    at = behind_string(body, _ARGUMENTS)
    value = string_at(body, at)
    at = behind_string(body, at) + 4
    count = words.u32(body, at)
    node = _told_at(knowledge, body, at + 4 + 4 * count)
    for place in range(count):
        number = words.u32(body, at + 4 + 4 * place)
        if number != node.object:
            child = knowledge.claim(node, number)
            knowledge.has_value(child, key, value)
    if count:
        node.hits = node.hits or {}
        node.hits[key, value] = Hit(words.u32(body, at + 4), count, knowledge.now)


def _entries(body: bytes, at: int, count: int) -> Iterator[tuple[int, list[bytes] | None]]:
    """The number of each child, and its values of the property, if it has it."""
    for _ in range(count):
        number = words.u32(body, at)
        values: list[bytes] | None = None
        has_values = words.u32(body, at + 4)
        at += 8
        if has_values:
            values = []
            at = take_strings(body, at, values)
        yield number, values


def _numbers(body: bytes, at: int, count: int) -> Iterator[int]:
    return (number for number, _ in _entries(body, at, count))


def _list(knowledge: Knowledge, body: bytes) -> None:
    key = string_at(body, _ARGUMENTS)
    at = behind_string(body, _ARGUMENTS) + 4
    count = words.u32(body, at)
    node = _told_at(knowledge, body, len(body) - 8)
    knowledge.all_children(node, islice(_numbers(body, at + 4, count), knowledge.most), count)
    for number, values in _entries(body, at + 4, count):
        child = knowledge.nodes.get(number)
        if child is not None and child.parent is node:
            knowledge.has_values(child, key, values)


def _list_all(knowledge: Knowledge, body: bytes) -> None:
    node = _told_at(knowledge, body, _RESULT)
    knowledge.all_entries(node, (body, _RESULT + 12), words.u32(body, _RESULT + 8))


def _list_props(knowledge: Knowledge, body: bytes) -> None:
    names: list[bytes] = []
    at = take_strings(body, _RESULT, names)
    knowledge.property_names(_told_at(knowledge, body, at), names)


def _read_prop(knowledge: Knowledge, body: bytes) -> None:
    values: list[bytes] = []
    at = take_strings(body, _RESULT + 4, values)
    knowledge.values_at(_told_at(knowledge, body, at), words.u32(body, _ARGUMENTS), values)


def _read_name(knowledge: Knowledge, body: bytes) -> None:
    node = _told_at(knowledge, body, _RESULT + 8)
    value = string_at(body, _RESULT + 16)
    knowledge.value_at(node, words.u32(body, _ARGUMENTS), words.u32(body, _ARGUMENTS + 4), value)


def _lookup_read(knowledge: Knowledge, body: bytes) -> None:
    """The id is that of the directory searched.

    A server that names another one means the child, but for the Previous emulator, whose answer may be of several.
    """
    searched, at = words.u32(body, 0), behind_string(body, _ARGUMENTS)
    key, value = string_at(body, _ARGUMENTS), string_at(body, at)
    at = behind_string(body, at) + 4
    number, instance = _id_at(body, at)
    if number != searched and not knowledge.only_ones:
        knowledge.claim(knowledge.node(searched), number)
        knowledge.all_properties(knowledge.told(number, instance), (body, at + 8))
        return
    node = knowledge.told(number, instance) if number == searched else knowledge.node(searched)
    knowledge.found(node, (key, value), (body, at + 8))


def tells_all(body: bytes) -> bool:
    """Whether a READALL tells of all objects; it does not where the caller had the newest already."""
    return words.u32(body, _RESULT) != 0


def _read_all(knowledge: Knowledge, body: bytes) -> None:
    """Every object."""
    at = _RESULT
    if not tells_all(body):
        return
    knowledge.forget_all()
    while words.u32(body, at):
        number = words.u32(body, at + 4)
        after = behind_properties(body, at + 12)
        if number != knowledge.root:
            knowledge.claim(knowledge.node(words.u32(body, after)), number)
        node = _told_at(knowledge, body, at + 4)
        knowledge.all_properties(node, (body, at + 12))
        at = _take_children(knowledge, node, body, after + 4)


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
