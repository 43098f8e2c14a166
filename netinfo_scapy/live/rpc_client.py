"""A client of any RPC program, made from its table: connections, calls, answers.

`speaks(program)` gives a subclass a method for each procedure. Errors are the tree of `errors.py`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from secrets import randbits
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from netinfo_scapy.live import arguments, calls
from netinfo_scapy.live.calls import Answer, Call, Values
from netinfo_scapy.live.channels import Channel, Place, TcpChannel, UdpChannel
from netinfo_scapy.live.errors import (
    ClientError,
    ClosedError,
    NoAnswerError,
    Step,
    UsageError,
)
from netinfo_scapy.protocol.secret import Secret
from netinfo_scapy.protocol.table import Kind, Procedure, Program
from netinfo_scapy.protocol.wire import XdrError

TIMEOUT = 5.0
TRANSMISSIONS, RESENT_EVERY = 5, 1.0
"""Over UDP the same datagram goes out so often, so many seconds apart, as NetInfo's own library does it."""

_AHEAD = 32
PROTOCOLS = {"tcp": 6, "udp": 17}
"""Transports by name, with their numbers."""


class RpcClient:
    """What the clients share.

    transport: "tcp" or "udp". uid: calls are of this user, else of nobody; password: with this password. reserved: from
    a source port under 1024, which needs root. transmissions: of a datagram that is not answered.
    fragment: bytes of a record fragment. pace: called before each message and connection; it may wait.
    Raises ValueError.
    sent, received: messages so far, all transmissions counted; connections: over TCP, tried.
    """

    program: ClassVar[Program]
    rows: ClassVar[dict[str, Procedure]]
    port: ClassVar[int]
    step = Step.CALL
    everywhere = False
    """Over UDP an answer may come from any address."""

    def __init__(
        self,
        transport: str = "tcp",
        *,
        uid: int | None = None,
        password: str | bytes | Secret | None = None,
        reserved: bool = False,
        transmissions: int = TRANSMISSIONS,
        fragment: int = 3996,
        pace: Callable[[], None] | None = None,
    ) -> None:
        if transport not in PROTOCOLS:
            raise ValueError(f"transport {transport!r} is neither tcp nor udp")
        self.transport = transport
        self.sent = self.received = self.connections = 0
        self.reserved, self.transmissions, self.fragment = reserved, transmissions, fragment
        self._pace = pace or (lambda: None)
        self.place: Place | None = None
        self.timeout = TIMEOUT
        self._channel: Channel | None = None
        self._answered = False  # on this connection
        self._waiting: dict[int, Call] = {}  # sent, not answered
        self._come: dict[int, bytes] = {}  # answers not asked for yet
        self._xid = randbits(32)
        self.log_in(uid, password)

    def log_in(self, uid: int | None, password: str | bytes | Secret | None = None) -> None:
        """The user that further calls are of. uid: None for nobody; a password alone is root's."""
        if uid is None and password is None:
            self._credential = calls.anonymous()
            return
        if isinstance(password, str):
            password = password.encode("utf-8", "surrogateescape")
        secret = Secret(password) if isinstance(password, bytes) else password
        try:
            self._credential = calls.as_user(uid or 0, secret)
        except XdrError:
            raise ValueError("uid or password does not fit: a number of 32 bits, 255 bytes") from None

    # the connection

    def connect(self, host: str, port: int | None = None, timeout: float = TIMEOUT) -> Self:
        """Connect to a server. timeout: seconds for connecting, and for each answer. Raises TransportError."""
        self.close()
        self.timeout = timeout
        self.place = Place(host, self.port if port is None else port, self.transport, self.step)
        self._open()
        return self

    def _open(self) -> Channel:
        place = self.place
        if place is None:
            raise UsageError(self.step, "no server", "connect first")
        if self._channel is None:
            self._answered = False
            self._pace()
            until = time.monotonic() + self.timeout
            if self.transport == "udp":
                self._channel = UdpChannel(place, until, self.reserved, self.everywhere)
            else:
                self.connections += 1
                self._channel = TcpChannel(place, until, self.reserved, self.fragment)
        return self._channel

    def close(self) -> None:
        """Close the connection. A further call makes a new one."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._waiting.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.place or 'not connected'}>"

    # calls

    def call(self, name: str, /, *given: Any, timeout: float | None = None, **named: Any) -> Answer:
        """One call of a procedure, as "READ". Raises ClientError; TypeError, ValueError: the arguments do not fit."""
        answer = next(self._run([self._call(name, given, named)], 1, timeout))
        if isinstance(answer, ClientError):
            raise answer
        return answer

    def pipeline(
        self, name: str, each: Iterable[Mapping[str, Any]], ahead: int = _AHEAD, timeout: float | None = None
    ) -> Iterator[Answer | ClientError]:
        """Many calls of one procedure, answered in their order; up to `ahead` of them under way at once.

        A call that the server refuses gives its error in place of its answer. Raises ClientError where
        nothing further can be answered.
        """
        yield from self._run((self._call(name, (), named) for named in each), ahead, timeout)

    def chain(
        self, name: str, /, *given: Any, timeout: float | None = None, **named: Any
    ) -> tuple[Values, Iterator[Values]]:
        """An answer that ends in a chain, as READALL's: what stands before it, and the elements, made one by one.

        Raises as `call`; ClientError also while the elements are taken.
        """
        call = self._call(name, given, named)
        self._carefully(self._send, call)
        try:
            message = self._answer_to(call, timeout)
        finally:
            self._waiting.pop(call.xid, None)
        assert self.place is not None
        return calls.read_chain(call, message, self.place)

    def ask(self, call: Call, timeout: float | None = None) -> Answer | ClientError:
        """One call that was made by hand, wrong on purpose perhaps; an error is given like an answer."""
        try:
            return next(self._run([call], 1, timeout))
        except ClientError as error:
            return error

    def next_xid(self) -> int:
        """The xid of a further call."""
        self._xid = self._xid + 1 & 0xFFFFFFFF
        return self._xid

    @property
    def channel(self) -> Channel:
        """What carries the messages; made if it is not there. Raises TransportError."""
        return self._open()

    @property
    def peer(self) -> tuple[str, int] | None:
        """The address and port of the server, as the connection has them; None without one."""
        return self._channel.peer if self._channel is not None else None

    def _call(self, name: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> Call:
        row = self.rows[name.upper()]
        try:
            values = arguments.arguments_of(row, given, named)
            return calls.make_call(self.program, row, values, self.next_xid(), self._credential)
        except XdrError as error:
            raise ValueError(f"{row.name}: {error}") from None

    def _run(self, todo: Iterable[Call], ahead: int, timeout: float | None) -> Iterator[Answer | ClientError]:
        """Send calls, and give their answers in order. Other calls may be made between two answers."""
        rest, mine = iter(todo), deque[Call]()
        try:
            while True:
                while len(mine) < ahead and (call := next(rest, None)) is not None:
                    mine.append(call)
                    self._carefully(self._send, call)
                if not mine:
                    return
                message = self._answer_to(mine[0], timeout)
                yield self._judge(mine.popleft(), message)
        finally:
            for call in mine:
                self._waiting.pop(call.xid, None)
                self._come.pop(call.xid, None)

    def _judge(self, call: Call, message: bytes) -> Answer | ClientError:
        assert self.place is not None
        try:
            return calls.read_answer(call, message, self.place)
        except ClientError as error:
            return error

    def _answer_to(self, call: Call, timeout: float | None) -> bytes:
        while call.xid not in self._come:
            if call.xid not in self._waiting:  # the connection was given up since it was sent
                if not _can_be_repeated(call):
                    raise self._uncertain(call, "the connection was given up")
                self._carefully(self._send, call)
            self._carefully(self._receive, call, timeout)
        return self._come.pop(call.xid)

    def _carefully(self, action: Callable[..., None], call: Call, *given: Any) -> None:
        """Send or receive. A connection that had served is made once more when it is gone; other errors end it."""
        try:
            try:
                action(call, *given)
            except ClosedError as error:
                self._reopen(error)
        except ClientError:
            # What may still come would only be in the way of the next call's answer.
            self.close()
            raise

    def _send(self, call: Call) -> None:
        channel = self._open()
        self._waiting[call.xid] = call
        self._transmit(channel, call)

    def _transmit(self, channel: Channel, call: Call) -> None:
        self._pace()
        self.sent += 1
        channel.send(call.message)

    def _receive(self, head: Call, timeout: float | None) -> None:
        """Wait for an answer to one of the calls under way; anything else is ignored.

        Raises NoAnswerError after the timeout, however much else comes.
        """
        channel, waiting = self._open(), self._waiting
        start = time.monotonic()
        until = start + (self.timeout if timeout is None else timeout)
        transmissions = self.transmissions if channel.resends else 1
        others = 0
        for sent in range(1, transmissions + 1):
            if sent > 1:
                for call in waiting.values():
                    self._transmit(channel, call)
            moment = until if sent == transmissions else min(until, start + sent * RESENT_EVERY)
            try:
                while True:
                    message = channel.receive(moment)
                    xid = calls.xid_of(message)
                    if xid in waiting and message[4:8] != bytes(4):
                        self.received += 1
                        self._answered = True
                        del waiting[xid]
                        self._come[xid] = message
                        return
                    others += 1
            except TimeoutError:
                if time.monotonic() >= until:
                    break
        often = f", asked {sent} times" if sent > 1 else ""
        noise = f"; {others:,} messages came that answer something else" if others else ""
        text = f"{head.name}: no answer within {until - start:g} s{often}{noise}"
        raise NoAnswerError(self.step, str(self.place), text)

    def _reopen(self, error: ClosedError) -> None:
        """Make a connection that had served once more, and ask again what can be asked twice. Raises ClosedError."""
        served, waiting = self._answered, list(self._waiting.values())
        self.close()
        for call in waiting:
            if not _can_be_repeated(call):
                raise self._uncertain(call, error.reason) from None
        if not served:
            raise error
        for call in waiting:
            self._send(call)

    def _uncertain(self, call: Call, reason: str) -> ClosedError:
        return ClosedError(self.step, str(self.place), f"{reason}; whether {call.name} was carried out is not known")

    if TYPE_CHECKING:
        # A method for each procedure; made by `speaks`.
        def __getattr__(self, name: str) -> Callable[..., Values]: ...


def _can_be_repeated(call: Call) -> bool:
    return call.row is not None and call.row.kind is Kind.READ


_Client = TypeVar("_Client", bound=type[RpcClient])


def speaks(program: Program) -> Callable[[_Client], _Client]:
    """Give a client a method for each procedure of a program, under its name in small letters."""

    def made(client: _Client) -> _Client:
        client.program = program
        client.rows = {row.name: row for row in program.procedures}
        for row in program.procedures:
            name = row.name.lower()
            if name not in vars(client):
                setattr(client, name, _method(client.__name__, name, row))
        return client

    return made


def _method(owner: str, name: str, row: Procedure) -> Callable[..., Values]:
    def method(self: RpcClient, /, *given: Any, timeout: float | None = None, **named: Any) -> Values:
        return self.call(row.name, *given, timeout=timeout, **named).value

    fields = [each for each, _ in row.arguments.fields] if row.arguments else []
    method.__name__, method.__qualname__ = name, f"{owner}.{name}"
    method.__doc__ = f"{row.doc} Arguments: {', '.join(fields) or 'none'}. Raises ClientError."
    return method
