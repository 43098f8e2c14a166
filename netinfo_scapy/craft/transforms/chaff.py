"""Chaff: segments that no receiver takes, or that it may take; with other bytes than the real ones, at their place."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Literal

from netinfo_scapy.craft.packets import TTL, Burst, Segment
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms.altered import altered
from netinfo_scapy.craft.transforms.base import CHAFF, Break, Transform


class _Chaff(Transform, frozen=True, kw_only=True):
    """A segment of chaff before or after each real one."""

    when: Literal["before", "after"] = "before"
    stage: ClassVar[int] = CHAFF

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Put the chaff in."""
        other = self.other(burst, seeded)
        made: list[Segment] = []
        for segment in segments:
            data = other[segment.start - burst.start : segment.end - burst.start]
            if segment.altered or data == segment.data or not self.touches(segment, burst):
                made.append(segment)
                continue
            chaff = self.dressed(replace(segment, data=data, altered=len(data)))
            if self.when == "before":
                made += [chaff, replace(segment, pause=Decimal(0))]
            else:
                made += [segment, replace(chaff, pause=Decimal(0))]
        return made

    def other(self, burst: Burst, seeded: Seeded) -> bytes:
        """The bytes of the chaff: none of them that of the real segment."""
        noise = seeded.bytes(len(burst.data))
        return bytes(byte ^ (each or 0xFF) for byte, each in zip(burst.data, noise, strict=True))

    def dressed(self, chaff: Segment) -> Segment:
        """A segment of chaff as it is sent."""
        return chaff


class ChaffChecksum(_Chaff, frozen=True, kw_only=True, tag="chaff-checksum"):
    """Chaff with a wrong checksum: every receiver drops it."""

    breaks: ClassVar[tuple[Break, ...]] = ("checksum", "retransmission", "out-of-order", "overlap")

    def dressed(self, chaff: Segment) -> Segment:
        """With a wrong checksum."""
        return replace(chaff, right_checksum=False)


class ChaffTtl(_Chaff, frozen=True, kw_only=True, tag="chaff-ttl"):
    """Chaff that does not live long enough to reach the receiver. ttl: what the observer sees of it."""

    ttl: int = 1
    breaks: ClassVar[tuple[Break, ...]] = ("ttl", "retransmission", "out-of-order", "overlap")

    def __post_init__(self) -> None:
        if not 1 <= self.ttl < TTL:
            raise ValueError(f"ttl: {self.ttl} is not 1 to {TTL - 1}")

    def dressed(self, chaff: Segment) -> Segment:
        """With a low TTL."""
        return replace(chaff, ttl=self.ttl)


class ChaffAmbiguous(_Chaff, frozen=True, kw_only=True, tag="chaff-ambiguous"):
    """Chaff that no passive observer can tell from the real thing: a call of another procedure, another result."""

    breaks: ClassVar[tuple[Break, ...]] = ("retransmission", "out-of-order", "overlap")

    def other(self, burst: Burst, seeded: Seeded) -> bytes:
        """What decodes as well."""
        return altered(burst)

    def dressed(self, chaff: Segment) -> Segment:
        """As the real one."""
        return replace(chaff, ambiguous=True)
