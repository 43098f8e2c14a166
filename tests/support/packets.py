"""Packets by hand: a view of a recorded Ethernet/IPv4 frame, and new frames with right checksums."""

import socket
import struct
from collections.abc import Iterable
from typing import NamedTuple

from tests.support.captures import ETHERNET, Frame

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MODULUS = 1 << 32
_ETHERNET = bytes.fromhex("0200000000020200000000010800")
_IP_AT = 14


class Address(NamedTuple):
    """An IPv4 address in text, and a port."""

    ip: str
    port: int


class Packet(NamedTuple):
    """Where things are in one Ethernet/IPv4 frame; `sequence`, `acknowledged` and `flags` are 0 for UDP."""

    protocol: int
    source: Address
    target: Address
    sequence: int
    acknowledged: int
    flags: int
    transport_at: int
    payload_at: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.payload_at

    @property
    def flow(self) -> tuple[Address, Address]:
        return self.source, self.target

    @property
    def connection(self) -> frozenset[Address]:
        return frozenset(self.flow)


def parse(frame: Frame) -> Packet | None:
    """None for what is neither TCP nor UDP in one piece."""
    data = frame.data
    if frame.link != ETHERNET or data[12:14] != b"\x08\x00":
        return None
    fragment = struct.unpack_from(">H", data, _IP_AT + 6)[0] & 0x3FFF
    protocol = data[_IP_AT + 9]
    if fragment or protocol not in (TCP, UDP):
        return None
    at = _IP_AT + (data[_IP_AT] & 15) * 4
    end = _IP_AT + struct.unpack_from(">H", data, _IP_AT + 2)[0]
    source_port, target_port = struct.unpack_from(">HH", data, at)
    source = Address(socket.inet_ntoa(data[_IP_AT + 12 : _IP_AT + 16]), source_port)
    target = Address(socket.inet_ntoa(data[_IP_AT + 16 : _IP_AT + 20]), target_port)
    if protocol == UDP:
        return Packet(protocol, source, target, 0, 0, 0, at, at + 8, end)
    sequence, acknowledged = struct.unpack_from(">II", data, at + 4)
    payload_at = at + (data[at + 12] >> 4) * 4
    return Packet(protocol, source, target, sequence, acknowledged, data[at + 13] & 0x3F, at, payload_at, end)


def parse_all(frames: Iterable[Frame]) -> list[Packet | None]:
    return [parse(frame) for frame in frames]


def ones_sum(data: bytes) -> int:
    """The Internet checksum's sum, folded, not inverted."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big") % 0xFFFF if any(data) else 0
    return total or (0xFFFF if any(data) else 0)


def checksum(data: bytes) -> int:
    return ones_sum(data) ^ 0xFFFF


def transport_checksum(source: bytes, target: bytes, protocol: int, segment: bytes) -> int:
    """Over the pseudo header of IPv4 or IPv6; the segment's own checksum field must be zero."""
    if len(source) == 4:
        pseudo = source + target + struct.pack(">BBH", 0, protocol, len(segment))
    else:
        pseudo = source + target + struct.pack(">II", len(segment), protocol)
    found = checksum(pseudo + segment)
    return found or (0xFFFF if protocol == UDP else 0)


def with_checksum(source: bytes, target: bytes, protocol: int, segment: bytes) -> bytes:
    at = 16 if protocol == TCP else 6
    bare = segment[:at] + b"\0\0" + segment[at + 2 :]
    return bare[:at] + struct.pack(">H", transport_checksum(source, target, protocol, bare)) + bare[at + 2 :]


def has_right_checksum(frame: Frame, packet: Packet) -> bool:
    segment = frame.data[packet.transport_at : packet.end]
    source, target = (socket.inet_aton(address.ip) for address in packet.flow)
    return with_checksum(source, target, packet.protocol, segment) == segment


def ip4(
    source: str, target: str, protocol: int, body: bytes, *, ttl: int = 64, identification: int = 0, fragment: int = 0
) -> bytes:
    head = struct.pack(
        ">BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(body),
        identification,
        fragment,
        ttl,
        protocol,
        0,
        socket.inet_aton(source),
        socket.inet_aton(target),
    )
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def udp_frame(time: int, source: Address, target: Address, payload: bytes, **ip: int) -> Frame:
    bare = struct.pack(">HHHH", source.port, target.port, 8 + len(payload), 0) + payload
    body = with_checksum(socket.inet_aton(source.ip), socket.inet_aton(target.ip), UDP, bare)
    return Frame(time, ETHERNET, _ETHERNET + ip4(source.ip, target.ip, UDP, body, **ip))


def tcp_frame(
    time: int,
    source: Address,
    target: Address,
    sequence: int,
    acknowledged: int,
    flags: int,
    payload: bytes = b"",
    *,
    right_checksum: bool = True,
    **ip: int,
) -> Frame:
    bare = struct.pack(
        ">HHIIBBHHH", source.port, target.port, sequence % MODULUS, acknowledged % MODULUS, 0x50, flags, 65535, 0, 0
    )
    body = with_checksum(socket.inet_aton(source.ip), socket.inet_aton(target.ip), TCP, bare + payload)
    if not right_checksum:
        body = body[:16] + bytes((body[16] ^ 0x5A, body[17])) + body[18:]
    return Frame(time, ETHERNET, _ETHERNET + ip4(source.ip, target.ip, TCP, body, **ip))


def edited(
    frame: Frame, packet: Packet, *, payload: bytes | None = None, time: int | None = None, **fields: int
) -> Frame:
    """The same frame with another payload, time, sequence, acknowledged or flags; a right checksum stays right."""
    data = frame.data
    if payload is None:
        payload = data[packet.payload_at : packet.end]
    right = has_right_checksum(frame, packet)
    head = bytearray(data[: packet.payload_at])
    struct.pack_into(">H", head, _IP_AT + 2, packet.payload_at - _IP_AT + len(payload))
    head[_IP_AT + 10 : _IP_AT + 12] = b"\0\0"
    struct.pack_into(">H", head, _IP_AT + 10, checksum(bytes(head[_IP_AT : packet.transport_at])))
    at = packet.transport_at
    if packet.protocol == TCP:
        sequence = fields.get("sequence", packet.sequence) % MODULUS
        acknowledged = fields.get("acknowledged", packet.acknowledged) % MODULUS
        struct.pack_into(">II", head, at + 4, sequence, acknowledged)
        head[at + 13] = fields.get("flags", packet.flags)
    else:
        struct.pack_into(">H", head, at + 4, 8 + len(payload))
    whole = bytes(head) + payload
    if right:
        source, target = (socket.inet_aton(address.ip) for address in packet.flow)
        whole = whole[:at] + with_checksum(source, target, packet.protocol, whole[at:])
    return Frame(frame.time if time is None else time, frame.link, whole)
