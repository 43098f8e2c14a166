"""Reads directories from JSON: what `dump --format json` printed, or a list of objects as READALL gives them.

The latter is {"tag", "checksum", "highest_id", "objects"}, each object with "object", "instance", "parent",
"children" and "properties", which are [name, [value, ...]] each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from netinfo_scapy.analysis.directory.document import (
    Captured,
    ChangeObject,
    DirectoryDocument,
    DirectoryObject,
    DomainObject,
    EndpointObject,
    FrameObject,
    PropertyObject,
)
from netinfo_scapy.analysis.directory.errors import DirectoryFileError
from netinfo_scapy.analysis.directory.raw_file import DEEPEST, TOO_DEEP
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.analysis.summary import Text, UInt32
from netinfo_scapy.analysis.values import bytes_of, nanoseconds
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef

_Shape = TypeVar("_Shape", bound=Struct)
_TRANSPORTS = {each.label: each for each in Transport}


class _Top(Struct):
    """What tells the shapes apart."""

    domains: Raw | UnsetType = UNSET
    objects: Raw | UnsetType = UNSET


class _ReadObject(Struct):
    object: UInt32
    properties: list[tuple[Text, list[Text]]]
    instance: UInt32 | None = None
    parent: UInt32 | None = None
    children: list[UInt32] = msgspec.field(default_factory=list)


class _ReadAll(Struct):
    objects: list[_ReadObject]
    tag: Text | None = None


def read_json(data: bytes, name: str) -> tuple[list[Domain], list[Captured]]:
    """The domains in a file, and the captures that they are known from. Raises DirectoryFileError."""
    top = _decode(data, _Top, name)
    if top.domains is not UNSET:
        return _Document(_decode(data, DirectoryDocument, name), name).read()
    if top.objects is not UNSET:
        return [_read_all(_decode(data, _ReadAll, name), name)], []
    raise DirectoryFileError(f'{name}: it is JSON, but has neither "domains" (dump --format json) nor "objects"')


def _decode(data: bytes, shape: type[_Shape], name: str) -> _Shape:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise DirectoryFileError(f"{name}: {_said(error)}") from None
    except msgspec.DecodeError as error:
        place = re.search(r" \(byte (\d+)\)$", str(error))
        text = _said(error)[: place and place.start()]
        raise DirectoryFileError.at(name, data, int(place[1]) if place else len(data), text) from None
    except RecursionError:
        raise DirectoryFileError(f"{name}: it is JSON nested deeper than any directory's") from None
    except UnicodeDecodeError as error:
        raise DirectoryFileError(f"{name}: it is not UTF-8, which JSON is ({error.reason})") from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split())


@contextmanager
def _at(name: str, place: str) -> Iterator[None]:
    """Around what takes values of the file."""
    try:
        yield
    except ValueError as error:
        raise DirectoryFileError(f"{name}: {_said(error)} - at `{place}`") from None


class _Document:
    """Reads what `dump --format json` printed."""

    def __init__(self, document: DirectoryDocument, name: str) -> None:
        self._document = document
        self._name = name
        self._captures = [Captured(each.name, each.digits) for each in document.captures]

    def read(self) -> tuple[list[Domain], list[Captured]]:
        domains = [self._domain(each, f"$.domains[{at}]") for at, each in enumerate(self._document.domains)]
        return domains, self._captures

    def _domain(self, item: DomainObject, place: str) -> Domain:
        with _at(self._name, place):
            domain = Domain(
                address=None if item.server_ip is None else ip_address(item.server_ip).packed,
                tag=None if item.tag is None else bytes_of(item.tag),
                endpoints=[
                    (_TRANSPORTS[each.transport], Endpoint(ip_address(each.ip).packed, each.port))
                    for each in item.endpoints
                ],
                evicted=item.evicted,
            )
        tops = self._trees([*item.directories], place)
        if item.has_root and not tops:
            raise DirectoryFileError(f"{self._name}: the root is said to be there, and is not - at `{place}`")
        domain.root, domain.loose = (tops[0], tops[1:]) if item.has_root else (None, tops)
        for at, change in enumerate(item.changes):
            with _at(self._name, f"{place}.changes[{at}]"):
                domain.changes.append(self._change(change))
        return domain

    def _trees(self, items: list[DirectoryObject], place: str) -> list[Directory]:
        made: list[Directory] = []
        depths: list[int] = []
        tops: list[Directory] = []
        for at, item in enumerate(items):
            with _at(self._name, f"{place}.directories[{at}]"):
                if item.parent is not None and item.parent >= at:
                    raise ValueError("its parent does not stand before it")
                depths.append(1 if item.parent is None else depths[item.parent] + 1)
                if depths[-1] > DEEPEST:
                    raise ValueError(TOO_DEEP)
                made.append(
                    Directory(
                        object=item.object,
                        instance=item.instance,
                        properties=_properties(item.properties),
                        whole=item.properties_complete,
                        all_children=item.children_complete,
                        outdated=item.outdated,
                        learned=None if item.learned is None else self._frame(item.learned),
                    )
                )
                (tops if item.parent is None else made[item.parent].children).append(made[-1])
        return tops

    def _frame(self, item: FrameObject) -> FrameRef:
        if item.capture >= len(self._captures):
            raise ValueError(f"there is no capture {item.capture}")
        return FrameRef(item.capture, item.frame, nanoseconds(item.time))

    def _change(self, item: ChangeObject) -> Change:
        return Change(
            at=self._frame(item.at),
            call_at=self._frame(item.call_at),
            client=_endpoint(item.client),
            server=_endpoint(item.server),
            transport=_TRANSPORTS[item.transport],
            uid=item.uid,
            procedure=item.procedure,
            object=item.object,
            path=None if item.path is None else bytes_of(item.path),
            before=None if item.before is None else _properties(item.before),
            after=None if item.after is None else _properties(item.after),
            created=item.created,
            destroyed=item.destroyed,
        )


def _endpoint(item: EndpointObject) -> Endpoint:
    return Endpoint(ip_address(item.ip).packed, item.port)


def _properties(items: list[PropertyObject]) -> list[Property]:
    return [
        Property(
            bytes_of(each.name),
            None if each.values is None else [bytes_of(value) for value in each.values],
            each.values_complete or each.values is None,
        )
        for each in items
    ]


def _read_all(item: _ReadAll, name: str) -> Domain:
    """The domain of a list of objects: object 0 is the root, children stand where their parent lists them."""
    made: dict[int, Directory] = {}
    for at, each in enumerate(item.objects):
        with _at(name, f"$.objects[{at}]"):
            if each.object in made:
                raise ValueError(f"object {each.object} is there twice")
            properties = [
                Property(bytes_of(property_name), [bytes_of(value) for value in values])
                for property_name, values in each.properties
            ]
            made[each.object] = Directory(each.object, each.instance, properties)
    with _at(name, "$.tag"):
        domain = Domain(tag=None if item.tag is None else bytes_of(item.tag), root=made.get(0))
    placed = {0}
    for at, each in enumerate(item.objects):
        parent = made[each.object]
        for child in each.children:
            if child not in made:
                # It was there, and the file does not say what it is.
                made[child] = Directory(child, whole=False, all_children=False)
            if child in placed:
                raise DirectoryFileError(f"{name}: object {child} is a child twice, or the root - at `$.objects[{at}]`")
            placed.add(child)
            parent.children.append(made[child])
    domain.loose = [made[number] for number in sorted(made.keys() - placed)]
    _check_loose(domain, made, name)
    return domain


def _check_loose(domain: Domain, made: dict[int, Directory], name: str) -> None:
    """Refuse what is in a circle, which no tree reaches, or too deep."""
    level = ([domain.root] if domain.root else []) + domain.loose
    seen = depth = 0
    while level:
        depth += 1
        seen += len(level)
        if depth > DEEPEST:
            raise DirectoryFileError(f"{name}: {TOO_DEEP}")
        level = [child for each in level for child in each.children]
    if seen != len(made):
        raise DirectoryFileError(f"{name}: {len(made) - seen} objects are below themselves")
