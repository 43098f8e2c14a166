"""Numbers and names of what is met on the way to UDP and TCP, and IPv6's chain of headers.

Sources: the IANA protocol-numbers registry, the IEEE ethertype registry,
tcpdump.org/linktypes.html, RFC 8200, RFC 4302.
"""

from __future__ import annotations

from typing import NamedTuple

TCP, UDP = 6, 17
ROUTING, FRAGMENT, ESP, AUTHENTICATION = 43, 44, 50, 51
HOP_BY_HOP, DESTINATION = 0, 60

MOST_EXTENSIONS = 16
"""Extension headers walked in a packet; real ones have a few."""

LINK_NAMES = {
    0: "NULL",
    1: "ETHERNET",
    6: "IEEE802_5",
    7: "ARCNET_BSD",
    8: "SLIP",
    9: "PPP",
    10: "FDDI",
    12: "RAW",
    14: "RAW",
    50: "PPP_HDLC",
    51: "PPP_ETHER",
    101: "RAW",
    104: "C_HDLC",
    105: "IEEE802_11",
    107: "FRELAY",
    108: "LOOP",
    109: "ENC",
    113: "LINUX_SLL",
    114: "LTALK",
    117: "PFLOG",
    119: "IEEE802_11_PRISM",
    122: "IP_OVER_FC",
    127: "IEEE802_11_RADIOTAP",
    138: "APPLE_IP_OVER_IEEE1394",
    149: "USER2",
    163: "IEEE802_11_AVS",
    166: "PPP_PPPD",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4_WITHFCS",
    204: "PPP_WITH_DIR",
    220: "USB_LINUX_MMAPPED",
    228: "IPV4",
    229: "IPV6",
    239: "NFLOG",
    249: "USBPCAP",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    258: "PKTAP",
    276: "LINUX_SLL2",
}
"""LINKTYPE_ number -> its name without the prefix."""

ETHERTYPES_WITHOUT_IP = {
    0x0806: "ARP",
    0x0842: "Wake-on-LAN",
    0x22F0: "AVTP",
    0x6002: "DECnet MOP",
    0x6003: "DECnet",
    0x6004: "LAT",
    0x8035: "RARP",
    0x809B: "AppleTalk",
    0x80F3: "AARP",
    0x8137: "IPX",
    0x8808: "Ethernet flow control",
    0x8809: "slow protocols",
    0x886D: "Intel ANS",
    0x8892: "PROFINET",
    0x88CC: "LLDP",
    0x888E: "EAPOL",
    0x88E1: "HomePlug",
    0x88F7: "PTP",
    0x8902: "CFM",
    0x8906: "FCoE",
    0x8914: "FIP",
    0x9000: "Ethernet loopback test",
}
"""Ethertypes that carry no IP."""

ETHERTYPES_NOT_UNDERSTOOD = {
    0x22F3: "TRILL",
    0x876B: "compressed TCP/IP",
    0x883E: "WCCP",
    0x88E5: "MACsec",
    0x88E7: "provider backbone bridging",
    0x88FB: "PRP",
    0x8915: "RoCE",
    0x892F: "HSR",
    0x893F: "802.1BR",
    0x894F: "NSH",
    0x8926: "VN-Tag",
}
"""Ethertypes that may carry IP, but are not taken off here."""

PROTOCOL_NAMES = {
    1: "ICMP",
    2: "IGMP",
    4: "IPv4 in IP",
    8: "EGP",
    9: "IGRP",
    33: "DCCP",
    41: "IPv6 in IP",
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    59: "IPv6 without payload",
    88: "EIGRP",
    89: "OSPF",
    94: "IPIP",
    97: "EtherIP",
    103: "PIM",
    108: "IPComp",
    112: "VRRP",
    115: "L2TP",
    132: "SCTP",
    135: "IPv6 mobility",
    136: "UDP-Lite",
    139: "HIP",
    140: "Shim6",
}
"""IP protocols other than UDP and TCP. Of the tunnels, those packets that could not be taken off."""


class Extensions(NamedTuple):
    """The end of a chain of extension headers.

    protocol: what follows; FRAGMENT where the packet is a fragment (and no atomic one).
    offset: where that begins; for FRAGMENT, the fragment header. malformed: it is cut, or too long.
    """

    protocol: int
    offset: int
    malformed: bool


def ipv6_extensions(protocol: int, data: bytes, offset: int, end: int) -> Extensions:
    """Walk extension headers up to what is none (RFC 8200, 4). protocol: of the header at `offset`."""
    for _ in range(MOST_EXTENSIONS):
        if protocol not in _EXTENSIONS:
            return Extensions(protocol, offset, False)
        if offset + 8 > end:
            return Extensions(protocol, offset, True)
        if protocol == FRAGMENT:
            # Offset 0 and no more fragments: an atomic fragment (RFC 6946), whole by itself.
            if int.from_bytes(data[offset + 2 : offset + 4], "big") & 0xFFF9:
                return Extensions(protocol, offset, False)
            length = 8
        elif protocol == AUTHENTICATION:
            length = (data[offset + 1] + 2) * 4
        else:
            length = (data[offset + 1] + 1) * 8
        protocol = data[offset]
        offset += length
    return Extensions(protocol, offset, True)


_EXTENSIONS = frozenset({HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION})
