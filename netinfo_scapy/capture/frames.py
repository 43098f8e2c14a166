"""What is passed along inside capture/: frames, packets, and where each came from.

The way of the data is one direction only: the bytes of a file become `Frame`s
(pcap.py, pcapng.py), a frame's link layers are taken off (links.py), IP is
reassembled (ip.py), and what remains is a `Packet`: one UDP datagram or one TCP
segment. Everything later (streams, records, messages) refers back to the frame by
its `FrameRef`.
"""

from __future__ import annotations

from typing import NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Lane, Transport

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
"""Flags of a TCP segment (RFC 9293, 3.1)."""


class FrameRef(NamedTuple):
    """Where a frame stands. Compares in capture order: (capture, number).

    capture: index of the capture in the input, from 0.
    number: the frame's number in its capture, from 1, as Wireshark counts.
    time_ns: the frame's time, nanoseconds since 1970-01-01 UTC.
    """

    capture: int
    number: int
    time_ns: int


class Frame(NamedTuple):
    """One frame as captured.

    link: the LINKTYPE_ number of the capture's (interface's) link layer.
    wire_length: bytes the frame had on the wire; `data` may hold fewer (snap length).
    """

    ref: FrameRef
    link: int
    wire_length: int
    data: bytes


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
