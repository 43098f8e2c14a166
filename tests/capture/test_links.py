"""Every link layer and tunnel, as Scapy builds it and as tshark sees it."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop
from scapy.layers.l2 import (
    ARP,
    GRE,
    GRE_PPTP,
    LLC,
    SNAP,
    STP,
    CookedLinux,
    CookedLinuxV2,
    Dot1AD,
    Dot1Q,
    Dot3,
    Ether,
    Loopback,
)
from scapy.layers.ppp import HDLC, PPP, PPPoE, PPPoED
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from netinfo_scapy.capture.links import MOST_LAYERS, link_name, unwrap
from tests.capture.making import enhanced, interface, packets, section, tshark

MAC = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
E = Ether(**MAC)
V4 = IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=1023, dport=961) / Raw(b"four" * 5)
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / TCP(sport=1022, dport=961, seq=7, flags="PA") / Raw(b"six" * 9)
OUTER = IP(src="10.0.0.1", dst="10.0.0.2")
OUTER6 = IPv6(src="fd00::1", dst="fd00::2")
IN_GRE = E / OUTER


def pktap(dlt, data, order="<"):
    return struct.pack(order + "III", 108, 1, dlt) + bytes(96) + data


def gre(kind, *more):
    return IN_GRE / GRE(proto=kind, **dict(more))


CARRIERS = {
    "ethernet": (1, lambda ip: E / ip),
    "ethernet with fcs": (1, lambda ip: bytes(E / ip) + b"\1\2\3\4"),
    "vlan": (1, lambda ip: E / Dot1Q(vlan=5) / ip),
    "qinq": (1, lambda ip: E / Dot1AD(vlan=7) / Dot1Q(vlan=5) / ip),
    "vlan 9100": (1, lambda ip: Ether(type=0x9100, **MAC) / Dot1Q(vlan=7) / ip),
    "eight vlans": (1, lambda ip: bytes(E)[:12] + b"\x81\0\0\1" * 8 + ethertype(ip) + bytes(ip)),
    "null little": (0, lambda ip: struct.pack("<I", 2 if ip is V4 else 30) + bytes(ip)),
    "null big": (0, lambda ip: struct.pack(">I", 2 if ip is V4 else 28) + bytes(ip)),
    "null linux": (0, lambda ip: struct.pack("<I", 2 if ip is V4 else 10) + bytes(ip)),
    "null netbsd": (0, lambda ip: struct.pack("<I", 2 if ip is V4 else 24) + bytes(ip)),
    "loopback by scapy": (0, lambda ip: Loopback(type=2 if ip is V4 else 28) / ip),
    "loop": (108, lambda ip: struct.pack(">I", 2 if ip is V4 else 24) + bytes(ip)),
    "raw": (101, lambda ip: ip),
    "raw 12": (12, lambda ip: ip),
    "raw 14": (14, lambda ip: ip),
    "sll": (113, lambda ip: CookedLinux() / ip),
    "sll vlan": (113, lambda ip: CookedLinux(proto=0x8100) / Dot1Q(vlan=2) / ip),
    "sll2": (276, lambda ip: CookedLinuxV2() / ip),
    "pktap ethernet": (258, lambda ip: pktap(1, bytes(E / ip))),
    "pktap raw": (258, lambda ip: pktap(12, bytes(ip))),
    "ppp": (9, lambda ip: PPP() / ip),
    "ppp hdlc": (9, lambda ip: HDLC() / PPP() / ip),
    "ppp_hdlc": (50, lambda ip: HDLC() / PPP() / ip),
    "cisco hdlc": (104, lambda ip: b"\x0f\0" + ethertype(ip) + bytes(ip)),
    "pppoe": (1, lambda ip: E / PPPoE(sessionid=3) / PPP() / ip),
    "pppoe link": (51, lambda ip: PPPoE(sessionid=3) / PPP() / ip),
    "mpls": (1, lambda ip: Ether(type=0x8847, **MAC) / MPLS(label=16, s=0) / MPLS(label=17, s=1) / ip),
    "mpls pseudo-wire": (1, lambda ip: Ether(type=0x8847, **MAC) / MPLS(label=17, s=1) / EoMCW() / (E / ip)),
    "snap": (1, lambda ip: Dot3(**MAC) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=number(ip)) / ip),
    "gre": (1, lambda ip: gre(number(ip)) / ip),
    "gre all fields": (1, lambda ip: IN_GRE / GRE(chksum_present=1, key_present=1, seqnum_present=1) / ip),
    "gre ethernet": (1, lambda ip: gre(0x6558) / E / ip),
    "gre mpls": (1, lambda ip: gre(0x8847) / MPLS(label=17, s=1) / ip),
    "gre over ipv6": (1, lambda ip: E / OUTER6 / GRE() / ip),
    "pptp": (
        1,
        lambda ip: IN_GRE / GRE_PPTP(seqnum_present=1, sequence_number=1, payload_len=50) / HDLC() / PPP() / ip,
    ),
    "erspan 1": (1, lambda ip: gre(0x88BE) / ERSPAN_I() / E / ip),
    "erspan 2": (1, lambda ip: gre(0x88BE, ("seqnum_present", 1)) / ERSPAN_II() / E / ip),
    "erspan 3": (1, lambda ip: gre(0x22EB, ("seqnum_present", 1)) / ERSPAN_III() / E / ip),
    "erspan 3 more": (
        1,
        lambda ip: gre(0x22EB, ("seqnum_present", 1)) / ERSPAN_III(o=1) / ERSPAN_PlatformSpecific() / E / ip,
    ),
    "vxlan": (1, lambda ip: IN_GRE / UDP(sport=5, dport=4789) / VXLAN(vni=9, flags=8) / E / ip),
    "vxlan vlan over ipv6": (1, lambda ip: E / OUTER6 / UDP(sport=5, dport=4789) / VXLAN(flags=8) / E / Dot1Q() / ip),
    "ip in ip": (1, lambda ip: IN_GRE / ip),
    "ip in ipv6 behind options": (1, lambda ip: E / OUTER6 / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / ip),
    "vxlan in gre in ip": (
        1,
        lambda ip: IN_GRE / OUTER6 / GRE() / OUTER / UDP(sport=5, dport=4789) / VXLAN(flags=8) / E / ip,
    ),
}
NOT_BY_THIS_TSHARK = {"null linux", "raw 14", "erspan 1", "mpls pseudo-wire"}


def number(ip):
    return 0x0800 if ip is V4 else 0x86DD


def ethertype(ip):
    return struct.pack(">H", number(ip))


def described(packet):
    ports = packet.source.port, packet.target.port
    return packet.source.ip, packet.target.ip, *ports, packet.payload, packet.length


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("ip", [V4, V6], ids=["v4", "v6"])
def test_carriers(name, ip):
    link, build = CARRIERS[name]
    data = bytes(build(ip))
    (packet,) = packets([data], link)
    wanted = bytes(ip.lastlayer())
    assert described(packet) == (ip.src, ip.dst, ip.sport, ip.dport, wanted, len(wanted))
    found = unwrap(link, data)
    assert (found.kind, found.version) == ("ip", ip.version)
    assert data[found.offset :].startswith(bytes(ip))


def test_carriers_as_tshark_sees_them(tmp_path):
    names = [name for name in CARRIERS if name not in NOT_BY_THIS_TSHARK]
    content, wanted = section(), []
    for ip in (V4, V6):
        for name in names:
            link, build = CARRIERS[name]
            content += interface(link=link) + enhanced(data := bytes(build(ip)), index=len(wanted))
            (packet,) = packets([data], link)
            wanted.append([str(each) for each in described(packet)[:4]])
    fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport"]
    rows = tshark(content, fields, tmp_path)
    half = len(names)
    seen = [row[:2] + row[4:6] for row in rows[:half]] + [row[2:4] + row[6:] for row in rows[half:]]
    assert dict(zip(names * 2, seen, strict=True)) == dict(zip(names * 2, wanted, strict=True))
    assert seen == wanted


def test_one_version_links():
    assert unwrap(228, bytes(V4))[:3] == ("ip", 0, 4)
    assert unwrap(229, bytes(V6))[:3] == ("ip", 0, 6)


@pytest.mark.parametrize("ip", [V4, V6], ids=["v4", "v6"])
def test_pseudo_wires_without_control_word(ip):
    # The first nibble of a hardware address may be 0, as that of a control word is.
    for source in ("00:1b:21:00:00:01", "00:00:0c:01:02:03", "f2:00:00:00:00:01"):
        data = Ether(type=0x8847, **MAC) / MPLS(label=17, s=1) / Ether(src=MAC["src"], dst=source) / ip
        (packet,) = packets([bytes(data)])
        assert packet.source.ip == ip.src


OTHERS = [
    (1, E / ARP(), "other", "ARP"),
    (1, Dot3(**MAC) / LLC() / STP(), "other", "LLC"),
    (1, Dot3(**MAC) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0x00000C, code=0x2000), "other", "SNAP"),
    (1, E / PPPoED(), "other", "PPPoE discovery"),
    (1, E / PPPoE() / PPP(proto=0xC021) / b"\1\1\0\4", "other", "PPP control"),
    (1, E / PPPoE() / PPP(proto=0x00FD) / b"xxxx", "unknown", "PPP protocol 0x00fd"),
    (1, Ether(type=0x88CC, **MAC), "other", "LLDP"),
    (1, Ether(type=0x86AA, **MAC), "unknown", "ethertype 0x86aa"),
    (1, Ether(type=0x88E5, **MAC), "unknown", "ethertype 0x88e5 (MACsec)"),
    (1, E / Dot1Q(type=0x05DD), "unknown", "ethertype 0x05dd"),
    (1, gre(0) / b"", "other", "GRE keepalive"),
    (1, gre(0x883E) / b"xxxx", "unknown", "ethertype 0x883e (WCCP)"),
    (1, Ether(type=0x0800, **MAC) / Raw(b"\x55" * 40), "malformed", "IP version 5"),
    (147, Raw(b"abc"), "unknown", "link type 147"),
    (105, Raw(b"abc"), "unknown", "link type 105 (IEEE802_11)"),
    (-1, Raw(b"abc"), "unknown", "link type above 65535"),
    (258, Raw(pktap(147, b"")), "unknown", "link type 147"),
    (0, Raw(struct.pack("<I", 7)), "unknown", "address family 7"),
    (0, Raw(b"\1\2\3\4"), "unknown", "address family above 255"),
    (113, CookedLinux(proto=1) / b"x", "other", "Linux cooked frame"),
    (113, CookedLinux(lladdrtype=824, proto=0) / b"x", "other", "netlink"),
    (1, Raw(b"abc"), "malformed", "frame cut inside its headers"),
    (1, Raw(bytes(E)[:12] + b"\x81\0\0\1" * 40), "malformed", f"more than {MOST_LAYERS} layers"),
    (1, Ether(type=0x8847) / Raw(bytes(160)), "malformed", f"more than {MOST_LAYERS} layers"),
]


@pytest.mark.parametrize(("link", "data", "kind", "name"), OTHERS, ids=[case[3] for case in OTHERS])
def test_what_is_no_ip_is_named(link, data, kind, name):
    assert unwrap(link, bytes(data)) == (kind, 0, 0, name)


def test_udp_4789_without_the_flag_is_no_vxlan():
    data = bytes(E / OUTER / UDP(sport=5, dport=4789) / VXLAN(flags=0) / E / V4)
    (packet,) = packets([data])
    assert packet.target.port == 4789 and unwrap(1, data).offset == 14


def test_the_fast_way_and_the_complete_way_agree():
    for inner in (V4, OUTER / TCP() / b"x", OUTER / ICMP(), OUTER / UDP(dport=4789), IP(options=b"\1\1\1\1") / UDP()):
        assert unwrap(1, bytes(E / inner))[1:] == (14, 4, "")
        tagged = unwrap(1, bytes(E / Dot1Q() / inner))
        assert tagged[1:] == (18, 4, "")


def test_link_names():
    assert (link_name(1), link_name(113), link_name(147)) == ("ETHERNET", "LINUX_SLL", "LINKTYPE 147")


LINKS = [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 228, 229, 258, 276]


@settings(max_examples=300)
@given(st.sampled_from(LINKS), st.binary(max_size=120))
def test_no_bytes_raise(link, data):
    assert unwrap(link, data).name or unwrap(link, data).kind == "ip"


def test_damaged_carriers_do_not_raise():
    chance = random.Random(2)
    for link, build in CARRIERS.values():
        whole = bytes(build(V6))
        for cut in range(len(whole)):
            packets([whole[:cut]], link)
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(chance.randrange(1, 5)):
                damaged[chance.randrange(len(whole))] = chance.randrange(256)
            packets([bytes(damaged)], link)
