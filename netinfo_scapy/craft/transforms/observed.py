"""What a capture lacks: handshakes, a direction, the ends of frames."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from netinfo_scapy.craft.packets import Frame
from netinfo_scapy.craft.said import CLIENT
from netinfo_scapy.craft.transforms.base import FRAMES, Break, Transform

_HEADERS = 54


class NoHandshake(Transform, frozen=True, kw_only=True, tag="no-handshake"):
    """The capture begins after the handshakes."""

    stage: ClassVar[int] = FRAMES
    breaks: ClassVar[tuple[Break, ...]] = ("incomplete",)

    def frames(self, frames: list[Frame]) -> list[Frame]:
        """Leave them out."""
        return [frame for frame in frames if frame.packet.kind != "handshake"]


class OneDirection(Transform, frozen=True, kw_only=True, tag="one-direction"):
    """The capture has one direction only. keep: which."""

    keep: Literal["calls", "replies"] = "calls"
    stage: ClassVar[int] = FRAMES
    breaks: ClassVar[tuple[Break, ...]] = ("incomplete",)

    def frames(self, frames: list[Frame]) -> list[Frame]:
        """Leave the other out."""
        return [frame for frame in frames if (frame.packet.stream.side == CLIENT) == (self.keep == "calls")]


class SnapLength(Transform, frozen=True, kw_only=True, tag="snap-length"):
    """The capture has the first bytes of each frame only. bytes: how many."""

    bytes: int = 96
    stage: ClassVar[int] = FRAMES
    breaks: ClassVar[tuple[Break, ...]] = ("truncated", "incomplete")

    def __post_init__(self) -> None:
        if self.bytes < _HEADERS:
            raise ValueError(f"bytes: {self.bytes} is less than the headers of a segment, {_HEADERS}")

    def frames(self, frames: list[Frame]) -> list[Frame]:
        """Cut them off."""
        return [replace(frame, captured=min(frame.captured, self.bytes)) for frame in frames]
