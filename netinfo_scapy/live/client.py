"""Clients of NetInfo, nibind and the port mapper, for scripts and the shell.

    with NetInfo_Client().connect("192.0.2.1") as ni:
        ni.root()                                   # every procedure is a method: {"id": {"object": 0, ...}}
        ni.directory("/users/root").first(b"uid")
        for path, user in ni.walk("/users"): ...

    NetInfo_Client().connect_by_tag("192.0.2.1", "network")   # portmap -> nibind -> the tag's port

Methods take the arguments of `protocol/`'s tables, in wire order or by name, and give the decoded
result: a dict with the same keys, text as bytes. Errors are the tree of `errors.py`.
A client is for one thread.
"""

from __future__ import annotations

from typing import Any, Self

from netinfo_scapy.live.directories import Directories
from netinfo_scapy.live.errors import NotRegisteredError, Step
from netinfo_scapy.live.rpc_client import PROTOCOLS, TIMEOUT, RpcClient, speaks
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT
from netinfo_scapy.protocol.table import Program


@speaks(PORTMAP)
class Portmap_Client(RpcClient):
    """The port mapper, version 2, on port 111: `null`, `set`, `unset`, `getport`, `dump`, `callit`."""

    port = PORTMAP_PORT
    step = Step.PORTMAP

    def __init__(self, transport: str = "udp", **options: Any) -> None:
        super().__init__(transport, **options)

    def find(self, program: Program, transport: str) -> int:
        """The port of a program. Raises NotRegisteredError, ClientError."""
        port: int = self.getport(program.number, program.version, PROTOCOLS[transport], 0)["port"]
        if not 0 < port < 65536:
            raise NotRegisteredError(self.step, str(self.place), f"{program.name} is not registered over {transport}")
        return port


@speaks(PORTMAP)
class Forwarding_Client(Portmap_Client):
    """The port mapper over UDP, whose answers to `callit` may come from any address and port."""

    everywhere = True


@speaks(NIBIND)
class Nibind_Client(RpcClient):
    """nibindd: `ping`, `getregister`, `listreg`, `bind` over UDP and TCP, the others over TCP alone."""

    port = NETINFO_PORT
    step = Step.NIBIND

    def __init__(self, transport: str = "udp", **options: Any) -> None:
        super().__init__(transport, **options)

    def find(self, tag: str | bytes, transport: str) -> int:
        """The port of a tag. Raises NotRegisteredError, ClientError."""
        port: int = self.getregister(tag)[f"{transport}_port"]
        if not 0 < port < 65536:
            shown = tag if isinstance(tag, str) else tag.decode(errors="backslashreplace")
            raise NotRegisteredError(self.step, str(self.place), f"tag {shown} has no port over {transport}")
        return port


@speaks(NETINFO)
class NetInfo_Client(RpcClient, Directories):
    """netinfod: every procedure as a method, paths, and trees (`Directories`)."""

    port = NETINFO_PORT

    def connect_by_tag(
        self, host: str, tag: str | bytes, timeout: float = TIMEOUT, portmap_port: int = PORTMAP_PORT
    ) -> Self:
        """Connect as NetInfo's own clients do: the port mapper knows nibind's port, nibind the tag's.

        Both are asked over UDP. timeout: seconds for each step. The error's `step` says which failed.
        """
        return self.connect(host, find_port(host, tag, self.transport, timeout, portmap_port), timeout)


def find_port(
    host: str, tag: str | bytes, transport: str, timeout: float = TIMEOUT, portmap_port: int = PORTMAP_PORT
) -> int:
    """The port of a host's domain, by way of portmap and nibind. Raises ClientError."""
    with Portmap_Client().connect(host, portmap_port, timeout) as portmap:
        nibind_port = portmap.find(NIBIND, "udp")
    with Nibind_Client().connect(host, nibind_port, timeout) as nibind:
        return nibind.find(tag, transport)
