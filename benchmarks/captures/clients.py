"""Who talks to whom in the captures: addresses, ports and credentials of made-up hosts.

All addresses are from 198.18.0.0/15, which RFC 2544 sets apart for measurements.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from benchmarks.captures.exchanges import make_credential
from benchmarks.captures.flows import Endpoint, Part
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

CLIENTS, SERVERS = 200, 4
_CLIENT_NET = 0xC6120000
_SERVER_NET = 0xC6130000
_PRIVILEGED = range(600, 1024)
_SHORT_LIVED = range(1024, 5000)
_PRIVILEGED_SHARE = 0.6


class Client(NamedTuple):
    """A host that asks."""

    address: int
    credential: Part


def make_clients(random: Random) -> list[Client]:
    """The clients, each with its AUTH_SYS credential."""
    made = []
    for index in range(CLIENTS):
        gids = [random.choice((20, 21, 100)), *random.sample(range(100, 132), random.randrange(4))]
        credential = make_credential(f"client{index}", 500 + index, gids, random.getrandbits(32))
        made.append(Client(_CLIENT_NET + index + 1, credential))
    return made


def server(random: Random) -> Endpoint:
    """One of the NetInfo servers."""
    return Endpoint(_SERVER_NET + 1 + random.randrange(SERVERS), NETINFO_PORT)


def client_port(random: Random) -> int:
    """A client's port as BSD gives them out: most from those below 1024, the others short-lived ones.

    Each is as likely as the next, those included from which tshark takes a message for another protocol's
    (623, 631, 646, 664, 698, 701 over UDP; 1080, 1099, 1153 over TCP): real clients use them, too. Left out
    are the well-known ports of NetInfo and of the port mapper, where a server might be.
    """
    while True:
        port = random.choice(_PRIVILEGED if random.random() < _PRIVILEGED_SHARE else _SHORT_LIVED)
        if port not in (NETINFO_PORT, PORTMAP_PORT):
            return port
