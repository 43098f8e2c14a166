"""NetInfo, the directory service of NeXTSTEP and early Mac OS X: what is in captures of it.

>>> import netinfo_scapy
>>> for message in netinfo_scapy.messages("old.pcap"): print(message["name"])
>>> netinfo_scapy.analyze("old.pcap")["totals"]

The names are loaded when they are first used.
"""

from __future__ import annotations

import builtins
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netinfo_scapy.analysis.filters import Filter
    from netinfo_scapy.api import analyze, messages
    from netinfo_scapy.capture.errors import CaptureError
    from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client, Portmap_Client
    from netinfo_scapy.live.errors import ClientError

__all__ = [
    "CaptureError",
    "ClientError",
    "Filter",
    "NetInfo_Client",
    "Nibind_Client",
    "Portmap_Client",
    "__version__",
    "analyze",
    "messages",
]

if os.environ.get("NETINFO_SCAPY_PURE"):
    # The compiled modules are left alone, and their sources run instead.
    import_module("netinfo_scapy._pure").use_sources(__path__[0])

_HOMES = {
    "analyze": "netinfo_scapy.api",
    "messages": "netinfo_scapy.api",
    "CaptureError": "netinfo_scapy.capture.errors",
    "Filter": "netinfo_scapy.analysis.filters",
    "NetInfo_Client": "netinfo_scapy.live.client",
    "Nibind_Client": "netinfo_scapy.live.client",
    "Portmap_Client": "netinfo_scapy.live.client",
    "ClientError": "netinfo_scapy.live.errors",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("netinfo_scapy.version").VERSION
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def scapy_ext(pkg: Any) -> None:
    """Make the layers known to Scapy, which calls this for `conf.exts.load("netinfo-scapy")`. pkg: a `ScapyExt`."""
    pkg.config("netinfo-scapy", __getattr__("__version__"))
    pkg.register(name="netinfo", mode=pkg.MODE.LAYERS, path=f"{__path__[0]}/layers/extension.py", default=True)
    # Scapy gives a shell the names of what is loaded before it starts, but loads conf.load_extensions after that.
    session = vars(builtins).get("scapy_session")
    if session is not None:
        layers = import_module("netinfo_scapy.layers")
        session.update({name: getattr(layers, name) for name in layers.__all__} | clients())


def clients() -> dict[str, Any]:
    """The clients and their error, by name: what a shell has beside the layers."""
    return {name: __getattr__(name) for name in ("NetInfo_Client", "Nibind_Client", "Portmap_Client", "ClientError")}
