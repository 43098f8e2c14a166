"""Scapy's packets as frames of a capture, and messages as Scapy's packets."""

from __future__ import annotations

from collections import OrderedDict

from scapy.config import conf
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet

from netinfo_scapy.capture.captures import nanoseconds
from netinfo_scapy.capture.flows import Flow, Transport
from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.message import Message
from netinfo_scapy.layers.record import RPCRecord
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol.anomalies import Anomaly

RAW_IP = 101
"""LINKTYPE_RAW: a frame is an IP packet."""

_MOST_FLOWS = 65_536

_MOST_SEGMENT = 65_000
"""Bytes of a message that surely fit an IP packet."""

NO_LINK = 147
"""LINKTYPE_USER0, for what has neither a link layer that is known here nor IP."""


def as_frame(packet: Packet, number: int) -> Frame:
    """A packet as the frame with this number: its link type, bytes, time and length on the wire."""
    link, layer = _link(packet)
    data = bytes(layer)
    ref = FrameRef(0, number, nanoseconds(packet.time or 0))
    return Frame(ref, link, max(packet.wirelen or 0, len(data)), data)


def _link(packet: Packet) -> tuple[int, Packet]:
    known = conf.l2types.layer2num.get(type(packet))
    if known is not None and not isinstance(packet, IP | IPv6):
        return known, packet
    for ip in (IP, IPv6):
        if packet.haslayer(ip):
            return RAW_IP, packet[ip]
    return NO_LINK, packet


class Positions:
    """Where each direction of each TCP connection stands, so that messages that were put together read as a stream.

    Without that a list of them, saved and read again, would seem to miss what stood in other segments.
    """

    def __init__(self) -> None:
        self._next: OrderedDict[Flow, int] = OrderedDict()

    def place(self, flow: Flow, header: Packet, record: Packet, missing: int) -> None:
        """Number a message's TCP header. record: what it carries; missing: bytes of it that are not there."""
        header.seq = self._next.get(flow, header.seq)
        # Before it says anything, a side stands where the other one acknowledges it.
        header.ack = self._next.setdefault(flow.back, header.ack)
        self._next[flow] = header.seq + len(record) + missing & 0xFFFFFFFF
        self._next.move_to_end(flow)
        if len(self._next) > _MOST_FLOWS:
            self._next.popitem(last=False)


def as_packet(message: Message, packet: Packet | None, call: RPC | None, positions: Positions) -> Packet:
    """A message as a packet: link, IP and transport layer of the packet that completed it, and the message.

    packet: None, or a piece of an IP datagram or of a tunnel, makes plain IP and transport layers.
    call: on a reply, the RPC layer of its call. A record of several fragments comes with one mark. positions:
    of the messages before; TCP is numbered anew by them.
    """
    record = message.record
    layer: Packet = (
        RPC(record.data, call=call, noted=_noted(message))
        if RPC.dispatch_hook(record.data) is RPC
        else conf.raw_layer(record.data)
    )
    if record.flow.transport is Transport.TCP:
        layer = RPCRecord(marks=_marks(message)) / layer
    lower = _lower(record.flow, packet)
    bottom = lower.lastlayer()
    if isinstance(bottom, TCP):
        positions.place(record.flow, bottom, layer, int(record.incomplete))
        if len(record.data) > _MOST_SEGMENT:
            _as_offloaded(lower, bottom)
    bottom.add_payload(layer)
    lower.time = packet.time if packet is not None else record.at.time_ns / 10**9
    return lower


def _as_offloaded(lower: Packet, header: Packet) -> None:
    """No IP packet is that long; captures of segments that the network card was to cut have a length of 0."""
    for ip, name in ((IP, "len"), (IPv6, "plen")):
        if lower.haslayer(ip):
            lower[ip].setfieldval(name, 0)
    header.chksum = 0


def _marks(message: Message) -> list[int] | None:
    """The mark of a record with a hole says more than there is; other records get theirs on build."""
    record = message.record
    return [0x80000000 | (len(record.data) + 1)] if record.incomplete else None


def _noted(message: Message) -> frozenset[Anomaly]:
    noted = set(message.record.anomalies)
    if message.duplicate:
        noted.add(Anomaly.DUPLICATE_REPLY)
    return frozenset(noted)


def _lower(flow: Flow, packet: Packet | None) -> Packet:
    """The layers below the message, without one above them."""
    transport = TCP if flow.transport is Transport.TCP else UDP
    if packet is not None and packet.haslayer(transport) and _is_plain(packet, flow):
        lower = packet.copy()
        layer = lower[transport]
        layer.remove_payload()
        for each, names in ((IP, ("len", "chksum")), (IPv6, ("plen",)), (transport, ("len", "chksum"))):
            for name in names:
                if lower.haslayer(each) and name in lower[each].fields:
                    del lower[each].fields[name]
        lower.clear_cache()
        return lower
    ip = IP if len(flow.source.address) == 4 else IPv6
    made: Packet = ip(src=flow.source.ip, dst=flow.target.ip) / transport(
        sport=flow.source.port, dport=flow.target.port
    )
    return made


def _is_plain(packet: Packet, flow: Flow) -> bool:
    """Whether the packet has one IP layer, and its addresses and ports are the flow's."""
    ip = packet.getlayer(IP) or packet.getlayer(IPv6)
    layer = packet.getlayer(TCP) or packet.getlayer(UDP)
    return (
        ip is not None
        and layer is not None
        and layer.underlayer is ip
        and (ip.src, ip.dst, layer.sport, layer.dport)
        == (flow.source.ip, flow.target.ip, flow.source.port, flow.target.port)
    )
