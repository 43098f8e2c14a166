"""What a detector can see when it concludes: all that is known of the input, and how to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, TypeVar

from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.findings.clues import MOST_FRAMES, Evidence
from netinfo_scapy.analysis.findings.known import Known
from netinfo_scapy.analysis.summary import Finding, FrameSummary, Severity, Text
from netinfo_scapy.analysis.values import file_name, plain_text, rfc3339, text_of
from netinfo_scapy.capture.flows import Endpoint, Transport, ip_text
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.sources import Capture

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.detector import Detector

Item = TypeVar("Item")
Group = TypeVar("Group")

MOST_DETAILS = 1_000
"""Rows of details in one finding; its title counts all."""


@dataclass
class View:
    """The whole input.

    captures: those that `FrameRef.capture` counts. digits: of times. domains: the directories that were rebuilt.
    reveal: passwords and hashes are shown as they are.
    """

    facts: Facts
    captures: Sequence[Capture]
    interest: Interest
    digits: int = 6
    domains: Sequence[Domain] = ()
    known: Known = field(default_factory=Known)
    reveal: bool = False

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

    # how it is said

    def place(self, transport: Transport, server: Endpoint) -> str:
        """A server as a title names it: its tags, where they are known, and its endpoint."""
        tags = [plain_text(text_of(tag)) for tag in sorted(self.tags_of(transport, server))]
        address = f"[{server.ip}]" if ":" in server.ip else server.ip
        return f"{', '.join(tags) or 'the server'} at {address}:{server.port}/{transport.label}"

    def time(self, time_ns: int | None) -> str | None:
        """A time as every output has it."""
        return None if time_ns is None else rfc3339(time_ns, self.digits)

    def frame(self, at: FrameRef) -> FrameSummary:
        """A frame as every output names it."""
        return FrameSummary(file_name(self.captures[at.capture].name), at.number)

    def first(self, evidence: Iterable[Evidence]) -> dict[str, Any]:
        """The first frame of some evidence, for a row of details."""
        frame = self.frame(min(row.frames[0] for row in evidence))
        return {"capture": frame.capture, "frame": frame.frame}

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
    ) -> Finding:
        """A finding with its evidence.

        Where they are not given: severity is the detector's, count that of all evidence, tags those of the servers.
        users, details: in their order, each once.
        """
        ends = {(row.transport, row.server) for row in evidence}
        if tags is None:
            tags = [text_of(tag) for tag in sorted({tag for end in ends for tag in self.tags_of(*end)})]
        times = [time for row in evidence for time in (row.first_ns, row.last_ns) if time is not None]
        frames = nsmallest(MOST_FRAMES, {at for row in evidence for at in row.frames})
        return Finding(
            id=detector.id,
            severity=severity or detector.severity,
            title=title,
            servers=[ip_text(address) for address in sorted({row.server.address for row in evidence})],
            clients=[ip_text(address) for address in sorted({row.client for row in evidence})],
            tags=list(tags),
            users=_once(users),
            count=sum(row.count for row in evidence) if count is None else count,
            first_time=self.time(min(times, default=None)),
            last_time=self.time(max(times, default=None)),
            frames=[self.frame(at) for at in frames],
            filter=_filter(frames),
            details=_once(details)[:MOST_DETAILS],
            meaning=detector.about.meaning,
            advice=detector.about.advice,
            references=list(detector.about.references),
        )


def grouped(items: Iterable[Item], key: Callable[[Item], Group]) -> dict[Group, list[Item]]:
    """The items by a key; groups and items in the order in which they come."""
    groups: dict[Group, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _once(items: Iterable[Any]) -> list[Any]:
    """The items in their order, equal ones once."""
    return list({repr(item): item for item in items}.values())


def _filter(frames: Sequence[FrameRef]) -> str:
    """A display filter for frames, those of the first capture among them."""
    first = [at.number for at in frames if at.capture == frames[0].capture]
    return " || ".join(f"frame.number == {number}" for number in first)
