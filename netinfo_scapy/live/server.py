"""A host that serves NetInfo, on real sockets: asyncio around `responder/`.

Theory of operation. Every program has its UDP and its TCP port; programs that were given the same number share the
sockets. What comes in is answered by the core at once, in the one thread there is; only a netinfod that is none of
ours has to be waited for (nibindd pings it before it tells of it). When a call made or removed a domain, sockets are
opened or closed for it right after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.replication import Allowed, tasks
from netinfo_scapy.live.responder.host import Host, is_readall
from netinfo_scapy.live.responder.netinfod import Netinfod
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, Observer, Seen, Service, answer
from netinfo_scapy.live.server_calls import Registration, answers_ping, register, unregister
from netinfo_scapy.live.server_connections import Answered, Connections, Limits, endpoint
from netinfo_scapy.live.server_sockets import BACKLOG, ListenError, Pair, open_pair

_FRAGMENT = 3996
_MOST_WAITING = 64
"""Datagrams at once that wait for a netinfod that is none of ours."""


@dataclass(kw_only=True)
class Plan:
    """Where to listen. A port that is None is the next one that is free, as on a real host.

    address: to listen on. port: of the first domain; further ones take free ports. portmap: of a port mapper of
    our own; None: there is none. register_with: the port of one that runs here; None: it is not told.
    allowed: what may be sent to others.
    """

    address: str = "127.0.0.1"
    port: int | None = None
    nibind_port: int | None = None
    portmap: int | None = None
    register_with: int | None = None
    allowed: Allowed = field(default_factory=Allowed)


@dataclass(eq=False)
class _Opening:
    """A pair of sockets and what is served there."""

    pair: Pair
    services: dict[int, Service]
    tcp: asyncio.Server | None = None
    udp: asyncio.DatagramTransport | None = None
    beside: list[asyncio.Task[None]] = field(default_factory=list)

    def close(self) -> None:
        for each in self.beside:
            each.cancel()
        if self.udp:
            self.udp.close()
        if self.tcp:
            self.tcp.close()
        self.pair.close()


@dataclass(eq=False)
class Server:
    """Serves a host until it is closed. observe: is told of every call, answered or not.

    trouble: is told, in a line, what went wrong while it runs.
    """

    host: Host
    plan: Plan
    limits: Limits = field(default_factory=Limits)
    observe: Observer | None = None
    trouble: Callable[[str], None] = lambda _line: None
    calls: int = 0

    def __post_init__(self) -> None:
        self.connections = Connections(self.limits)
        self._openings: dict[object, _Opening] = {}
        self._registered: list[Registration] = []
        self._seen_changes = self.host.changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

    # opening and closing

    async def start(self) -> None:
        """Listen. Raises ListenError, RegistrationError; then nothing is left open."""
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise

    async def _start(self) -> None:
        plan, host = self.plan, self.host
        first = next(iter(host.domains.values()), None)
        wanted: list[tuple[Service, int | None]] = [
            *((each, plan.port if each is first else None) for each in host.domains.values()),
            (host.nibindd, plan.nibind_port),
            *(((host.portmapper, plan.portmap),) if plan.portmap is not None else ()),
        ]
        # Ports that were given come first, before another program takes one of them for free.
        for service, port in sorted(wanted, key=lambda each: each[1] is None):
            await self._open(service, port)
        for tag, server in host.domains.items():
            host.register(tag, Ports(*self._opening_of(server).pair.ports))
        for each in self._registrations():
            host.portmapper.mappings[each.program.number, each.program.version, int(each.transport)] = each.port
        if plan.portmap is not None:
            program = host.portmapper.program
            for transport, port in _by_transport(self._opening_of(host.portmapper)):
                host.portmapper.mappings[program.number, program.version, int(transport)] = port
        if plan.register_with is not None:
            told = list(self._registrations())
            await register(told, plan.register_with)
            self._registered = told
        for server in host.domains.values():
            self._begin(server)

    def _begin(self, server: Netinfod) -> None:
        """Once a domain can be found: what goes on beside its answers."""
        loop = asyncio.get_running_loop()
        self._opening_of(server).beside += [
            loop.create_task(each) for each in tasks(server, self.plan.allowed, self.trouble)
        ]

    def _registrations(self) -> Iterator[Registration]:
        """What a port mapper is to know."""
        told: list[Service] = [self.host.nibindd]
        if self.host.dialect.registers_netinfo:
            told += list(self.host.domains.values())[:1]
        for service in told:
            for transport, port in _by_transport(self._opening_of(service)):
                yield Registration(service.program, transport, port)

    def _opening_of(self, service: Service) -> _Opening:
        return next(each for each in self._openings.values() if service in each.services.values())

    async def _open(self, service: Service, port: int | None) -> _Opening:
        shared = self._openings.get(port) if port else None
        if shared is not None:
            shared.services[service.program.number] = service
            return shared
        opening = _Opening(open_pair(self.plan.address, port), {service.program.number: service})
        self._openings[port or service] = opening
        loop = asyncio.get_running_loop()
        opening.udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self, opening), sock=opening.pair.udp)
        answering = self.connections.serving(lambda: opening.services, self._answering(opening))
        opening.tcp = await asyncio.start_server(answering, sock=opening.pair.tcp, backlog=BACKLOG)
        return opening

    async def close(self) -> None:
        """Close everything, and have the port mapper forget us."""
        if self.plan.register_with is not None and self._registered:
            await unregister(self._registered, self.plan.register_with)
            self._registered = []
        for each in self._openings.values():
            each.close()
        self._openings.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connections.close()

    # answering

    def _answered(self, opening: _Opening, data: bytes, caller: Caller) -> Answered:
        seen: list[Seen] = []
        replies = answer(opening.services, data, caller, seen.append)
        self.calls += bool(seen)
        for each in seen:
            if self.observe:
                self.observe(each)
            service = each.service
            busy = service if is_readall(each.row) and isinstance(service, Netinfod) else None
            return Answered(replies, service.fragment if service else _FRAGMENT, busy)
        return Answered(replies, _FRAGMENT)

    def _answering(self, opening: _Opening) -> Callable[[bytes, Caller], Any]:
        async def answer_record(data: bytes, caller: Caller) -> Answered:
            await self.settle(data)
            answered = self._answered(opening, data, caller)
            if self.host.changed != self._seen_changes:
                await self._follow_domains()
            return answered

        return answer_record

    async def settle(self, data: bytes) -> None:
        """Find out what the core has to know before it answers."""
        port = self.host.to_ping(data)
        if port is None:
            return
        self.host.answering.discard(port)
        with suppress(OSError):
            if await answers_ping(port):
                self.host.answering.add(port)

    async def _follow_domains(self) -> None:
        """Open what has come, close what has gone."""
        self._seen_changes = self.host.changed
        served = {each for opening in self._openings.values() for each in opening.services.values()}
        for key, opening in tuple(self._openings.items()):
            gone = [each for each in opening.services.values() if _is_gone(each, self.host)]
            for each in gone:
                del opening.services[each.program.number]
            if not opening.services:
                del self._openings[key]
                opening.close()
        for tag, server in self.host.domains.items():
            if server not in served:
                try:
                    opening = await self._open(server, None)
                    self.host.register(tag, Ports(*opening.pair.ports))
                    self._begin(server)
                except ListenError as error:
                    self.trouble(f"{tag.decode(errors='replace')}: {error}")

    def take_datagram(self, opening: _Opening, data: bytes, peer: Endpoint, reply: Callable[[bytes], None]) -> None:
        """Answer a datagram, at once or when what it waits for is there."""
        caller = Caller(peer, endpoint(opening.pair.udp.getsockname()), Transport.UDP)

        def finish() -> None:
            for each in self._answered(opening, data, caller).replies:
                reply(each)

        if self.host.to_ping(data) is None:
            finish()
        elif len(self._tasks) < _MOST_WAITING:

            async def wait() -> None:
                await self.settle(data)
                finish()

            task = asyncio.get_running_loop().create_task(wait())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def told(self) -> Iterator[tuple[Service, int, int]]:
        """What listens: a program, its UDP port, its TCP port."""
        listening = {each for opening in self._openings.values() for each in opening.services.values()}
        for service in self.host.services():
            if service in listening:
                yield service, *self._opening_of(service).pair.ports


class _Datagrams(asyncio.DatagramProtocol):
    """The UDP side of an opening."""

    def __init__(self, server: Server, opening: _Opening) -> None:
        self._server = server
        self._opening = opening
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        peer = Endpoint(ip_address(address[0].partition("%")[0]).packed, address[1])
        self._server.take_datagram(self._opening, data, peer, lambda reply: self._send(reply, address))

    def _send(self, reply: bytes, address: Any) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply, address)

    def error_received(self, _error: Exception) -> None:
        """A client that is gone already."""


def _by_transport(opening: _Opening) -> Iterator[tuple[Transport, int]]:
    udp, tcp = opening.pair.ports
    yield Transport.UDP, udp
    yield Transport.TCP, tcp


def _is_gone(service: Service, host: Host) -> bool:
    return isinstance(service, Netinfod) and service not in host.domains.values()
