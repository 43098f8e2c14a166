"""The project's own responder, on loopback, with a directory that a recording began with."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.store import Object
from netinfo_scapy.live.server import Plan, Server
from tests.support.captures import RECORDED


@cache
def recorded_objects(tag: str) -> tuple[dict[str, Any], ...]:
    """The objects that the server of a tag held, as a READALL of a genuine one gave them."""
    return tuple(json.loads((RECORDED / "start" / f"{tag}.json").read_text())["objects"])


def directory_of(tag: str) -> dict[int, Object]:
    return {
        each["object"]: Object(
            each["instance"],
            each["parent"],
            tuple(each["children"]),
            tuple(
                {"name": name.encode("latin-1"), "values": [value.encode("latin-1") for value in values]}
                for name, values in each["properties"]
            ),
        )
        for each in recorded_objects(tag)
    }


class Responding:
    """A responder at work. ports: (program, tag) -> (UDP port, TCP port). portmap: of its port mapper."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.host = server.host
        self.ports = {(program, tag): (udp, tcp) for program, tag, udp, tcp in server.told()}

    @property
    def portmap(self) -> int:
        return self.ports["portmap", ""][0]

    def tcp(self, tag: str = "network") -> int:
        return self.ports["NetInfo", tag][1]

    def udp(self, tag: str = "network") -> int:
        return self.ports["NetInfo", tag][0]


@contextmanager
def responder(
    tags: tuple[str, ...] = ("network",),
    *,
    dialect: str = "apple-208",
    port: int | None = None,
    portmap: int | None = None,
    nibind_port: int | None = None,
    objects: dict[int, Object] | None = None,
    **options: Any,
) -> Iterator[Responding]:
    """A responder in a thread of its own, until the end of the block. options: of `Host`."""
    host = Host(name=b"vm", dialect=DIALECTS[dialect], **{"refusal": None, **options})
    for tag in tags:
        host.add(tag.encode(), objects or directory_of(tag))
    server = Server(host, Plan(port=port, portmap=portmap, nibind_port=nibind_port))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield Responding(server)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
