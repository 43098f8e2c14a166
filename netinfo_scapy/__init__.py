"""NetInfo, the directory service of NeXTSTEP and early Mac OS X: what is in captures of it.

>>> import netinfo_scapy
>>> for message in netinfo_scapy.messages("old.pcap"): print(message["name"])
>>> netinfo_scapy.analyze("old.pcap")["totals"]

The names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netinfo_scapy.analysis.filters import Filter
    from netinfo_scapy.api import analyze, messages
    from netinfo_scapy.capture.errors import CaptureError

__all__ = ["CaptureError", "Filter", "__version__", "analyze", "messages"]

_HOMES = {
    "analyze": "netinfo_scapy.api",
    "messages": "netinfo_scapy.api",
    "CaptureError": "netinfo_scapy.capture.errors",
    "Filter": "netinfo_scapy.analysis.filters",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("netinfo-scapy")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
