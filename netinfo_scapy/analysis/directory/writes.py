"""What each successful write did: a function each. Facts about the server: docs/specification.md, 7.

What was known just before decides what is known after: where the list of properties, or of children, is not known or
may have changed unseen, a write by number changes something nobody can name, and the rest is doubtful.
"""

from __future__ import annotations

from collections.abc import Callable

from netinfo_scapy.analysis.directory.arguments import Values, arguments_of
from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Node
from netinfo_scapy.analysis.directory.tree import Property
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol._codec import walk_properties
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.table import Procedure

_ID_BYTES = 8
"""Every write's arguments begin with an id, whose object is the first word of it, and DESTROY's with two.

Behind it are the properties in those of CREATE and WRITE, and behind these, in CREATE's, the place among the children.
"""
_ID_AT, _ABOVE_AT = 4, 12
"""In a result: the id behind the status, and in CREATE's behind it that of the directory above."""


class Written:
    """A write: its arguments and its result as they were sent. object: the directory changed, made or destroyed."""

    __slots__ = ("name", "object", "sent", "told")

    def __init__(self, row: Procedure, asked: bytes, told: bytes) -> None:
        self.name = row.name
        self.sent = asked
        self.told = told
        if self.name == "CREATE":
            self.object = words.u32(told, _ID_AT)
        else:
            self.object = words.u32(asked, _ID_BYTES if self.name == "DESTROY" else 0)

    def first_object(self) -> int:
        """The object of the id that stands first: for CREATE and DESTROY, of the directory above."""
        return words.u32(self.sent, 0)

    def instance(self) -> int:
        """The instance that the id which stands first in the result now has."""
        return words.u32(self.told, _ID_AT + 4)

    def asked(self) -> Values:
        """The arguments."""
        return arguments_of(self.name, self.sent)


def _give(knowledge: Knowledge, node: Node, write: Written) -> int:
    """All properties, of CREATE and WRITE; the offset after them."""
    found: set[Anomaly] = set()
    end = walk_properties(write.sent, _ID_BYTES, len(write.sent), found)
    if Anomaly.INNER_NUL in found:
        properties = [Property(each["name"], each["values"]) for each in write.asked()["props"]]
        knowledge.set_properties(node, properties)
    else:
        knowledge.all_properties(node, (write.sent, _ID_BYTES))
    return end


def _create(knowledge: Knowledge, write: Written) -> None:
    number, above = write.object, write.first_object()
    earlier = knowledge.nodes.get(number)
    if number in (above, knowledge.root):
        return
    if earlier is not None:
        # It was destroyed, and that was not seen.
        if earlier.parent is not None:
            knowledge.doubt_children(earlier.parent)
        knowledge.vanish(earlier)
    parent = knowledge.written(above, words.u32(write.told, _ABOVE_AT + 4))
    was_listed, parent.listed, parent.entries = parent.listed, False, None
    node = knowledge.claim(parent, number)
    knowledge.written(number, write.instance())
    where = words.u32(write.sent, _give(knowledge, node, write))
    node.children, node.listed = {}, True
    children = parent.children or {}
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
    parent = knowledge.written(write.first_object(), write.instance())
    number = write.object
    node = knowledge.nodes.get(number)
    if parent.listed and number not in (parent.children or {}):
        knowledge.doubt_children(parent)
    parent.entries = None
    if node is not None and node is not parent:
        if node.parent is not None and node.parent is not parent:
            knowledge.doubt_children(node.parent)
        knowledge.vanish(node)


def _write(knowledge: Knowledge, write: Written) -> None:
    _give(knowledge, knowledge.written(write.object, write.instance()), write)


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
    node = knowledge.written(write.object, write.instance())
    node.changed = knowledge.now
    named, asked = node.named() if node.has_list() else None, write.asked()
    if named is None or not _in_list(knowledge, node, named, write.name, asked):
        _in_unknown(knowledge, node, write.name, asked)


def _in_list(knowledge: Knowledge, node: Node, named: list[Property], write: str, asked: Values) -> bool:
    """Change a list of properties; whether that can be. write: the procedure's name."""
    if write == "CREATEPROP":
        node.parts = node.firsts = None
        if knowledge.may_work(len(named)):
            named.insert(asked["where"], Property(asked["prop"]["name"], asked["prop"]["values"]))
            return True
        return False
    index = asked["prop_index"]
    if index >= len(named):
        return False
    if write == "DESTROYPROP":
        node.parts = node.firsts = None
        if knowledge.may_work(len(named)):
            del named[index]
            return True
        return False
    if node.parts and write != "RENAMEPROP":
        node.parts.pop(index, None)
    if not knowledge.may_work(len(named[index].values or ())):
        return False
    named[index] = _OF_ONE[write](named[index], asked)
    if write == "RENAMEPROP":
        node.firsts = None
    return True


def _in_unknown(knowledge: Knowledge, node: Node, write: str, asked: Values) -> None:
    """What a write tells where the list of properties is not known. write: the procedure's name."""
    by_index = node.by_index or {}
    if write == "CREATEPROP" and node.named() is None:
        known = asked["prop"]
        name = known["name"]
        node.some = node.some or {}
        if not asked["where"]:
            node.some.pop(name, None)  # it is the second now
            if node.unplaced is not None:
                node.unplaced.discard(name)
        elif name not in node.some:
            node.unplaced = node.unplaced or set()
            node.unplaced.add(name)
        node.some.setdefault(name, Property(name, known["values"]))
        node.by_index = node.parts = None
        return
    knowledge.doubt(node)
    if write in _OF_ONE:
        by_index.pop(asked["prop_index"], None)
        if write == "WRITEPROP":
            by_index[asked["prop_index"]] = asked["values"]
        node.by_index = by_index


EFFECTS: dict[str, Callable[[Knowledge, Written], None]] = {
    "CREATE": _create,
    "DESTROY": _destroy,
    "WRITE": _write,
    **dict.fromkeys(("CREATEPROP", "DESTROYPROP", *_OF_ONE), _change),
}
