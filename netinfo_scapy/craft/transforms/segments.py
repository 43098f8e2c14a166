"""TCP segments: sizes, borders, order, overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Literal

from netinfo_scapy.craft.packets import MSS, Burst, Segment
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms.altered import altered
from netinfo_scapy.craft.transforms.base import SEGMENTS, Break, Transform
from netinfo_scapy.craft.transforms.cutting import check_sizes, cut


def split(segment: Segment, at: list[int]) -> Iterator[Segment]:
    """A segment cut at places in the stream; those inside it count."""
    borders = [segment.start, *sorted({each for each in at if segment.start < each < segment.end}), segment.end]
    for start, end in pairwise(borders):
        data = segment.data[start - segment.start : end - segment.start]
        not_meant = min(max(segment.start + segment.altered - start, 0), len(data))
        pause = segment.pause if start == segment.start else Decimal(0)
        yield replace(segment, start=start, data=data, altered=not_meant, pause=pause)


class Segments(Transform, frozen=True, kw_only=True, tag="segments"):
    """Segments of given sizes. repeat: the sizes again and again; else the rest is one segment."""

    sizes: list[int]
    repeat: bool = True
    stage: ClassVar[int] = SEGMENTS

    def __post_init__(self) -> None:
        check_sizes(self.sizes, 1)

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Cut each segment."""
        made: list[Segment] = []
        for segment in segments:
            borders = [segment.start]
            if self.touches(segment, burst):
                for size in cut(len(segment.data), self.sizes, self.repeat):
                    borders.append(borders[-1] + size)
            made += split(segment, borders)
        return made


class FragmentSegments(Transform, frozen=True, kw_only=True, tag="fragment-segments"):
    """Each record fragment, with its mark, in segments of its own."""

    stage: ClassVar[int] = SEGMENTS

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Cut where fragments begin."""
        return [
            each for segment in segments for each in split(segment, burst.marks if self.touches(segment, burst) else [])
        ]


class OutOfOrder(Transform, frozen=True, kw_only=True, tag="out-of-order"):
    """Segments of one message, or of what goes together, in another order; where there is one only, nothing changes."""

    order: Literal["reversed", "shuffled"] = "reversed"
    stage: ClassVar[int] = SEGMENTS
    breaks: ClassVar[tuple[Break, ...]] = ("out-of-order", "retransmission", "incomplete")

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Put those chosen in each other's places."""
        places = [number for number, segment in enumerate(segments) if self.touches(segment, burst)]
        order = places[::-1] if self.order == "reversed" else seeded.shuffled(places)
        made = list(segments)
        for place, origin in zip(places, order, strict=True):
            made[place] = replace(segments[origin], pause=segments[place].pause)
        return made


class Overlap(Transform, frozen=True, kw_only=True, tag="overlap"):
    """Segments that bring the last bytes of what came before them once more.

    bytes: how many. conflict: of these, arguments and results differ, and the procedure of a call.
    """

    bytes: int = 8
    conflict: bool = False
    stage: ClassVar[int] = SEGMENTS
    breaks: ClassVar[tuple[Break, ...]] = ("overlap", "out-of-order", "retransmission", "incomplete")

    def __post_init__(self) -> None:
        if not 1 <= self.bytes <= MSS:
            raise ValueError(f"bytes: {self.bytes} is not 1 to {MSS}")

    def segments(self, segments: list[Segment], burst: Burst, seeded: Seeded) -> list[Segment]:
        """Begin each segment earlier."""
        made = []
        other = altered(burst, everything=True) if self.conflict else burst.data
        for segment in segments:
            start = max(segment.start - self.bytes, burst.start)
            if segment.altered or start == segment.start or not self.touches(segment, burst):
                made.append(segment)
                continue
            again = other[start - burst.start : segment.start - burst.start]
            not_meant = len(again) if again != burst.cut(start, segment.start) else 0
            made.append(
                replace(segment, start=start, data=again + segment.data, altered=not_meant, ambiguous=self.conflict)
            )
        return made
