"""What a network does with packets: IP fragments (RFC 791, 3.2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Literal

from netinfo_scapy.craft.packets import Packet
from netinfo_scapy.craft.transforms.base import PACKETS, Break, Transform
from netinfo_scapy.craft.transforms.cutting import check_sizes, cut

_UNIT = 8


class IpFragments(Transform, frozen=True, kw_only=True, tag="ip-fragments"):
    """Packets in IP fragments.

    sizes: bytes of the transport layer in each, multiples of 8. repeat: the sizes again and again; else the rest is
    one fragment. overlap: so many bytes of what came before are brought once more; a multiple of 8. conflict: other
    bytes; a receiver that checks the checksum takes the first ones.
    """

    sizes: list[int]
    repeat: bool = True
    order: Literal["forward", "reversed"] = "forward"
    overlap: int = 0
    conflict: bool = False
    stage: ClassVar[int] = PACKETS
    breaks: ClassVar[tuple[Break, ...]] = ("overlap",)

    def __post_init__(self) -> None:
        check_sizes(self.sizes, _UNIT, _UNIT)
        if self.overlap < 0 or self.overlap % _UNIT:
            raise ValueError(f"overlap: {self.overlap} is not a multiple of {_UNIT}")
        if self.conflict and (not self.overlap or self.order != "forward"):
            raise ValueError("conflict: only overlapping fragments that come forward can have bytes that do not count")

    def packets(self, packet: Packet) -> list[Packet]:
        """Cut a packet that carries something."""
        if packet.segment is None or not any(self.chooses(said) for said in packet.said):
            return [packet]
        made: list[Packet] = []
        at, whole = 0, packet.payload
        for size in cut(len(whole), self.sizes, self.repeat):
            start, end = max(at - self.overlap, 0), at + size
            data, changed = whole[start:end], 0
            if self.conflict and start < at:
                first = max(packet.header - packet.offset, start)
                if first < at:
                    data = whole[start:first] + bytes(byte ^ 0xFF for byte in whole[first:at]) + whole[at:end]
                    changed = at - start
            made.append(
                replace(
                    packet,
                    payload=data,
                    offset=packet.offset + start,
                    more=packet.more or end < len(whole),
                    altered=changed,
                    pause=Decimal(0) if made else packet.pause,
                )
            )
            at = end
        if self.order == "reversed":
            made = made[::-1]
            made[-1], made[0] = replace(made[-1], pause=Decimal(0)), replace(made[0], pause=packet.pause)
        return made
