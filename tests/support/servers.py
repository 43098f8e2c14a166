"""Small servers on loopback whose answers a test decides: one port, UDP and TCP."""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from struct import unpack_from

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.interest import PortNumber
from netinfo_scapy.capture.message import Message
from tests.support import rpc, serving
from tests.support.captures import capture_path
from tests.support.ground_truth import server_ports

HOST = "127.0.0.1"
Answer = Callable[[bytes, str], Iterable[bytes]]
"""(a call, "udp" or "tcp") -> the messages that are sent back."""


def free_port() -> int:
    """A port on which nothing listens, on UDP and TCP."""
    for _ in range(100):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, 0))
            with suppress(OSError):
                udp.bind(tcp.getsockname())
                return int(tcp.getsockname()[1])
    raise AssertionError("no port is free")


def read_record(sock: socket.socket) -> bytes:
    return serving.read_record(sock)[0]


class Server:
    """Answers calls one after the other, each connection in a thread of its own.

    answer: for both transports. talk: takes a TCP connection instead. port: 0 for any. udp, tcp: which it serves.
    calls: what came, with its transport.
    """

    def __init__(
        self,
        answer: Answer = lambda message, transport: (),
        *,
        talk: Callable[[socket.socket], None] | None = None,
        port: int = 0,
        udp: bool = True,
        tcp: bool = True,
    ) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self.connections: list[socket.socket] = []
        self._answer = answer
        self._talk = talk or self._serve
        self.port = port or free_port()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        if tcp:
            self._tcp = socket.create_server((HOST, self.port), backlog=128)
            self._start(self._tcp, self._accept)
        if udp:
            self._udp = socket.socket(type=socket.SOCK_DGRAM)
            self._udp.bind((HOST, self.port))
            self._start(self._udp, self._datagrams)

    def _start(self, sock: socket.socket, run: Callable[[], None]) -> None:
        self._sockets.append(sock)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._tcp.accept()
                self.connections.append(sock)
                threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock: socket.socket) -> None:
        with suppress(OSError, EOFError), sock:
            self._talk(sock)

    def _serve(self, sock: socket.socket) -> None:
        while True:
            message = read_record(sock)
            self.calls.append(("tcp", message))
            for each in self._answer(message, "tcp"):
                sock.sendall(rpc.record(each))

    def _datagrams(self) -> None:
        with suppress(OSError):
            while True:
                message, address = self._udp.recvfrom(65_535)
                if not message:
                    continue
                self.calls.append(("udp", message))
                for each in self._answer(message, "udp"):
                    self._udp.sendto(each, address)

    def stop(self) -> None:
        for sock in [*self._sockets, *self.connections]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def called(message: bytes) -> tuple[int, int, int, int]:
    """xid, program, version, procedure."""
    xid, _, _, program, version, procedure = unpack_from(">6I", message)
    return xid, program, version, procedure


def arguments(message: bytes) -> bytes:
    """What stands behind the header."""
    at = 24
    for _ in range(2):
        (length,) = unpack_from(">I", message, at + 4)
        at += 8 + length + -length % 4
    return message[at:]


@cache
def recorded_answers(name: str) -> dict[tuple[object, ...], list[bytes]]:
    """What genuine servers answered in a recording: call -> replies without xid, in the order they were given."""
    found: dict[tuple[object, ...], list[bytes]] = defaultdict(list)
    ports = [PortNumber.parse(port) for port in server_ports(name)]
    for event in Reading(str(capture_path(name)), netinfo_ports=ports).events():
        if isinstance(event, Message) and event.call is not None and not event.duplicate:
            found[key_of(event.call.record.data)].append(event.record.data[4:])
    return found


def key_of(message: bytes) -> tuple[object, ...]:
    """What a recorded answer depends on: all of the call but its xid and the time in its credential."""
    flavor, length = unpack_from(">2I", message, 24)
    return (*called(message)[1:], flavor, message[36 : 32 + length], arguments(message))


def replay(name: str) -> Answer:
    """Answers as the recorded servers did; the same call again gets their next answer, and the last one for ever."""
    left = {key: list(answers) for key, answers in recorded_answers(name).items()}

    def answer(message: bytes, _transport: str) -> Iterator[bytes]:
        answers = left.get(key_of(message))
        if answers:
            yield message[:4] + (answers.pop(0) if len(answers) > 1 else answers[0])

    return answer


@contextmanager
def full_backlog() -> Iterator[int]:
    """A TCP port whose connections are neither taken nor refused: a listener that takes none, its queue full."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(0)
        waiting = []
        try:
            for _ in range(4):
                sock = socket.socket()
                sock.setblocking(False)
                sock.connect_ex(listener.getsockname())
                waiting.append(sock)
            time.sleep(0.2)
            yield int(listener.getsockname()[1])
        finally:
            for sock in waiting:
                sock.close()


_SO_ATTACH_FILTER = 26


def drop_everything(sock: socket.socket) -> None:
    """What a firewall does that drops: the kernel throws away whatever comes for a socket, SYNs too (a BPF `ret 0`)."""
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))


@contextmanager
def firewalled() -> Iterator[int]:
    """A port, UDP and TCP, of which nothing comes back."""
    port = free_port()
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind((HOST, port))
        udp.bind((HOST, port))
        for sock in (tcp, udp):
            drop_everything(sock)
        tcp.listen()
        yield port
