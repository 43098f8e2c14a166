"""The TCP side of a server: many connections, none of which can stall the others.

Theory of operation. Each connection is a coroutine that reads what comes, answers the records that are whole one by
one and in order, and waits until an answer is on its way before it takes the next. Whoever stalls, in the middle of a
record or of taking an answer, is let go after `Limits.stalled` seconds; an idle connection stays. What the
connections hold together is bounded: a new one takes the place of the one that has been idle for the longest, and
one that would go beyond the bounds in bytes is closed.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.records import RecordError, Records, pieces
from netinfo_scapy.live.responder.service import Caller, Service

_CHUNK, _READ = 1 << 16, 1 << 14
"""Bytes that are sent, and taken, at a time: little is taken, so that nobody has to wait long for his turn."""

_LAST_MOMENT = 1.0
"""Seconds for answers to go out when the server ends."""

_IN_A_ROW = 8
"""Answers to one connection before the others get their turn."""


@dataclass(frozen=True)
class Limits:
    """Bounds of a server. stalled: seconds without progress in the middle of something (a real netinfod has 35).

    record_seconds: that a record may take altogether. record: bytes of a call. held: bytes of unfinished calls,
    of all connections; unsent: of answers that are on their way.
    """

    connections: int = 4_096
    stalled: float = 35.0
    record_seconds: float = 300.0
    record: int = 4 << 20
    held: int = 64 << 20
    unsent: int = 256 << 20


class Answered:
    """What answers a record: messages in order, the fragment size, and the server that is busy until they are sent."""

    __slots__ = ("busy", "fragment", "replies")

    def __init__(self, replies: tuple[bytes, ...], fragment: int, busy: Any = None) -> None:
        self.replies = replies
        self.fragment = fragment
        self.busy = busy


Answer = Callable[[bytes, Caller], Awaitable[Answered]]


class _OverBoundsError(Exception):
    """A connection would take more than all may have."""


class Connections:
    """All TCP connections of a server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.accepted = self.let_go = 0
        self._open: OrderedDict[asyncio.StreamWriter, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = self._unsent = 0

    def __len__(self) -> int:
        return len(self._open)

    def serving(
        self, services: Callable[[], dict[int, Service]], answer: Answer
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        """What `asyncio.start_server` calls with a connection. services: those that are asked whom they trust."""

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._serve(reader, writer, services(), answer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return connected

    async def close(self) -> None:
        """Let everybody go: what was answered goes out for a moment, and is given up then."""
        for _ in range(2):
            if tasks := tuple(self._tasks):
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks, timeout=_LAST_MOMENT)

    async def _serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        services: dict[int, Service],
        answer: Answer,
    ) -> None:
        try:
            peer, local = endpoint(writer.get_extra_info("peername")), endpoint(writer.get_extra_info("sockname"))
        except (TypeError, ValueError):
            writer.transport.abort()  # gone before it was looked at
            return
        caller = Caller(peer, local, Transport.TCP)
        self.accepted += 1
        self._admit(writer)
        try:
            if any(each.trusts(caller) for each in services.values()):
                writer.transport.set_write_buffer_limits(high=_CHUNK)
                await self._converse(reader, writer, caller, answer)
        except (OSError, TimeoutError, _OverBoundsError):
            writer.transport.abort()
        finally:
            self._open.pop(writer, None)
            await self._end(writer)

    def _admit(self, writer: asyncio.StreamWriter) -> None:
        while len(self._open) >= self.limits.connections:
            idle, _ = self._open.popitem(last=False)
            idle.transport.abort()
            self.let_go += 1
        # The end of an answer is not to wait for the acknowledgment of what came before it.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open[writer] = None

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        """Close; what was answered still goes out, unless nobody takes it."""
        writer.close()
        try:
            async with asyncio.timeout(self.limits.stalled):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller, answer: Answer
    ) -> None:
        records, held, since, in_a_row = Records(self.limits.record), 0, 0.0, 0
        clock = asyncio.get_running_loop().time
        try:
            while data := await self._read(reader, records.begun, since):
                if not records.begun:
                    since = clock()
                if writer in self._open:
                    self._open.move_to_end(writer)
                whole = True
                try:
                    records.feed(data)
                except RecordError:
                    whole = False  # what came before it is still answered
                held = self._hold(held, held + len(data))
                while not writer.transport.is_closing() and (record := records.take()) is not None:
                    held = self._hold(held, held - records.span)
                    since = clock()
                    await self._send(writer, await answer(record, caller))
                    in_a_row += 1
                    if in_a_row % _IN_A_ROW == 0:
                        await asyncio.sleep(0)
                if not whole or writer.transport.is_closing():
                    break
                if len(data) == _READ:
                    await asyncio.sleep(0)  # there is more, which would be had without waiting
        finally:
            self._held -= held

    async def _read(self, reader: asyncio.StreamReader, begun: bool, since: float) -> bytes:
        if not begun:
            return await reader.read(_READ)
        left = since + self.limits.record_seconds - asyncio.get_running_loop().time()
        async with asyncio.timeout(min(self.limits.stalled, left)):
            return await reader.read(_READ)

    def _hold(self, before: int, after: int) -> int:
        self._held += after - before
        if self._held > self.limits.held:
            self._held -= after - before
            raise _OverBoundsError
        return after

    async def _send(self, writer: asyncio.StreamWriter, answered: Answered) -> None:
        for reply in answered.replies:
            with self._sending(len(reply), answered.busy):
                waiting = bytearray()
                for piece in pieces(reply, answered.fragment):
                    waiting += piece
                    if len(waiting) >= _CHUNK:
                        writer.write(waiting)
                        waiting = bytearray()
                        await self._drain(writer)
                        await asyncio.sleep(0)  # even where the kernel takes all of it
                writer.write(waiting)
                await self._drain(writer)

    async def _drain(self, writer: asyncio.StreamWriter) -> None:
        if writer.transport.is_closing():
            raise ConnectionResetError  # what is written from here on is lost, and asyncio logs a line each time
        if not writer.transport.get_write_buffer_size():
            return  # all of it has been taken; a timer for nothing would cost as much as an answer
        async with asyncio.timeout(self.limits.stalled):
            await writer.drain()

    @contextmanager
    def _sending(self, size: int, busy: Any) -> Iterator[None]:
        if self._unsent + size > self.limits.unsent and self._unsent:
            raise _OverBoundsError
        self._unsent += size
        if busy is not None:
            busy.transfers += 1
        try:
            yield
        finally:
            self._unsent -= size
            if busy is not None:
                busy.transfers -= 1


def endpoint(name: Any) -> Endpoint:
    """A socket's name as an endpoint. Raises TypeError, ValueError where it has none (any more)."""
    return Endpoint(ip_address(name[0].partition("%")[0]).packed, name[1])
