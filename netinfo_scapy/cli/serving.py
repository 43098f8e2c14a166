"""The loop of `serve`: it listens, says where, and goes on until a signal."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import typer

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

_SPARE_FILES = 64
_GC_THRESHOLDS = 2_000, 10, 10


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
            sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
            sys.stdout.buffer.flush()
        except OSError as error:
            self.failed = error
            self._stop()


def serve_until_stopped(host: Host, plan: Plan, connections: int, *, events: bool, reveal: bool) -> None:
    """Serve a host. events: print one for each call. Raises typer.Exit, run.Interrupted."""
    # Unlike an analysis, this goes on for as long as it is let: what lies in cycles must go.
    gc.set_threshold(*_GC_THRESHOLDS)
    limits = Limits(connections=_files_for(connections))
    try:
        with run.output():
            interrupted = asyncio.run(
                _until_stopped(Server(host=host, plan=plan, limits=limits, trouble=run.say), events, reveal)
            )
    except (ListenError, RegistrationError) as error:
        run.say(str(error))
        raise typer.Exit(run.WRONG_USE) from None
    if interrupted:
        raise run.Interrupted


async def _until_stopped(server: Server, events: bool, reveal: bool) -> bool:
    """Serve until a signal, or until events cannot be printed; whether it was Ctrl-C."""
    signals: list[int] = []
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def stopped(number: int) -> None:
        signals.append(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped, number)
    loop.set_exception_handler(lambda _loop, context: run.say(f"serving goes on after: {_what(context)}"))
    printer = _Events(reveal, stop.set) if events else None
    server.observe = printer
    await server.start()
    try:
        _tell(server, events)
        await stop.wait()
    finally:
        await server.close()
    if printer and printer.failed:
        raise printer.failed
    run.say(f"stopped; {server.calls:,} calls on {server.connections.accepted:,} connections and UDP")
    return signal.SIGINT in signals


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
