"""Every state one directory was seen in: from when to when, and what made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from netinfo_scapy.analysis.directory.knowledge import Knowledge
from netinfo_scapy.analysis.directory.node import Node, Told, decoded
from netinfo_scapy.analysis.directory.paths import Path, Step
from netinfo_scapy.analysis.directory.planting import numbered
from netinfo_scapy.analysis.directory.rebuild import Replay, Source
from netinfo_scapy.analysis.directory.tree import Change, Property
from netinfo_scapy.capture.frames import FrameRef


class State(Struct):
    """What was known of a directory for some time.

    there: False where the path led nowhere: the directory was destroyed or renamed, or is not known any more.
    object, instance: None where only its properties are known. properties, whole, outdated: as in `Directory`.
    children: their numbers, where they are all known, else None.
    first, last: where this was told or written, first and last; of no directory, `first` is where it had gone.
    change: the write that made it so, if one was seen.
    """

    there: bool
    object: int | None
    instance: int | None
    properties: list[Property]
    whole: bool
    outdated: bool
    children: list[int] | None
    first: FrameRef
    last: FrameRef
    change: Change | None

    def shown(self) -> tuple[Any, ...]:
        """What makes a state another one; an instance alone does not."""
        return self.there, self.object, self.properties, self.whole, self.outdated, self.children


def history(source: Source, path: Path | int) -> list[State]:
    """The states of the directory that a path led to, in order; from the first in which there was one."""
    states: list[State] = []
    for state in _seen(Replay(source), path):
        if states and states[-1].shown() == state.shown():
            states[-1].last, states[-1].instance = state.last, state.instance
        elif states or state.there:
            states.append(state)
    return states


def _seen(replay: Replay, path: Path | int) -> Iterator[State]:
    """The directory after each event that concerned it, or the way to it."""
    way = _Way(replay.knowledge, path)
    for at in replay.events():
        if way.follow():
            yield _state(way.end, at, replay.change)


class _Way:
    """Where a path leads, while knowledge changes.

    nodes: the directories on the way, the root first. end: what is at its end.
    """

    def __init__(self, knowledge: Knowledge, path: Path | int) -> None:
        self.nodes: list[Node] = []
        self.end: Node | Told | None = None
        self._knowledge = knowledge
        self._path = path

    def follow(self) -> bool:
        """Take note of an event; whether it concerned what is at the end."""
        stirred = self._knowledge.stirred
        if isinstance(self._path, int):
            self.end = self._knowledge.nodes.get(self._path)
            return self._path in stirred
        if not self._is_good(self._path):
            self._find(self._path)
            return True
        return isinstance(self.end, Node) and self.end.object in stirred

    def _is_good(self, path: Path) -> bool:
        """Whether the way is still the one. Looks at what the event stirred only: there can be many sisters."""
        knowledge, nodes = self._knowledge, self.nodes
        if not nodes or nodes[0] is not knowledge.nodes.get(knowledge.root):
            return False
        for step, node in zip(path, nodes[1:], strict=False):
            if node.gone or (node.object in knowledge.stirred and not _has(knowledge, node, step)):
                return False
        if any(node.object in knowledge.relisted for node in nodes[: len(path)]):
            return False
        if len(nodes) == len(path) and (nodes[-1].searches or {}).get(path[-1]) is not self.end:
            return False
        places = {node.object: place for place, node in enumerate(nodes[: len(path)])}
        for number in knowledge.stirred:
            child = knowledge.nodes.get(number)
            place = -1 if child is None or child.parent is None else places.get(child.parent.object, -1)
            if place < 0 or child is None or (place + 1 < len(nodes) and nodes[place + 1] is child):
                continue
            if _has(knowledge, child, path[place]):
                return False
        return True

    def _find(self, path: Path) -> None:
        knowledge = self._knowledge
        root = knowledge.nodes.get(knowledge.root)
        self.nodes = [] if root is None else [root]
        for step in path if root else ():
            children = numbered(knowledge, self.nodes[-1])
            child = next((each for each in children if _has(knowledge, each, step)), None)
            if child is None:
                break
            self.nodes.append(child)
        self.end = None
        if len(self.nodes) == len(path) + 1:
            self.end = self.nodes[-1]
        elif path and len(self.nodes) == len(path):
            self.end = (self.nodes[-1].searches or {}).get(path[-1])


def _has(knowledge: Knowledge, node: Node, step: Step) -> bool:
    known = knowledge.first(node, step.key)
    return known is not None and step.value in (known.values or ())


def _state(found: Node | Told | None, at: FrameRef, change: Change | None) -> State:
    if found is None:
        return State(False, None, None, [], False, False, None, at, at, change)
    if isinstance(found, Told):
        return State(True, None, None, decoded(found.raw), True, False, None, at, at, change)
    return State(
        there=True,
        object=found.object,
        instance=found.instance,
        properties=list(found.known()),
        whole=found.whole(),
        outdated=found.stale or found.unsure,
        children=list(found.children or ()) if found.listed else None,
        first=at,
        last=at,
        change=change,
    )
