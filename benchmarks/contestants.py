"""Who is measured: our forms, and other readers of captures."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import netinfo_scapy
from benchmarks.measure import ROOT
from netinfo_scapy.protocol.netinfo import NETINFO

PURE = {"NETINFO_SCAPY_PURE": "1"}
"""The environment in which nothing compiled is used."""

_FIELDS = (
    "frame.number",
    "rpc.xid",
    "rpc.msgtyp",
    "rpc.program",
    "rpc.programversion",
    "rpc.procedure",
    "rpc.state_accept",
)
_COUNTS_ONLY = "--counts-only"
_PREFERENCE = ("-o", "rpc.dissect_unknown_programs:TRUE")
_INSTALL_LIBRARY = "pip install 'netinfo-scapy[bench]'"


@dataclass(frozen=True)
class Contestant:
    """A way to read a capture.

    title: how tables call it. does: what it does with a packet. command: for a file.
    environment: beside the usual one. missing: how to install what it needs, where that is not there.
    sample: it reads so many packets only, and what the others would take is calculated.
    slow: it takes part in fewer rounds. ours: it is a form of this project's own.
    counts_only: one that counts, and no more.
    calls: the NetInfo calls it found, from its output; None where it does not tell.
    """

    title: str
    does: str
    command: Callable[[Path], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    missing: str | None = None
    sample: int | None = None
    slow: bool = False
    ours: bool = False
    counts_only: bool = False
    calls: Callable[[Path], int | None] = lambda _: None


def analyze(*options: str) -> list[str]:
    """Our command."""
    return [sys.executable, "-m", "netinfo_scapy", "analyze", "--format", "json", *options]


@cache
def has_jobs() -> bool:
    """Whether our command can read with several processes."""
    shown = subprocess.run([*analyze(), "--help"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return "--jobs" in shown


def is_compiled() -> bool:
    """Whether some of our modules are there in a compiled form."""
    return any(Path(netinfo_scapy.__path__[0]).rglob("*.so"))


def our_forms() -> list[Contestant]:
    """The forms of our command that there are.

    What the others are compared with is the first one, and the first one that only counts.
    """

    def form(
        title: str, does: str, options: tuple[str, ...] = (), environment: dict[str, str] | None = None
    ) -> Contestant:
        return Contestant(
            title,
            does,
            lambda path: [*analyze(*options), str(path)],
            environment or {},
            ours=True,
            counts_only=_COUNTS_ONLY in options,
            calls=lambda output: int(json.loads(output.read_text())["totals"]["calls"]),
        )

    counted = "decodes, pairs and counts every message"
    whole, bare = f"{counted}; rebuilds directories, looks for findings", f"{counted}, and no more"
    forms = [form("netinfo-scapy analyze", whole), form("netinfo-scapy --counts-only", bare, (_COUNTS_ONLY,))]
    if has_jobs():
        alone = ("--jobs", "1")
        forms += [
            form("netinfo-scapy analyze --jobs 1", f"{whole}; one process", alone),
            form("netinfo-scapy --counts-only --jobs 1", f"{bare}; one process", (_COUNTS_ONLY, *alone)),
        ]
    if is_compiled():
        forms.append(form("netinfo-scapy analyze, pure Python", f"{whole}; nothing compiled", environment=PURE))
    return forms


def peers(scapy_sample: int, dpkt_sample: int, pyshark_sample: int) -> list[Contestant]:
    """The others. The samples: packets that each library reads at the most."""
    return [
        Contestant(
            "tcpdump 'port 961'",
            "a filter over every packet, in C; decodes nothing",
            lambda path: ["tcpdump", "-r", str(path), "-w", "/dev/null", "port 961"],
            missing=_program_missing("tcpdump"),
        ),
        Contestant(
            "tshark -z rpc,programs",
            "counts calls by program; decodes no body",
            lambda path: ["tshark", "-q", "-z", "rpc,programs", *_PREFERENCE, "-r", str(path)],
            missing=_program_missing("tshark"),
            slow=True,
            calls=_calls_of_statistics,
        ),
        Contestant(
            "tshark -Y rpc -T fields",
            "the RPC header of each message; decodes no body",
            lambda path: ["tshark", "-Y", "rpc", "-T", "fields", *_fields(), *_PREFERENCE, "-r", str(path)],
            missing=_program_missing("tshark"),
            slow=True,
            calls=_calls_of_fields,
        ),
        _library("dpkt", "Ethernet, IP, UDP and TCP headers; no stream, no RPC", dpkt_sample),
        _library("scapy", "every packet's layers as objects; no stream, no RPC", scapy_sample),
        _library("pyshark", "every packet's layers as objects, made by tshark", pyshark_sample),
    ]


def _library(name: str, does: str, sample: int) -> Contestant:
    missing = None if importlib.util.find_spec(name) else _INSTALL_LIBRARY
    if name == "pyshark":
        missing = missing or _program_missing("tshark")

    def command(path: Path) -> list[str]:
        return [sys.executable, "-m", "benchmarks.peers", name, str(path)]

    return Contestant(name, does, command, missing=missing, sample=sample, slow=True)


def _program_missing(name: str) -> str | None:
    return None if shutil.which(name) else f"apt-get install {name}"


def _fields() -> list[str]:
    return [part for name in _FIELDS for part in ("-e", name)]


def _calls_of_statistics(output: Path) -> int | None:
    found = re.search(rf"\({NETINFO.number}\)\s+{NETINFO.version}\s+(\d+)", output.read_text())
    return int(found[1]) if found else 0


def _calls_of_fields(output: Path) -> int | None:
    count = 0
    with output.open() as lines:
        for line in lines:
            values = line.rstrip("\n").split("\t")
            # Several messages of a frame stand in one field, with commas.
            pairs = zip(values[2].split(","), values[3].split(","), strict=False)
            count += sum(pair == ("0", str(NETINFO.number)) for pair in pairs)
    return count
