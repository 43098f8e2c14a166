"""What is known of one domain, while it is learned: objects by number, changed by one event after another.

An object's *instance* grows by one with each of its writes. So knowledge stays good while the instance is the same, or
grew by exactly the write that is at hand; any other step means that something was not seen. Then what is known
is kept, but *stale*: nothing of it is certain any more, until it is read anew.

Objects never move: one that turns up below another parent is another one that was given the same number. The latest
word always counts. What comes from the network cannot make this loop or grow: objects and steps of work are bounded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from netinfo_scapy.analysis.directory.node import Fact, Node, Raw, Told, behind_properties
from netinfo_scapy.analysis.directory.tree import Property
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol.netinfo import NONE_INDEX

INSTANCES = 1 << 32
_MOST_WORK, _WORK_OF_EVENT = 10_000_000, 200
"""Elements of lists moved or compared for the sake of single properties, values and children, over all events of a
domain; and how many more with each event."""
_MOST_HITS = 64
"""Values that lookups told of one property, kept at the most."""


class Knowledge:
    """One domain's objects. most: of them at the most. now: the number of the event at hand.

    evicted: what found no room. stirred: objects of which the event at hand told or wrote something.
    relisted: objects of which it told all children.
    """

    def __init__(self, most: int) -> None:
        self.nodes: dict[int, Node] = {}
        self.root = 0
        self.evicted = 0
        self.now = 0
        self.stirred: set[int] = set()
        self.relisted: set[int] = set()
        self._writes: list[int] = []
        self.only_ones = True
        """Whether every instance told was 1, as with servers of the Previous emulator."""
        self._at = FrameRef(0, 0, 0)
        self.most = most
        self._work = 0

    def begin(self, at: FrameRef) -> None:
        """The next event."""
        self.now += 1
        self.stirred.clear()
        self.relisted.clear()
        self._at = at

    def wrote_between(self, one: int, other: int | None = None) -> bool:
        """Whether anything was written between two events, or since one."""
        first, last = (one, self.now + 1) if other is None else sorted((one, other))
        return bisect_left(self._writes, last) > bisect_right(self._writes, first)

    def may_work(self, steps: int) -> bool:
        """Whether so many elements may be moved or compared; what could not be done is counted."""
        self._work += steps
        if self._work > _MOST_WORK + _WORK_OF_EVENT * self.now:
            self.evicted += 1
            return False
        return True

    def has_room(self, count: int) -> bool:
        """Whether so many more objects may be kept; what is too much is counted."""
        if len(self.nodes) + count <= self.most:
            return True
        self.evicted += count
        return False

    def node(self, number: int) -> Node:
        """An object that is there; where there is no room, and for ffffffff, which is none, one that is not kept."""
        node = self.nodes.get(number)
        if node is None:
            node = Node(number)
            if number == NONE_INDEX:
                return node
            if len(self.nodes) >= self.most:
                self.evicted += 1
                return node
            self.nodes[number] = node
        self.stirred.add(number)
        return node

    def told(self, number: int, instance: int) -> Node:
        """An object, with the instance it now has."""
        node = self.node(number)
        if node.instance is not None and node.instance != instance:
            self._doubt(node)
        node.instance = instance
        node.learned = self._at
        self.only_ones = self.only_ones and instance == 1
        return node

    def written(self, number: int, instance: int) -> Node:
        """An object that a write gave its instance; what was good just before is good still."""
        node = self.node(number)
        if node.instance is not None and (node.instance + 1) % INSTANCES != instance:
            self._doubt(node)
        node.instance = instance
        node.learned = self._at
        if not self._writes or self._writes[-1] < self.now:
            self._writes.append(self.now)
        self.only_ones = False
        return node

    def _doubt(self, node: Node) -> None:
        """Something was written that was not seen."""
        self.doubt(node)
        self.doubt_children(node)

    def doubt(self, node: Node) -> None:
        """Its properties may be others than those known."""
        node.stale = node.knows_properties()
        node.by_index = node.parts = None
        node.changed = self.now

    def doubt_children(self, node: Node) -> None:
        """Its children may be others than those known."""
        node.unsure = node.unsure or node.listed or bool(node.children or node.entries or node.searches)
        node.listed = False
        node.entries = node.hits = None

    # properties

    def all_properties(self, node: Node, raw: Raw) -> None:
        """All properties of an object."""
        node.put(raw, self.now)
        node.learned = self._at

    def set_properties(self, node: Node, properties: list[Property]) -> None:
        """All properties of an object in order, at least by name."""
        self.all_properties(node, (_NONE, 0))
        node.raw, node.properties = None, properties

    def property_names(self, node: Node, names: list[bytes]) -> None:
        """The names of all properties."""
        named = node.named()
        same = named is not None and len(named) == len(names) and not node.stale
        if same and [each.name for each in named or ()] == names:
            return
        # Of two properties of one name, what is known may be of either.
        some = {} if node.stale or named is not None or len(set(names)) < len(names) else dict(node.some or {})
        by_index, parts = node.by_index or {}, node.parts
        properties = []
        for index, name in enumerate(names):
            values = by_index.get(index)
            found = some.pop(name, None)
            if values is not None or found is None:
                found = Property(name, values)
            properties.append(found)
        self.set_properties(node, properties)
        node.parts = parts

    def values_at(self, node: Node, index: int, values: list[bytes]) -> None:
        """The values of the property of a number."""
        if node.parts:
            node.parts.pop(index, None)
        named = node.named()
        if named is None or node.stale:
            node.by_index = node.by_index or {}
            node.by_index[index] = values
        elif index < len(named):
            named[index] = Property(named[index].name, values)
        else:
            self.doubt(node)

    def value_at(self, node: Node, index: int, place: int, value: bytes) -> None:
        """One value of the property of a number."""
        node.parts = node.parts or {}
        node.parts.setdefault(index, {})[place] = value

    def first(self, node: Node, name: bytes) -> Property | None:
        """The first property of a name, as far as known."""
        named = node.named()
        if named is None:
            return None if name in (node.unplaced or ()) else (node.some or {}).get(name)
        if node.firsts is None:
            if not self.may_work(len(named)):
                return None
            node.firsts = {}
            for place, each in enumerate(named):
                node.firsts.setdefault(each.name, place)
        at = node.firsts.get(name)
        return None if at is None else named[at]

    def has_value(self, node: Node, key: bytes, value: bytes) -> None:
        """A value is among those of the first property of a name."""
        node.learned = self._at
        found = self.first(node, key)
        values = [value]
        if found is None:
            created = (node.some or {}).get(key)
            if node.has_list():
                self.doubt(node)
            elif created is not None and created.values and value in created.values:
                return
        elif found.values is not None:
            if not self.may_work(len(found.values)) or value in found.values:
                return
            if found.whole or len(found.values) >= _MOST_HITS:
                self.doubt(node)
            else:
                values = [*found.values, value]
        self._set(node, Property(key, values, whole=False))

    def has_values(self, node: Node, key: bytes, values: list[bytes] | None) -> None:
        """The values of the first property of a name; None: it has none, or there is no such property."""
        node.learned = self._at
        found = self.first(node, key)
        if found is None:
            if values is None:
                return
            if node.has_list():
                self.doubt(node)
        elif found.values is not None:
            if not self.may_work(len(found.values)) or (found.whole and found.values == (values or [])):
                return
            if found.whole or not set(found.values) <= set(values or []):
                self.doubt(node)
        self._set(node, Property(key, values or []))

    def _set(self, node: Node, known: Property) -> None:
        """Put a property in the place of the first of its name."""
        named = node.named()
        if named is not None:
            index = (node.firsts or {}).get(known.name)
            if index is None:
                named.append(known)
                if node.firsts is not None:
                    node.firsts[known.name] = len(named) - 1
            else:
                named[index] = known
        else:
            node.some = node.some or {}
            node.some[known.name] = known
            if node.unplaced is not None:
                node.unplaced.discard(known.name)

    # the tree

    def claim(self, parent: Node, number: int) -> Node:
        """An object is a child of another."""
        child = self.node(number)
        if child.parent is parent or child is parent or parent.gone or number == self.root:
            return child
        if child.parent is not None:
            self.doubt_children(child.parent)
            self.vanish(child)
            child = self.node(number)
        parent.children = {} if parent.children is None else parent.children
        if self.nodes.get(number) is not child:  # there is no room for it
            self.doubt_children(parent)
            return child
        if parent.listed:
            self.doubt_children(parent)
        parent.children[number] = None
        child.parent = parent
        child.learned = child.learned or self._at
        return child

    def all_children(self, parent: Node, numbers: Iterable[int], count: int) -> None:
        """All children of an object, in order: no more than `most`. count: how many there are."""
        if parent.object in self.nodes:
            self.relisted.add(parent.object)
        before = parent.children or {}
        after: dict[int, None] = {}
        for number in numbers:
            if number != parent.object:
                after[number] = None
        if (after or before) and after.keys() != before.keys():
            for number in [each for each in before if each not in after]:
                self._vanish_from(parent, number)
            entries, parent.entries, parent.listed = parent.entries, None, False
            for number in after:
                self.claim(parent, number)
            parent.entries = entries
        kept = parent.children or {}
        parent.children = after if len(after) == len(kept) else {number: None for number in after if number in kept}
        parent.listed = len(parent.children) == count
        parent.unsure = not parent.listed
        self.evicted += max(count - self.most, 0)
        if parent.listed:
            self._match(parent)

    def _vanish_from(self, parent: Node, number: int) -> None:
        child = self.nodes.get(number)
        if child is not None and child.parent is parent:
            self.vanish(child)

    def all_entries(self, parent: Node, raw: Raw, count: int) -> None:
        """The properties of all children of an object, in order. raw: the first."""
        parent.entries = count, Told(raw, self.now, self._at)
        if parent.listed:
            self._match(parent)

    def found(self, parent: Node, fact: Fact, raw: Raw) -> None:
        """The properties of the first child that has a value."""
        parent.searches = parent.searches or {}
        parent.searches[fact] = Told(raw, self.now, self._at)

    def _match(self, parent: Node) -> None:
        """Children by number and children by properties are the same ones."""
        if parent.entries is None:
            return
        count, told = parent.entries
        children = parent.children or {}
        parent.entries = None
        if count != len(children):
            self.doubt_children(parent)
            return
        body, offset = told.raw
        for number in children:
            child = self.nodes.get(number)
            if child is not None and child.parent is parent:
                self.adopt(child, Told((body, offset), told.now, told.at))
            offset = behind_properties(body, offset)

    def adopt(self, node: Node, told: Told) -> None:
        """These are an object's properties, if nothing was told or written of it later."""
        if node.changed <= told.now and (node.learned is None or not node.whole() or told.at > node.learned):
            node.put(told.raw, told.now)
            node.learned = max(node.learned or told.at, told.at)

    def forget_all(self) -> None:
        """All that was known is about to be told anew."""
        for node in self.nodes.values():
            node.gone = True
        self.nodes = {}

    def vanish(self, node: Node) -> None:
        """An object is not there any more, nor is what was below it."""
        if node.parent is not None and node.parent.children is not None:
            node.parent.children.pop(node.object, None)
            self.stirred.add(node.parent.object)
        self.stirred.add(node.object)
        left = [node]
        while left:
            each = left.pop()
            if each.gone:
                continue
            each.gone = True
            if self.nodes.get(each.object) is each:
                del self.nodes[each.object]
            for number in each.children or ():
                child = self.nodes.get(number)
                if child is not None and child.parent is each:
                    left.append(child)

    def up(self, node: Node, most: int) -> list[Node]:
        """An object and those above it, as far as known, so many at the most."""
        found: list[Node] = []
        step: Node | None = node
        while step is not None and len(found) < most:
            found.append(step)
            if step.object == self.root:
                break
            step = step.parent
        return found


_NONE = bytes(4)
