"""The sockets under a client: a UDP socket, a TCP connection. Both give and take RPC messages.

A channel sends a message, and receives the next one until a moment of `time.monotonic()`. What
goes wrong on the way is a `TransportError` that names the step. Nothing here waits beyond its moment,
whatever the peer does.
"""

from __future__ import annotations

import errno
import random
import selectors
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from netinfo_scapy.aside import resolve
from netinfo_scapy.live.errors import (
    BadAnswerError,
    ClosedError,
    NoAnswerError,
    RefusedError,
    Step,
    TransportError,
    UnreachableError,
    UnresolvedError,
    UsageError,
)
from netinfo_scapy.live.records import RecordError, Records, marked

LARGEST_DATAGRAM = 65_535
_CHUNK = 65_536
_SHOWN = 32
"""Bytes quoted of what is no RPC."""

RESERVED = range(600, 1024)
"""Ports that servers take for those of a superuser's process, and that the system's own services leave free.

netinfod and nibindd look for theirs there, too.
"""


@dataclass(frozen=True)
class Place:
    """Where a server is looked for. step: of the way, in errors."""

    host: str
    port: int
    transport: str
    step: Step

    def __str__(self) -> str:
        return f"{self.host} port {self.port}/{self.transport}"

    def failure(self, error: OSError, step: Step | None = None) -> TransportError:
        """What a socket's error means."""
        kind: type[TransportError] = UnreachableError
        if isinstance(error, TimeoutError):
            kind = NoAnswerError
        elif isinstance(error, ConnectionRefusedError):
            kind = RefusedError
        elif isinstance(error, ConnectionError):
            kind = ClosedError
        text = {
            RefusedError: "connection refused: nothing listens there",
            ClosedError: "the server closed the connection",
            NoAnswerError: "no answer in time",
        }.get(kind, error.strerror or str(error))
        return kind(step or self.step, str(self), text)

    def addresses(self, kind: socket.SocketKind, until: float) -> list[tuple[socket.AddressFamily, Any]]:
        """The socket addresses of the host. Raises UnresolvedError, at the moment at the latest."""
        try:
            return resolve(self.host, self.port, kind, until)
        except (socket.gaierror, TimeoutError) as error:
            raise UnresolvedError(self.step, str(self), f"the host has no address: {error.strerror}") from None


_SELECTOR: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""Where there is poll(), not select(): it knows 1,024 sockets only. Windows has the second alone."""


def _wait(sock: socket.socket, left: float, writing: bool = False) -> tuple[bool, bool]:
    """Whether a socket can be read, and written, within so many seconds."""
    with _SELECTOR() as waiting:
        waiting.register(sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0))
        events = sum(found for _, found in waiting.select(max(left, 0)))
    return bool(events & selectors.EVENT_READ), bool(events & selectors.EVENT_WRITE)


class Channel(Protocol):
    """What carries messages. resends: whether a message that is not answered is sent again. peer: address and port."""

    resends: bool
    peer: tuple[str, int]

    def send(self, message: bytes) -> None:
        """Send a message, or as much of it as goes now. Raises TransportError."""

    def receive(self, until: float) -> bytes:
        """The next message. Raises TimeoutError at the moment, TransportError, BadAnswerError."""

    def end(self) -> None:
        """Say that nothing more is asked, where that can be said; answers may still come."""

    def close(self) -> None:
        """Give the socket up."""


def _bind_reserved(sock: socket.socket, place: Place) -> None:
    """Take a free source port under 1024. Raises UsageError where that is not allowed."""
    anywhere = "::" if sock.family == socket.AF_INET6 else ""
    ports = list(RESERVED)
    random.shuffle(ports)
    for port in ports:
        try:
            sock.bind((anywhere, port))
        except PermissionError:
            text = "a source port under 1024 needs root's rights"
            raise UsageError(place.step, str(place), text) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return
    raise UsageError(place.step, str(place), "no source port under 1024 is free")


class UdpChannel:
    """Datagrams to one server, and from it.

    until: when the host's name must have an address. everywhere: take what comes from any address, as the answer to
    a forwarded call may.
    """

    resends = True

    def __init__(self, place: Place, until: float, reserved: bool = False, everywhere: bool = False) -> None:
        self._place = place
        family, self._address = place.addresses(socket.SOCK_DGRAM, until)[0]
        self.peer: tuple[str, int] = self._address[:2]
        self._everywhere = everywhere
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if reserved:
                _bind_reserved(self._socket, place)
            if not everywhere:
                self._socket.connect(self._address)
        except OSError as error:
            self._socket.close()
            raise place.failure(error) from None
        except UsageError:
            self._socket.close()
            raise

    def send(self, message: bytes) -> None:
        """Send a datagram. Raises TransportError, and UsageError where it is too long for one."""
        try:
            if self._everywhere:
                self._socket.sendto(message, self._address)
            else:
                self._socket.send(message)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                text = f"{len(message):,} bytes do not fit into a datagram; use TCP"
                raise UsageError(self._place.step, str(self._place), text) from None
            raise self._place.failure(error) from None

    def receive(self, until: float) -> bytes:
        """The next datagram. Raises TimeoutError, TransportError."""
        left = until - time.monotonic()
        if left <= 0 or not _wait(self._socket, left)[0]:
            raise TimeoutError
        try:
            return self._socket.recv(LARGEST_DATAGRAM)
        except OSError as error:
            raise self._place.failure(error) from None

    def end(self) -> None:
        """Nothing: datagrams have no end."""

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()


class TcpChannel:
    """One connection. until: when connecting is given up. fragment: bytes of each record fragment but the last.

    records: what reads the server's records.
    """

    resends = False

    def __init__(self, place: Place, until: float, reserved: bool = False, fragment: int = 3996) -> None:
        self._place = place
        self._fragment = fragment
        self._out = bytearray()
        self.records = Records()
        self._socket, address = _connected(place, until, reserved)
        self.peer: tuple[str, int] = address[:2]

    def send(self, message: bytes) -> None:
        """Send a record; what the connection does not take now goes while receiving."""
        self._out += marked(message, self._fragment)
        self._push()

    def receive(self, until: float) -> bytes:
        """The next record. Raises TimeoutError, TransportError, BadAnswerError."""
        while (record := self.records.take()) is None:
            left = until - time.monotonic()
            readable, writable = _wait(self._socket, left, writing=bool(self._out))
            if left <= 0 or not (readable or writable):
                raise TimeoutError
            if writable:
                self._push()
            if readable:
                self._pull()
        return record

    def _push(self) -> None:
        try:
            while self._out:
                del self._out[: self._socket.send(self._out)]
        except BlockingIOError:
            pass
        except OSError:
            # What the server said before it went away is read first; then reading tells.
            self._out.clear()

    def _pull(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            raise self._place.failure(error) from None
        if not data:
            inside = " in the middle of an answer" if self.records.begun else ""
            raise ClosedError(self._place.step, str(self._place), f"the server closed the connection{inside}")
        try:
            self.records.feed(data)
        except RecordError as error:
            text = f"no RPC over TCP: {error}; it says {data[:_SHOWN]!r}"
            raise BadAnswerError(self._place.step, str(self._place), text) from None

    def end(self) -> None:
        """Say that nothing more is asked; answers may still come."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _connected(place: Place, until: float, reserved: bool) -> tuple[socket.socket, Any]:
    """A connection to the first address of the host that takes one, ready to be used without waiting; the address."""
    step = Step.CONNECT if place.step is Step.CALL else place.step
    failure: TransportError | None = None
    for family, address in place.addresses(socket.SOCK_STREAM, until):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            if reserved:
                _bind_reserved(sock, place)
            sock.settimeout(max(until - time.monotonic(), 0.001))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
        except OSError as error:
            sock.close()
            failure = place.failure(error, step)
        except UsageError:
            sock.close()
            raise
        else:
            return sock, address
    raise failure or UnresolvedError(step, str(place), "the host has no address")
