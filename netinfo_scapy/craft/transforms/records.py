"""Record marks (RFC 5531, 11): fragments, empty ones, marks that lie."""

from __future__ import annotations

from typing import ClassVar, Literal

from netinfo_scapy.craft.said import Said, Talk
from netinfo_scapy.craft.transforms.base import RECORDS, Break, Transform
from netinfo_scapy.craft.transforms.cutting import check_sizes, cut


class RecordFragments(Transform, frozen=True, kw_only=True, tag="record-fragments"):
    """Messages as records of several fragments.

    sizes: bytes of each fragment; 0 is an empty one. repeat: the sizes again and again; else the rest is one fragment.
    """

    sizes: list[int]
    repeat: bool = True
    stage: ClassVar[int] = RECORDS

    def __post_init__(self) -> None:
        check_sizes(self.sizes, 0)

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Cut each message."""
        for said in turns:
            if said.header is not None and self.chooses(said) and talks[said.talk].transport == "tcp":
                said.sizes = cut(len(said.data), self.sizes, self.repeat)
        return turns


class RecordMark(Transform, frozen=True, kw_only=True, tag="record-mark"):
    """A record mark of 0 before a message, an empty fragment; or one of 0xffffffff in the place of its first mark.

    No receiver finds a message behind the latter: nothing more is said in that conversation.
    """

    mark: Literal[0, 0xFFFFFFFF]
    stage: ClassVar[int] = RECORDS
    breaks: ClassVar[tuple[Break, ...]] = ("malformed",)

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Put the mark there."""
        over: set[int] = set()
        made = []
        for said in turns:
            if said.talk in over:
                continue
            made.append(said)
            if said.header is None or not self.chooses(said) or talks[said.talk].transport != "tcp":
                continue
            if self.mark:
                said.mark, said.expected = self.mark, None
                over.add(said.talk)
            else:
                said.sizes = [0, *said.fragments()]
        return made
