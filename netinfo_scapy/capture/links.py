"""What stands before IP: link layers, tags, and tunnels, taken off until IP is found.

Each layer is a function of the frame and an offset. It gives the next layer and where that
begins, or an `Unwrapped`: the end of the walk. Tables tell which number names which layer.
Sources: tcpdump.org/linktypes.html, the IEEE 802 numbers registry, RFC 1661, 2516, 2784,
2890, 3032, 7348, draft-foschiano-erspan.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is a class, whatever its name
from typing import Literal, NamedTuple, TypeAlias

from netinfo_scapy.capture.protocols import (
    ESP,
    ETHERTYPES_NOT_UNDERSTOOD,
    ETHERTYPES_WITHOUT_IP,
    FRAGMENT,
    LINK_NAMES,
    Extensions,
    ipv6_extensions,
)

MOST_LAYERS = 32
"""Layers taken off a frame. A frame that needs more was made to keep us busy."""

VXLAN_PORT = 4789

Kind: TypeAlias = Literal["ip", "other", "unknown", "malformed"]


class Unwrapped(NamedTuple):
    """What a frame holds.

    kind: "ip"; "other" (understood, no IP in it); "unknown" (not understood); "malformed".
    offset, version: where the innermost IP header begins, and 4 or 6; else 0.
    name: of what else it is, as "ARP" or "link type 147"; empty for IP.
    """

    kind: Kind
    offset: int
    version: int
    name: str


_Layer: TypeAlias = "Callable[[bytes, int], tuple[_Layer, int] | Unwrapped]"
_Step: TypeAlias = "tuple[_Layer, int] | Unwrapped"

_u16 = Struct(">H").unpack_from
_u32 = Struct(">I").unpack_from
_u32_little = Struct("<I").unpack_from
_CUT = Unwrapped("malformed", 0, 0, "frame cut inside its headers")
_TOO_DEEP = Unwrapped("malformed", 0, 0, f"more than {MOST_LAYERS} layers")
_PLAIN = Unwrapped("ip", 14, 4, "")
_VXLAN_PORT_BYTES = VXLAN_PORT.to_bytes(2, "big")


def link_name(link: int) -> str:
    """The name of a LINKTYPE_ number, as "ETHERNET"; unknown ones as "LINKTYPE 147"."""
    return LINK_NAMES.get(link, f"LINKTYPE {link}")


def unwrap(link: int, data: bytes) -> Unwrapped:
    """Find the innermost IP header of a frame. Never raises.

    The walk ends at an IP fragment: what a tunnel carries is looked for when it is whole.
    """
    if link == 1 and data[12:15] == b"\x08\0E":
        protocol = data[23:24]
        if protocol == b"\x06" or (protocol == b"\x11" and data[36:38] != _VXLAN_PORT_BYTES):
            return _PLAIN
    layer = _LINKS.get(link)
    if layer is None:
        return _unknown_link(link)
    return _walk(layer, data, 0)


def unwrap_tunnel(protocol: int, data: bytes) -> Unwrapped | None:
    """Find the IP header in the whole payload of an outer IP packet; None if the protocol is no tunnel."""
    if protocol == 17:
        return _walk(_vxlan, data, 8) if _is_vxlan(data, 0) else None
    layer = _TUNNELS.get(protocol)
    return _walk(layer, data, 0) if layer else None


def _walk(layer: _Layer, data: bytes, offset: int) -> Unwrapped:
    try:
        for _ in range(MOST_LAYERS):
            found = layer(data, offset)
            if isinstance(found, Unwrapped):
                return found
            layer, offset = found
    except (IndexError, StructError):
        return _CUT
    return _TOO_DEEP


def _other(name: str) -> Unwrapped:
    return Unwrapped("other", 0, 0, name)


def _unknown(name: str) -> Unwrapped:
    return Unwrapped("unknown", 0, 0, name)


def _unknown_link(link: int) -> Unwrapped:
    if not 0 <= link <= 0xFFFF:
        return _unknown("link type above 65535")
    name = LINK_NAMES.get(link)
    return _unknown(f"link type {link} ({name})" if name else f"link type {link}")


# IP itself, and the tunnels in it


def _ip(data: bytes, offset: int) -> _Step:
    version = data[offset] >> 4
    if version == 4:
        return _ipv4(data, offset)
    if version == 6:
        return _ipv6(data, offset)
    return Unwrapped("malformed", 0, 0, f"IP version {version}")


def _ipv4(data: bytes, offset: int) -> _Step:
    start = offset + (data[offset] & 0x0F) * 4
    if start < offset + 20 or _u16(data, offset + 6)[0] & 0x3FFF:
        return Unwrapped("ip", offset, 4, "")
    return _inside(data, offset, 4, data[offset + 9], start)


def _ipv6(data: bytes, offset: int) -> _Step:
    found: Extensions = ipv6_extensions(data[offset + 6], data, offset + 40, len(data))
    if found.protocol in (FRAGMENT, ESP) or found.malformed:
        return Unwrapped("ip", offset, 6, "")
    return _inside(data, offset, 6, found.protocol, found.offset)


def _inside(data: bytes, offset: int, version: int, protocol: int, start: int) -> _Step:
    """What an IP packet carries; if that is no tunnel, the packet is what was looked for."""
    if protocol in _TUNNELS:
        return _TUNNELS[protocol], start
    if protocol == 17 and _is_vxlan(data, start):
        return _vxlan, start + 8
    return Unwrapped("ip", offset, version, "")


def _is_vxlan(data: bytes, udp: int) -> bool:
    # The flag says that the network identifier is valid; without it this is something else on the port.
    return data[udp + 2 : udp + 4] == _VXLAN_PORT_BYTES and len(data) > udp + 16 and bool(data[udp + 8] & 0x08)


def _vxlan(_data: bytes, offset: int) -> _Step:
    return _ethernet, offset + 8


def _gre(data: bytes, offset: int) -> _Step:
    flags, kind = _u16(data, offset)[0], _u16(data, offset + 2)[0]
    version = flags & 0x0007
    if flags & 0x4000 or version > 1:
        return _unknown("GRE with routing" if flags & 0x4000 else f"GRE version {version}")
    start = offset + 4
    if version == 1:  # PPTP, RFC 2637: the key is always there
        if not flags & 0x1000:
            return _other("GRE acknowledgment")
        return (_ppp, start + 8 + (4 if flags & 0x0080 else 0)) if kind == 0x880B else _unknown("GRE version 1")
    for flag in (0x8000, 0x2000, 0x1000):  # check sum, key, sequence number
        start += 4 if flags & flag else 0
    if kind == 0x88BE:
        # Only type II numbers its packets and has a header of its own.
        return _ethernet, start + 8 if flags & 0x1000 else start
    if kind == 0x22EB:
        return _erspan3, start
    if kind == 0:
        return _other("GRE keepalive")
    return _by_ethertype(kind, start)


def _erspan3(data: bytes, offset: int) -> _Step:
    last = _u16(data, offset + 10)[0]
    frame_type = last >> 10 & 0x1F
    layer = {0: _ethernet, 2: _ip}.get(frame_type)
    start = offset + 12 + (8 if last & 1 else 0)
    return (layer, start) if layer else _unknown(f"ERSPAN frame type {frame_type}")


# Ethernet and what its types name


def _ethernet(data: bytes, offset: int) -> _Step:
    return _ethertype(data, offset + 12)


def _ethertype(data: bytes, offset: int) -> _Step:
    return _by_ethertype(_u16(data, offset)[0], offset + 2)


def _by_ethertype(kind: int, offset: int) -> _Step:
    layer = _ETHERTYPES.get(kind)
    if layer is not None:
        return layer, offset
    if kind <= 1500:  # a length: IEEE 802.3
        return _llc, offset
    if kind in ETHERTYPES_WITHOUT_IP:
        return _other(ETHERTYPES_WITHOUT_IP[kind])
    name = ETHERTYPES_NOT_UNDERSTOOD.get(kind)
    return _unknown(f"ethertype {kind:#06x} ({name})" if name else f"ethertype {kind:#06x}")


def _vlan(_data: bytes, offset: int) -> _Step:
    return _ethertype, offset + 2


def _llc(data: bytes, offset: int) -> _Step:
    service = data[offset : offset + 3]
    if service == b"\xaa\xaa\x03":
        vendor = data[offset + 3 : offset + 6]
        # RFC 1042, and IEEE 802.1H's bridge tunnel.
        return (_ethertype, offset + 6) if vendor in (b"\0\0\0", b"\0\0\xf8") else _other("SNAP")
    if service == b"\x06\x06\x03":
        return _ip, offset + 3
    return _other("LLC")


def _mpls(data: bytes, offset: int) -> _Step:
    for _ in range(MOST_LAYERS):
        last = data[offset + 2] & 1
        offset += 4
        if last:
            break
    else:
        return _TOO_DEEP
    nibble = data[offset] >> 4
    if nibble in (4, 6):
        return _ip, offset
    # A pseudo-wire. Whether it has a control word, whose first nibble is 0, only its far end knows.
    with_word = nibble == 0 and (_is_ethernet(data, offset + 4) or not _is_ethernet(data, offset))
    return _ethernet, offset + 4 if with_word else offset


def _is_ethernet(data: bytes, offset: int) -> bool:
    kind = int.from_bytes(data[offset + 12 : offset + 14], "big")
    return kind in _ETHERTYPES or kind in ETHERTYPES_WITHOUT_IP


def _pppoe(data: bytes, offset: int) -> _Step:
    if data[offset] != 0x11:
        return Unwrapped("malformed", 0, 0, "PPPoE version")
    return (_ppp, offset + 6) if data[offset + 1] == 0 else _other("PPPoE discovery")


def _ppp(data: bytes, offset: int) -> _Step:
    if data[offset : offset + 2] == b"\xff\x03":
        offset += 2
    # An odd first byte is a whole number, compressed (RFC 1661, 6.5).
    short = data[offset] & 1
    protocol = data[offset] if short else _u16(data, offset)[0]
    offset += 1 if short else 2
    layer = _PPP.get(protocol)
    if layer is not None:
        return layer, offset
    return _other("PPP control") if protocol >= 0x8000 else _unknown(f"PPP protocol {protocol:#06x}")


# Other links


def _hdlc(data: bytes, offset: int) -> _Step:
    # Cisco's HDLC has an ethertype where PPP has its protocol.
    return (_ethertype, offset + 2) if data[offset] in (0x0F, 0x8F) else (_ppp, offset)


def _loopback(data: bytes, offset: int) -> _Step:
    # In the byte order of the host that wrote it: the families are all below 256.
    family = min(_u32(data, offset)[0], _u32_little(data, offset)[0])
    if family == 2 or family in (10, 24, 28, 30):  # AF_INET; AF_INET6 of Linux, the BSDs, macOS
        return _ip, offset + 4
    return _unknown(f"address family {family}" if family < 256 else "address family above 255")


def _cooked(data: bytes, offset: int) -> _Step:
    return _cooked_protocol(_u16(data, offset + 2)[0], _u16(data, offset + 14)[0], offset + 16)


def _cooked2(data: bytes, offset: int) -> _Step:
    return _cooked_protocol(_u16(data, offset + 8)[0], _u16(data, offset)[0], offset + 20)


def _cooked_protocol(hardware: int, protocol: int, offset: int) -> _Step:
    if hardware == 824:
        return _other("netlink")
    if protocol >= 0x0600:
        return _by_ethertype(protocol, offset)
    # Linux's own numbers, from if_ether.h: 802.3 without LLC is Novell's.
    return (_llc, offset) if protocol == 4 else _other("Linux cooked frame")


def _pktap(data: bytes, offset: int) -> _Step:
    little, big = _u32_little(data, offset)[0], _u32(data, offset)[0]
    length, read = (little, _u32_little) if little <= big else (big, _u32)
    link = read(data, offset + 8)[0]
    layer = _LINKS.get(link)
    if layer is None:
        return _unknown_link(link)
    return layer, offset + max(length, 12)


_TUNNELS: dict[int, _Layer] = {4: _ip, 41: _ip, 47: _gre}
"""IP protocol -> what it carries."""

_PPP: dict[int, _Layer] = {0x0021: _ip, 0x0057: _ip, 0x0281: _mpls, 0x0283: _mpls}

_ETHERTYPES: dict[int, _Layer] = {
    0x0800: _ip,
    0x86DD: _ip,
    0x8100: _vlan,
    0x88A8: _vlan,
    0x9100: _vlan,
    0x9200: _vlan,
    0x8847: _mpls,
    0x8848: _mpls,
    0x8863: _pppoe,
    0x8864: _pppoe,
    0x880B: _ppp,
    0x6558: _ethernet,
}

_LINKS: dict[int, _Layer] = {
    0: _loopback,
    1: _ethernet,
    9: _ppp,
    12: _ip,
    14: _ip,
    50: _hdlc,
    51: _pppoe,
    101: _ip,
    104: _hdlc,
    108: _loopback,
    113: _cooked,
    228: _ip,
    229: _ip,
    258: _pktap,
    276: _cooked2,
}
