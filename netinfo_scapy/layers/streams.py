"""RPC over a TCP connection: record marking, xids and who answers whom."""

from __future__ import annotations

import socket
import time
from typing import Any

from scapy.packet import Packet
from scapy.supersocket import StreamSocket

from netinfo_scapy.aside import resolve
from netinfo_scapy.layers.record import RecordBuffer, RPCRecord
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.programs import NETINFO_PORT

_CHUNK = 65_536
_MOST_CALLS = 4096
"""Calls remembered for their replies."""


class RPCSocket(StreamSocket):
    """A connected TCP socket that sends and receives RPC messages.

    fragment: bytes of a record fragment; None sends each record in one. `close()` closes the connection.

    >>> s = RPCSocket.connect("192.0.2.1")
    >>> s.sr1(RPC()/NI_ROOT_Call())
    """

    desc = "RPC messages over TCP"

    def __init__(self, sock: socket.socket, fragment: int | None = None) -> None:
        super().__init__(sock, RPCRecord)
        self.fragment = fragment
        self._received = RecordBuffer()
        self._calls: dict[int, RPC] = {}
        self._xid = 0

    @classmethod
    def connect(cls, host: str, port: int = NETINFO_PORT, timeout: float = 5, **options: Any) -> RPCSocket:
        """Connect to a server. timeout: seconds for finding and connecting, and for each message. Raises OSError."""
        return cls(_connected(host, port, timeout), **options)

    def numbered(self, message: Packet) -> Packet:
        """The message; a call without an xid of its own gets the next."""
        layer = message.getlayer(RPC)
        if isinstance(layer, RPC) and layer.type == rpc.CALL and "xid" not in layer.fields:
            message = message.copy()
            self._xid = self._xid + 1 & 0xFFFFFFFF
            message[RPC].xid = self._xid
        return message

    def sr(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As Scapy's: send calls, receive their replies."""
        return super().sr(self._each_numbered(x), *args, **kwargs)

    def sr1(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As Scapy's: send a call, give its reply; None where none came in `timeout` seconds."""
        return super().sr1(self._each_numbered(x), *args, **kwargs)

    def _each_numbered(self, x: Any) -> Any:
        return self.numbered(x) if isinstance(x, Packet) else [self.numbered(each) for each in x]

    def send(self, x: Packet) -> int:
        """Send a message, in a record unless it is one. A call without an xid of its own gets the next."""
        x = self.numbered(x)
        layer = x.getlayer(RPC)
        if isinstance(layer, RPC) and layer.type == rpc.CALL:
            while len(self._calls) >= _MOST_CALLS:
                del self._calls[next(iter(self._calls))]
            self._calls[layer.xid] = layer
        if isinstance(x, RPC):
            x = RPCRecord.cut(x, self.fragment) if self.fragment else RPCRecord() / x
        return super().send(x)

    def recv(self, x: int | None = None, **_kwargs: Any) -> Packet | None:
        """The next message as a record, a reply dissected by its call.

        Raises EOFError at the end of the stream, TimeoutError where the socket's timeout passes before it is whole.
        """
        patience = self.ins.gettimeout()
        deadline = None if patience is None else time.monotonic() + patience
        try:
            while True:
                data = self._received.take()
                if data is not None:
                    return self._dissected(data)
                if deadline is not None:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise TimeoutError(f"no whole record in {patience} seconds")
                    self.ins.settimeout(left)
                further = self.ins.recv(x or _CHUNK)
                if not further:
                    raise EOFError("the server closed the connection")
                self._received.feed(further)
        finally:
            if patience is not None:
                self.ins.settimeout(patience)

    def _dissected(self, data: bytes) -> Packet:
        packet: Packet = RPCRecord(data)
        layer = packet.getlayer(RPC)
        if isinstance(layer, RPC) and layer.type != rpc.CALL:
            call = self._calls.pop(layer.xid, None)
            if call is not None:
                layer.give_call(call)
        return packet

    @staticmethod
    def select(sockets: list[Any], remain: float | None = None) -> list[Any]:
        """Those with a message waiting, be it one that came with the one before."""
        waiting = [each for each in sockets if isinstance(each, RPCSocket) and each._received.ready]
        return waiting or StreamSocket.select(sockets, remain)


def _connected(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the first address of a host that takes one, all within a time. Raises OSError."""
    until = time.monotonic() + timeout
    failure: OSError | None = None
    for _, address in resolve(host, port, socket.SOCK_STREAM, until):
        try:
            made = socket.create_connection(address[:2], max(until - time.monotonic(), 0.001))
        except OSError as error:
            failure = error
        else:
            made.settimeout(timeout)
            return made
    raise failure or OSError(f"{host} has no address")


__all__ = ["RPCSocket"]
