"""Where in the streams and datagrams the rewritten messages stand, and what a segment has to carry instead.

A segment finds the bytes of its place by its sequence number, however often it was sent. Where other
bytes than its own were taken for the stream there (a conflicting overlap, or an earlier connection of the same ports),
it gets bytes that conflict likewise. What belongs to no message is filler.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import NamedTuple

from netinfo_scapy.analysis.scrub.rewriting import FILLER, as_different
from netinfo_scapy.capture.events import Marks
from netinfo_scapy.capture.flow_frames import end_key
from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef

MOST_BYTES = 1 << 30
"""Of messages that are held in memory, with what it costs to hold them; a capture with more is refused."""

_DATAGRAM_COST, _RUN_COST, _FLOW_COST = 250, 700, 500
"""What holding one takes beside its bytes, about."""

_WRAP = 1 << 32
_REACH_BITS = 10
_MOST_COMPARED = 256
"""Runs of one kilobyte of a stream that are compared with a segment, before it and after it, the nearest. As many
hold the shortest messages of several connections."""

_LENGTH = 0x7FFFFFFF


class TooMuchError(Exception):
    """More than `MOST_BYTES`; the text says what to do."""


class _Run(NamedTuple):
    """Bytes of a stream at a sequence number, as they were and as they become.

    at: number of the frame that completed them.
    """

    start: int
    before: bytes
    after: bytes
    at: int


class Delivered:
    """What is known of the payload of flows. held: bytes that it takes, about."""

    def __init__(self) -> None:
        self._datagrams: dict[int, bytes] = {}
        self._runs: dict[bytes, dict[int, list[_Run]]] = {}
        self.held = 0

    def add_datagram(self, at: FrameRef, after: bytes) -> None:
        """Note what becomes of the payload of a datagram. at: as in `Packet.ref`; a frame completes one."""
        self._hold(len(after) + _DATAGRAM_COST)
        self._datagrams[at.number] = after

    def add_marks(self, flow: Flow, at: FrameRef, marks: Marks, before: bytes = b"", after: bytes = b"") -> None:
        """Note a record: its marks, and as far as it is a message, what becomes of its bytes."""
        parts: list[tuple[int, bytearray, bytearray]] = []
        used = 0
        for position, mark in marks:
            size = min(mark & _LENGTH, len(before) - used)
            word = mark.to_bytes(4, "big")
            if not parts or parts[-1][0] + len(parts[-1][1]) != position:
                parts.append((position, bytearray(), bytearray()))
            _, old, new = parts[-1]
            old += word + before[used : used + size]
            new += word + after[used : used + size]
            used += size
        for position, old, new in parts:
            self._add_run(flow, _Run(position % _WRAP, bytes(old), bytes(new), at.number))

    def _add_run(self, flow: Flow, run: _Run) -> None:
        self._hold(2 * len(run.before) + _RUN_COST)
        key = _key(flow)
        buckets = self._runs.get(key)
        if buckets is None:
            self._hold(_FLOW_COST)
            buckets = self._runs[key] = {}
        first = run.start >> _REACH_BITS
        for bucket in range(first, (run.start + len(run.before) - 1 >> _REACH_BITS) + 1):
            buckets.setdefault(bucket % (_WRAP >> _REACH_BITS), []).append(run)

    def _hold(self, size: int) -> None:
        self.held += size
        if self.held > MOST_BYTES:
            raise TooMuchError("more messages than fit into memory; take parts of the capture, as `extract` makes them")

    def datagram(self, at: FrameRef, payload: bytes) -> bytes:
        """What a datagram has to carry."""
        return self._datagrams.get(at.number, b"").ljust(len(payload), bytes([FILLER]))[: len(payload)]

    def segment(self, flow: Flow, at: FrameRef, sequence: int, payload: bytes) -> bytes:
        """What a segment has to carry."""
        out = bytearray([FILLER]) * len(payload)
        missing = [(0, len(payload))]
        for run, offset in self._around(flow, at, sequence, payload):
            rest = []
            for start, end in missing:
                low, high = max(start, offset), min(end, offset + len(run.before))
                if low >= high:
                    rest.append((start, end))
                    continue
                begin, end_of_it = low - offset, high - offset
                before, after = run.before[begin:end_of_it], run.after[begin:end_of_it]
                out[low:high] = as_different(payload[low:high], before, after)
                rest += [each for each in ((start, low), (high, end)) if each[0] < each[1]]
            missing = rest
            if not missing:
                break
        return bytes(out)

    def _around(self, flow: Flow, at: FrameRef, sequence: int, payload: bytes) -> list[tuple[_Run, int]]:
        """The runs that have bytes for a segment, and where in it they begin.

        Those that hold what the segment holds come first, then the nearest.
        """
        buckets = self._runs.get(_key(flow))
        if not buckets:
            return []
        found: dict[int, tuple[bool, int, _Run, int]] = {}
        for bucket in range(sequence >> _REACH_BITS, (sequence + len(payload) >> _REACH_BITS) + 1):
            runs = buckets.get(bucket % (_WRAP >> _REACH_BITS), [])
            middle = bisect_left(runs, at.number, key=attrgetter("at")) if len(runs) > _MOST_COMPARED else 0
            for run in runs[max(middle - _MOST_COMPARED, 0) : middle + _MOST_COMPARED]:
                offset = (run.start - sequence + _WRAP // 2) % _WRAP - _WRAP // 2
                low, high = max(offset, 0), min(offset + len(run.before), len(payload))
                if low < high and id(run) not in found:
                    differs = payload[low:high] != run.before[low - offset : high - offset]
                    found[id(run)] = (differs, abs(run.at - at.number), run, offset)
        return [(run, offset) for _, _, run, offset in sorted(found.values(), key=lambda each: each[:2])]


def _key(flow: Flow) -> bytes:
    """A direction of a flow; a `Flow` takes ten times as much."""
    return end_key(flow.transport, flow.source) + end_key(flow.transport, flow.target)
