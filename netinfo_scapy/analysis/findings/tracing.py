"""Findings -> the events they were made from, in another reading of the same input.

A finding names 20 frames of each piece of its evidence. The clues say more: each event of another reading is shown to
the detectors once more, and where it gives a clue that went into a finding, it is one of those that made it. What a
finding was made of without clues, as changes of a directory, is found by its frames.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from netinfo_scapy.analysis.findings.basis import Basis, Said
from netinfo_scapy.analysis.findings.clues import Clues, Counter, Table
from netinfo_scapy.analysis.findings.detection import Detection
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Event, Message


class _Told(Counter):
    """Tells of each clue instead of counting it."""

    def __init__(self, keys: list[Key], whole: Key) -> None:
        super().__init__(Table(), Evidence(*whole[1:]))
        self._keys = keys
        self._whole = whole

    def add(self, at: FrameRef, share: int = -1) -> None:  # noqa: ARG002 - as the base class has it
        self._keys.append(self._whole)


class _Gathered(Clues):
    """Clues that are not added up: those of one event."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[Key] = []

    def counter(self, detector: str, transport: Transport, server: Endpoint, client: bytes, key: Key) -> Counter:
        return _Told(self.keys, (detector, transport, server, client, key))


class Tracing:
    """Tells of each event which findings it is part of. ids: of the detectors that are wanted."""

    def __init__(self, basis: Basis, ids: Collection[str]) -> None:
        self._basis = basis
        self._ids = frozenset(ids)
        self._gathered = _Gathered()
        self._detection = Detection([DETECTORS[each] for each in sorted(self._ids)], self._gathered)

    def findings(self, event: Event) -> Sequence[Said]:
        """The findings of which an event is a part, each once."""
        keys = self._gathered.keys
        keys.clear()
        if isinstance(event, Message):
            self._detection.message(event)
            at = event.record.at
        else:
            self._detection.event(event)
            at = event.at
        by_frame = self._basis.frames.get((at.capture, at.number), ())
        if not keys and not by_frame:
            return ()
        by_clue = [said for key in keys for said in self._basis.clues.get(key, ())]
        return list(dict.fromkeys(said for said in (*by_clue, *by_frame) if said.id in self._ids))
