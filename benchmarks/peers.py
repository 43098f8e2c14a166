"""The loops of the Python libraries that are measured: `python -m benchmarks.peers LIBRARY FILE`.

Each does what its users do to see every packet of a capture, and prints how many there were.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path


def scapy(path: Path) -> int:
    """Dissect every packet with Scapy's own layers."""
    from scapy.all import PcapReader

    with PcapReader(str(path)) as reader:
        return sum(1 for _ in reader)


def dpkt(path: Path) -> int:
    """Read every packet and parse Ethernet, IP and UDP or TCP."""
    import dpkt as library

    count = 0
    with path.open("rb") as file:
        for _, data in library.pcap.Reader(file):
            library.ethernet.Ethernet(data)
            count += 1
    return count


def pyshark(path: Path) -> int:
    """Have tshark dissect every packet, RPC of unknown programs too, and take it over as an object."""
    import pyshark as library

    preferences = {"rpc.dissect_unknown_programs": "TRUE"}
    with library.FileCapture(str(path), keep_packets=False, override_prefs=preferences) as capture:
        return sum(1 for _ in capture)


LOOPS: dict[str, Callable[[Path], int]] = {"scapy": scapy, "dpkt": dpkt, "pyshark": pyshark}

if __name__ == "__main__":
    sys.stdout.write(f"{LOOPS[sys.argv[1]](Path(sys.argv[2]))}\n")
