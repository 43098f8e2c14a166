"""IP, TCP and UDP headers written anew.

Ports, numbers, flags and sizes stay; addresses are replaced; options that carry data are emptied.

RFC 791 (IPv4), RFC 8200 (IPv6), RFC 4302 (AH), RFC 9293 (TCP), RFC 768 (UDP). A checksum that was
right is right again, and one that was wrong is wrong again: whether a flow's checksums can be judged
decides how its streams are read.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from netinfo_scapy.analysis.scrub.addresses import Addresses
from netinfo_scapy.capture.flows import Lanes
from netinfo_scapy.capture.frames import FrameRef, make_packet
from netinfo_scapy.capture.ip import checksum_ok
from netinfo_scapy.capture.links import Unwrapped
from netinfo_scapy.capture.protocols import AUTHENTICATION, FRAGMENT, TCP, UDP, ipv6_extensions
from netinfo_scapy.protocol import words

_ipv4 = Struct(">BBHHHBBH4s4s")
_ipv6 = Struct(">IHBB16s16s")
_fragment = Struct(">BxHI").unpack_from
_tcp = Struct(">HHIIBBHHH")

_HOP_BY_HOP, _ROUTING, _DESTINATION = 0, 43, 60
_URGENT = 0x20
_NOTHING, _END = 1, 0
"""TCP options of one byte."""

_PLAIN_OPTIONS = {2: (4,), 3: (3,), 4: (2,), 5: (10, 18, 26, 34)}
"""TCP options that say how, not what or who: the segment size, window scale, and what was received. Kind -> lengths."""


class Part(NamedTuple):
    """An IP packet, or a fragment of one, in a frame.

    head: its headers written anew, up to what is carried. protocol: of what is carried. data: what is
    carried, as captured; length: bytes of it that the header announces. identification: of a fragment,
    with source, target and protocol; `at` and `more` say which; else None. emptied: options were.
    """

    head: bytes
    protocol: int
    source: bytes
    target: bytes
    data: bytes
    length: int
    identification: tuple[bytes, bytes, int, int] | None
    at: int
    more: bool
    emptied: bool


def read_ip(data: bytes, found: Unwrapped, wire_end: int, addresses: Addresses) -> Part | None:
    """The IP packet at a frame's innermost header; None where its lengths make no sense.

    wire_end: the offset where the frame ended on the wire.
    """
    if len(data) < found.offset + (20 if found.version == 4 else 40):
        return None
    if found.version == 4:
        return _read_ipv4(data, found.offset, wire_end, addresses)
    return _read_ipv6(data, found.offset, wire_end, addresses)


def _read_ipv4(data: bytes, offset: int, wire_end: int, addresses: Addresses) -> Part | None:
    first, service, total, identification, place, ttl, protocol, _, source, target = _ipv4.unpack_from(data, offset)
    size = (first & 0x0F) * 4
    start, end = offset + size, offset + total if total else wire_end
    if size < 20 or start > end or start > len(data):
        return None
    head = bytearray(
        _ipv4.pack(
            first,
            service,
            total,
            identification,
            place & 0x7FFF,
            ttl,
            protocol,
            0,
            addresses.ip(source),
            addresses.ip(target),
        )
    )
    head += bytes(size - 20)  # the end of options, as often as there is room
    right = words.sum_of_words(data[offset:start], 0, size) % 0xFFFF == 0
    head[10:12] = _checksum(words.sum_of_words(bytes(head), 0, size), right)
    emptied = any(data[offset + 20 : start])
    fragment = bool(place & 0x3FFF)
    key = (source, target, protocol, identification) if fragment else None
    carried, length = data[start:end], end - start
    if not fragment and protocol == AUTHENTICATION and len(carried) >= 12:
        # RFC 4302, 2.2: what authenticates the packet is wrong now, and not kept.
        behind = (carried[1] + 2) * 4
        if behind <= len(carried):
            head += carried[:2] + bytes(behind - 2)
            protocol, carried, length, emptied = carried[0], carried[behind:], length - behind, True
    return Part(
        bytes(head), protocol, source, target, carried, length, key, (place & 0x1FFF) * 8, bool(place & 0x2000), emptied
    )


def _read_ipv6(data: bytes, offset: int, wire_end: int, addresses: Addresses) -> Part | None:
    flow, length, protocol, hops, source, target = _ipv6.unpack_from(data, offset)
    start = offset + 40
    end = start + length if length else wire_end
    found = ipv6_extensions(protocol, data, start, min(end, len(data)))
    if found.malformed or found.offset > end or found.offset > len(data):
        return None
    head = _ipv6.pack(flow & 0xFFF00000, length, protocol, hops, addresses.ip(source), addresses.ip(target))
    head += _extensions(protocol, data[start : found.offset])
    emptied = found.offset > start or bool(flow & 0x000FFFFF)
    start, protocol, key, at, more = found.offset, found.protocol, None, 0, False
    if protocol == FRAGMENT:
        protocol, place, identification = _fragment(data, start)
        head += data[start : start + 8]
        key, at, more = (source, target, FRAGMENT, identification), place & 0xFFF8, bool(place & 1)
        start += 8
    return Part(head, protocol, source, target, data[start:end], end - start, key, at, more, emptied)


def _extensions(protocol: int, data: bytes) -> bytes:
    """Extension headers with the same sizes that say nothing."""
    out, at = bytearray(), 0
    while at < len(data):
        if protocol == FRAGMENT:
            size = 8
            header = data[at : at + 8]
        else:
            size = (data[at + 1] + 2) * 4 if protocol == AUTHENTICATION else (data[at + 1] + 1) * 8
            header = data[at : at + 2] + bytes(size - 2)
            if protocol in (_HOP_BY_HOP, _DESTINATION):
                header = data[at : at + 2] + _padding_options(size - 2)
        out += header
        protocol, at = data[at], at + size
    return bytes(out[: len(data)])


def _padding_options(size: int) -> bytes:
    """PadN options (RFC 8200, 4.2) of a size together."""
    out = bytearray()
    while len(out) < size:
        room = min(size - len(out), 257)
        out += bytes(1) if room == 1 else bytes((1, room - 2)) + bytes(room - 2)
    return bytes(out)


def carried(part_protocol: int, data: bytes) -> tuple[int, bytes, bytes] | None:
    """What a datagram put together of fragments carries: the protocol, its headers written anew, the segment."""
    found = ipv6_extensions(part_protocol, data, 0, len(data))
    if found.malformed or found.protocol == FRAGMENT or found.offset > len(data):
        return None
    return found.protocol, _extensions(part_protocol, data[: found.offset]), data[found.offset :]


class Segment(NamedTuple):
    """A TCP or UDP segment. payload: as captured, as far as the header says that it goes. rest: bytes behind it."""

    head: bytes
    payload: bytes
    rest: int
    sequence: int
    emptied: bool


def read_segment(protocol: int, data: bytes, length: int) -> Segment | None:
    """Take a segment apart; None where it is none. length: what IP announces."""
    if protocol == UDP:
        if len(data) < 8:
            return None
        announced = words.u16(data, 4)
        stop = max(min(announced, len(data)), 8) if announced >= 8 else len(data)
        return Segment(data[:6] + bytes(2), data[8:stop], len(data) - stop, 0, False)
    if protocol != TCP or len(data) < 20:
        return None
    source, target, sequence, acknowledgment, size, flags, window, _, urgent = _tcp.unpack_from(data)
    header = (size >> 4) * 4
    if header < 20 or header > length:
        return None
    urgent = urgent if flags & _URGENT else 0
    head = _tcp.pack(source, target, sequence, acknowledgment, size & 0xF0, flags, window, 0, urgent)
    options = _options(data[20:header])
    # A SYN takes one number itself (RFC 9293, 3.4).
    sequence = (sequence + (flags >> 1 & 1)) % (1 << 32)
    return Segment(head + options, data[header:], 0, sequence, options != data[20:header])


def _options(data: bytes) -> bytes:
    """TCP options of the same size without those that carry data."""
    out, at = bytearray(), 0
    while at < len(data) and data[at] != _END:
        if data[at] == _NOTHING:
            out.append(_NOTHING)
            at += 1
            continue
        size = data[at + 1] if at + 1 < len(data) else 0
        if size < 2 or at + size > len(data):
            break
        out += data[at : at + size] if size in _PLAIN_OPTIONS.get(data[at], ()) else bytes([_NOTHING]) * size
        at += size
    return bytes(out).ljust(len(data), bytes([_END]))


def with_checksum(
    protocol: int, before: tuple[bytes, bytes, bytes, int], after: bytes, addresses: Addresses, lanes: Lanes
) -> bytes:
    """A segment with the checksum that it should have.

    before: source, target, the segment as captured, the length announced. after: the segment anew, its checksum 0.
    """
    source, target, old, length = before
    lane = lanes.find(protocol == TCP, source + target + old[:4])
    header = 8 if protocol == UDP else (old[12] >> 4) * 4
    packet = make_packet(FrameRef(0, 0, 0), lane, old[header:], length - header, 0, old, 0, len(old))
    right = checksum_ok(packet)
    place = 6 if protocol == UDP else 16
    if right is None or (protocol == UDP and not words.u16(old, 6)):
        return after  # none at all, or none that can be judged
    pseudo = addresses.ip(source) + addresses.ip(target)
    total = words.sum_of_words(pseudo, 0, len(pseudo)) + protocol + len(after)
    found = _checksum(total + words.sum_of_words(after, 0, len(after)), right)
    return after[:place] + (found if protocol == TCP or any(found) else b"\xff\xff") + after[place + 2 :]


def _checksum(total: int, right: bool) -> bytes:
    """The checksum of what adds up to a total (RFC 1071); where it is to be wrong, the next one."""
    value = 0xFFFF - total % 0xFFFF
    if not right:
        value = value % 0xFFFF + 1
    return (value % 0xFFFF if right else value).to_bytes(2, "big")
