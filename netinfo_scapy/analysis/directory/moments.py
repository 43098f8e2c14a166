"""Moments of an input: up to which what was learned counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from netinfo_scapy.analysis.directory.sightings import Until
from netinfo_scapy.analysis.filters import moment_ns
from netinfo_scapy.capture.sources import Capture

_FRAME = "frame:"


class Moment(NamedTuple):
    """A time, or a frame: `number` in the capture called `capture`, or in the only one there is."""

    text: str
    time_ns: int | None = None
    number: int | None = None
    capture: str | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """The moment that `--at` names. Raises ValueError, with what to write."""
        if not text.startswith(_FRAME):
            return cls(text, time_ns=moment_ns("at", text, end=True))
        capture, _, digits = text.removeprefix(_FRAME).rpartition(":")
        if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:20]) < 1 << 62:
            raise ValueError(f"at {text!r} names no frame; write frame:796, or frame:FILE:796 of several captures")
        return cls(text, number=int(digits), capture=capture or None)

    def until(self, captures: Sequence[Capture]) -> Until:
        """The same in an input. Raises ValueError where that has not the one capture meant."""
        if self.number is None:
            return Until(time_ns=self.time_ns)
        names = [each.name for each in captures]
        fit = [each for each in captures if self.capture in (None, each.name)]
        if not fit:
            fit = [each for each in captures if PurePath(each.name).name == self.capture]
        if len(fit) == 1:
            return Until(capture=fit[0].index, number=self.number)
        if not fit:
            raise ValueError(f"at {self.text!r}: no capture is called so; there is {_some(names)}")
        raise ValueError(f"at {self.text!r} may be of {len(fit)} captures; write frame:FILE:{self.number}")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
