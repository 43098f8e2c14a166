"""The loop of `serve`: it listens, says where, and goes on until a signal."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from netinfo_scapy.cli import run
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.netinfod import Netinfod
from netinfo_scapy.live.responder.service import Seen
from netinfo_scapy.live.server import Plan, Server
from netinfo_scapy.live.server_calls import RegistrationError
from netinfo_scapy.live.server_connections import Limits
from netinfo_scapy.live.server_sockets import ListenError
from netinfo_scapy.report.call_event import call_event
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.json_text import json_line

_SPARE_FILES = 64
_TIDY_SECONDS = 5.0
_GC_THRESHOLDS = 1_000, 5, 2


class _Events:
    """Prints an event for each call. stop: is called when nothing more can be written."""

    def __init__(self, reveal: bool, stop: Callable[[], None]) -> None:
        self.failed: OSError | None = None
        self._reveal = reveal
        self._stop = stop

    def __call__(self, seen: Seen) -> None:
        """Print one."""
        caller = seen.caller
        event = call_event(
            time.time_ns(),
            caller.transport,
            caller.peer,
            caller.local,
            seen.header,
            seen.arguments,
            seen.replies,
            seen.status,
            self._reveal,
        )
        try:
            sys.stdout.buffer.write(json_line(event))
            sys.stdout.buffer.flush()
        except OSError as error:
            self.failed = error
            self._stop()


def serve_until_stopped(host: Host, plan: Plan, connections: int, *, events: bool, reveal: bool) -> None:
    """Serve a host until a signal: that is the normal end. events: print one for each call. Raises typer.Exit."""
    # Unlike an analysis, this goes on for as long as it is let: what lies in cycles must go, as asyncio's transports do
    # that are closed. How many of them may wait for it depends on how much there is to look through: not the directory.
    gc.set_threshold(*_GC_THRESHOLDS)
    gc.collect()
    gc.freeze()
    limits = Limits(connections=_files_for(connections))
    try:
        with run.output():
            asyncio.run(_until_stopped(Server(host=host, plan=plan, limits=limits, trouble=run.say), events, reveal))
    except (ListenError, RegistrationError) as error:
        raise run.refusal(str(error)) from None


async def _until_stopped(server: Server, events: bool, reveal: bool) -> None:
    """Serve until a signal, or until events cannot be printed."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.set_exception_handler(lambda _loop, context: run.say(f"serving goes on after: {_what(context)}"))
    printer = _Events(reveal, stop.set) if events else None
    server.observe = printer
    await server.start()
    tidying = loop.create_task(_give_back(server))
    try:
        _tell(server, events)
        await stop.wait()
    finally:
        tidying.cancel()
        await server.close()
    if printer and printer.failed:
        raise printer.failed
    run.say(f"stopped; {server.calls:,} calls on {server.connections.accepted:,} connections and UDP")


async def _give_back(server: Server) -> None:
    """Give the system back what closed connections left free: in pieces, the C library would keep it for good."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    seen = 0
    while trim is not None:
        await asyncio.sleep(_TIDY_SECONDS)
        if server.connections.accepted != seen:
            seen = server.connections.accepted
            await asyncio.to_thread(trim, 0)


def _what(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return str(error or context.get("message"))


def _tell(server: Server, events: bool) -> None:
    """What listens where: the command's result, but where its events are that."""
    for line in _told(server):
        if events:
            run.say(line)
        else:
            print(printable(line))  # noqa: T201 - this is the result
    sys.stdout.flush()


def _told(server: Server) -> Iterator[str]:
    for service, udp, tcp in server.told():
        name = service.program.name
        if isinstance(service, Netinfod):
            name += f" {service.tag.decode(errors='replace')} ({'clone' if service.is_clone else 'master'})"
        yield f"{name}: {server.plan.address} udp {udp} tcp {tcp}"


def _files_for(connections: int) -> int:
    """As many of the connections as this process may have files for."""
    wanted = connections + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(min(connections, most - _SPARE_FILES), 1)
