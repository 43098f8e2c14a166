"""How calls are made: credential, port, several at once, again."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

from msgspec import structs

from netinfo_scapy.craft.credentials import Credential, Kind
from netinfo_scapy.craft.packets import Burst, Segment
from netinfo_scapy.craft.said import Said, Talk
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms.base import RECORDS, Break, Transform
from netinfo_scapy.protocol.programs import NETINFO_PORT


def give_credential(said: Said, credential: Credential) -> None:
    """Give a call another credential."""
    assert said.header is not None and said.expected is not None
    old = said.credential.anomalies() if said.credential else []
    said.credential = credential
    said.header["credential"] = {"flavor": credential.flavor, "body": credential.body()}
    said.expected.credential = credential.shown(said.expected.name or "")
    said.expected.anomalies = [each for each in said.expected.anomalies if each not in old] + credential.anomalies()


class OtherCredential(Transform, frozen=True, kw_only=True, tag="credential"):
    """Calls with another credential; the parameters are those of `craft.credentials.Credential`."""

    kind: Kind
    machinename: str = "client"
    password: str = ""
    uid: int = 0
    gid: int = 0
    gids: list[int] = []  # noqa: RUF012 - msgspec copies it

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Give each call the credential."""
        given = Credential(self.kind, self.machinename, self.password, self.uid, self.gid, self.gids)
        for said in turns:
            if said.header is not None and said.call is None and self.chooses(said):
                give_credential(said, given)
        return turns


class Port(Transform, frozen=True, kw_only=True, tag="port"):
    """Servers that are on another port than 961."""

    port: int

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port: {self.port} is not 1 to 65535")

    def talks(self, talks: list[Talk]) -> list[Talk]:
        """Move the servers."""
        return [
            replace(talk, server=talk.server._replace(port=self.port)) if talk.server.port == NETINFO_PORT else talk
            for talk in talks
        ]


class Pipelining(Transform, frozen=True, kw_only=True, tag="pipelining"):
    """Calls of a connection in one segment, before the first is answered.

    count: how many. on: calls; both: their replies go together, too.
    """

    count: int = 2

    def __post_init__(self) -> None:
        if self.count < 2:
            raise ValueError(f"count: {self.count} is not 2 or more")

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Calls first, then their replies."""
        made: list[Said] = []
        calls: list[Said] = []
        rest: list[Said] = []

        def flush() -> None:
            for group in (calls, rest):
                for before, said in pairwise(group):
                    said.joined = before.side == said.side and (group is calls or self.on == "both")
                made.extend(group)
                group.clear()

        for said in turns:
            last = (calls or rest or [said])[-1]
            fits = said.header is not None and talks[said.talk].transport == "tcp" and said.talk == last.talk
            if not fits or (said.call is None and len(calls) == self.count):
                flush()
            if said.header is None or talks[said.talk].transport != "tcp":
                made.append(said)
            elif said.call is None:
                calls.append(said)
            else:
                rest.append(said)
        flush()
        return made


def _again(said: Said, pause: Decimal) -> Said:
    """The same said again, as another datagram."""
    other = copy(said)
    other.expected = structs.replace(said.expected) if said.expected else None
    other.pause, other.copy_of = pause, said.copy_of or said
    if other.expected is not None:
        if said.call is None:
            other.expected.retransmission = True
        elif "duplicate-reply" not in other.expected.anomalies:
            other.expected.anomalies = [*other.expected.anomalies, "duplicate-reply"]
    return other


def _datagrams_again(transform: Transform, pause: Decimal, turns: list[Said], talks: list[Talk]) -> list[Said]:
    """What is said, each datagram that is chosen twice."""
    made = []
    for said in turns:
        made.append(said)
        if talks[said.talk].transport == "udp" and transform.chooses(said):
            made.append(_again(said, pause))
    return made


class Retransmission(Transform, frozen=True, kw_only=True, tag="retransmission"):
    """What is sent again because nobody acknowledged or answered in time.

    after: seconds. Over UDP the whole message, over TCP its segments.
    """

    after: float = 1.0
    stage: ClassVar[int] = RECORDS
    breaks: ClassVar[tuple[Break, ...]] = ("retransmission",)

    def __post_init__(self) -> None:
        if not 0 < self.after <= 60:
            raise ValueError(f"after: {self.after} is not more than 0 and at most 60 seconds")

    @property
    def _pause(self) -> Decimal:
        return Decimal(str(round(self.after, 6)))

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Each datagram again."""
        return _datagrams_again(self, self._pause, turns, talks)

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """The segments again, behind all."""
        again = [segment for segment in segments if self.touches(segment, burst)]
        return segments + [
            replace(each, pause=Decimal(0) if number else self._pause) for number, each in enumerate(again)
        ]


class Duplicates(Transform, frozen=True, kw_only=True, tag="duplicates"):
    """Each segment or datagram twice, at once."""

    stage: ClassVar[int] = RECORDS
    breaks: ClassVar[tuple[Break, ...]] = ("retransmission", "out-of-order")

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Each datagram again."""
        return _datagrams_again(self, Decimal(0), turns, talks)

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Each segment again behind itself."""
        return [
            each
            for segment in segments
            for each in ([segment, replace(segment, pause=Decimal(0))] if self.touches(segment, burst) else [segment])
        ]
