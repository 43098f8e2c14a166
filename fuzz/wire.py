"""Frames around what is fuzzed: Ethernet, IPv4, UDP and TCP, right but for what is asked for otherwise."""

from __future__ import annotations

import struct

from netinfo_scapy.capture.frames import Frame, FrameRef

CLIENT, SERVER = b"\xc0\0\2\1", b"\xc0\0\2\2"
_ETHERNET = bytes(12) + b"\x08\0"


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    even = data + bytes(len(data) & 1)
    total: int = sum(struct.unpack(f">{len(even) // 2}H", even))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(
    source: bytes, target: bytes, protocol: int, body: bytes, *, ttl: int = 64, number: int = 0, place: int = 0
) -> bytes:
    """A frame with an IPv4 packet. place: flags and offset of a fragment."""
    return (
        _ETHERNET
        + struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), number, place, ttl, protocol, 0)
        + source
        + target
        + body
    )


def ipv6_fragment(body: bytes, place: int, number: int) -> bytes:
    """A frame with a fragment of a UDP datagram over IPv6, between two given hosts. place: offset and flag."""
    fragment = struct.pack(">BBHI", 17, 0, place, number)
    head = struct.pack(">IHBB", 6 << 28, 8 + len(body), 44, 64)
    return bytes(12) + b"\x86\xdd" + head + bytes(15) + b"\1" + bytes(15) + b"\2" + fragment + body


def udp(source: tuple[bytes, int], target: tuple[bytes, int], payload: bytes) -> bytes:
    """A frame with a datagram."""
    return ip(source[0], target[0], 17, struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0) + payload)


def tcp(
    source: tuple[bytes, int],
    target: tuple[bytes, int],
    payload: bytes,
    *,
    sequence: int,
    acknowledgment: int,
    flags: int,
    ttl: int = 64,
    checked: bool = False,
) -> bytes:
    """A frame with a segment. checked: its checksum is right, else it is none."""
    words = (source[1], target[1], sequence & 0xFFFFFFFF, acknowledgment & 0xFFFFFFFF, 0x50, flags, 65535)
    segment = struct.pack(">HHIIBBHHH", *words, 0, 0) + payload
    if checked:
        pseudo = source[0] + target[0] + struct.pack(">HH", 6, len(segment))
        segment = struct.pack(">HHIIBBHHH", *words, checksum(pseudo + segment), 0) + payload
    return ip(source[0], target[0], 6, segment, ttl=ttl)


def frames(made: list[tuple[int, bytes]], link: int = 1) -> list[Frame]:
    """Frames of a capture from their times, in nanoseconds, and bytes."""
    return [Frame(FrameRef(0, number, time), link, len(data), data) for number, (time, data) in enumerate(made, 1)]
