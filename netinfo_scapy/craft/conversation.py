"""Conversations as packets: addresses, times, sequence numbers and acknowledgments filled in.

The same calls give the same bytes, on any machine: nothing is taken from a clock or at random.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from netinfo_scapy.layers.ports import CLIENT_PORT
from netinfo_scapy.layers.record import RPCRecord
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol.programs import NETINFO_PORT

START = Decimal("1045000000")
"""Seconds since 1970 of the first packet: 11 February 2003, when such traffic was common."""

STEP = Decimal("0.001")
_SEGMENT = 1460
_WINDOW = 65_535


class Host(NamedTuple):
    """One side. ip: IPv4 address. mac: as aa:bb:cc:dd:ee:ff."""

    ip: str
    port: int
    mac: str


CLIENT = Host("192.0.2.10", CLIENT_PORT, "00:05:02:00:00:10")
SERVER = Host("192.0.2.1", NETINFO_PORT, "00:05:02:00:00:01")


class Conversation:
    """Packets in the order in which they are said, a millisecond apart."""

    def __init__(self, start: Decimal = START) -> None:
        self.packets: list[Packet] = []
        self.time = start

    def add(self, source: Host, target: Host, above: Packet) -> None:
        """A packet from one host to another; above: its transport layer and what it carries."""
        packet: Packet = (
            Ether(src=source.mac, dst=target.mac)
            / IP(src=source.ip, dst=target.ip, id=len(self.packets) + 1 & 0xFFFF)
            / above
        )
        # Built here, so that lengths and checksums stand and nothing of this machine is looked up later.
        packet = Ether(bytes(packet))
        packet.time = self.time  # type: ignore[assignment]
        self.time += STEP
        self.packets.append(packet)

    def udp(self, message: Packet, source: Host = CLIENT, target: Host = SERVER) -> None:
        """A datagram."""
        self.add(source, target, UDP(sport=source.port, dport=target.port) / message)

    def ask(self, call: Packet, reply: Packet | None, client: Host = CLIENT, server: Host = SERVER) -> None:
        """A call over UDP and its reply."""
        self.udp(call, client, server)
        if reply is not None:
            self.udp(reply, server, client)

    def tcp(self, client: Host = CLIENT, server: Host = SERVER, sequence: int = 1000) -> Connection:
        """A TCP connection, its handshake done."""
        return Connection(self, client, server, sequence)


class Connection:
    """One TCP connection of a conversation: each side's next sequence number."""

    def __init__(self, conversation: Conversation, client: Host, server: Host, sequence: int) -> None:
        self.conversation = conversation
        self.ends = client, server
        self.next = {client: sequence, server: sequence + 1_000_000 & 0xFFFFFFFF}
        self._segment(client, "S", b"", acknowledges=False)
        self._segment(server, "SA", b"")
        self._segment(client, "A", b"")

    def _segment(self, side: Host, flags: str, data: bytes, acknowledges: bool = True) -> None:
        other = self.ends[0] if side == self.ends[1] else self.ends[1]
        header = TCP(
            sport=side.port,
            dport=other.port,
            seq=self.next[side],
            ack=self.next[other] if acknowledges else 0,
            flags=flags,
            window=_WINDOW,
        )
        self.conversation.add(side, other, header / data if data else header)
        self.next[side] = self.next[side] + len(data) + ("S" in flags) + ("F" in flags) & 0xFFFFFFFF

    def send(self, side: Host, data: Packet | bytes, segment: int = _SEGMENT) -> None:
        """A side's next bytes, in segments of at most so many; an RPC message that is no record yet becomes one."""
        if isinstance(data, RPC):
            data = RPCRecord() / data
        content = bytes(data)
        for at in range(0, len(content), segment):
            self._segment(side, "PA", content[at : at + segment])

    def ask(self, call: Packet | bytes, reply: Packet | bytes | None) -> None:
        """A call and its reply."""
        self.send(self.ends[0], call)
        if reply is not None:
            self.send(self.ends[1], reply)

    def close(self) -> None:
        """Both sides end; the last acknowledgment is sent."""
        self._segment(self.ends[0], "FA", b"")
        self._segment(self.ends[1], "FA", b"")
        self._segment(self.ends[0], "A", b"")
