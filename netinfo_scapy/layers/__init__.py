"""NetInfo, nibind, the port mapper and bootparam over ONC RPC, as Scapy layers.

    from netinfo_scapy.layers import *
    IP(dst="192.0.2.1") / UDP() / RPC() / NI_LOOKUP_Call(id=0, key="name", value="users")

Every public class and function of the room is a name of this package.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scapy.config import conf
from scapy.packet import Packet

_MODULES = (
    "values",
    "auth",
    "rpc",
    "record",
    "registry",
    "ports",
    "ni",
    "nibind",
    "portmap",
    "rpcbind",
    "bootparam",
    "session",
    "lists",
    "messages",
    "streams",
    "machine",
)
_ABSTRACT = {"XDRPacket", "XDRStruct", "Call", "Reply", "PortmapCall", "PortmapReply"}
SHIM = "scapy.layers.netinfo"
"""What the layers are called among Scapy's own; see extension.py."""


def _public(module: Any) -> dict[str, Any]:
    """A module's own classes of packets, and what it names in `__all__`."""
    names: list[str] = getattr(module, "__all__", [])
    return {name: getattr(module, name) for name in names} | {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, type)
        and issubclass(each, Packet)
        and each.__module__ == module.__name__
        and not name.startswith("_")
        and name not in _ABSTRACT
    }


def _gather() -> None:
    """Make every module's public names this package's, and list the classes for `ls` and `explore`."""
    for name in _MODULES:
        globals().update(_public(import_module(f"{__name__}.{name}")))
    # explore() takes what is listed for a module of Scapy; classes that only others build on are nobody's layers.
    known = conf.layers.ldict.setdefault(SHIM, [])
    for module in [each for each in conf.layers.ldict if each.startswith(f"{__name__}.")]:
        for cls in conf.layers.ldict.pop(module):
            if cls.__name__ in _ABSTRACT:
                conf.layers.remove(cls)
            else:
                known.append(cls)


_gather()

__all__ = sorted(  # noqa: PLE0605 - gathered from the modules
    name
    for name, each in globals().items()
    if not name.startswith("_") and getattr(each, "__module__", "").startswith(f"{__name__}.")
)

# Scapy's explore() and load_layer() find the layers after a plain import, too.
import_module(f"{__name__}.extension")
