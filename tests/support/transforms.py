"""The same traffic in another form: each function takes frames and gives frames, and knows nothing of the product.

Headers of other link layers are Scapy's. What is cut and moved is edited in place, since 07 has 800,000 payload bytes.
"""

import random
import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from scapy.contrib.erspan import ERSPAN
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, in6_chksum
from scapy.layers.l2 import GRE, CookedLinux, CookedLinuxV2, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN

from tests.support import packets
from tests.support.captures import ETHERNET, Frame
from tests.support.packets import ACK, FIN, MODULUS, PSH, RST, SYN, TCP, Packet, edited, parse, parse_all

Frames = Sequence[Frame]
_IP_AT = 14


def _later(frame: Frame, last: int) -> Frame:
    """The frame, not before a time."""
    return frame if frame.time > last else frame._replace(time=last + 1)


def in_order(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Times that only grow."""
    last = -1
    for frame in frames:
        moved = _later(frame, last)
        last = moved.time
        yield moved


def _single_bytes(frame: Frame, packet: Packet) -> Iterator[Frame]:
    payload = frame.data[packet.payload_at : packet.end]
    inner = packet.flags & ~(FIN | PSH)
    if packets.has_right_checksum(frame, packet):
        for at in range(packet.size):
            flags = packet.flags if at == packet.size - 1 else inner
            yield edited(frame, packet, payload=payload[at : at + 1], sequence=packet.sequence + at, flags=flags)
        return
    head = edited(frame, packet, payload=payload[:1], flags=inner).data[: packet.payload_at]
    sequence_at = packet.transport_at + 4
    before, after = head[:sequence_at], head[sequence_at + 4 :]
    pack = struct.Struct(">I").pack
    for at in range(packet.size - 1):
        data = before + pack((packet.sequence + at) % MODULUS) + after + payload[at : at + 1]
        yield Frame(frame.time, frame.link, data)
    at = packet.size - 1
    yield edited(frame, packet, payload=payload[at:], sequence=packet.sequence + at)


def single_bytes(frames: Frames) -> Iterator[Frame]:
    """Every TCP segment cut into segments of one byte."""

    def cut() -> Iterator[Frame]:
        for frame in frames:
            packet = parse(frame)
            if packet is None or packet.protocol != TCP or packet.size < 2 or packet.flags & SYN:
                yield frame
            else:
                yield from _single_bytes(frame, packet)

    return in_order(cut())


def runs(frames: Frames) -> list[list[int]]:
    """Indexes of segments of one direction with none of the other between them; SYN and RST stand alone."""
    found: list[list[int]] = []
    current: dict[frozenset, tuple[tuple, list[int]]] = {}
    for index, packet in enumerate(parse_all(frames)):
        if packet is None or packet.protocol != TCP:
            continue
        flow, run = current.get(packet.connection, (None, []))
        alone = packet.flags & (SYN | RST)
        if alone or flow != packet.flow:
            run = []
            found.append(run)
        run.append(index)
        current[packet.connection] = (None if alone else packet.flow, run)
    return found


def shuffle(frames: Frames, window: int = 8, seed: int = 0) -> list[Frame]:
    """Segments in another order, none further than a window from its place, none past one of the other direction."""
    chance = random.Random(seed)
    out = list(frames)
    for run in runs(frames):
        for start in range(0, len(run), window):
            places = run[start : start + window]
            order = chance.sample(places, len(places))
            for place, origin in zip(places, order, strict=True):
                out[place] = frames[origin]._replace(time=frames[place].time)
    return out


def each_twice(frames: Frames) -> Iterator[Frame]:
    def doubled() -> Iterator[Frame]:
        for frame in frames:
            yield frame
            packet = parse(frame)
            if packet is not None and packet.protocol == TCP:
                yield frame

    return in_order(doubled())


def from_the_middle(frames: Frames, first: int) -> list[Frame]:
    return list(frames[first:])


def remove(frames: Frames, *indexes: int) -> list[Frame]:
    return [frame for at, frame in enumerate(frames) if at not in indexes]


def overlapping(frames: Frames, back: int = 7) -> list[Frame]:
    """Every segment brings the last bytes of the one before it again."""
    out, tails = [], {}
    for frame in frames:
        packet = parse(frame)
        if packet is None or packet.protocol != TCP:
            out.append(frame)
            continue
        if packet.flags & SYN:
            tails.pop(packet.flow, None)
        if not packet.size:
            out.append(frame)
            continue
        payload = frame.data[packet.payload_at : packet.end]
        tail = tails.get(packet.flow, b"")
        out.append(edited(frame, packet, payload=tail + payload, sequence=packet.sequence - len(tail)))
        tails[packet.flow] = (tail + payload)[-back:]
    return out


def cut_every(frames: Frames, size: int) -> Iterator[Frame]:
    """Every TCP segment cut into segments of at most `size` bytes."""

    def cut() -> Iterator[Frame]:
        for frame in frames:
            packet = parse(frame)
            if packet is None or packet.protocol != TCP or packet.size <= size:
                yield frame
                continue
            payload = frame.data[packet.payload_at : packet.end]
            for at in range(0, packet.size, size):
                flags = packet.flags if at + size >= packet.size else packet.flags & ~(FIN | PSH)
                yield edited(frame, packet, payload=payload[at : at + size], sequence=packet.sequence + at, flags=flags)

    return in_order(cut())


def _conversations(frames: Frames, parsed: Sequence[Packet | None]) -> list[list[int]]:
    """Indexes of each TCP connection's frames, from its SYN on."""
    found: list[list[int]] = []
    current: dict[frozenset, list[int]] = {}
    for index, packet in enumerate(parsed):
        if packet is None or packet.protocol != TCP:
            continue
        if packet.flags & SYN and not packet.flags & ACK:
            current[packet.connection] = []
            found.append(current[packet.connection])
        if packet.connection in current:
            current[packet.connection].append(index)
    return found


def several_in_a_segment(frames: Frames, size: int = 1400) -> Iterator[Frame]:
    """Calls pipelined: a connection's calls in full segments, then its replies in full segments.

    Each side's bytes stay as they are and lie where its first (client) or last (server) data was; only segments change.
    """
    parsed = parse_all(frames)
    instead: dict[int, list[Frame]] = {}
    for conversation in _conversations(frames, parsed):
        opening = parsed[conversation[0]]
        data: dict[bool, list[int]] = defaultdict(list)
        for index in conversation:
            if parsed[index].size:
                data[parsed[index].flow == opening.flow].append(index)
        if not data[True] or not data[False]:
            continue
        first, last = data[True][0], data[False][-1]
        for index in range(first, last + 1):
            packet = parsed[index]
            if packet is not None and packet.connection == opening.connection and not packet.flags & (SYN | FIN | RST):
                instead[index] = []
        for index in data[True] + data[False]:
            instead[index] = []
        for of_client, place in ((True, first), (False, last)):
            indexes = data[of_client]
            origin, packet = frames[indexes[0]], parsed[indexes[0]]
            payload = b"".join(frames[i].data[parsed[i].payload_at : parsed[i].end] for i in indexes)
            acknowledged = packet.acknowledged
            if not of_client:
                acknowledged = parsed[data[True][0]].sequence + sum(parsed[i].size for i in data[True])
            instead[place] = [
                edited(
                    origin,
                    packet,
                    payload=payload[at : at + size],
                    sequence=packet.sequence + at,
                    acknowledged=acknowledged,
                    time=frames[place].time,
                )
                for at in range(0, len(payload), size)
            ]
    return in_order(frame for index, old in enumerate(frames) for frame in instead.get(index, [old]))


def wrapping(frames: Frames) -> list[Frame]:
    """Each direction of each connection gets sequence numbers that wrap at 2^32 in the middle of its bytes."""
    parsed = parse_all(frames)
    out = list(frames)
    for conversation in _conversations(frames, parsed):
        shift = {}
        for flow in {parsed[index].flow for index in conversation}:
            mine = [parsed[index] for index in conversation if parsed[index].flow == flow]
            data = sum(packet.size for packet in mine)
            shift[flow] = -(mine[0].sequence + 1 + data // 2) if mine[0].flags & SYN else 0
        for index in conversation:
            packet = parsed[index]
            back = shift.get(packet.flow[::-1], 0)
            acknowledged = packet.acknowledged + back if packet.flags & ACK else packet.acknowledged
            out[index] = edited(
                frames[index], packet, sequence=packet.sequence + shift[packet.flow], acknowledged=acknowledged
            )
    return out


def ip_fragments(frames: Frames, size: int = 48, *, backwards: bool = False) -> Iterator[Frame]:
    """Every IP packet in fragments of `size` bytes (a multiple of 8)."""

    def cut() -> Iterator[Frame]:
        for number, frame in enumerate(frames):
            packet = parse(frame)
            if packet is None or packet.end - packet.transport_at <= size:
                yield frame
                continue
            body = frame.data[packet.transport_at : packet.end]
            pieces = [
                Frame(
                    frame.time,
                    ETHERNET,
                    frame.data[:_IP_AT]
                    + packets.ip4(
                        packet.source.ip,
                        packet.target.ip,
                        packet.protocol,
                        body[at : at + size],
                        identification=number % 65536,
                        fragment=(0x2000 if at + size < len(body) else 0) | at // 8,
                    ),
                )
                for at in range(0, len(body), size)
            ]
            yield from reversed(pieces) if backwards else pieces

    return in_order(cut())


@cache
def _link_header(kind: str) -> tuple[int, bytes]:
    """(link type, the bytes that stand before the IP packet), by Scapy."""
    ethernet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    made = {
        "ethernet": (ETHERNET, ethernet / IP()),
        "vlan": (ETHERNET, ethernet / Dot1Q(vlan=42) / IP()),
        "qinq": (
            ETHERNET,
            Ether(src=ethernet.src, dst=ethernet.dst, type=0x88A8) / Dot1Q(vlan=7) / Dot1Q(vlan=42) / IP(),
        ),
        "sll": (113, CookedLinux(pkttype=0, lladdrtype=772, lladdrlen=6, src=b"\0" * 8) / IP()),
        "sll2": (
            276,
            CookedLinuxV2(proto=0x0800, ifindex=1, lladdrtype=772, pkttype=0, lladdrlen=6, src=b"\0" * 8) / IP(),
        ),
        "raw": (101, IP()),
        "ipv4": (228, IP()),
        "mpls": (
            ETHERNET,
            Ether(src=ethernet.src, dst=ethernet.dst, type=0x8847) / MPLS(label=16, s=0) / MPLS(label=17, s=1) / IP(),
        ),
        "pppoe": (
            ETHERNET,
            Ether(src=ethernet.src, dst=ethernet.dst, type=0x8864) / PPPoE(sessionid=5) / PPP(proto=0x21) / IP(),
        ),
    }
    if kind == "null":
        return 0, struct.pack("<I", 2)
    if kind == "loop":
        return 108, struct.pack(">I", 2)
    link, packet = made[kind]
    return link, bytes(packet)[: -len(IP())]


LINKS = ("vlan", "qinq", "sll", "sll2", "null", "loop", "raw", "ipv4")
TUNNELS: dict[str, Callable[[bytes], object]] = {
    "gre": lambda packet: GRE(proto=0x0800) / packet,
    "erspan": lambda packet: (
        GRE(proto=0x88BE, seqnum_present=1, sequence_number=1) / ERSPAN() / (b"\0" * 12 + b"\x08\x00" + packet)
    ),
    "vxlan": lambda packet: UDP(sport=5000, dport=4789) / VXLAN(vni=9) / (b"\0" * 12 + b"\x08\x00" + packet),
}
ENCAPSULATIONS = ("mpls", "pppoe", *TUNNELS)


def relink(frames: Frames, kind: str) -> list[Frame]:
    """The same IP packets on another link layer."""
    link, head = _link_header(kind)
    if kind == "pppoe":
        # PPPoE's length covers the PPP protocol number and the packet.
        return [
            Frame(f.time, link, head[:-4] + struct.pack(">H", len(f.data) - _IP_AT + 2) + head[-2:] + f.data[_IP_AT:])
            for f in frames
        ]
    return [Frame(frame.time, link, head + frame.data[_IP_AT:]) for frame in frames]


def tunnel(frames: Frames, kind: str) -> list[Frame]:
    outer = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="192.0.2.1", dst="192.0.2.2")
    return [Frame(f.time, ETHERNET, bytes(outer / TUNNELS[kind](f.data[_IP_AT:]))) for f in frames]


def encapsulate(frames: Frames, kind: str) -> list[Frame]:
    return tunnel(frames, kind) if kind in TUNNELS else relink(frames, kind)


def with_fcs(frames: Frames) -> list[Frame]:
    """Ethernet's checksum stands behind each frame, as some capture cards leave it."""
    return [frame._replace(data=frame.data + struct.pack("<I", zlib.crc32(frame.data))) for frame in frames]


def padded(frames: Frames, size: int = 200) -> list[Frame]:
    """Short frames filled up, and not with zeros, as an Ethernet carries them."""
    return [frame._replace(data=frame.data.ljust(size, b"\x5a")) for frame in frames]


def ipv6_address(ip: str, network: str = "2001:db8:6464::") -> str:
    high, low = struct.unpack(">HH", bytes(map(int, ip.split("."))))
    return f"{network}{high:x}:{low:x}"


def to_ipv6(frames: Frames) -> list[Frame]:
    """IPv4 addresses inside one IPv6 network, checksums right; what is not TCP or UDP stays IPv4."""
    out = []
    for frame in frames:
        packet = parse(frame)
        if packet is None:
            out.append(frame)
            continue
        header = IPv6(src=ipv6_address(packet.source.ip), dst=ipv6_address(packet.target.ip), nh=packet.protocol)
        at = 16 if packet.protocol == TCP else 6
        segment = bytearray(frame.data[packet.transport_at : packet.end])
        segment[at : at + 2] = b"\0\0"
        found = in6_chksum(packet.protocol, header, bytes(segment))
        struct.pack_into(">H", segment, at, found or (0 if packet.protocol == TCP else 0xFFFF))
        header.plen = len(segment)
        out.append(Frame(frame.time, ETHERNET, frame.data[:12] + b"\x86\xdd" + bytes(header) + bytes(segment)))
    return out
