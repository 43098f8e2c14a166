"""Frames -> packets: IP headers read, fragments put together, UDP and TCP taken out.

RFC 791 (IPv4), RFC 8200 (IPv6), RFC 768 (UDP), RFC 9293 (TCP), RFC 1071 (check sums).
A length of 0 in the IP header is what hosts write into packets that the network card
is to cut up, and IPv6 into jumbograms: then what is there counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from netinfo_scapy.capture.events import Record, make_record
from netinfo_scapy.capture.flows import Lanes
from netinfo_scapy.capture.fragments import Datagram, Datagrams, Key
from netinfo_scapy.capture.frames import Frame, FrameRef, Packet, make_packet
from netinfo_scapy.capture.links import VXLAN_PORT, Unwrapped, unwrap, unwrap_tunnel
from netinfo_scapy.capture.protocols import AUTHENTICATION, FRAGMENT, PROTOCOL_NAMES, TCP, UDP, ipv6_extensions
from netinfo_scapy.protocol import words

_unpack_ipv4 = Struct(">BxHHHBBxx4s4s").unpack_from
_unpack_ipv6 = Struct(">4xHBB16s16s").unpack_from
_unpack_fragment = Struct(">BxHI").unpack_from

_new = tuple.__new__  # makes a named tuple in half the time
_ETHERNET, _IPV4 = 1, 0x0800
_TCP, _UDP, _VXLAN_PORT = TCP, UDP, VXLAN_PORT

_MOST_TUNNELS = 8
"""Tunnels within each other whose outer packets are fragments."""

_LONGEST = 65535
"""Bytes of an IP datagram's payload, by its offsets."""

_LONGEST_FRAME = 1 << 20
"""Bytes believed of a frame whose IP header has no length."""

_CARRIED = frozenset({TCP, UDP, AUTHENTICATION, 4, 41, 47})
"""IP protocols whose fragments are worth keeping."""


Taken = Frame | Packet | Record
"""What a reader gives of a file: a frame, or what `Reassembler.taken` makes of a plain one."""


class _Ip(NamedTuple):
    """What UDP and TCP need of the IP header. tunnels: fragmented tunnels around it."""

    version: int
    source: bytes
    target: bytes
    ttl: int
    tunnels: int


class Reassembler:
    """Makes packets of frames. Keeps only fragments of datagrams that are not complete, within bounds.

    max_datagrams, max_bytes: of incomplete datagrams, their bookkeeping included; the
        oldest goes out first.
    evicted: datagrams that went out for lack of room.
    lost_bytes: of datagrams that never came out, because their first fragment is missing.
    unknown: frames not understood, by link type, ethertype or protocol.
    other: frames that are understood and neither UDP nor TCP.
    malformed: frames whose headers contradict themselves or are cut.
    lanes: the endpoints of the packets.
    """

    def __init__(self, max_datagrams: int = 8192, max_bytes: int = 64 << 20) -> None:
        self.unknown: Counter[str] = Counter()
        self.other: Counter[str] = Counter()
        self.malformed: Counter[str] = Counter()
        self.lost_bytes = 0
        self.cut_frames = 0
        self.lanes = Lanes()
        self._datagrams = Datagrams(max_datagrams, max_bytes)

    @property
    def evicted(self) -> int:
        """Incomplete datagrams that went out for lack of room."""
        return self._datagrams.evicted

    def feed(self, frame: Frame) -> Sequence[Packet]:
        """The packets that a frame completes: itself, or what its fragment was missing from. Never raises."""
        packet = self.plain(frame)
        return self.complete(frame) if packet is None else (packet,)

    def complete(self, frame: Frame) -> Sequence[Packet]:
        """What `feed` does for a frame of any kind."""
        ref, link, wire_length, data = frame.ref, frame.link, frame.wire_length, frame.data
        self.cut_frames += wire_length > len(data)
        found = unwrap(link, data)
        if found.kind != "ip":
            return self._not_ip(found)
        # What the snap length cut off is known to have been there; but no frame is endless.
        size = len(data)
        return self._ip(ref, data, found, max(size, min(wire_length, _LONGEST_FRAME)), 0)

    def finish(self) -> Iterator[Packet]:
        """The input ends: what of incomplete datagrams can be shown."""
        for datagram in self._datagrams.drain():
            yield from self._incomplete(datagram)

    def _not_ip(self, found: Unwrapped) -> Sequence[Packet]:
        counter = {"other": self.other, "unknown": self.unknown}.get(found.kind, self.malformed)
        counter[found.name] += 1
        return ()

    def _bad(self, what: str) -> Sequence[Packet]:
        self.malformed[what] += 1
        return ()

    def _ip(self, ref: FrameRef, data: bytes, found: Unwrapped, wire_end: int, tunnels: int) -> Sequence[Packet]:
        if found.version == 4:
            return self._ipv4(ref, data, found.offset, wire_end, tunnels)
        return self._ipv6(ref, data, found.offset, wire_end, tunnels)

    def _ipv4(self, ref: FrameRef, data: bytes, offset: int, wire_end: int, tunnels: int) -> Sequence[Packet]:
        if len(data) < offset + 20:
            return self._bad("IPv4 header cut")
        head, total, identification, flags, ttl, protocol, source, target = _unpack_ipv4(data, offset)
        header = (head & 0x0F) * 4
        end = offset + total if total else wire_end
        start = offset + header
        if header < 20 or start > end:
            return self._bad("IPv4 length")
        ip = _new(_Ip, (4, source, target, ttl, tunnels))
        if flags & 0x3FFF:
            if protocol not in _CARRIED:
                return self._no_transport(protocol)
            key = (source, target, protocol, identification)
            at, more = (flags & 0x1FFF) * 8, bool(flags & 0x2000)
            return self._fragment(key, ip, protocol, ref, at, more, data[start:end], end - start)
        return self._carried(ref, ip, protocol, data[start:end], end - start, False)

    def _ipv6(self, ref: FrameRef, data: bytes, offset: int, wire_end: int, tunnels: int) -> Sequence[Packet]:
        start = offset + 40
        if len(data) < start:
            return self._bad("IPv6 header cut")
        length, protocol, ttl, source, target = _unpack_ipv6(data, offset)
        end = start + length if length else wire_end
        found = ipv6_extensions(protocol, data, start, min(end, len(data)))
        start = found.offset
        if found.malformed or start > end:
            return self._bad("IPv6 extension headers")
        ip = _Ip(6, source, target, ttl, tunnels)
        if found.protocol == FRAGMENT:
            protocol, place, identification = _unpack_fragment(data, start)
            start += 8
            key = (source, target, FRAGMENT, identification)
            at, more = place & 0xFFF8, bool(place & 1)
            return self._fragment(key, ip, protocol, ref, at, more, data[start:end], end - start)
        return self._carried(ref, ip, found.protocol, data[start:end], end - start, False)

    # fragments

    def _fragment(
        self, key: Key, ip: _Ip, protocol: int, ref: FrameRef, at: int, more: bool, data: bytes, length: int
    ) -> Sequence[Packet]:
        if at + length > _LONGEST:
            return self._bad("fragment beyond 65,535 bytes")
        packets: list[Packet] = []
        old = self._datagrams.overdue(key, ref.time_ns)
        if old:
            packets += self._incomplete(old)
        datagram = self._datagrams.add(key, ref, at, more, data, length)
        if at == 0 and datagram.head is None:
            datagram.head = ip, protocol
        if datagram.is_complete:
            self._datagrams.remove(datagram)
            packets += self._put_together(datagram, datagram.bytes_from_start())
        for evicted in self._datagrams.evict():
            packets += self._incomplete(evicted)
        return packets

    def _incomplete(self, datagram: Datagram) -> Sequence[Packet]:
        """What can be shown of a datagram that misses something."""
        data = datagram.bytes_from_start()
        if datagram.head is None or not data:
            self.lost_bytes += datagram.held
            return ()
        return self._put_together(datagram, data)

    def _put_together(self, datagram: Datagram, data: bytes) -> Sequence[Packet]:
        if datagram.head is None:
            self.lost_bytes += datagram.held
            return ()
        ip, protocol = datagram.head
        ref = datagram.ref_of(len(data))
        start = 0
        length = datagram.length
        if ip.version == 6:
            found = ipv6_extensions(protocol, data, 0, len(data))
            if found.malformed or found.protocol == FRAGMENT or found.offset > len(data):
                return self._bad("IPv6 extension headers")
            protocol, start = found.protocol, found.offset
        data = data[start:]
        length -= start
        if len(data) == length and ip.tunnels < _MOST_TUNNELS:
            inner = unwrap_tunnel(protocol, data)
            if inner is not None:
                if inner.kind != "ip":
                    return self._not_ip(inner)
                return self._ip(ref, data, inner, len(data), ip.tunnels + 1)
        return self._carried(ref, ip, protocol, data, length, datagram.conflict)

    # UDP and TCP

    def _carried(
        self, ref: FrameRef, ip: _Ip, protocol: int, segment: bytes, length: int, conflict: bool
    ) -> Sequence[Packet]:
        """The packet in an IP payload. length: of the payload by the IP header; segment: what of it was captured."""
        if protocol == UDP:
            return self._udp(ref, ip, segment, length, conflict)
        if protocol == TCP:
            return self._tcp(ref, ip, segment, length, conflict)
        if protocol == AUTHENTICATION and ip.version == 4 and len(segment) >= 8:
            header = (segment[1] + 2) * 4  # RFC 4302, 2.2
            if header <= length and segment[0] != AUTHENTICATION:
                return self._carried(ref, ip, segment[0], segment[header:], length - header, conflict)
        return self._no_transport(protocol)

    def _no_transport(self, protocol: int) -> Sequence[Packet]:
        name = PROTOCOL_NAMES.get(protocol)
        if name:
            self.other[name] += 1
        else:
            self.unknown[f"IP protocol {protocol}"] += 1
        return ()

    def _udp(self, ref: FrameRef, ip: _Ip, segment: bytes, length: int, conflict: bool) -> Sequence[Packet]:
        if len(segment) < 8:
            return self._bad("UDP header cut")
        announced = words.u16(segment, 4)
        stop = len(segment)
        if announced < 8:  # no length at all: what there is by the IP header
            announced = max(length, 8)
        elif announced < stop:
            stop = announced
        lane = self.lanes.find(False, ip.source + ip.target + segment[:4])
        packet = Packet(ref, lane, segment[8:stop], announced - 8, ip.ttl, segment, 0, stop)
        packet.conflict = conflict
        return (packet,)

    def _tcp(self, ref: FrameRef, ip: _Ip, segment: bytes, length: int, conflict: bool) -> Sequence[Packet]:
        if len(segment) < 20:
            return self._bad("TCP header cut")
        header = (segment[12] >> 4) * 4
        if header < 20 or header > length:
            return self._bad("TCP data offset")
        lane = self.lanes.find(True, ip.source + ip.target + segment[:4])
        packet = Packet(ref, lane, segment[header:], length - header, ip.ttl, segment, 0, len(segment))
        packet.conflict = conflict
        packet.sequence = words.u32(segment, 4)
        packet.acknowledgment = words.u32(segment, 8)
        packet.flags = segment[13]
        return (packet,)

    # the common case

    def plain(self, frame: Frame) -> Packet | None:
        """The packet in a frame of the common kind; None where the complete way must look.

        Common is Ethernet, IPv4 without options, whole and as long as its headers say, and in
        it UDP or TCP that is no tunnel. A property test holds this and `feed` together.
        """
        data = frame.data
        if frame.link != _ETHERNET or frame.wire_length > len(data):
            return None
        end = _end_of_plain(data, 0, len(data))
        if not end:
            return None
        if data[23] == _TCP:
            packet = self._segment(data, 0, end, frame.ref)
            packet.data, packet.start, packet.stop = data, 34, end
            return packet
        lane = self.lanes.lying(False, data, 26)
        return make_packet(frame.ref, lane, words.cut(data, 42, end), end - 42, data[22], data, 34, end)

    def taken(self, data: bytes, start: int, stop: int, ref: FrameRef) -> Packet | Record | None:
        """As `plain`, of a whole Ethernet frame that lies in a buffer from `start` to `stop`; of UDP, the record."""
        end = _end_of_plain(data, start, stop)
        if not end:
            return None
        if data[start + 23] == _TCP:
            packet = self._segment(data, start, end, ref)
            total = words.sum_of_words(data, start + 26, start + 34) + words.sum_of_words(data, start + 34, end)
            packet.sound = (total + _TCP + end - start - 34) % 0xFFFF == 0
            return packet
        return make_record(self.lanes.lying(False, data, start + 26), ref, words.cut(data, start + 42, end), True)

    def _segment(self, data: bytes, start: int, end: int, ref: FrameRef) -> Packet:
        """The packet of a plain TCP segment, without the bytes around its payload."""
        lane = self.lanes.lying(True, data, start + 26)
        payload = words.cut(data, start + 34 + (data[start + 46] >> 4) * 4, end)
        packet = make_packet(ref, lane, payload, len(payload), data[start + 22], _NO_BYTES, 0, 0)
        packet.sequence = words.u32(data, start + 38)
        packet.acknowledgment = words.u32(data, start + 42)
        packet.flags = data[start + 47]
        return packet


_NO_BYTES = b""


def _end_of_plain(data: bytes, start: int, stop: int) -> int:
    """The end of the IP packet in an Ethernet frame that lies in a buffer; 0 where it is not a plain one."""
    if stop - start < 42 or words.u16(data, start + 12) != _IPV4 or data[start + 14] != 0x45:
        return 0
    protocol, end = data[start + 23], start + 14 + words.u16(data, start + 16)
    if end > stop or words.u16(data, start + 20) & 0x3FFF:
        return 0
    if protocol == _UDP:
        length = words.u16(data, start + 38)
        return 0 if length < 8 or start + 34 + length != end or words.u16(data, start + 36) == _VXLAN_PORT else end
    if protocol != _TCP or end < start + 54:
        return 0
    header = (data[start + 46] >> 4) * 4
    return 0 if header < 20 or start + 34 + header > end else end


def checksum_ok(packet: Packet) -> bool | None:
    """Whether a packet's TCP or UDP check sum is right.

    None where that cannot be told: the packet was cut, its length is wrong, or it is UDP
    over IPv4 without a check sum.
    """
    if packet.sound >= 0:
        return packet.sound == 1
    lane, data, start, stop = packet.lane, packet.data, packet.start, packet.stop
    addresses = len(lane.key) - 4
    size = stop - start
    if not lane.is_tcp:
        header = 8
        if words.u16(data, start + 4) != size:
            return None
        if not words.u16(data, start + 6):
            return None if addresses == 8 else False  # RFC 8200, 8.1
    else:
        header = (data[start + 12] >> 4) * 4
    if size != header + packet.length:
        return None
    total = words.sum_of_words(lane.key, 0, addresses)
    total += (_TCP if lane.is_tcp else _UDP) + size + words.sum_of_words(data, start, stop)
    return total % 0xFFFF == 0
