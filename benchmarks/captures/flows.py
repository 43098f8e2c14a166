"""Ethernet frames of one direction of a conversation: what stays the same is packed and summed once.

The Internet checksum is a sum modulo 65535 (RFC 1071), so it can be added up from parts, each of an even
number of bytes: headers, and payloads whose sums are known already.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MODULUS = 1 << 32

_UDP, _TCP = 17, 6
_TTL = 64
_NOT_FRAGMENTED = 0x4000
_WINDOW = 32_768
_UDP_BYTES, _TCP_BYTES, _IP_BYTES = 8, 20, 20
_TIMESTAMPS = bytes((1, 1, 8, 10))
_SEGMENT_SIZE = bytes((2, 4, 0x05, 0xB4))
"""The option that says how long a segment may be: 1460 bytes."""

_pack_ip = struct.Struct(">HHHBBH8s").pack
_pack_udp = struct.Struct(">4sHH").pack
_pack_tcp = struct.Struct(">4sIIBBHHH").pack
_pack_timestamps = struct.Struct(">4sII").pack


class Endpoint(NamedTuple):
    """An IPv4 address as a number, and a port."""

    address: int
    port: int


def total_of(data: bytes) -> int:
    """The sum of some bytes for a checksum, modulo 65535; an odd one is padded with a zero at the end."""
    if len(data) % 2:
        data += b"\0"
    return int.from_bytes(data, "big") % 65535


class Part(NamedTuple):
    """Bytes of a payload, and their sum; an even number of bytes unless it is the last part."""

    data: bytes
    total: int


EMPTY = Part(b"", 0)


def part(data: bytes) -> Part:
    """Some bytes with their sum."""
    return Part(data, total_of(data))


def joined(*parts: Part) -> Part:
    """Several parts one after the other."""
    return Part(b"".join([each.data for each in parts]), sum([each.total for each in parts]))


def word(number: int) -> Part:
    """An unsigned integer of 4 bytes."""
    return Part(number.to_bytes(4, "big"), (number >> 16) + (number & 0xFFFF))


def _mac(address: int) -> bytes:
    """A locally administered hardware address that goes with an IPv4 one."""
    return b"\x02\x00" + address.to_bytes(4, "big")


class _Flow:
    """What UDP and TCP have in common: Ethernet, IPv4, ports."""

    def __init__(self, source: Endpoint, target: Endpoint, protocol: int) -> None:
        self.ethernet = _mac(target.address) + _mac(source.address) + b"\x08\x00\x45\x00"
        self.protocol = protocol
        self.addresses = struct.pack(">II", source.address, target.address)
        self.ports = struct.pack(">HH", source.port, target.port)
        between = total_of(self.addresses)
        self.ip_total = 0x4500 + _NOT_FRAGMENTED + (_TTL << 8 | protocol) + between
        self.transport_total = between + protocol + source.port + target.port
        self.identification = source.port

    def ip(self, length: int) -> bytes:
        """Ethernet and IPv4 headers before so many bytes."""
        length += _IP_BYTES
        number = self.identification = (self.identification + 1) & 0xFFFF
        checksum = -(self.ip_total + length + number) % 65535
        return self.ethernet + _pack_ip(length, number, _NOT_FRAGMENTED, _TTL, self.protocol, checksum, self.addresses)


class UdpFlow(_Flow):
    """Datagrams from one endpoint to another."""

    def __init__(self, source: Endpoint, target: Endpoint) -> None:
        super().__init__(source, target, _UDP)

    def frame(self, payload: Part) -> bytes:
        """A datagram."""
        length = _UDP_BYTES + len(payload.data)
        # A checksum of 0 would say that there is none (RFC 768).
        checksum = -(self.transport_total + 2 * length + payload.total) % 65535 or 0xFFFF
        return self.ip(length) + _pack_udp(self.ports, length, checksum) + payload.data


class TcpFlow(_Flow):
    """One direction of a connection. `sequence` is that of the next byte; the peer's is what is acknowledged.

    timestamps: every segment has the option of RFC 7323, as TCP stacks of the last decades send it.
    """

    def __init__(self, source: Endpoint, target: Endpoint, sequence: int, timestamps: bool) -> None:
        super().__init__(source, target, _TCP)
        self.sequence = sequence
        self.timestamps = timestamps

    def send(self, flags: int, acknowledged: int, clock: int, payload: Part = EMPTY) -> bytes:
        """The next segment; the sequence number moves on."""
        sequence = self.sequence
        self.sequence = (sequence + len(payload.data) + (1 if flags & (SYN | FIN) else 0)) % MODULUS
        return self.segment(sequence, flags, acknowledged, clock, payload)

    def segment(self, sequence: int, flags: int, acknowledged: int, clock: int, payload: Part = EMPTY) -> bytes:
        """A segment. clock: milliseconds, for the timestamps."""
        options = _SEGMENT_SIZE if flags & SYN else b""
        if self.timestamps:
            options += _pack_timestamps(_TIMESTAMPS, clock, max(clock - 1, 0))
        length = _TCP_BYTES + len(options) + len(payload.data)
        offset = _TCP_BYTES + len(options) << 2
        total = (
            self.transport_total
            + length
            + (sequence >> 16)
            + (sequence & 0xFFFF)
            + (acknowledged >> 16)
            + (acknowledged & 0xFFFF)
            + (offset << 8 | flags)
            + _WINDOW
            + payload.total
            + total_of(options)
        )
        header = _pack_tcp(self.ports, sequence, acknowledged, offset, flags, _WINDOW, -total % 65535, 0)
        return self.ip(length) + header + options + payload.data
