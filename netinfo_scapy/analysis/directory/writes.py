"""What each successful write did: a function each. Facts about the server: docs/protocol.md.

What was known just before decides what is known after: where the list of properties, or of children, is not known or
may have changed unseen, a write by number changes something nobody can name, and the rest is doubtful.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Node
from netinfo_scapy.analysis.directory.tree import Property
from netinfo_scapy.protocol import codec
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NI_ID
from netinfo_scapy.protocol.table import Procedure

_PROPERTIES_AT = 8
"""Where they begin in the arguments of CREATE and WRITE."""

Values = dict[str, Any]


class Written:
    """A write, read.

    asked, told: its arguments and its result. raw: the bytes of the arguments; None where servers cut a string of them.
    """

    __slots__ = ("asked", "name", "raw", "told")

    def __init__(self, row: Procedure, asked: bytes, told: bytes) -> None:
        found: set[Anomaly] = set()
        self.name = row.name
        self.asked: Values = codec.decode(row.arguments or NI_ID, asked, 0, found)[0]
        self.told: Values = codec.decode(row.result or NI_ID, told)[0]
        self.raw: bytes | None = asked
        if Anomaly.INNER_NUL in found:
            self.asked, self.raw = _cut(self.asked), None

    @property
    def object(self) -> int:
        """The directory changed, made or destroyed."""
        id_ = self.asked.get("self_id" if self.name == "DESTROY" else "id") or self.told["id"]
        number: int = id_["object"]
        return number


def _cut(value: Any) -> Any:
    """Servers end a string at an inner NUL."""
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return value.split(b"\0", 1)[0] if isinstance(value, bytes) else value


def _give(knowledge: Knowledge, node: Node, write: Written) -> None:
    """All properties, of CREATE and WRITE."""
    if write.raw is not None:
        knowledge.all_properties(node, (write.raw, _PROPERTIES_AT))
    else:
        properties = [Property(each["name"], each["values"]) for each in write.asked["props"]]
        knowledge.set_properties(node, properties)


def _create(knowledge: Knowledge, write: Written) -> None:
    number, instance = write.told["id"]["object"], write.told["id"]["instance"]
    above = write.asked["parent"]["object"]
    earlier = knowledge.nodes.get(number)
    if number in (above, knowledge.root):
        return
    if earlier is not None:
        # It was destroyed, and that was not seen.
        if earlier.parent is not None:
            knowledge.doubt_children(earlier.parent)
        knowledge.vanish(earlier)
    parent = knowledge.written(above, write.told["self_id"]["instance"])
    was_listed, parent.listed, parent.entries = parent.listed, False, None
    node = knowledge.claim(parent, number)
    knowledge.written(number, instance)
    _give(knowledge, node, write)
    node.children, node.listed = {}, True
    where, children = write.asked["where"], parent.children or {}
    if not was_listed or number not in children:
        return
    parent.listed = True
    if where < len(children) - 1:
        if not knowledge.may_work(len(children)):
            knowledge.doubt_children(parent)
            return
        numbers = list(children)
        numbers.insert(where, numbers.pop())
        parent.children = dict.fromkeys(numbers)


def _destroy(knowledge: Knowledge, write: Written) -> None:
    parent = knowledge.written(write.asked["parent_id"]["object"], write.told["id"]["instance"])
    number = write.asked["self_id"]["object"]
    node = knowledge.nodes.get(number)
    if parent.listed and number not in (parent.children or {}):
        knowledge.doubt_children(parent)
    parent.entries = None
    if node is not None and node is not parent:
        if node.parent is not None and node.parent is not parent:
            knowledge.doubt_children(node.parent)
        knowledge.vanish(node)


def _write(knowledge: Knowledge, write: Written) -> None:
    node = knowledge.written(write.asked["id"]["object"], write.told["id"]["instance"])
    _give(knowledge, node, write)


def _create_name(known: Property, asked: Values) -> Property:
    if known.values is None or not known.whole:
        return Property(known.name, None)
    values = known.values.copy()
    values.insert(asked["where"], asked["name"])
    return Property(known.name, values)


def _destroy_name(known: Property, asked: Values) -> Property:
    place = asked["name_index"]
    if known.values is None or not known.whole or place >= len(known.values):
        return Property(known.name, None)
    return Property(known.name, known.values[:place] + known.values[place + 1 :])


def _write_name(known: Property, asked: Values) -> Property:
    place = asked["name_index"]
    if known.values is None or not known.whole or place >= len(known.values):
        return Property(known.name, [asked["name"]], whole=False)
    return Property(known.name, [*known.values[:place], asked["name"], *known.values[place + 1 :]])


_OF_ONE: dict[str, Callable[[Property, Values], Property]] = {
    "WRITEPROP": lambda known, asked: Property(known.name, asked["values"]),
    "RENAMEPROP": lambda known, asked: Property(asked["name"], known.values, known.whole),
    "CREATENAME": _create_name,
    "DESTROYNAME": _destroy_name,
    "WRITENAME": _write_name,
}
"""What becomes of the property of a number."""


def _change(knowledge: Knowledge, write: Written) -> None:
    """A write of one property: exact where the list of properties is known, else something unknown has changed."""
    node = knowledge.written(write.asked["id"]["object"], write.told["id"]["instance"])
    node.changed = knowledge.now
    named = node.named() if node.has_list() else None
    if named is None or not _in_list(knowledge, node, named, write):
        _in_unknown(knowledge, node, write)


def _in_list(knowledge: Knowledge, node: Node, named: list[Property], write: Written) -> bool:
    """Change a list of properties; whether that can be."""
    asked = write.asked
    if write.name == "CREATEPROP":
        node.parts = node.firsts = None
        if knowledge.may_work(len(named)):
            named.insert(asked["where"], Property(asked["prop"]["name"], asked["prop"]["values"]))
            return True
        return False
    index = asked["prop_index"]
    if index >= len(named):
        return False
    if write.name == "DESTROYPROP":
        node.parts = node.firsts = None
        if knowledge.may_work(len(named)):
            del named[index]
            return True
        return False
    if node.parts and write.name != "RENAMEPROP":
        node.parts.pop(index, None)
    if not knowledge.may_work(len(named[index].values or ())):
        return False
    named[index] = _OF_ONE[write.name](named[index], asked)
    if write.name == "RENAMEPROP":
        node.firsts = None
    return True


def _in_unknown(knowledge: Knowledge, node: Node, write: Written) -> None:
    """What a write tells where the list of properties is not known."""
    asked, by_index = write.asked, node.by_index or {}
    if write.name == "CREATEPROP" and node.named() is None:
        known = asked["prop"]
        node.some = node.some or {}
        node.some.setdefault(known["name"], Property(known["name"], known["values"]))
        node.by_index = node.parts = None
        return
    knowledge.doubt(node)
    if write.name in _OF_ONE:
        by_index.pop(asked["prop_index"], None)
        if write.name == "WRITEPROP":
            by_index[asked["prop_index"]] = asked["values"]
        node.by_index = by_index


EFFECTS: dict[str, Callable[[Knowledge, Written], None]] = {
    "CREATE": _create,
    "DESTROY": _destroy,
    "WRITE": _write,
    **dict.fromkeys(("CREATEPROP", "DESTROYPROP", *_OF_ONE), _change),
}
