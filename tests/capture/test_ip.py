"""Packets out of frames, against what Scapy builds and tshark sees."""

import random
import struct
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_RR, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.ipsec import AH, ESP
from scapy.layers.l2 import GRE, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.capture.ip import Reassembler, checksum_ok
from tests.capture.making import BASE_NS, frame, packets, pcap_file, tshark
from tests.support.captures import NAMES, capture_path, parse_pcap

E = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
H4 = IP(src="192.0.2.1", dst="192.0.2.2", id=77, ttl=33)
H6 = IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=44)
CHANCE = random.Random(4)
LONG = CHANCE.randbytes(5000)
CALL = UDP(sport=1023, dport=961) / Raw(LONG)


def pieces4(size=1400, ip=CALL, header=H4):
    return [bytes(E / each) for each in fragment(header / ip, fragsize=size)]


def pieces6(size=1280, ip=CALL):
    return [bytes(E / each) for each in fragment6(H6 / IPv6ExtHdrFragment(id=5) / ip, size)]


# against tshark


@pytest.mark.parametrize("name", NAMES)
def test_recordings_as_tshark_sees_them(name, tmp_path):
    content = capture_path(name).read_bytes()
    fields = ["frame.number", "ip.src", "ip.dst", "ip.ttl", "udp.srcport", "udp.dstport", "udp.length"]
    fields += ["tcp.srcport", "tcp.dstport", "tcp.len", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags"]
    fields += ["udp.checksum.status", "tcp.checksum.status", "icmp.type"]
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    seen = {}
    for row in tshark(content, fields, tmp_path, *checks):
        number, source, target, ttl, *rest = row
        if rest[11]:
            continue  # an error that quotes a packet
        if rest[3]:
            seen[int(number)] = ["tcp", source, target, ttl, *rest[3:8], int(rest[8], 16) & 0xFF, rest[10]]
        elif rest[0]:
            length = int(rest[2]) - 8
            seen[int(number)] = ["udp", source, target, ttl, *rest[:2], str(length), "0", "0", 0, rest[9]]
    reassembler, found = Reassembler(), {}
    for number, each in enumerate(parse_pcap(content), 1):
        for packet in reassembler.feed(frame(each.data, number, each.link)):
            status = {True: "1", False: "0", None: "2"}[checksum_ok(packet)]
            found[number] = [
                packet.transport.label,
                packet.source.ip,
                packet.target.ip,
                str(packet.ttl),
                str(packet.source.port),
                str(packet.target.port),
                str(packet.length),
                str(packet.sequence),
                str(packet.acknowledgment),
                packet.flags,
                status,
            ]
            assert len(packet.payload) == packet.length
    assert found == seen and len(found) > 100


def test_checksums_as_tshark_sees_them(tmp_path):
    datas = []
    payloads = [CHANCE.randbytes(size) for size in (*range(6), 39, 40, 41, 1399)]
    payloads += [b"\xff" * size for size in (15, 16, 17, 1400)]
    for header in (H4, H6):
        for payload in payloads:
            for layer in (TCP(sport=1, dport=2), UDP(sport=1, dport=2)):
                whole = bytes(E / header / layer / Raw(payload))
                at = CHANCE.randrange(len(whole) - len(payload) - 6, len(whole))
                datas += [whole, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]]
        datas.append(bytes(E / header / UDP(chksum=0) / b"x"))
        # A check sum that comes out as 0 is sent as 0xffff (RFC 768).
        plain = bytes(E / header / UDP(sport=1, dport=2) / bytes(2))
        datas.append(bytes(E / header / UDP(sport=1, dport=2) / plain[-4:-2]))
        assert datas[-1][-4:-2] == b"\xff\xff"
    fields = ["udp.checksum.status", "tcp.checksum.status"]
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    rows = tshark(pcap_file([(1, data) for data in datas]), fields, tmp_path, *checks)
    # Wireshark: 0 bad, 1 good, 2 unverified, 3 not present, 4 not allowed.
    wanted = [{"0": False, "1": True, "4": False}.get(udp or tcp) for udp, tcp in rows]
    found = []
    for data in datas:
        made = packets([data])
        found.append(checksum_ok(made[0]) if made else None)
    assert found == wanted and Counter(found)[True] > 20 and Counter(found)[False] > 20


# IPv4


def test_ipv4_options_padding_and_fields():
    data = bytes(
        E / IP(src="192.0.2.1", dst="192.0.2.2", ttl=9, options=IPOption_RR()) / UDP(sport=5, dport=6) / b"abc"
    )
    (packet,) = packets([data + bytes(18)])
    assert (packet.payload, packet.length, packet.ttl, packet.conflict) == (b"abc", 3, 9, False)
    assert packet.transport is Transport.UDP and packet.segment == data[-11:]
    assert (packet.sequence, packet.acknowledgment, packet.flags) == (0, 0, 0)


def test_tcp_fields():
    layer = TCP(sport=5, dport=6, seq=0xFFFFFFFF, ack=7, flags="SAE", options=[("MSS", 1460)])
    (packet,) = packets([bytes(E / H4 / layer / b"abc")])
    assert (packet.payload, packet.length) == (b"abc", 3)
    assert (packet.sequence, packet.acknowledgment, packet.flags) == (0xFFFFFFFF, 7, 0x52)
    assert len(packet.segment) == 27


@pytest.mark.parametrize("header", [H4, H6])
def test_a_length_of_zero_takes_what_is_there(header):
    header = header.copy()
    setattr(header, "len" if header is not H6 and header.version == 4 else "plen", 0)
    for layer in (TCP() / Raw(LONG), UDP(len=0) / Raw(LONG)):
        (packet,) = packets([bytes(E / header / layer)])
        assert packet.payload == LONG and packet.length == len(LONG)


@pytest.mark.parametrize("header", [H4, H6])
@pytest.mark.parametrize("layer", [UDP(), TCP()])
def test_snap_length_shortens_the_payload_only(header, layer):
    data = bytes(E / header / layer / Raw(LONG))
    (packet,) = Reassembler().feed(frame(data[:200], wire=len(data)))
    assert packet.length == 5000 and packet.payload == LONG[: len(packet.payload)] and 100 < len(packet.payload) < 200
    assert checksum_ok(packet) is None


def test_udp_lengths_that_lie():
    shorter, longer, none, zero = (
        packets([bytes(E / H4 / UDP(len=length) / b"0123456789")])[0] for length in (12, 90, 3, 0)
    )
    assert (shorter.payload, shorter.length, len(shorter.segment)) == (b"0123", 4, 12)
    assert (longer.payload, longer.length) == (b"0123456789", 82)
    assert (none.payload, none.length) == (zero.payload, zero.length) == (b"0123456789", 10)
    assert [checksum_ok(each) for each in (longer, none, zero)] == [None, None, None]


def test_what_is_no_udp_or_tcp_is_counted():
    reassembler = Reassembler()
    odd = [
        E / H4 / ICMP(type=3) / H4 / CALL,  # an error quotes a packet; that is not taken out
        E / H4 / ESP(data=b"x" * 20),
        E / IP(src="192.0.2.1", dst="192.0.2.2", proto=200) / b"x",
        E / IP(ihl=4) / UDP(),
        E / IP(len=10) / UDP(),
        E / H4 / TCP(dataofs=4),
        E / H4 / TCP(dataofs=15),
        E / IP(proto=6) / b"short",
        E / IP(proto=17) / b"short",
        E / IP(frag=8190, proto=17) / Raw(bytes(100)),
        Ether(type=0x86AA),
    ]
    assert packets([bytes(each) for each in odd], reassembler=reassembler) == []
    assert reassembler.other == {"ICMP": 1, "ESP": 1}
    assert reassembler.unknown == {"IP protocol 200": 1, "ethertype 0x86aa": 1}
    assert sum(reassembler.malformed.values()) == 7


def test_authentication_headers():
    for header in (H4, H6):
        layer = AH(nh=17, payloadlen=4, spi=1, seq=1, icv=bytes(12)) / UDP(sport=5, dport=961) / b"abc"
        (packet,) = packets([bytes(E / header / layer)])
        assert packet.target.port == 961 and packet.payload == b"abc"


# fragments


@pytest.mark.parametrize("pieces", [pieces4, pieces6])
def test_fragments_in_any_order(pieces):
    made = pieces()
    for _ in range(30):
        CHANCE.shuffle(made)
        (packet,) = packets(made)
        assert packet.payload == LONG and packet.length == 5000
        assert packet.ref.number == len(made) and checksum_ok(packet) is True
        assert packet.ttl == (33 if pieces is pieces4 else 44) and not packet.conflict


@pytest.mark.parametrize("pieces", [pieces4, pieces6])
def test_copies_of_fragments_change_nothing(pieces):
    made = pieces()
    first, *_ = packets([made[0], made[1], made[0], made[1], *made[2:]])
    assert first.payload == LONG and not first.conflict and first.ref.number == len(made) + 2
    twice = packets(made + made)
    assert [each.payload for each in twice] == [LONG, LONG]  # two datagrams with one id


def test_the_ref_is_the_highest_frame_that_brought_a_byte():
    made = pieces4()
    (packet,) = packets([*made[:-1], made[0], made[0], made[-1], made[0]][:-1])
    assert packet.ref.number == len(made) + 2
    (packet,) = packets([made[0], made[0], made[0]])
    assert packet.ref.number == 1


def cut(start, data, more=True, protocol=17, number=77):
    header = IP(src="192.0.2.1", dst="192.0.2.2", id=number, proto=protocol, frag=start // 8, flags=int(more))
    return bytes(E / header / Raw(data))


def test_overlaps():
    whole = bytes(UDP(sport=1, dport=2, len=40, chksum=0)) + bytes(range(32))
    same = packets([cut(0, whole[:24]), cut(8, whole[8:40], False)])
    assert [(each.payload, each.conflict) for each in same] == [(whole[8:], False)]
    other = bytes(32)
    (packet,) = packets([cut(16, whole[16:32]), cut(8, other, False), cut(0, whole[:8] + other[:8])])
    assert packet.conflict
    assert packet.segment == whole[:8] + other[:8] + whole[16:32] + other[:8]


def test_a_hole_is_never_filled():
    made = pieces4()
    for missing in range(1, len(made)):
        (packet,) = packets(made[:missing] + made[missing + 1 :])
        assert packet.payload == LONG[: missing * 1400 - 8] and packet.length == 5000
        assert packet.ref.number == missing and checksum_ok(packet) is None
    reassembler = Reassembler()
    assert packets(made[1:], reassembler=reassembler) == []
    assert reassembler.lost_bytes == 5008 - 1400


def test_incomplete_tcp():
    layer = TCP(sport=1, dport=2, seq=9) / Raw(LONG)
    made = pieces4(ip=layer)
    (packet,) = packets([made[0], made[-1]])
    assert (packet.payload, packet.length, packet.sequence) == (LONG[:1380], 5000, 9)
    (packet,) = packets([made[0], made[2]])
    assert packet.length == 3 * 1400 - 20
    (packet,) = packets([made[0]])
    assert packet.length == 1380


def test_fragments_cut_by_the_snap_length():
    made = pieces4()
    (packet,) = packets([each[:100] for each in made])
    assert packet.payload == LONG[: 100 - 42] and packet.length == 5000


def test_identifications_used_again():
    one, two = pieces4(), pieces4(ip=UDP(sport=9, dport=961) / Raw(LONG[::-1]))
    assert [each.payload for each in packets(one + two)] == [LONG, LONG[::-1]]
    reassembler, found = Reassembler(), []
    later = BASE_NS + 61 * 10**9
    for number, (data, time) in enumerate([(one[0], BASE_NS)] + [(each, later) for each in two], 1):
        found += reassembler.feed(frame(data, number, time_ns=time))
    assert [(each.source.port, len(each.payload)) for each in found] == [(1023, 1392), (9, 5000)]


def test_protocols_and_addresses_keep_fragments_apart():
    udp, tcp = pieces4(), pieces4(ip=TCP(sport=1, dport=2) / Raw(LONG))
    back = pieces4(header=IP(src="192.0.2.2", dst="192.0.2.1", id=77))
    mixed = [each for row in zip(udp, tcp, back, strict=True) for each in row]
    found = packets(mixed)
    assert Counter((each.transport.label, each.source.ip) for each in found) == {
        ("udp", "192.0.2.1"): 1,
        ("tcp", "192.0.2.1"): 1,
        ("udp", "192.0.2.2"): 1,
    }
    assert all(each.payload == LONG for each in found)


def test_eviction_is_oldest_first_counted_and_shows_what_is_there():
    reassembler = Reassembler(max_datagrams=2)
    found = []
    for number in range(1, 5):
        data = cut(0, bytes(UDP(sport=number, dport=2, len=100)), number=number)
        found += reassembler.feed(frame(data, number))
    assert [each.source.port for each in found] == [1, 2] and reassembler.evicted == 2
    assert [each.source.port for each in reassembler.finish()] == [3, 4]
    assert found[0].length == 92 and found[0].payload == b""
    assert list(reassembler.finish()) == []


# IPv6


def test_extension_headers():
    chain = IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(addresses=["2001:db8::9"]) / IPv6ExtHdrDestOpt()
    atomic = IPv6ExtHdrFragment(id=9, offset=0, m=0)
    for headers in (chain, atomic, chain / atomic / IPv6ExtHdrDestOpt()):
        for layer in (UDP(sport=5, dport=6) / b"abc", TCP(sport=5, dport=6) / b"abc"):
            (packet,) = packets([bytes(E / H6 / headers / layer)])
            assert (packet.payload, packet.length, packet.ttl) == (b"abc", 3, 44)


def test_extension_headers_in_the_fragmented_part():
    made = pieces6(ip=IPv6ExtHdrDestOpt() / CALL)
    CHANCE.shuffle(made)
    (packet,) = packets(made)
    assert packet.payload == LONG


def test_endless_and_cut_extension_headers():
    reassembler = Reassembler()
    many = bytes(E / IPv6(nh=60)) + bytes([60, 0, 1, 4, 0, 0, 0, 0]) * 100
    assert packets([many, bytes(E / H6 / IPv6ExtHdrDestOpt())[:-2]], reassembler=reassembler) == []
    assert reassembler.malformed.total() == 2


# tunnels


@pytest.mark.parametrize("outer", [IP(src="10.0.0.1", dst="10.0.0.2", id=3) / GRE(), IP(src="10.0.0.1", id=3)])
def test_tunnels_in_fragments(outer):
    whole = outer / H4 / CALL
    made = [bytes(E / each) for each in fragment(whole, 1000)]
    (packet,) = packets(made)
    assert (packet.source.ip, packet.payload, packet.ref.number) == ("192.0.2.1", LONG, len(made))


def test_fragments_in_a_tunnel_in_fragments():
    inner = fragment(H4 / CALL, 2000)
    made = []
    for number, each in enumerate(inner):
        whole = IP(src="10.0.0.1", id=number) / UDP(dport=4789) / VXLAN(flags=8) / E / each
        made += [bytes(E / piece) for piece in fragment(whole, 800)]
    CHANCE.shuffle(made)
    (packet,) = packets(made)
    assert packet.payload == LONG and packet.ref.number == len(made)


# hostile bytes


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 6), st.binary(max_size=40)), max_size=12), st.booleans())
def test_no_fragments_raise(parts, version6):
    reassembler = Reassembler(max_datagrams=3, max_bytes=5000)
    for number, (place, kind, data) in enumerate(parts, 1):
        protocol = (17, 6, 47, 4, 41, 51, 60)[kind]
        if version6:
            tail = struct.pack(">BBHI", protocol, 0, place // 2 * 8 | place & 1, 1) + data
            packet = struct.pack(">IHBB", 6 << 28, len(tail), 44, 1) + bytes(32) + tail
        else:
            flags = (place & 1) << 13 | place // 2
            packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, flags, 1, protocol, 0) + bytes(8) + data
        for each in reassembler.feed(frame(packet, number, link=101)):
            checksum_ok(each)
            assert len(each.payload) <= each.length or each.transport is Transport.UDP
    list(reassembler.finish())


@settings(max_examples=300)
@given(st.sampled_from([4, 6]), st.binary(max_size=100))
def test_no_bytes_raise(version, data):
    for each in packets([bytes([version << 4 | 5]) + data], 101):
        checksum_ok(each)


def test_damaged_frames_do_not_raise():
    made = pieces4(200) + pieces6(1280) + [bytes(E / H6 / IPv6ExtHdrHopByHop() / TCP())]
    reassembler = Reassembler(max_datagrams=20, max_bytes=100_000)
    for number in range(20_000):
        data = bytearray(CHANCE.choice(made))
        for _ in range(CHANCE.randrange(4)):
            data[CHANCE.randrange(14, min(len(data), 80))] = CHANCE.randrange(256)
        for each in reassembler.feed(frame(bytes(data[: CHANCE.randrange(10, 3000)]), number)):
            checksum_ok(each)
    assert reassembler._datagrams._cost <= 100_000
