"""IP reassembly: fragments of one datagram in any order, twice, cut, in conflict; a hole is never filled.

Input: the datagram's payload behind four bytes for each fragment, which say what of it it brings, and how.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from fuzz import seeds, wire
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.capture.frames import Frame, FrameRef, Packet
from netinfo_scapy.capture.ip import Reassembler

_STEPS_NS = (0, 1_000_000, 30_000_000_000, -31_000_000_000)
_MORE = 0x2000
_PORTS = struct.pack(">HH", 1023, 961)


def run(data: bytes) -> Any:
    """Put the fragments together."""
    head, data = unmarked(data)
    count, six = head & 31, head & 32
    steps, payload = data[: 4 * count], data[4 * count :]
    datagram = _PORTS + struct.pack(">HH", 8 + len(payload), 0) + payload
    sent: dict[int, bytearray] = {}
    agrees, now = True, 0  # whether there is one datagram that all are of
    reassembler = Reassembler(max_datagrams=3)
    packets: list[Packet] = []
    for number, (bits, at, length, other) in enumerate(struct.iter_unpack(">BBBB", steps[: len(steps) & ~3]), 1):
        now += _STEPS_NS[bits & 3]
        start = 8 * at
        piece = datagram[start : start + 8 * length]
        last = start + len(piece) >= len(datagram)
        agrees = agrees and start <= len(datagram)
        if bits & 4 and piece:
            piece, agrees = bytes([piece[0] ^ 0x55]) + piece[1:], False
        if bits & 8:
            last, agrees = not last, False
        cut = len(piece) // 2 if bits & 16 else 0
        made = (
            wire.ipv6_fragment(piece, start | (not last), other & 3)
            if six
            else wire.ip(wire.CLIENT, wire.SERVER, 17, piece, number=other & 3, place=at | (0 if last else _MORE))
        )
        whole = sent.setdefault(other & 3, bytearray(len(datagram)))
        whole[start : start + len(piece) - cut] = b"\1" * (len(piece) - cut)
        data_of_frame = made[: len(made) - cut]
        packets += reassembler.feed(Frame(FrameRef(0, number, now), 1, len(made), data_of_frame))
    packets += reassembler.finish()
    for packet in packets:
        assert packet.length >= len(packet.payload) or not agrees
        if agrees:
            assert payload.startswith(packet.payload)
            assert not packet.conflict
            covered = 8 + len(packet.payload)
            assert any(0 not in each[:covered] for each in sent.values())
    assert len(packets) <= len(steps) // 4
    told = [(each.ref.number, each.payload, each.length, each.conflict) for each in packets]
    return told, reassembler.evicted, reassembler.lost_bytes, sorted(reassembler.malformed.items())


def inputs() -> Iterator[bytes]:
    """A call in fragments: in order, backwards, with a hole, twice, cut, in conflict, two at a time."""
    call, _ = max(seeds.exchanges(), key=lambda pair: len(pair[0]))
    pieces = [struct.pack(">BBBB", 1, at, 4, 0) for at in range(0, len(call) // 8 + 2, 4)][:15]
    ways = [pieces, pieces[::-1], pieces[:2] + pieces[3:], pieces * 2, [struct.pack(">BBBB", 4, 0, 8, 0), *pieces]]
    ways += [[struct.pack(">BBBB", 17, 0, 9, 0), *pieces[2:]], [struct.pack(">BBBB", 8, 9, 9, 0), *pieces]]
    ways += [[each[:3] + bytes([number]) for each in pieces for number in (0, 1)]]
    for way in ways:
        for six in (0, 32):
            yield bytes([six | len(way[:31])]) + b"".join(way[:31]) + call


_PARTS = ("ip", "fragments", "frames", "protocols")
TARGET = Target(run=run, seeds=inputs, rooms=tuple(f"capture.{each}" for each in _PARTS), longest=1200)
