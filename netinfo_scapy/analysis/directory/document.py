"""Directories as `dump --format json` prints them and as they are read again; a JSON Schema is made of the classes.

A tree is a list, a parent before its children, so that no reader has to go as deep as a tree may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from netinfo_scapy.analysis.directory.paths import print_path, step_to
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.analysis.summary import Count, Port, Text, Time, UInt32
from netinfo_scapy.analysis.values import file_name, rfc3339, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef

if TYPE_CHECKING:
    Rows = Iterable
else:
    Rows = list
"""A list, as it is read and as the schema has it. To be written it is made on the way (`report/json_text.py`)."""

LONGEST_PATH = 4096
"""Bytes of a path that is told; that of a directory farther down is null."""


class Captured(NamedTuple):
    """A capture that something was learned from. digits: decimals of a second that its times have: 6 or 9."""

    name: str
    digits: int


class FrameObject(Struct, frozen=True):
    """A frame. capture: the place of its capture in `captures`, from 0."""

    capture: Count
    frame: Count
    time: Time


class EndpointObject(Struct, frozen=True):
    """One side."""

    ip: str
    port: Port


class ServedObject(Struct, frozen=True):
    """Where a domain was asked."""

    transport: Literal["udp", "tcp"]
    ip: str
    port: Port


class PropertyObject(Struct, frozen=True):
    """A property. values: null where only the name is known. values_complete: whether these are all, in order."""

    name: Text
    values: list[Text] | None
    values_complete: bool


class DirectoryObject(Struct, frozen=True):
    """A directory.

    path: from the root; null where that is not known, or longer than 4,096 bytes.
    object, instance: its NetInfo id; null where that is not known.
    parent: the place of its parent in `directories`, from 0; null of the root, and where it is not known.
    properties_complete: whether these are all its properties, each with its values. children_complete: whether
    all its children are among `directories`. outdated: it was written since, and that was not seen: what is not
    complete is what it was before. learned: the frame that last told something about it; null where
    the source is no capture.
    """

    path: Text | None
    object: UInt32 | None
    instance: UInt32 | None
    parent: Count | None
    properties: list[PropertyObject]
    properties_complete: bool
    children_complete: bool
    outdated: bool
    learned: FrameObject | None


class ChangeObject(Struct, frozen=True):
    """A successful write. at: the reply that confirmed it. uid: of the call's AUTH_SYS credential, else null.

    before, after: the directory's properties; null where they are not known or it is not there.
    """

    at: FrameObject
    call_at: FrameObject
    client: EndpointObject
    server: EndpointObject
    transport: Literal["udp", "tcp"]
    uid: UInt32 | None
    procedure: str
    object: UInt32 | None
    path: Text | None
    before: list[PropertyObject] | None
    after: list[PropertyObject] | None
    created: bool
    destroyed: bool


class DomainObject(Struct, frozen=True):
    """What a server is known to serve under a tag.

    server_ip: null where the source is neither capture nor server. tag: null where nothing named it.
    has_root: the first of `directories` is the root. complete: whether everything in it is known.
    evicted: pieces of knowledge that were let go for lack of room.
    """

    server_ip: str | None
    tag: Text | None
    endpoints: list[ServedObject]
    has_root: bool
    complete: bool
    directories: Rows[DirectoryObject]
    changes: Rows[ChangeObject]
    evicted: Count


class CaptureObject(Struct, frozen=True):
    """A capture that the directories are known from. digits: decimals of a second that its times have."""

    name: str
    digits: Literal[6, 9]


class DirectoryDocument(Struct, frozen=True):
    """All of it. source: what was read. path: of the directory in each domain that was asked for."""

    version: str
    source: str
    path: Text
    captures: list[CaptureObject]
    domains: list[DomainObject]


class _Maker:
    """Makes the objects of one document."""

    def __init__(self, captures: Sequence[Captured]) -> None:
        self._captures = captures

    def frame(self, at: FrameRef) -> FrameObject:
        return FrameObject(at.capture, at.number, rfc3339(at.time_ns, self._captures[at.capture].digits))

    def domain(self, domain: Domain, root: Directory | None, top: bytes, whole: bool) -> DomainObject:
        """root: the tree wanted, at the path `top`. whole: it is the domain's; else nothing beside it is wanted."""
        loose = domain.loose if whole else []
        return DomainObject(
            server_ip=None if domain.address is None else ip_text(domain.address),
            tag=None if domain.tag is None else text_of(domain.tag),
            endpoints=[ServedObject(transport.label, each.ip, each.port) for transport, each in domain.endpoints],
            has_root=root is not None,
            complete=root is not None and not loose and root.complete,
            directories=self._trees(root, top, loose),
            changes=(self._change(each) for each in (domain.changes if whole else ())),
            evicted=domain.evicted,
        )

    def _trees(self, root: Directory | None, top: bytes, loose: Sequence[Directory]) -> Iterator[DirectoryObject]:
        # From a root down; what is on the stack comes next.
        left: list[tuple[Directory, int | None, bytes | None]] = [(each, None, None) for each in reversed(loose)]
        if root is not None:
            left.append((root, None, top))
        place = 0
        while left:
            directory, parent, path = left.pop()
            yield DirectoryObject(
                path=None if path is None else text_of(path),
                object=directory.object,
                instance=directory.instance,
                parent=parent,
                properties=_properties(directory.properties),
                properties_complete=directory.whole,
                children_complete=directory.all_children,
                outdated=directory.outdated,
                learned=None if directory.learned is None else self.frame(directory.learned),
            )
            left.extend((child, place, below(path, child)) for child in reversed(directory.children))
            place += 1

    def _change(self, change: Change) -> ChangeObject:
        return ChangeObject(
            at=self.frame(change.at),
            call_at=self.frame(change.call_at),
            client=_endpoint(change.client),
            server=_endpoint(change.server),
            transport=Transport(change.transport).label,
            uid=change.uid,
            procedure=change.procedure,
            object=change.object,
            path=None if change.path is None else text_of(change.path),
            before=None if change.before is None else _properties(change.before),
            after=None if change.after is None else _properties(change.after),
            created=change.created,
            destroyed=change.destroyed,
        )


def _endpoint(endpoint: Endpoint) -> EndpointObject:
    return EndpointObject(endpoint.ip, endpoint.port)


def _properties(properties: Iterable[Property]) -> list[PropertyObject]:
    return [
        PropertyObject(
            text_of(each.name),
            None if each.values is None else [text_of(value) for value in each.values],
            each.whole and each.values is not None,
        )
        for each in properties
    ]


def below(path: bytes | None, child: Directory) -> bytes | None:
    """The path of a child of the directory at a path; None where either has none, or it is too long."""
    step = step_to(child)
    if path is None or step is None or len(path) > LONGEST_PATH:
        return None
    found = (b"" if path == b"/" else path) + print_path((step,))
    return found if len(found) <= LONGEST_PATH else None


def make_document(
    found: Sequence[tuple[Domain, Directory | None]],
    *,
    version: str,
    source: str,
    captures: Sequence[Captured],
    path: bytes = b"/",
) -> DirectoryDocument:
    """The document of domains, each with its directory at a path. path: as `print_path` has it."""
    make = _Maker(captures)
    return DirectoryDocument(
        version=version,
        source=file_name(source),
        path=text_of(path),
        captures=[CaptureObject(file_name(each.name), 9 if each.digits == 9 else 6) for each in captures],
        domains=[make.domain(domain, root, path, path == b"/") for domain, root in found],
    )
