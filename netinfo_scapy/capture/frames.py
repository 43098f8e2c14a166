"""What is passed along inside capture/: frames, packets, and where each came from.

The way of the data is one direction only: the bytes of a file become `Frame`s
(pcap.py, pcapng.py), a frame's link layers are taken off (links.py), IP is
reassembled (ip.py), and what remains is a `Packet`: one UDP datagram or one TCP
segment. Everything later (streams, records, messages) refers back to the frame by
its `FrameRef`.
"""

from __future__ import annotations

from netinfo_scapy.capture.flows import Endpoint, Lane, Transport
from netinfo_scapy.protocol import words

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
"""Flags of a TCP segment (RFC 9293, 3.1)."""


_FARTHEST_NS = (1 << 62) - 1
"""So that the difference of two is a number of 64 bits."""


class FrameRef:
    """Where a frame stands. Compares in capture order: (capture, number).

    capture: index of the capture in the input, from 0.
    number: the frame's number in its capture, from 1, as Wireshark counts.
    time_ns: the frame's time, nanoseconds since 1970-01-01 UTC.
    ns: the same as a number of 63 bits, to reckon with; beyond the years 1824 to 2116 the end of them.
    """

    __slots__ = ("_exact", "capture", "ns", "number")

    def __init__(self, capture: int, number: int, time_ns: int) -> None:
        self.capture = capture
        self.number = number
        self.ns = min(max(time_ns, -_FARTHEST_NS), _FARTHEST_NS)
        # As bytes, which no garbage collector has to look into.
        self._exact = (
            None if self.ns == time_ns else time_ns.to_bytes(time_ns.bit_length() // 8 + 1, "big", signed=True)
        )

    @property
    def time_ns(self) -> int:
        """The time."""
        return self.ns if self._exact is None else int.from_bytes(self._exact, "big", signed=True)

    def __repr__(self) -> str:
        return f"FrameRef({self.capture}, {self.number}, {self.time_ns})"

    def __hash__(self) -> int:
        return hash((self.capture, self.number))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrameRef):
            return NotImplemented
        return self.capture == other.capture and self.number == other.number and self.time_ns == other.time_ns

    def __lt__(self, other: FrameRef) -> bool:
        return (self.capture, self.number) < (other.capture, other.number)

    def __gt__(self, other: FrameRef) -> bool:
        return other < self

    def __le__(self, other: FrameRef) -> bool:
        return not other < self

    def __ge__(self, other: FrameRef) -> bool:
        return not self < other

    def is_later(self, other: FrameRef) -> bool:
        """As `>`; faster where it is compiled."""
        return self.capture > other.capture or (self.capture == other.capture and self.number > other.number)


class Frame:
    """One frame as captured.

    link: the LINKTYPE_ number of the capture's (interface's) link layer.
    wire_length: bytes the frame had on the wire; `data` may hold fewer (snap length).
    """

    __slots__ = ("data", "link", "ref", "wire_length")

    def __init__(self, ref: FrameRef, link: int, wire_length: int, data: bytes) -> None:
        self.ref = ref
        self.link = link
        self.wire_length = wire_length
        self.data = data

    def __repr__(self) -> str:
        return f"Frame({self.ref!r}, {self.link}, {self.wire_length}, {self.data!r})"

    def __hash__(self) -> int:
        return hash((self.ref, self.data))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        mine, others = (self.ref, self.link, self.wire_length), (other.ref, other.link, other.wire_length)
        return mine == others and self.data == other.data

    @property
    def is_cut(self) -> bool:
        """Whether bytes of it are missing."""
        return self.wire_length > len(self.data)

    def in_capture(self, index: int) -> Frame:
        """The same frame, as one of another capture."""
        return Frame(FrameRef(index, self.ref.number, self.ref.time_ns), self.link, self.wire_length, self.data)


def make_ref(capture: int, number: int, ns: int) -> FrameRef:
    """The place of a frame whose time is one of this century; as `FrameRef(...)`, faster where it is compiled."""
    ref = FrameRef.__new__(FrameRef)
    ref.capture = capture
    ref.number = number
    ref.ns = ns
    ref._exact = None
    return ref


def ref_at(capture: int, number: int, time_ns: int) -> FrameRef:
    """As `FrameRef(...)`, faster where it is compiled and the time is one of this century."""
    if -_FARTHEST_NS <= time_ns <= _FARTHEST_NS:
        return make_ref(capture, number, time_ns)
    return FrameRef(capture, number, time_ns)


def make_frame(ref: FrameRef, link: int, wire_length: int, data: bytes) -> Frame:
    """As `Frame(...)`, faster where it is compiled."""
    frame = Frame.__new__(Frame)
    frame.ref = ref
    frame.link = link
    frame.wire_length = wire_length
    frame.data = data
    return frame


class Packet:
    """One UDP datagram or TCP segment, its IP fragments put together.

    ref: the highest-numbered frame among those that first delivered a byte of it.
    lane: between which endpoints; `transport`, `source` and `target` are its own.
    payload: the bytes that were captured, without a hole: less than `length` when the
        frame was cut by the snap length or an IP fragment is missing.
    length: bytes of payload that the IP and UDP headers announce.
    ttl: IPv4 time to live or IPv6 hop limit (of the first fragment).
    conflict: IP fragments overlapped with different bytes.
    sequence, acknowledgment, flags: TCP only, else 0; flags as in RFC 9293, 3.1.
    segment: the whole TCP or UDP segment as captured, header included: what the
        checksum is over (ip.checksum_ok). It lies in `data` from `start` to `stop`.
    sound: where `data` is not kept, whether the checksum is right, 0 or 1; else -1.
    """

    __slots__ = (
        "acknowledgment",
        "conflict",
        "data",
        "flags",
        "lane",
        "length",
        "payload",
        "ref",
        "sequence",
        "sound",
        "start",
        "stop",
        "ttl",
    )

    def __init__(
        self, ref: FrameRef, lane: Lane, payload: bytes, length: int, ttl: int, data: bytes, start: int, stop: int
    ) -> None:
        self.ref = ref
        self.lane = lane
        self.payload = payload
        self.length = length
        self.ttl = ttl
        self.data = data
        self.start = start
        self.stop = stop
        self.conflict = False
        self.sound = -1
        self.sequence = 0
        self.acknowledgment = 0
        self.flags = 0

    @property
    def transport(self) -> Transport:
        """UDP or TCP."""
        return self.lane.flow.transport

    @property
    def source(self) -> Endpoint:
        """Where it comes from."""
        return self.lane.source

    @property
    def target(self) -> Endpoint:
        """Where it goes."""
        return self.lane.target

    @property
    def segment(self) -> bytes:
        """The TCP or UDP segment with its header."""
        return self.data[self.start : self.stop]


def make_packet(
    ref: FrameRef, lane: Lane, payload: bytes, length: int, ttl: int, data: bytes, start: int, stop: int
) -> Packet:
    """As `Packet(...)`, faster where it is compiled."""
    packet = Packet.__new__(Packet)
    words.untrack(packet)
    packet.ref = ref
    packet.lane = lane
    packet.payload = payload
    packet.length = length
    packet.ttl = ttl
    packet.data = data
    packet.start = start
    packet.stop = stop
    packet.conflict = False
    packet.sound = -1
    packet.sequence = packet.acknowledgment = packet.flags = 0
    return packet
