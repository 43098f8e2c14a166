"""Frames of any link type: what is read of them is the same from a file, from memory, and one at a time.

Input: the number of a link type, then frames.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fuzz import seeds, wire
from fuzz.packing import pack, unmarked, unpack
from fuzz.target import Target
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.pcapng_writer import PcapngWriter

LINKS = (1, 113, 276, 0, 108, 12, 14, 101, 228, 229, 149, 258, 104, 105, 147, 9)
"""Ethernet, Linux cooked, loopback, raw IP, PKTAP, and some that are not understood."""
_BEGIN_NS, _STEP_NS = 10**18, 4 * 10**8
"""So near to each other that the sieve drops some."""


def _pcap(frames: list[Any], link: int) -> bytes:
    head = bytes.fromhex("d4c3b2a1020004000000000000000000ffff0000") + link.to_bytes(4, "little")
    for each in frames:
        size = len(each.data).to_bytes(4, "little")
        time = b"".join(part.to_bytes(4, "little") for part in divmod(each.ref.time_ns // 1000, 10**6))
        head += time + size + size + each.data
    return head


def _pcapng(frames: list[Any]) -> bytes:
    stream = io.BytesIO()
    writer = PcapngWriter(stream, "fuzz")
    for each in frames:
        writer.write(each, 6)
    return stream.getvalue()


def _packet(packet: Any) -> tuple[object, ...]:
    ports = packet.lane.flow, packet.payload, packet.length, packet.ttl, packet.conflict
    return (*ports, packet.sequence, packet.acknowledgment, packet.flags, packet.segment, packet.ref.number)


def _event(event: Event) -> tuple[object, ...]:
    match event:
        case Message(record=record):
            answered = event.call.record.at if event.call else None
            return record.lane.flow, record.at, record.data, sorted(event.check()), answered, event.rtt_ns
        case _:
            return (type(event).__name__, *event)


def _read(source: Any) -> tuple[object, ...]:
    """All that is told of frames: events, and what is counted beside them."""
    reading = Reading(source)
    events = [_event(each) for each in reading.events()]
    (capture,) = reading.captures
    seen = capture.frames_read, capture.bytes_read, capture.first_ns, capture.last_ns, sorted(capture.link_types)
    beside = reading.so_far()
    return events, reading.messages_read, seen, capture.error, beside.totals, sorted(beside.not_understood.items())


def run(data: bytes) -> Any:
    """Decode the frames."""
    number, data = unmarked(data)
    link = LINKS[number % len(LINKS)]
    frames = wire.frames([(_BEGIN_NS + _STEP_NS * at, part) for at, part in enumerate(unpack(data, 16))], link)
    complete = Reassembler()
    for frame in frames:
        plain = Reassembler().plain(frame)
        packets = complete.complete(frame)
        assert plain is None or [_packet(plain)] == [_packet(each) for each in packets]
        for each in packets:
            assert len(each.payload) <= len(frame.data) or len(packets) == 1
    if not frames:
        return None
    tuples = [(Decimal(each.ref.time_ns) / 10**9, link, each.data) for each in frames]
    told = _read(tuples)
    assert told == _read(io.BytesIO(_pcap(frames, link)))
    file = _pcapng(frames)
    assert told == _read(io.BytesIO(file))
    facts = Reading(io.BytesIO(file)).facts()
    assert facts.totals.calls + facts.totals.replies == facts.totals.messages == told[1]
    return told


def inputs() -> Iterator[bytes]:
    """Frames of the captures; and datagrams in other link layers and tunnels."""
    for path in seeds.capture_paths():
        for start in (0, 40):
            few = [each.data for each, _ in zip(seeds.frames(path), range(start + 4), strict=False)][start:]
            yield b"\0" + pack(each for each in few if len(each) < 400)
    call, reply = seeds.exchanges()[0]
    client, server = (wire.CLIENT, 1023), (wire.SERVER, 961)
    asked, answered = wire.udp(client, server, call), wire.udp(server, client, reply)
    for at, head in enumerate(
        (b"", b"\0\0\0\1\0\6" + bytes(8) + b"\x08\0", b"\x08\0" + bytes(18), b"\2\0\0\0", b"\0\0\0\2")
    ):
        yield bytes([at]) + pack((head or each[:14]) + each[14:] for each in (asked, answered))
    yield b"\7" + pack(each[14:] for each in (asked, answered))
    yield b"\1" + pack([b"\0\4\3\x38" + bytes(10) + b"\0\0" + bytes(16)])
    ethernet, inner = bytes(12), asked[14:]
    tunnels = (
        b"\x81\0\0\5\x08\0" + inner,
        b"\x88\xa8\0\5\x81\0\0\6\x08\0" + inner,
        b"\x88\x47\0\0\x11\x40" + inner,
        b"\x88\x64\x11\0\0\1\0\x50\0\x21" + inner,
        b"\x00\x50\xaa\xaa\3\0\0\0\x08\0" + inner,
        b"\x86\xdd\x60\0\0\0" + (len(call) + 8).to_bytes(2, "big") + b"\x11\x40" + bytes(32) + inner[20:],
        b"\x86\xdd\x60\0\0\0"
        + (len(call) + 16).to_bytes(2, "big")
        + b"\0\x40"
        + bytes(32)
        + b"\x11\0"
        + bytes(6)
        + inner[20:],
    )
    for each in (*tunnels, b"\x81\0\0\5" * 40 + b"\x08\0" + inner, b"\x88\x47" + b"\0\0\x10\x40" * 40 + inner):
        yield b"\0" + pack([ethernet + each])
    frame = ethernet + b"\x08\0"
    for protocol, head in (
        (4, b""),
        (47, b"\0\0\x08\0"),
        (47, b"\0\0\x65\x58" + frame),
        (47, b"\x30\1\x88\x0b" + bytes(8) + b"\0\x21"),
        (47, b"\x10\0\x88\xbe" + bytes(12) + frame),
        (47, b"\x10\0\x22\xeb" + bytes(16) + frame),
        (47, b"\0\0\0\0"),
    ):
        yield b"\0" + pack([wire.ip(wire.CLIENT, wire.SERVER, protocol, head + inner)])
    yield b"\0" + pack([wire.udp((wire.CLIENT, 5000), (wire.SERVER, 4789), b"\x08" + bytes(7) + asked)])
    yield from (b"\0" + pack(each) for each in _fragments(asked[34:], answered))
    others = (wire.udp((wire.CLIENT, port), (wire.SERVER, 53), each) for port in (53, 5353) for each in (b"", call))
    yield b"\0" + pack([asked, *others, answered])


def _fragments(datagram: bytes, other: bytes) -> Iterator[list[bytes]]:
    """A datagram in fragments: in order, backwards, one twice, without an end, without a beginning, of other kinds."""
    half = len(datagram) // 2 & ~7
    first, last = datagram[:half], datagram[half:]
    four = [
        wire.ip(wire.CLIENT, wire.SERVER, 17, first, number=7, place=0x2000),
        wire.ip(wire.CLIENT, wire.SERVER, 17, last, number=7, place=half // 8),
    ]
    six = [wire.ipv6_fragment(first, 1, 7), wire.ipv6_fragment(last, half, 7)]
    for pieces in (four, six):
        yield [*pieces, other]
        yield [*pieces[::-1], other, pieces[0]]
        yield [pieces[0], other]
        yield [other, pieces[1]]
    yield [wire.ip(wire.CLIENT, wire.SERVER, 51, b"\x11\1" + bytes(10) + datagram)]
    yield [
        wire.ip(wire.CLIENT, wire.SERVER, 132, datagram, place=0x2000),
        wire.ip(wire.CLIENT, wire.SERVER, 17, first, place=0x1FFF),
    ]


_PARTS = ("links", "protocols", "ip", "fragments", "frames", "flows", "sieve", "decode")
TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=tuple(f"capture.{each}" for each in _PARTS),
    words=(b"\x08\0", b"\x86\xdd", b"\x81\0", b"\x88\x47", b"\x03\xc1"),
    longest=2000,
)
