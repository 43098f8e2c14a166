"""The responder on real sockets of loopback, in a thread of its own, and a client that is nothing but a socket."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.server import Plan, Server
from netinfo_scapy.live.server_connections import Limits
from tests.support import rpc

LOOPBACK = "127.0.0.1"


class Running:
    """A server that runs, and where it listens: program and tag -> (UDP port, TCP port)."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.loop = loop

    @property
    def ports(self) -> dict[str, tuple[int, int]]:
        return {
            getattr(service, "tag", service.program.name.encode()).decode(): (udp, tcp)
            for service, udp, tcp in self.server.told()
        }

    def connect(self, name: str = "network") -> socket.socket:
        return socket.create_connection((LOOPBACK, self.ports[name][1]), timeout=10)

    def tcp(self, call: bytes, name: str = "network") -> bytes:
        """The answer to one call over TCP."""
        with self.connect(name) as client:
            client.sendall(rpc.record(call))
            return read_record(client)[0]

    def udp(self, call: bytes, name: str = "network", seconds: float = 5) -> bytes | None:
        """The answer to one call over UDP; None: there was none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(seconds)
            client.sendto(call, (LOOPBACK, self.ports[name][0]))
            try:
                return client.recv(65_535)
            except TimeoutError:
                return None


@contextmanager
def serving(
    host: Host, limits: Limits | None = None, *, trouble: Callable[[str], None] = lambda _line: None, **plan: object
) -> Iterator[Running]:
    loop = asyncio.new_event_loop()
    server = Server(host=host, plan=Plan(**plan), limits=limits or Limits(), trouble=trouble)
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield Running(server, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def read_exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        got = client.recv(size - len(data))
        if not got:
            raise EOFError(f"closed after {len(data)} of {size} bytes")
        data += got
    return data


def read_record(client: socket.socket) -> tuple[bytes, list[int]]:
    """A record, and the sizes of its fragments."""
    data, sizes, last = b"", [], False
    while not last:
        (mark,) = struct.unpack(">I", read_exactly(client, 4))
        last, size = bool(mark >> 31), mark & 0x7FFFFFFF
        sizes.append(size)
        data += read_exactly(client, size)
    return data, sizes
