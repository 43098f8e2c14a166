"""What the measurements were made on, and with."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.contestants import has_jobs, is_compiled

_LIBRARIES = ("scapy", "dpkt", "pyshark")


def describe() -> dict[str, str]:
    """The machine and the versions of everything measured, by name."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    found = {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Python": platform.python_version(),
        "netinfo-scapy": f"{version('netinfo-scapy')}, {_form()}",
        "tcpdump": _told(["tcpdump", "--version"], r"tcpdump version (\S+)"),
        "tshark": _told(["tshark", "--version"], r"TShark \(Wireshark\) (\S+)"),
    }
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _form() -> str:
    compiled = "partly compiled" if is_compiled() else "pure Python"
    return compiled if has_jobs() else f"{compiled}, without --jobs"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    known = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else None
    return known[1] if known else platform.processor() or "unknown"


def _told(command: list[str], pattern: str) -> str:
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    found = re.search(pattern, shown.stdout + shown.stderr)
    return found[1].rstrip(".") if found else "unknown"
