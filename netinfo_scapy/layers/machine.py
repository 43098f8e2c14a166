"""netinfod_am: an answering machine for the calls that need no directory.

    >>> netinfod_am(iface="lo", tags={"local": (1033, 1033)})

It listens on UDP and TCP with plain sockets, so that the kernel refuses nobody, and answers as
netinfod and nibindd do (docs/specification.md, 3.3): over UDP only PING, BIND, GETREGISTER
and LISTREG are served, the rest is AUTH_TOOWEAK; what would need a directory is PROC_UNAVAIL.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from scapy.ansmachine import AnsweringMachine
from scapy.arch import get_if_addr
from scapy.config import conf
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet

from netinfo_scapy.layers import ni, nibind, portmap
from netinfo_scapy.layers.record import RecordBuffer, RPCRecord
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.layers.structs import XDRPacket
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import NETINFO_PORT

_MOST_CLIENTS = 64
_LONGEST_CALL = 1 << 20
_OK, _NOTAG, _NETROOT = 0, 19, 11
_OVER_UDP = {("NetInfo", 0), ("NetInfo", 24), ("nibind", 0), ("nibind", 3), ("nibind", 4), ("nibind", 8)}
"""What netinfod and nibindd serve over UDP, by program and procedure."""

_Answer = Callable[["netinfod_am", Packet], Packet | None]


def _text(call: Packet, field: str) -> str:
    return bytes(call.getfieldval(field)).decode(errors="replace")


def _getregister(machine: netinfod_am, call: Packet) -> Packet:
    ports = machine.tags.get(_text(call, "tag"))
    if ports is None:
        return nibind.NIBIND_GETREGISTER_Reply(status=_NOTAG)
    return nibind.NIBIND_GETREGISTER_Reply(udp_port=ports[0], tcp_port=ports[1])


def _getport(machine: netinfod_am, call: Packet) -> Packet:
    asked = call.getfieldval("program"), call.getfieldval("version")
    served = asked == (NIBIND.number, NIBIND.version)
    return portmap.PMAP_GETPORT_Reply(port=machine.port if served else 0)


_ANSWERS: dict[tuple[str, int], _Answer] = {
    ("NetInfo", 0): lambda _machine, _call: ni.NI_PING_Reply(),
    ("NetInfo", 1): lambda machine, _call: ni.NI_STATISTICS_Reply(properties=machine.statistics),
    ("NetInfo", 2): lambda _machine, _call: ni.NI_ROOT_Reply(id=0),
    ("NetInfo", 22): lambda machine, _call: (
        ni.NI_RPARENT_Reply(status=_NETROOT)
        if machine.parent is None
        else ni.NI_RPARENT_Reply(tag=machine.parent[0], addr=machine.parent[1])
    ),
    ("NetInfo", 24): lambda machine, call: ni.NI_BIND_Reply() if _text(call, "tag") in machine.tags else None,
    ("nibind", 0): lambda _machine, _call: nibind.NIBIND_PING_Reply(),
    ("nibind", 3): _getregister,
    ("nibind", 4): lambda machine, _call: nibind.NIBIND_LISTREG_Reply(
        registrations=[(tag, *ports) for tag, ports in machine.tags.items()]
    ),
    ("nibind", 8): lambda machine, call: (
        nibind.NIBIND_BIND_Reply() if _text(call, "server_tag") in machine.tags else None
    ),
    ("portmap", 0): lambda _machine, _call: portmap.PMAP_NULL_Reply(),
    ("portmap", 3): _getport,
}
"""The calls that are answered; None answers SYSTEM_ERR, as a BIND that fails."""

_PROGRAMS = {program.number: program for program in (NETINFO, NIBIND, PORTMAP)}


class netinfod_am(AnsweringMachine[Packet]):
    """Answer NetInfo's, nibind's and portmap's calls that need no directory, over UDP and TCP.

    iface: listen on this interface's address; conf.iface, if not given. address: or on this one.
    port: of UDP and TCP. tags: tag -> (UDP port, TCP port), for nibind. statistics: properties, for STATISTICS.
    parent: (tag, address) for RPARENT; none, if None.

    >>> machine = netinfod_am(address="127.0.0.1", port=961).bg()
    >>> machine.stop()
    """

    function_name = "netinfod"
    port: int
    address: str | None
    tags: dict[str, tuple[int, int]]
    statistics: Any
    parent: tuple[str, str] | None

    def parse_options(
        self,
        port: int = NETINFO_PORT,
        address: str | None = None,
        tags: Mapping[str, tuple[int, int]] | None = None,
        statistics: Any = None,
        parent: tuple[str, str] | None = None,
    ) -> None:
        """See the class."""
        self.port = port
        self.address = address
        self.tags = dict(tags or {"local": (port, port)})
        for tag, ports in self.tags.items():
            if not isinstance(ports, tuple | list) or [type(each) for each in ports] != [int, int]:
                raise ValueError(f"tags: {tag!r} has {ports!r}; a pair is wanted, as (UDP port, TCP port)")
        self.statistics = {"checksum": "0"} if statistics is None else statistics
        self.parent = parent

    def is_request(self, req: Packet) -> int:
        """Whether a packet is a call that anyone would answer: RPC version 2."""
        layer = req.getlayer(RPC)
        return int(layer is not None and layer.type == rpc.CALL and layer.rpc_version == rpc.RPC_VERSION)

    def make_reply(self, req: Packet) -> Packet:
        """The answer, with IP and transport layers where the call has them."""
        call = req[RPC]
        made = self._answer(call, over_udp=req.haslayer(TCP) == 0 and not req.haslayer(RPCRecord))
        if req.haslayer(RPCRecord):
            made = RPCRecord() / made
        udp = req.getlayer(UDP)
        if udp is None or not isinstance(udp.underlayer, IP | IPv6):
            return made
        ip = udp.underlayer
        answer: Packet = type(ip)(src=ip.dst, dst=ip.src) / UDP(sport=udp.dport, dport=udp.sport) / made
        return answer

    def _answer(self, call: RPC, over_udp: bool) -> Packet:
        reply = RPC(xid=call.xid, type=rpc.REPLY, call=call)
        program = _PROGRAMS.get(call.program)
        if program is None:
            reply.accept_status = 1
        elif call.version != program.version:
            reply.accept_status, reply.low, reply.high = 2, program.version, program.version
        elif over_udp and program is not PORTMAP and (program.name, call.procedure) not in _OVER_UDP:
            reply.reply_status, reply.reject_status, reply.auth_status = 1, 1, 5
        else:
            return self._body(reply, call, (program.name, call.procedure))
        return reply

    def _body(self, reply: RPC, call: RPC, key: tuple[str, int]) -> Packet:
        answer = _ANSWERS.get(key)
        if answer is None:
            reply.accept_status = 3
            return reply
        # What is void and was only crafted has no layer of its own.
        body = call.payload or RPC(bytes(call)).payload
        if not isinstance(body, XDRPacket):
            reply.accept_status = 4
            return reply
        made = answer(self, body)
        if made is None:
            reply.accept_status = 5
            return reply
        return reply / made

    # serving

    def sniff(self) -> None:
        """Serve until interrupted."""
        _Serving(self).run()

    def sniff_bg(self) -> None:
        """Serve in the background; `bg()` gives what `stop()` ends."""
        self.sniffer = _Serving(self)  # type: ignore[assignment]
        self.sniffer.start()

    def reply_to(self, request: Packet) -> bytes | None:
        """The bytes of the answer to a call; None where there is none."""
        if not self.is_request(request):
            return None
        answer = self.make_reply(request)
        if self.verbose:
            self.print_reply(request, answer)
        return bytes(answer)

    def where(self) -> tuple[str, int]:
        """The address and port to listen on."""
        iface = self.optsniff.get("iface", conf.iface)
        return self.address or get_if_addr(iface), self.port


class _Serving(Thread):
    """Both sockets and their clients, in one loop."""

    def __init__(self, machine: netinfod_am) -> None:
        super().__init__(daemon=True)
        self.machine = machine
        self._stopped = Event()
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, RecordBuffer] = {}
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            for each in (self._udp, self._tcp):
                each.bind(machine.where())
                each.setblocking(False)
            self._tcp.listen()
        except OSError:
            self._udp.close()
            self._tcp.close()
            raise
        self._selector.register(self._udp, selectors.EVENT_READ)
        self._selector.register(self._tcp, selectors.EVENT_READ)

    def run(self) -> None:
        """Answer until `stop`."""
        try:
            while not self._stopped.is_set():
                for key, _ in self._selector.select(0.1):
                    self._serve(key.fileobj)
        finally:
            for each in (*self._buffers, self._udp, self._tcp):
                each.close()
            self._selector.close()

    def stop(self, join: bool = True) -> None:
        """End; both ports are free then."""
        self._stopped.set()
        if join:
            self.join()

    def _serve(self, ready: Any) -> None:
        if ready is self._udp:
            # A datagram can be gone, or come from where nothing can be sent to.
            with suppress(OSError):
                data, client = self._udp.recvfrom(65_535)
                answer = self.machine.reply_to(RPC(data)) if data else None
                if answer is not None:
                    self._udp.sendto(answer, client)
        elif ready is self._tcp:
            try:
                client_socket, _ = self._tcp.accept()
            except OSError:
                return  # gone again
            client_socket.setblocking(False)
            self._buffers[client_socket] = RecordBuffer()
            self._selector.register(client_socket, selectors.EVENT_READ)
            if len(self._buffers) > _MOST_CLIENTS:
                self._close(next(iter(self._buffers)))
        else:
            self._read(ready)

    def _read(self, client: socket.socket) -> None:
        if client not in self._buffers:
            return  # let go to make room, after it was seen to be ready
        try:
            data = client.recv(65_536)
        except OSError:
            data = b""
        buffer = self._buffers[client]
        buffer.feed(data)
        if not data or len(buffer) > _LONGEST_CALL:
            self._close(client)
            return
        while (record := buffer.take()) is not None:
            answer = self.machine.reply_to(RPCRecord(record))
            try:
                if answer is not None:
                    client.sendall(answer)
            except OSError:
                self._close(client)
                return

    def _close(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        del self._buffers[client]
        client.close()


__all__ = ["netinfod_am"]
