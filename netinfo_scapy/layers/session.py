"""RPCSession: sniffing message by message, each reply dissected by its call.

    sniff(offline="old.pcap", session=RPCSession)
    sniff(iface="eth0", session=RPCSession, prn=lambda packet: packet.summary())

What does the work is the decoder of capture/: TCP is put together there with its holes
known, and servers on other ports than 961 and 111 are found by what the traffic says.
Scapy's session API is documented as unstable; this is the only module that knows it.

A session is not told of its end. Captures that are read through say EOFError, and with the last one of them what
still waits for a hole to be filled is given. An interface never ends: there the session's own end counts.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, finalize

from scapy.error import log_runtime
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet
from scapy.sessions import DefaultSession

from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.events import NotRpc
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.interest import Interest, PortNumber
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
from netinfo_scapy.layers.frames import Positions, as_frame, as_packet
from netinfo_scapy.layers.rpc import RPC

if TYPE_CHECKING:
    from scapy.supersocket import SuperSocket

_KEPT_PACKETS = 4096
"""Packets whose messages may still come: they wait for a hole before them to be filled."""


class RPCSession(DefaultSession):
    """One packet for each message; packets that carry none pass unchanged.

    netinfo_ports: ports of NetInfo beside 961 and 111, as 1033, "udp:700" or "tcp:700".
    A segment that completes no message gives none.
    """

    def __init__(self, *args: Any, netinfo_ports: Iterable[int | str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Live, nobody waits for an acknowledgment to see a message.
        self._limits = Limits(settle_ns=0)
        ports = [PortNumber.parse(str(port)) for port in netinfo_ports]
        self._interest = Interest(ports, self._limits.learned_endpoints)
        self._sockets: WeakSet[SuperSocket] = WeakSet()
        self._begin()
        self._packets: OrderedDict[int, Packet] = OrderedDict()
        self._number = 0
        self._positions = Positions()
        self._waiting: deque[Packet] = deque()

    def _begin(self) -> None:
        self._decoder = Decoder(self._interest, self._limits)
        # What a decoder holds is freed when it finishes, and not before (`Pairing.finish`).
        self._finish = finalize(self, self._decoder.finish)
        self._finish.atexit = False

    def _end(self) -> Iterator[Packet]:
        """The messages that the end of all captures completes."""
        found = self._finish() or []
        self._begin()
        for event in found:
            if isinstance(event, Message):
                yield self._packet(event)

    def feed(self, packet: Packet) -> Iterator[Packet]:
        """The messages that a packet completes, or itself where it carries none."""
        self._number += 1
        frame = as_frame(packet, self._number)
        self._packets[self._number] = packet
        if len(self._packets) > _KEPT_PACKETS:
            self._packets.popitem(last=False)
        found = list(self._decoder.feed(frame))
        messages = [event for event in found if isinstance(event, Message)]
        for message in messages:
            yield self._packet(message)
        if not messages and (any(isinstance(event, NotRpc) for event in found) or not self._is_part(packet)):
            yield packet

    def _packet(self, message: Message) -> Packet:
        call = message.call
        if not message.is_call and call is None:
            log_runtime.info("RPC reply with xid 0x%08x: its call was not seen", message.xid)
        layer = None if call is None else RPC(call.record.data)
        return as_packet(message, self._packets.get(message.record.at.number), layer, self._positions)

    def _is_part(self, packet: Packet) -> bool:
        """Whether a packet is a TCP segment with a piece of a record in it."""
        layer = packet.getlayer(TCP)
        ip = None if layer is None else layer.underlayer
        if layer is None or not isinstance(ip, IP | IPv6) or not len(layer.payload):
            return False
        source, target = (
            Endpoint(ip_address(address).packed, port)
            for address, port in ((ip.src, layer.sport), (ip.dst, layer.dport))
        )
        return self._interest.wants(Transport.TCP, source, target)

    def process(self, pkt: Packet) -> Packet | None:
        """The next message; for packets that are already there, one by one. `recv` and `feed` give all at once."""
        packet = self.supersession.process(pkt) if self.supersession else pkt
        if packet:
            self._waiting.extend(self.feed(packet))
        return self._waiting.popleft() if self._waiting else None

    def recv(self, sock: SuperSocket) -> Iterator[Packet]:
        """What sniff() asks for."""
        self._sockets.add(sock)
        try:
            packet = sock.recv()
        except EOFError:
            self._sockets.discard(sock)
            if not self._sockets:
                yield from self._end()
            raise
        if packet and self.supersession:
            packet = self.supersession.process(packet)
        if packet:
            yield from self.feed(packet)


__all__ = ["RPCSession"]
