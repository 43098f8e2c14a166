"""The responder on loopback with what the recordings began with, as the clients' tests want it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.store import Object
from tests.support.serving import Running, serving
from tests.support.start import start_objects, start_path


@cache
def recorded_objects(tag: str) -> tuple[dict[str, Any], ...]:
    """The objects that the server of a tag held, as a READALL of a genuine one gave them."""
    return tuple(json.loads(start_path(tag).read_text())["objects"])


class Responding:
    """A responder at work."""

    def __init__(self, running: Running) -> None:
        self.server = running.server
        self.host = running.server.host
        self.ports = running.ports

    @property
    def portmap(self) -> int:
        return self.ports["portmap"][0]

    def tcp(self, name: str = "network") -> int:
        return self.ports[name][1]

    def udp(self, name: str = "network") -> int:
        return self.ports[name][0]


@contextmanager
def responder(
    tags: tuple[str, ...] = ("network",),
    *,
    dialect: str = "apple-208",
    objects: dict[int, Object] | None = None,
    plan: dict[str, Any] | None = None,
    portmap: int | None = None,
    **options: Any,
) -> Iterator[Responding]:
    """A responder until the end of the block. portmap: the port of its port mapper. options: of `Host`."""
    host = Host(name=b"vm", dialect=DIALECTS[dialect], **{"refusal": None, **options})
    for tag in tags:
        host.add(tag.encode(), objects or start_objects(tag))
    with serving(host, portmap=portmap, **(plan or {})) as running:
        yield Responding(running)
