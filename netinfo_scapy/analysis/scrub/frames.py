"""Frames -> frames that can be shared, one for one and in their order, with the payload that `Delivered` says.

What comes out of a frame is its Ethernet header, where it begins with one, and the innermost IP packet; tunnels and
other links around it are taken off. A frame of which nothing can be kept stays as an empty one, so that
all others keep their numbers. IP fragments wait until their datagram is whole, or given up, as in
capture/ip.py, and the frames behind them wait with them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator

from netinfo_scapy.analysis.scrub.addresses import Addresses
from netinfo_scapy.analysis.scrub.delivered import Delivered
from netinfo_scapy.analysis.scrub.headers import Part, carried, read_ip, read_segment, with_checksum
from netinfo_scapy.analysis.scrub.rewriting import FILLER, as_different
from netinfo_scapy.capture.flow_frames import FlowKey, flow_key
from netinfo_scapy.capture.flows import Lanes
from netinfo_scapy.capture.fragments import Datagram, Datagrams
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.links import unwrap, unwrap_tunnel
from netinfo_scapy.capture.protocols import TCP, UDP

_ETHERNET, _RAW_IP = 1, 101
_MAC = 6
_LONGEST, _LONGEST_FRAME = 65535, 1 << 20
_MOST_DATAGRAMS, _MOST_BYTES = 8192, 64 << 20
_MOST_HELD = 1 << 16
"""Frames that wait for a datagram. Beyond, the oldest datagram is given up."""

EMPTY_LINK = 147
"""Link type of the frames of which nothing is kept: one that no program takes for anything (LINKTYPE_USER0)."""


class _Slot:
    """The place of a frame in the output.

    found, part: its innermost IP packet. made: what becomes of the frame, when that is known.
    """

    __slots__ = ("found", "frame", "made", "part")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.found = unwrap(frame.link, frame.data)
        self.part: Part | None = None
        self.made: Frame | None = None


class FrameScrubber:
    """Takes the frames of one capture, in order.

    flows: those that are kept. left_out: frames that are not, by what they hold. changed: frames of
    which something was emptied or taken off, by what it was.
    """

    def __init__(self, addresses: Addresses, delivered: Delivered, flows: Collection[FlowKey]) -> None:
        self.left_out: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self._addresses = addresses
        self._delivered = delivered
        self._flows = flows
        self._lanes = Lanes()
        self._datagrams = Datagrams(_MOST_DATAGRAMS, _MOST_BYTES)
        self._held: deque[_Slot] = deque()

    def frames(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """What becomes of each frame."""
        for frame in frames:
            slot = _Slot(frame)
            self._held.append(slot)
            self._take(slot)
            if len(self._held) > _MOST_HELD:
                self._conclude(next(iter(self._datagrams.drain())))
            yield from self._ready()
        for datagram in self._datagrams.drain():
            self._conclude(datagram)
        yield from self._ready()

    def _ready(self) -> Iterator[Frame]:
        held = self._held
        while held and (made := held[0].made) is not None:
            held.popleft()
            yield made

    def _leave_out(self, slot: _Slot, why: str) -> None:
        self.left_out[why] += 1
        slot.made = Frame(slot.frame.ref, EMPTY_LINK, 0, b"")

    def _take(self, slot: _Slot) -> None:
        frame, found = slot.frame, slot.found
        if found.kind != "ip":
            return self._leave_out(slot, found.name)
        wire_end = max(len(frame.data), min(frame.wire_length, _LONGEST_FRAME))
        part = slot.part = read_ip(frame.data, found, wire_end, self._addresses)
        if part is None or part.at + part.length > _LONGEST:
            return self._leave_out(slot, "IP headers that contradict themselves")
        if part.identification is not None:
            return self._fragment(slot, part, part.identification)
        if part.protocol not in (TCP, UDP):
            return self._leave_out(slot, "neither TCP nor UDP")
        new = self._segment(part.protocol, part, part.data, part.length, frame.ref)
        return self._leave_out(slot, "other traffic") if new is None else self._make(slot, part, new)

    def _segment(self, protocol: int, part: Part, data: bytes, length: int, at: FrameRef) -> bytes | None:
        """What becomes of a segment; None where it is of no flow that is kept."""
        segment = read_segment(protocol, data, length)
        if segment is None:
            return None
        flow = self._lanes.find(protocol == TCP, part.source + part.target + data[:4]).flow
        if flow_key(flow) not in self._flows:
            return None
        self._changed("TCP options emptied", segment.emptied)
        if protocol == UDP:
            payload = self._delivered.datagram(at, segment.payload)
        else:
            payload = self._delivered.segment(flow, at, segment.sequence, segment.payload)
        new = segment.head + payload + bytes([FILLER]) * segment.rest
        before = part.source, part.target, data[: len(data) - segment.rest], length
        made = with_checksum(protocol, before, new[: len(new) - segment.rest], self._addresses, self._lanes)
        return made + new[len(new) - segment.rest :]

    def _changed(self, what: str, really: bool) -> None:
        if really:
            self.changed[what] += 1

    def _make(self, slot: _Slot, part: Part, payload: bytes) -> None:
        """The frame anew. payload: of the IP packet or the fragment."""
        frame, found, head = slot.frame, slot.found, b""
        link = _RAW_IP
        if frame.link == _ETHERNET:
            link = _ETHERNET
            kind = b"\x08\0" if found.version == 4 else b"\x86\xdd"
            head = self._addresses.mac(frame.data[:_MAC]) + self._addresses.mac(frame.data[_MAC : 2 * _MAC]) + kind
        self._changed("tags, tunnels and other links taken off", found.offset > len(head))
        data = head + part.head + payload
        missing = max(part.length - len(part.data), 0)
        behind = len(frame.data) - (found.offset + len(part.head) + len(part.data))
        self._changed("bytes behind the packet left out", behind > 0)
        self._changed("IP options and extension headers emptied", part.emptied)
        slot.made = Frame(frame.ref, link, len(data) + missing, data)

    # fragments

    def _fragment(self, slot: _Slot, part: Part, key: tuple[bytes, bytes, int, int]) -> None:
        old = self._datagrams.overdue(key, slot.frame.ref.time_ns)
        if old:
            self._conclude(old)
        datagram = self._datagrams.add(key, slot.frame.ref, part.at, part.more, part.data, part.length)
        if datagram.head is None:
            datagram.head = []
        datagram.head.append(slot)
        if datagram.is_complete:
            self._datagrams.remove(datagram)
            self._conclude(datagram)
        for evicted in self._datagrams.evict():
            self._conclude(evicted)

    def _conclude(self, datagram: Datagram) -> None:
        """Decide on the fragments of a datagram that is whole, or never will be."""
        slots: list[_Slot] = datagram.head
        data = datagram.bytes_from_start()
        first = next((slot.part for slot in slots if slot.part is not None and slot.part.at == 0), None)
        why, new = "fragments without their beginning", None
        if first is not None and data:
            why, new = self._whole(datagram, first, data)
        for slot in slots:
            part = slot.part
            if new is None or part is None:
                self._leave_out(slot, why)
                continue
            before = data[part.at : part.at + len(part.data)].ljust(len(part.data), b"\0")
            after = new[part.at : part.at + len(part.data)].ljust(len(part.data), bytes([FILLER]))
            # Where fragments disagree, so do these.
            self._make(slot, part, as_different(part.data, before, after))

    def _whole(self, datagram: Datagram, first: Part, data: bytes) -> tuple[str, bytes | None]:
        """What becomes of the payload of a datagram, or why nothing does."""
        found = carried(first.protocol, data)
        if found is None:
            return "IP headers that contradict themselves", None
        protocol, head, segment = found
        if len(data) == datagram.length and unwrap_tunnel(protocol, segment) is not None:
            return "tunnels in fragments", None
        if protocol not in (TCP, UDP):
            return "neither TCP nor UDP", None
        at = datagram.ref_of(len(data))
        new = self._segment(protocol, first, segment, datagram.length - len(head), at)
        return "other traffic", None if new is None else head + new
