"""Run as root in a network namespace of its own: the real rpcbind, the responder, and the clients and commands.

`unshare -nm python -m tests.support.client_in_namespace CAPTURE SOURCE` prints, as JSON, what each of them said.
"""

import json
import subprocess
import sys
import time

from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client, Portmap_Client, find_port
from netinfo_scapy.protocol.nibind import NIBIND
from tests.support.in_namespace import prepare, recorded, served, sh
from tests.support.serving import LOOPBACK

COMMANDS = (
    ("read", f"netinfo://{LOOPBACK}/network", "/users/root"),
    ("tags", LOOPBACK),
    ("probe", LOOPBACK, "--json", "--rate", "500", "--timeout", "1"),
    ("listening", "111", "--json"),
    ("stats", f"netinfo://{LOOPBACK}/none"),
    # Nobody has this address, and there is a way to it: what goes there is dropped.
    ("probe", "192.0.2.77", "--json", "--no-usual-ports", "--port", "961", "--timeout", "0.5"),
)


def by_hand() -> dict[str, object]:
    """The long way, step by step, and how many messages that were."""
    with Portmap_Client().connect(LOOPBACK) as portmap:
        nibind_port = portmap.find(NIBIND, "udp")
        sent = portmap.sent
    with Nibind_Client().connect(LOOPBACK, nibind_port) as nibind:
        port = nibind.find("network", "tcp")
        sent += nibind.sent
    with NetInfo_Client().connect(LOOPBACK, port) as ni:
        users = [path.decode() for path, _ in ni.walk("/users")]
        sent += ni.sent
    return {"port": port, "found": find_port(LOOPBACK, "network", "tcp"), "users": users, "sent": sent + 2}


def main(capture: str, source: str) -> None:
    prepare()
    # What is sent there goes into a device that nobody reads.
    sh("ip", "link", "add", "hole", "type", "dummy")
    sh("ip", "link", "set", "hole", "up")
    sh("ip", "route", "add", "192.0.2.0/24", "dev", "hole")
    told: dict[str, object] = {}
    with recorded(capture) as dump:
        with served(source):
            told["by_hand"] = by_hand()
            time.sleep(0.5)
            dump.terminate()
            dump.wait(10)
            told["commands"] = [commanded(words) for words in COMMANDS]
        told["afterwards"] = commanded(("list", f"netinfo://{LOOPBACK}/network", "/"))
    sys.stdout.write(json.dumps(told))


def commanded(words: tuple[str, ...]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", *words], check=False, capture_output=True, text=True, timeout=40
    )
    return done.returncode, done.stdout, done.stderr


if __name__ == "__main__":
    main(*sys.argv[1:])
