"""What every transform is: parameters, what it is applied to, and what it does at one stage of the making.

The stages come in this order, whatever the order in which transforms are named: what is said, its records, segments,
chaff beside them, packets, frames. Within a stage transforms are applied as they are named. So all of them compose.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from netinfo_scapy.craft.packets import Burst, Frame, Packet, Segment
from netinfo_scapy.craft.said import CLIENT, Said, Talk
from netinfo_scapy.craft.seeded import Seeded

Side = Literal["calls", "replies", "both"]

SAID, RECORDS, SEGMENTS, CHAFF, PACKETS, FRAMES = range(6)
"""Stages."""

Break = Literal["checksum", "retransmission", "out-of-order", "overlap", "incomplete", "truncated", "ttl", "malformed"]
"""What a checker of captures complains of because it is meant: a wrong checksum, bytes sent again, ..., bytes or
packets that the capture does not have, frames cut short, a low TTL, a message that is none."""


class Transform(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="name", kw_only=True):
    """A transform that changes nothing; each of its methods stands for one stage.

    on: calls, replies or both. only: the numbers of exchanges (from 1, in the order of the calls) or the names of
    procedures that it is applied to; empty: all.
    stage: where it belongs. breaks: what a checker of captures will complain of.
    """

    on: Side = "calls"
    only: list[int | str] = []

    stage: ClassVar[int] = SAID
    breaks: ClassVar[tuple[Break, ...]] = ()

    @property
    def name(self) -> str:
        """Its name in the table."""
        tag = type(self).__struct_config__.tag
        return str(tag)

    def chooses(self, said: Said) -> bool:
        """Whether it is applied to something that is said."""
        if self.on != "both" and (self.on == "calls") != (said.side == CLIENT):
            return False
        return not self.only or said.exchange in self.only or (said.call or said).called in self.only

    def talks(self, talks: list[Talk]) -> list[Talk]:
        """The conversations. Raises ValueError where it cannot be applied, as all of these."""
        return talks

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """What is said, in order."""
        return turns

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """The segments of what a side sends at once."""
        return segments

    def packets(self, packet: Packet) -> list[Packet]:
        """An IP packet as it goes over the network."""
        return [packet]

    def frames(self, frames: list[Frame]) -> list[Frame]:
        """All frames, as they were captured."""
        return frames

    def touches(self, segment: Segment, burst: Burst) -> bool:
        """Whether it is applied to a segment."""
        return any(
            self.chooses(span.said) for span in burst.spans if span.start < segment.end and segment.start < span.end
        )
