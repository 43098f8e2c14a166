"""What a server asks of others, where it was allowed to (docs/specification.md, 9 and 10).

A master tells its clones of its writes, a clone fetches what its master holds, a domain looks for its parent.

Theory of operation. Each domain has a task for each of these, which has one thing done at a time, in threads, by the
clients of `client.py`. Every step has its timeout and every exchange its end, so that a peer that stalls costs some
seconds of a thread, and nobody waits for it. Whom to ask, the directory says; nothing is sent by broadcast.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from netinfo_scapy.aside import begin
from netinfo_scapy.live import calls
from netinfo_scapy.live.client import NetInfo_Client, find_port
from netinfo_scapy.live.errors import ClientError, MasterBusyError, ReadOnlyError, StatusError, Step, UsageError
from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.copies import RESYNC, Update
from netinfo_scapy.live.responder.netinfod import Netinfod
from netinfo_scapy.live.responder.statistics import LATENCY, TELLERS
from netinfo_scapy.live.responder.store import KeepError, LoadError, Object
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import PORTMAP_PORT

_STEP = 3.0
"""Seconds for each step: the port mapper, nibind, connecting, each answer."""

_ALL_UPDATES, _DATABASE = 60.0, 60.0
"""Seconds in which a clone has to take all that it is told at once; in which a master has to send its database."""

_HALF_HOUR, _TEN_MINUTES = 1800.0, 600.0
_BETWEEN = 2.0
"""Seconds from one fetch to the next, at the least: anybody may call RESYNC."""

_MOST_PARENTS, _MOST_CLONES, _MOST_ADDRESSES = 32, 256, 4
"""Tried in one search; told of one write; tried of one host. The directory may name any number."""


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What may be sent to others. portmap: the port of their port mappers."""

    push: bool = False
    fetch: bool = False
    find_parent: bool = False
    portmap: int = PORTMAP_PORT


Trouble = Callable[[str], None]


def tasks(domain: Netinfod, allowed: Allowed, trouble: Trouble) -> Iterable[Coroutine[Any, Any, None]]:
    """What goes on beside a domain's answers, for as long as it is served. trouble: is told in a line what failed."""
    if allowed.push and not domain.is_clone:
        yield _Telling(domain, allowed, trouble).run()
    if allowed.fetch and domain.is_clone:
        yield _Fetching(domain, allowed, trouble).run()
    if allowed.find_parent:
        yield _find_parents(domain, allowed)


class _Waker:
    """An event that the domain sets."""

    def __init__(self, domain: Netinfod) -> None:
        self._event = asyncio.Event()
        domain.copies.wake = self._event.set

    async def wait(self, seconds: float) -> bool:
        """Whether there is something, within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        found = self._event.is_set()
        self._event.clear()
        return found


class _Telling:
    """A master and its clones: CRASHED when it starts, each write some seconds later, RESYNC every half hour."""

    def __init__(self, domain: Netinfod, allowed: Allowed, trouble: Trouble) -> None:
        self._domain, self._allowed, self._trouble = domain, allowed, trouble
        self._missed: set[machines.Server] = set()
        """Clones that were not told of everything: they are told to fetch it when they are there again."""

        self._at_once = asyncio.Semaphore(TELLERS)

    async def run(self) -> None:
        copies, waker = self._domain.copies, _Waker(self._domain)
        copies.tells = True
        copies.crash()
        while True:
            if copies.pending:
                updates, clones = copies.taken(), copies.clones()[:_MOST_CLONES]
                self._missed.intersection_update(clones)
                await asyncio.gather(*(self._tell(clone, updates) for clone in clones))
            if not await waker.wait(_HALF_HOUR):
                copies.resync()
            await asyncio.sleep(LATENCY)

    async def _tell(self, clone: machines.Server, updates: list[Update]) -> None:
        copies = self._domain.copies
        if clone in self._missed:
            updates = [RESYNC]
        async with self._at_once:
            copies.telling += 1
            try:
                await asyncio.wrap_future(begin(partial(_told, clone, updates, self._allowed), ClientError))
            except (ClientError, OSError, ValueError) as error:
                if clone not in self._missed:
                    self._trouble(f"clone {_shown(clone)} was not told of all changes: {error}")
                self._missed.add(clone)
            else:
                self._missed.discard(clone)
            finally:
                copies.telling -= 1


class _Fetching:
    """A clone and its master: READALL when it starts, when it fell behind, and every half hour."""

    def __init__(self, domain: Netinfod, allowed: Allowed, trouble: Trouble) -> None:
        self._domain, self._allowed, self._trouble = domain, allowed, trouble
        self._failed = False

    async def run(self) -> None:
        copies, waker = self._domain.copies, _Waker(self._domain)
        while True:
            copies.behind = False
            busy = await self._fetch()
            await asyncio.sleep(_BETWEEN)
            if not (busy or copies.behind):
                await waker.wait(_HALF_HOUR)

    async def _fetch(self) -> bool:
        """Whether the master is busy, and is to be asked again."""
        master = machines.where_the_master_is(self._domain.store)
        if master is None:
            return False
        checksum = self._domain.store.checksum
        try:
            found = await asyncio.wrap_future(begin(partial(_fetched, master, checksum, self._allowed), ClientError))
            if found is not None:
                self._domain.store.replace(found)
        except MasterBusyError:
            return True
        except (ClientError, OSError, LoadError, KeepError) as error:
            if not self._failed:
                self._trouble(f"nothing was fetched from the master {_shown(master)}: {error}")
            self._failed = True
        else:
            self._failed = False
        return False


async def _find_parents(domain: Netinfod, allowed: Allowed) -> None:
    """Look for the parent's server at each of the addresses that `serves` gives it; every ten minutes anew."""
    while True:
        named = [each for each in machines.parents_of(domain.store) if not domain.host.serves(*each)]
        wanted = list(dict.fromkeys(named))[:_MOST_PARENTS]
        domain.found_parent = await asyncio.wrap_future(begin(partial(_found, wanted, allowed)))
        await asyncio.sleep(_TEN_MINUTES)


# What is done in threads.


def _told(clone: machines.Server, updates: list[Update], allowed: Allowed) -> None:
    """Have a clone hear of updates; those it refuses it fetches by itself. Raises ClientError."""
    until = time.monotonic() + _ALL_UPDATES
    with _connected(clone, allowed, reserved=os.geteuid() == 0) as ni:
        for update in updates:
            call = calls.odd_call(
                NETINFO.number, NETINFO.version, update.row.number, ni.next_xid(), update.arguments, row=update.row
            )
            if time.monotonic() > until:
                raise UsageError(Step.CALL, str(ni.place), f"not all was taken within {_ALL_UPDATES:g} s")
            answer = ni.ask(call)
            if isinstance(answer, StatusError) and not isinstance(answer, ReadOnlyError):
                return  # it holds something else, and knows it now
            if isinstance(answer, ClientError):
                raise answer


def _fetched(master: machines.Server, checksum: int, allowed: Allowed) -> dict[int, Object] | None:
    """What a master holds; None where the checksum says that it is the same. Raises ClientError."""
    with _connected(master, allowed) as ni:
        _, found = ni.chain("READALL", checksum, timeout=_DATABASE)
        objects = {
            each["id"]["object"]: Object(
                each["id"]["instance"], each["parent"], tuple(each["children"]), tuple(each["props"])
            )
            for each in found
        }
    return objects or None


def _connected(server: machines.Server, allowed: Allowed, *, reserved: bool = False) -> NetInfo_Client:
    """A client of a server, at the first of its addresses that leads to it. Raises ClientError."""
    failure: ClientError = UsageError(Step.CONNECT, _shown(server), "its ip_address is not known")
    for address in server.addresses[:_MOST_ADDRESSES]:
        try:
            port = find_port(str(address), server.tag, "tcp", _STEP, allowed.portmap)
            return NetInfo_Client(reserved=reserved).connect(str(address), port, _STEP)
        except ClientError as error:
            failure = error
    raise failure


def _found(parents: Iterable[tuple[bytes, IPv4Address]], allowed: Allowed) -> tuple[bytes, IPv4Address] | None:
    """The first of them that nibind knows and that answers."""
    for tag, address in parents:
        with suppress(ClientError):
            port = find_port(str(address), tag, "udp", _STEP, allowed.portmap)
            with NetInfo_Client("udp").connect(str(address), port, _STEP) as ni:
                ni.ping()
            return tag, address
    return None


def _shown(server: machines.Server) -> str:
    return b"/".join((*server.names[:1], server.tag)).decode(errors="backslashreplace")
