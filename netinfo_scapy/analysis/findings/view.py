"""What a detector can see when it concludes: all that is known of the input, and how to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.findings.basis import Basis, Said
from netinfo_scapy.analysis.findings.changes import Mentions, Noted, noted
from netinfo_scapy.analysis.findings.clones import Master, master_of
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import MOST_FRAMES, Evidence
from netinfo_scapy.analysis.findings.known import Known
from netinfo_scapy.analysis.summary import Finding, FrameSummary, Severity, Text
from netinfo_scapy.analysis.values import counted, file_name, plain_text, rfc3339, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.sources import Capture

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.detector import About, Detector

Item = TypeVar("Item")
Group = TypeVar("Group")

_encode = msgspec.msgpack.Encoder().encode

End: TypeAlias = tuple[Transport, Endpoint]
"""An endpoint of a server."""

_MOST_TAGS = 8
"""Of a server, in a title."""

MOST_DETAILS = 1_000
"""Rows of details in one finding; its title counts all."""


class View(Struct, dict=True):
    """The whole input.

    captures: those that `FrameRef.capture` counts. digits: of times. domains: the directories that were rebuilt.
    reveal: passwords and hashes are shown as they are. basis: where what findings are made of is noted, if it is.
    """

    facts: Facts
    captures: Sequence[Capture]
    interest: Interest
    digits: int = 6
    domains: Sequence[Domain] = ()
    known: Known = msgspec.field(default_factory=Known)
    reveal: bool = False
    basis: Basis | None = None

    def evidence(self, detector: str) -> list[Evidence]:
        """What a detector's clues came to, in order of servers, clients and keys."""
        return self.facts.clues.of(detector)

    # what is known of servers

    def tags_of(self, transport: Transport, server: Endpoint) -> set[bytes]:
        """The tags that are known to be served at an endpoint."""
        return self.interest.tags_of(transport, server)

    @cached_property
    def _domains(self) -> dict[tuple[Transport, Endpoint], Domain]:
        return {end: domain for domain in self.domains for end in domain.endpoints}

    def domain(self, transport: Transport, server: Endpoint) -> Domain | None:
        """The domain that is served at an endpoint, where it was rebuilt."""
        return self._domains.get((transport, server))

    @cached_property
    def _directories(self) -> dict[int, dict[int, Directory]]:
        return {
            id(domain): {each.object: each for each in domain.directories() if each.object is not None}
            for domain in self.domains
        }

    def directory(self, transport: Transport, server: Endpoint, number: int | None) -> Directory | None:
        """A directory of the domain that is served at an endpoint, by its object."""
        domain = self.domain(transport, server)
        return None if domain is None or number is None else self._directories[id(domain)].get(number)

    @cached_property
    def _users(self) -> dict[int, dict[bytes, list[bytes]]]:
        users: dict[int, dict[bytes, list[bytes]]] = {}
        for domain in self.domains:
            named = users.setdefault(id(domain), {})
            for each in domain.directories():
                uid, name = each.first(b"uid"), each.first(b"name")
                if uid is not None and name is not None:
                    named.setdefault(uid, []).append(name)
        return users

    def users_of(self, transport: Transport, server: Endpoint, uid: int) -> list[Text]:
        """The names of a uid's accounts in the domain at an endpoint; `uid 501` where none is known."""
        domain = self.domain(transport, server)
        signed = uid - (1 << 32) if uid >= 1 << 31 else uid
        names = self._users[id(domain)].get(b"%d" % signed, []) if domain else []
        return [text_of(name) for name in names] or [f"uid {signed}"]

    @cached_property
    def _masters(self) -> dict[int, Master | None]:
        return {id(domain): master_of(self.known, domain) for domain in self.domains}

    def master(self, domain: Domain | None) -> Master | None:
        """The master of the domain that a server holds, as its root names it."""
        return None if domain is None else self._masters[id(domain)]

    @cached_property
    def changes(self) -> list[Noted]:
        """What the writes did, domain by domain."""
        return noted(self)

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self.changes)

    def changes_of(self, word: bytes) -> list[Noted]:
        """Those of them that may have changed a property in whose name is a word, and all that did."""
        return self._mentions.of(word)

    # how it is said

    def place(self, transport: Transport, server: Endpoint) -> str:
        """A server as a title names it: its tags, where they are known, and its endpoint."""
        end = transport, server
        if end not in self._places:
            tags = [plain_text(text_of(tag)) for tag in sorted(self.tags_of(*end))]
            if len(tags) > _MOST_TAGS:
                tags[_MOST_TAGS:] = [counted(len(tags) - _MOST_TAGS, "other tag")]
            address = f"[{server.ip}]" if ":" in server.ip else server.ip
            self._places[end] = f"{', '.join(tags) or 'the server'} at {address}:{server.port}/{transport.label}"
        return self._places[end]

    @cached_property
    def _places(self) -> dict[tuple[Transport, Endpoint], str]:
        return {}

    def time(self, time_ns: int | None) -> str | None:
        """A time as every output has it."""
        return None if time_ns is None else rfc3339(time_ns, self.digits)

    @cached_property
    def _names(self) -> list[str]:
        return [file_name(capture.name) for capture in self.captures]

    def first(self, evidence: Iterable[Evidence]) -> dict[str, Any]:
        """The first frame of some evidence, for a row of details."""
        return self.place_of(min(row.frames[0] for row in evidence))

    def place_of(self, at: FrameRef) -> dict[str, Any]:
        """A frame, for a row of details."""
        return {"capture": self._names[at.capture], "frame": at.number}

    def finding(
        self,
        detector: Detector,
        evidence: Sequence[Evidence],
        title: str,
        *,
        severity: Severity | None = None,
        count: int | None = None,
        users: Iterable[Text] = (),
        tags: Iterable[Text] | None = None,
        details: Iterable[dict[str, Any]] = (),
    ) -> Draft:
        """A finding with its evidence, to be written out when somebody asks for it.

        Only then users and details are gone through, so an iterator must not look at what changes meanwhile. Where they
        are not given: severity is the detector's, count that of all evidence, tags those of the servers. users,
        details: in their order, each once.
        """
        if self.basis is not None:
            self.basis.add(Said(detector.id, title), evidence)
        servers, clients, clues, first_ns, last_ns = _seen(evidence)
        return Draft(
            id=detector.id,
            severity=severity or detector.severity,
            title=title,
            servers=[ip_text(address) for address in sorted(servers)],
            clients=[ip_text(address) for address in sorted(clients)],
            count=clues if count is None else count,
            first_time=self.time(first_ns),
            last_time=self.time(last_ns),
            made=lambda draft: self._made(draft, detector.about, evidence, users, tags, details),
        )

    def _made(
        self,
        draft: Draft,
        about: About,
        evidence: Sequence[Evidence],
        users: Iterable[Text],
        tags: Iterable[Text] | None,
        details: Iterable[dict[str, Any]],
    ) -> Finding:
        if tags is None:
            ends = {(row.transport, row.server) for row in evidence}
            tags = [text_of(tag) for tag in sorted({tag for end in ends for tag in self.tags_of(*end)})]
        first = _first_of(evidence)
        names = self._names
        return Finding(
            id=draft.id,
            severity=draft.severity,
            title=draft.title,
            servers=draft.servers,
            clients=draft.clients,
            tags=list(tags),
            users=list(_once(users)),
            count=draft.count,
            first_time=draft.first_time,
            last_time=draft.last_time,
            frames=[FrameSummary(names[at.capture], at.number) for at in first],
            filter=_filter(first),
            details=list(islice(_once(details), MOST_DETAILS)),
            meaning=about.meaning,
            advice=about.advice,
            references=list(about.references),
        )


def grouped(items: Iterable[Item], key: Callable[[Item], Group]) -> dict[Group, list[Item]]:
    """The items by a key; groups and items in the order in which they come."""
    groups: dict[Group, list[Item]] = {}
    for item in items:
        name = key(item)
        group = groups.get(name)
        if group is None:
            groups[name] = [item]
        else:
            group.append(item)
    return groups


def _seen(evidence: Iterable[Evidence]) -> tuple[set[bytes], set[bytes], int, int | None, int | None]:
    """The servers and clients of some evidence, its clues, the earliest time and the latest; None where there is none.

    All in one go: hundreds of findings have a row each.
    """
    servers: set[bytes] = set()
    clients: set[bytes] = set()
    times: list[int] = []
    count = 0
    for row in evidence:
        servers.add(row.server.address)
        clients.add(row.client)
        count += row.count
        first_ns, last_ns = row.first_ns, row.last_ns
        if first_ns is not None and last_ns is not None:
            times += (first_ns, last_ns)
    return servers, clients, count, min(times, default=None), max(times, default=None)


def _first_of(evidence: Sequence[Evidence]) -> list[FrameRef]:
    """The first frames of some evidence, each once."""
    if len(evidence) == 1:
        return evidence[0].frames
    frames = {(at.capture, at.number): at for row in evidence for at in row.frames}
    return [frames[place] for place in sorted(frames)[:MOST_FRAMES]]


def _once(items: Iterable[Any]) -> Iterator[Any]:
    """The items in their order, equal ones once."""
    seen: set[bytes] = set()
    for item in items:
        said = _encode(item)
        if said not in seen:
            seen.add(said)
            yield item


def _filter(frames: Sequence[FrameRef]) -> str:
    """A display filter for frames, those of the first capture among them."""
    return " || ".join([f"frame.number == {at.number}" for at in frames if at.capture == frames[0].capture])
