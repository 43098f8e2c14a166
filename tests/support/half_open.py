"""Run as root in a network namespace of its own: SYNs that nobody completes, and somebody who wants an answer.

`unshare -nm python -m tests.support.half_open COUNT` prints, as JSON, what became of them.
"""

import json
import random
import socket
import struct
import sys
import time
from pathlib import Path

from scapy.layers.inet import IP, TCP

from tests.support import rpc
from tests.support.in_namespace import prepare, sh
from tests.support.responders import responder
from tests.support.serving import read_record

_NETWORK, _HERE = "198.51.100.", "198.51.100.254"
_SYN_RECV = "03"


def main(count: int) -> None:
    prepare()
    # An interface whose other end nobody listens at: what is sent there is never answered.
    sh("ip", "link", "add", "here", "type", "veth", "peer", "name", "nowhere")
    sh("ip", "addr", "add", f"{_HERE}/24", "dev", "here")
    for end in ("here", "nowhere"):
        sh("ip", "link", "set", end, "up")
    with (
        responder(plan={"address": _HERE}) as at_work,
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw,
    ):
        port = at_work.tcp()
        for number in range(count):
            syn = IP(src=f"{_NETWORK}{1 + number % 250}", dst=_HERE) / TCP(
                sport=1024 + number // 250, dport=port, flags="S", seq=random.getrandbits(32)
            )
            raw.sendto(bytes(syn), (_HERE, 0))
        states = [line.split()[3] for line in Path("/proc/net/tcp").read_text().splitlines()]
        start = time.monotonic()
        with socket.create_connection((_HERE, port), timeout=30) as client:
            client.sendall(rpc.record(rpc.root(1)))
            (xid,) = struct.unpack(">I", read_record(client)[0][:4])
        assert xid == 1
        told = {"sent": count, "half_open": states.count(_SYN_RECV), "seconds": time.monotonic() - start}
        sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
