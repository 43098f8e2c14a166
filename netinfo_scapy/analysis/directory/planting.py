"""Knowledge -> tree: every object in its place, once, and what is known of children whose number is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Fact, Hit, Node, Raw, Told, behind_properties, decoded
from netinfo_scapy.analysis.directory.paths import NAME
from netinfo_scapy.analysis.directory.tree import Directory, Property

Children = list[Node | Told]
"""Children in order: by number, or known by their properties only."""


def settle(knowledge: Knowledge) -> dict[int, Children]:
    """Give what LOOKUPREAD and LISTALL told to the children it is about, where it is certain which they are.

    What remains are the children that are known by their properties only, by the number of their parent. Where
    LISTALL told of all children, these are all, in order, those with a number among them.
    """
    families: dict[int, Children] = {}
    for node in knowledge.nodes.values():
        if node.entries is not None:
            families[node.object] = _of_entries(knowledge, node, *node.entries)
        elif node.searches:
            left = _of_searches(knowledge, node, node.searches)
            if left:
                families[node.object] = [*numbered(knowledge, node), *left]
    return families


def numbered(knowledge: Knowledge, node: Node) -> list[Node]:
    """The children whose numbers are known."""
    found = (knowledge.nodes.get(number) for number in node.children or ())
    return [child for child in found if child is not None and child.parent is node]


def _firsts(properties: list[Property]) -> dict[bytes, Property]:
    """The first property of each name."""
    return {each.name: each for each in reversed(properties)}


def _agrees(child: Node, raw: Raw) -> bool:
    """Whether nothing that is known of a child speaks against these being its properties."""
    theirs = _firsts(decoded(raw))
    for name, mine in child.sure().items():
        other = theirs.get(name)
        if mine.values and (other is None or not set(mine.values) <= set(other.values or ())):
            return False
    return True


def _of_searches(knowledge: Knowledge, node: Node, searches: dict[Fact, Told]) -> list[Told]:
    """What LOOKUPREADs told and is nobody's yet; of one name the latest."""
    hits = node.hits or {}
    # The latest event may be a write: what is known is how it is after it.
    holders = _holders(numbered(knowledge, node), searches, knowledge.now + 1) if node.listed else {}
    left: dict[bytes | None, Told] = {}
    for fact, told in searches.items():
        hit = hits.get(fact) or holders.get(fact)
        child = None if hit is None or knowledge.wrote_between(hit.now, told.now) else knowledge.nodes.get(hit.number)
        if hit is not None and child is not None and child.parent is node:
            # The Previous emulator answers with the properties of all that are found.
            if (hit.times == 1 or not knowledge.only_ones) and _agrees(child, told.raw):
                knowledge.adopt(child, told)
        elif not node.listed:
            name = _firsts(decoded(told.raw)).get(NAME)
            key = name.values[0] if name and name.values else None
            if key not in left or left[key].now < told.now:
                left[key] = told
    return sorted(left.values(), key=lambda told: told.now)


def _holders(children: list[Node], facts: Collection[Fact], now: int) -> dict[Fact, Hit]:
    """The first of all children that has each of some values, and how many have it; only where that is certain."""
    certain = {key for key, _ in facts}
    keys = frozenset(certain)
    found: dict[Fact, Hit] = {}
    for child in children:
        firsts = child.sure()
        for name, known in firsts.items():
            if name not in keys:
                continue
            if known.values is None or not known.whole or child.stale:
                certain.discard(name)
            for value in set(known.values or ()):
                if (name, value) in found or (name in certain and (name, value) in facts):
                    earlier = found.get((name, value)) or Hit(child.object, 0, now)
                    found[name, value] = earlier._replace(times=earlier.times + 1)
        if not child.has_list():
            certain.intersection_update(firsts)
    return {fact: hit if fact[0] in certain else hit._replace(times=hit.times + 1) for fact, hit in found.items()}


def _of_entries(knowledge: Knowledge, node: Node, count: int, told: Told) -> Children:
    """The children of a LISTALL, in order: those with a number where exactly one can be meant."""
    left = {child.object: child for child in numbered(knowledge, node)}
    if not knowledge.has_room(count):
        return list(left.values())
    wanted: defaultdict[Fact, list[Node]] = defaultdict(list)
    for child in left.values():
        # A later property of a name says nothing of the first, and entries are looked at by their first.
        fact = next(((name, each.values[0]) for name, each in child.sure().items() if each.values), None)
        if fact is not None and child.changed <= told.now:
            wanted[fact].append(child)
    entries: Children = list(_split(told, count))
    places: defaultdict[Fact, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for name, known in _firsts(decoded(entry.raw)).items() if isinstance(entry, Told) else ():
            for value in set(known.values or ()):
                if (name, value) in wanted:
                    places[name, value].append(place)
    for fact, at in places.items():
        child = wanted[fact][0]
        entry = entries[at[0]]
        if len(at) == len(wanted[fact]) == 1 and isinstance(entry, Told) and _agrees(child, entry.raw):
            knowledge.adopt(child, entry)
            entries[at[0]] = left.pop(child.object)
    return [*entries, *left.values()]


def _split(told: Told, count: int) -> Iterator[Told]:
    body, offset = told.raw
    for _ in range(count):
        yield told._replace(raw=(body, offset))
        offset = behind_properties(body, offset)


class Planting:
    """A tree that is made of knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._families = settle(knowledge)
        self._placed: set[int] = set()

    def trees(self) -> tuple[Directory | None, list[Directory]]:
        """The root, and what is not known to be below anything, in order of the objects."""
        nodes = self._knowledge.nodes
        root = nodes.get(self._knowledge.root)
        planted = None if root is None else self._plant(root)
        loose = [node for _, node in sorted(nodes.items()) if node.parent is None and node is not root]
        # What hangs in a circle hangs nowhere.
        loose += [node for _, node in sorted(nodes.items()) if node.parent is not None]
        return planted, [self._plant(node) for node in loose if node.object not in self._placed]

    def _plant(self, top: Node) -> Directory:
        """A directory with all below it that has no place yet."""
        planted = _directory(top)
        self._placed.add(top.object)
        left = [(top, planted)]
        while left:
            node, directory = left.pop()
            for child in self._children(node):
                if isinstance(child, Told):
                    directory.children.append(self._unnumbered(child))
                elif child.object in self._placed:
                    directory.all_children = False
                else:
                    self._placed.add(child.object)
                    below = _directory(child)
                    directory.children.append(below)
                    left.append((child, below))
            directory.all_children = directory.all_children and is_family_whole(node, directory.children)
        return planted

    def _children(self, node: Node) -> Children:
        family = self._families.get(node.object)
        return [*numbered(self._knowledge, node)] if family is None else family

    def _unnumbered(self, told: Told) -> Directory:
        outdated = self._knowledge.wrote_between(told.now)
        return Directory(
            properties=decoded(told.raw),
            whole=not outdated,
            all_children=False,
            learned=told.at,
            outdated=outdated,
        )


def is_family_whole(node: Node, children: Collection[Directory | Node | Told]) -> bool:
    """Whether these are all children of an object."""
    if node.unsure:
        return False
    return node.listed or (node.entries is not None and node.entries[0] == len(children))


def _directory(node: Node) -> Directory:
    return Directory(
        object=node.object,
        instance=node.instance,
        properties=list(node.known()),
        whole=node.whole(),
        learned=node.learned,
        outdated=node.stale or node.unsure,
    )
