"""A little directory server: what docs/specification.md says of objects, in a few lines. It speaks bytes."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.support.rpc import NETINFO, array, call, names, opaque, words

OK, NODIR, NOPROP, NONAME, NOTEMPTY, UNRELATED, STALE = 0, 5, 6, 7, 8, 9, 2
NONE = 0xFFFFFFFF
_READING = ("SELF", "PARENT", "READ", "CHILDREN", "LOOKUP", "LIST", "READPROP", "LISTPROPS", "READNAME", "LISTALL")
_NAMES = """
    PING STATISTICS ROOT SELF PARENT CREATE DESTROY READ WRITE CHILDREN LOOKUP LIST CREATEPROP DESTROYPROP READPROP
    WRITEPROP RENAMEPROP LISTPROPS CREATENAME DESTROYNAME READNAME WRITENAME RPARENT LISTALL BIND READALL CRASHED RESYNC
    LOOKUPREAD
"""
NUMBERS = {name: number for number, name in enumerate(_NAMES.split())}
Props = list[tuple[bytes, list[bytes]]]


class RefusedError(Exception):
    """With an ni_status."""


@dataclass
class Object:
    instance: int = 0
    props: Props = field(default_factory=list)
    parent: int = 0
    children: list[int] = field(default_factory=list)


def proplist(props: Props) -> bytes:
    return array(opaque(name) + names(values) for name, values in props)


def at(items: Sequence[object], index: int, status: int) -> int:
    if index >= len(items):
        raise RefusedError(status)
    return index


class Server:
    """Objects by number; each method is a procedure: its result behind the status."""

    def __init__(self, props: Props) -> None:
        self.objects = {0: Object(props=props)}

    def snapshot(self) -> dict[int, Object]:
        return copy.deepcopy(self.objects)

    def get(self, number: int) -> Object:
        if number not in self.objects:
            raise RefusedError(NODIR)
        return self.objects[number]

    def id(self, number: int) -> bytes:
        return words(number, self.get(number).instance)

    def bump(self, number: int) -> bytes:
        self.get(number).instance += 1
        return self.id(number)

    def values(self, number: int, key: bytes) -> list[bytes] | None:
        return next((values for name, values in self.get(number).props if name == key), None)

    def hits(self, number: int, key: bytes, value: bytes) -> list[int]:
        found = [each for each in self.get(number).children if value in (self.values(each, key) or ())]
        if not found:
            raise RefusedError(NODIR)
        return found

    def root(self) -> bytes:
        return self.id(0)

    def self(self, number: int) -> bytes:
        return self.id(number)

    def parent(self, number: int) -> bytes:
        return words(self.get(number).parent) + self.id(number)

    def read(self, number: int) -> bytes:
        return self.id(number) + proplist(self.get(number).props)

    def children(self, number: int) -> bytes:
        return array(map(words, self.get(number).children)) + self.id(number)

    def lookup(self, number: int, key: bytes, value: bytes) -> bytes:
        return array(map(words, self.hits(number, key, value))) + self.id(number)

    def lookupread(self, number: int, key: bytes, value: bytes) -> bytes:
        return self.id(number) + proplist(self.get(self.hits(number, key, value)[0]).props)

    def list(self, number: int, key: bytes) -> bytes:
        entries = []
        for child in self.get(number).children:
            values = self.values(child, key)
            entries.append(words(child) + (words(1) + names(values) if values else words(0)))
        return array(entries) + self.id(number)

    def listall(self, number: int) -> bytes:
        return self.id(number) + array(proplist(self.get(child).props) for child in self.get(number).children)

    def listprops(self, number: int) -> bytes:
        return names(name for name, _ in self.get(number).props) + self.id(number)

    def readprop(self, number: int, index: int) -> bytes:
        props = self.get(number).props
        return names(props[at(props, index, NOPROP)][1]) + self.id(number)

    def readname(self, number: int, index: int, place: int) -> bytes:
        props = self.get(number).props
        values = props[at(props, index, NOPROP)][1]
        return self.id(number) + opaque(values[at(values, place, NONAME)])

    def readall(self) -> bytes:
        checksum = sum((number + 1) * each.instance for number, each in self.objects.items())
        out, left = words(checksum, max(self.objects)), [0]
        while left:
            number = left.pop()
            each = self.objects[number]
            out += words(1) + self.id(number) + proplist(each.props) + words(each.parent)
            out += array(map(words, each.children))
            left += reversed(each.children)
        return out + words(0)

    def create(self, number: int, props: Props, where: int) -> bytes:
        parent = self.get(number)
        fresh = next(each for each in range(len(self.objects) + 1) if each not in self.objects)
        self.objects[fresh] = Object(0, copy.deepcopy(props), number)
        parent.children.insert(where, fresh)
        return self.id(fresh) + self.bump(number)

    def destroy(self, number: int, child: int) -> bytes:
        if self.get(child).children:
            raise RefusedError(NOTEMPTY)
        if child not in self.get(number).children:
            raise RefusedError(UNRELATED)
        del self.objects[child]
        self.objects[number].children.remove(child)
        return self.bump(number)

    def write(self, number: int, props: Props) -> bytes:
        self.get(number).props = copy.deepcopy(props)
        return self.bump(number)

    def createprop(self, number: int, name: bytes, values: list[bytes], where: int) -> bytes:
        self.get(number).props.insert(where, (name, list(values)))
        return self.bump(number)

    def destroyprop(self, number: int, index: int) -> bytes:
        props = self.get(number).props
        del props[at(props, index, NOPROP)]
        return self.bump(number)

    def writeprop(self, number: int, index: int, values: list[bytes]) -> bytes:
        props = self.get(number).props
        index = at(props, index, NOPROP)
        props[index] = props[index][0], list(values)
        return self.bump(number)

    def renameprop(self, number: int, index: int, name: bytes) -> bytes:
        props = self.get(number).props
        index = at(props, index, NOPROP)
        props[index] = name, props[index][1]
        return self.bump(number)

    def createname(self, number: int, index: int, name: bytes, where: int) -> bytes:
        props = self.get(number).props
        props[at(props, index, NOPROP)][1].insert(where, name)
        return self.bump(number)

    def destroyname(self, number: int, index: int, place: int) -> bytes:
        props = self.get(number).props
        values = props[at(props, index, NOPROP)][1]
        del values[at(values, place, NONAME)]
        return self.bump(number)

    def writename(self, number: int, index: int, place: int, name: bytes) -> bytes:
        props = self.get(number).props
        values = props[at(props, index, NOPROP)][1]
        values[at(values, place, NONAME)] = name
        return self.bump(number)

    # on the wire

    def asked(self, procedure: str, *arguments: object) -> bytes:
        """The bytes of a call's arguments. A read's instance is garbage, a write's must be right."""
        if not arguments:
            return words(0) if procedure == "READALL" else b""
        number, *rest = arguments
        assert isinstance(number, int)
        instance = self.objects[number].instance if number in self.objects else 77
        if procedure in (*_READING, "LOOKUPREAD"):
            instance = random.Random(repr(arguments)).choice([0, 12, 0xDEADBEEF])
        if procedure == "DESTROY":
            child = rest[0]
            return words(number, instance, child, self.objects[child].instance if child in self.objects else 0)
        out = words(number, instance)
        for each in rest:
            if isinstance(each, int):
                out += words(each)
            elif isinstance(each, bytes):
                out += opaque(each)
            elif each and isinstance(each[0], tuple):
                out += proplist(each)
            else:
                out += names(each)
        return out + (words(0) if procedure == "CREATE" else b"")

    def answer(self, procedure: str, *arguments: object) -> bytes:
        """The result, status and all."""
        try:
            return words(OK) + getattr(self, procedure.lower())(*arguments)
        except RefusedError as refused:
            return words(refused.args[0])


NAMES_OF = [b"name", b"uid", b"a", b"_writers", b""]
VALUES = [b"root", b"0", b"1", b"x", b"", b"\xc3\xbc", b'"/\\=']


class Script:
    """Random calls, by a client that knows what is there."""

    def __init__(self, seed: object, *, writes: float = 0.5) -> None:
        self.chance = random.Random(repr(seed))
        self.writes = writes

    def values(self) -> list[bytes]:
        return [self.chance.choice(VALUES) for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3]))]

    def props(self) -> Props:
        props = [(self.chance.choice(NAMES_OF), self.values()) for _ in range(self.chance.randint(0, 3))]
        return [(b"name", [self.chance.choice(VALUES)]), *props] if self.chance.random() < 0.8 else props

    def where(self, items: Sequence[object]) -> int:
        return self.chance.choice([NONE, NONE, len(items), self.chance.randint(0, len(items) + 1)])

    def step(self, server: Server) -> tuple[str, tuple[object, ...]]:
        """A procedure and its arguments; now and then what will be refused."""
        chance = self.chance
        number = chance.choice(list(server.objects)) if chance.random() < 0.97 else 999
        each = server.objects.get(number, Object())
        index = chance.randint(0, len(each.props)) if each.props else 0
        values = each.props[index][1] if index < len(each.props) else []
        place = chance.randint(0, len(values))
        child = chance.choice(each.children) if each.children else 0
        key, value = self.fact(server, each)
        if chance.random() < self.writes:
            steps: list[tuple[str, tuple[object, ...]]] = [
                ("CREATE", (number, self.props() or [(b"k", [])], self.where(each.children))),
                ("CREATE", (number, [(b"name", [chance.choice(VALUES)])], NONE)),
                ("DESTROY", (number, child)),
                ("WRITE", (number, self.props() or [(b"k", [])])),
                ("CREATEPROP", (number, chance.choice(NAMES_OF), self.values(), self.where(each.props))),
                ("DESTROYPROP", (number, index)),
                ("WRITEPROP", (number, index, self.values())),
                ("RENAMEPROP", (number, index, chance.choice(NAMES_OF))),
                ("CREATENAME", (number, index, chance.choice(VALUES), self.where(values))),
                ("DESTROYNAME", (number, index, place)),
                ("WRITENAME", (number, index, place, chance.choice(VALUES))),
            ]
        else:
            steps = [
                *((name, (number,)) for name in ("SELF", "PARENT", "READ", "CHILDREN", "LISTPROPS", "LISTALL")),
                *((name, (number, key, value)) for name in ("LOOKUP", "LOOKUPREAD")),
                ("LIST", (number, key)),
                ("READPROP", (number, index)),
                ("READNAME", (number, index, place)),
                ("ROOT", ()),
            ]
            if chance.random() < 0.01:
                return "READALL", ()
        return chance.choice(steps)

    def fact(self, server: Server, each: Object) -> tuple[bytes, bytes]:
        props = [prop for child in each.children for prop in server.objects[child].props if prop[1]]
        if props and self.chance.random() < 0.8:
            name, values = self.chance.choice(props)
            return name, self.chance.choice(values)
        return self.chance.choice(NAMES_OF), self.chance.choice(VALUES)


def lived(seed: int, steps: int) -> Server:
    """A server that was written to before anybody captured."""
    script, server = Script((seed, "before"), writes=1), Server([(b"master", [b"h/t"])])
    for _ in range(steps):
        procedure, arguments = script.step(server)
        server.answer(procedure, *arguments)
    return server


def call_of(xid: int, procedure: str, arguments: bytes, **how: bytes) -> bytes:
    return call(xid, NETINFO, 2, NUMBERS[procedure], arguments, **how)


def sweep(server: Server) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Everything read, as nidump does."""
    yield "ROOT", ()
    for number in list(server.objects):
        yield "READ", (number,)
        yield "CHILDREN", (number,)
