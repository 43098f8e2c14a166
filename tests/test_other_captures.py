"""Other projects' RPC recordings, where they are at hand: they are run against, and not shipped.

NETINFO_OTHER_CAPTURES names their folder. Nothing in them may raise, every RPC header in them is read, and on
those that are well-formed xid, program, version and procedure are what tshark says.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import netinfo_scapy

FOLDER = Path(os.environ.get("NETINFO_OTHER_CAPTURES", Path(__file__).parents[2] / "shared" / "third-party"))
PORTS = ("2049", "635", "20048")
WELL_FORMED = ("zeek-nfs-write.pcap", "zeek-mount-unmount.pcap")


def read(path: Path) -> list[dict[str, Any]]:
    return list(netinfo_scapy.messages(path, netinfo_ports=PORTS))


def headers(line: str) -> list[tuple[int, ...]]:
    """A frame's headers: each field stands once for each message, commas between, and a portmap body adds some."""
    number, *words = (word.split(",") for word in line.split("\t"))
    return [tuple(int(each, 0) for each in (*number, *header)) for header in zip(*words, strict=False)]


def test_none_fails_and_every_program_is_named() -> None:
    for path in sorted(FOLDER.glob("*.pcap*")):
        for message in read(path):
            if message["program"] not in (None, 100000):
                assert message["name"] in (None, f"{message['program']}.{message['version']}.{message['procedure']}")
        totals = netinfo_scapy.analyze(path, netinfo_ports=PORTS)["totals"]
        assert totals["frames"] > 0


def test_headers_are_those_that_tshark_reads(tshark: str) -> None:
    fields = ["frame.number", "rpc.xid", "rpc.msgtyp", "rpc.program", "rpc.programversion", "rpc.procedure"]
    chosen = [word for field in fields for word in ("-e", field)]
    for path in sorted(path for path in FOLDER.glob("*.pcap") if path.name in WELL_FORMED):
        command = [tshark, "-r", str(path), "-Y", "rpc", "-T", "fields", *chosen]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        expected = [header for line in lines for header in headers(line)]
        found = [
            (m["frame"], m["xid"], int(m["type"] == "reply"), m["program"], m["version"], m["procedure"])
            for m in read(path)
        ]
        assert found == expected
