"""Where a look into the past ends."""

from __future__ import annotations

from netinfo_scapy.capture.frames import FrameRef


class Until:
    """What was learned up to and including a moment counts.

    capture, number: a frame, None where a time ends it. time_ns: nanoseconds since 1970.
    """

    def __init__(self, *, time_ns: int | None = None, capture: int = 0, number: int | None = None) -> None:
        self.time_ns = time_ns
        self.capture = capture
        self.number = number

    def covers(self, at: FrameRef) -> bool:
        """Whether a frame is not later."""
        if self.number is not None:
            return (at.capture, at.number) <= (self.capture, self.number)
        return self.time_ns is None or at.time_ns <= self.time_ns
