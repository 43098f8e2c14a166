"""DHCP that names NetInfo servers: options 112 and 113 (RFC 2131; docs/specification.md, 9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from scapy.layers.dhcp import BOOTP, DHCP

from netinfo_scapy.craft.said import CLIENT, SERVER, Host
from netinfo_scapy.protocol.dhcp import CLIENT_PORT, SERVER_PORT

_PARENTS, _TAG = 112, 113
_ASKED = [1, 3, 6, _PARENTS, _TAG]
_LEASE_SECONDS = 3600


def exchange(
    client: Host, server: Host, xid: int, parents: Sequence[str] = (), tag: str = ""
) -> Iterator[tuple[int, bytes]]:
    """The four messages of a lease, each with the side that sends it.

    parents: addresses of NetInfo servers (option 112). tag: for all of them (option 113). Raises ValueError.
    """
    hardware = bytes.fromhex(client.mac.replace(":", ""))
    named: list[tuple[int, bytes]] = []
    if parents:
        named.append((_PARENTS, b"".join(IPv4Address(each).packed for each in parents)))
    if tag:
        named.append((_TAG, tag.encode()))
    own = [("server_id", server.ip), ("lease_time", _LEASE_SECONDS), ("subnet_mask", "255.255.255.0"), *named]
    asked = [("requested_addr", client.ip), ("server_id", server.ip)]
    for side, kind, options in (
        (CLIENT, "discover", []),
        (SERVER, "offer", own),
        (CLIENT, "request", asked),
        (SERVER, "ack", own),
    ):
        listed = [("param_req_list", _ASKED)] if side == CLIENT else []
        given = client.ip if side == SERVER else "0.0.0.0"
        header = BOOTP(op=2 if side == SERVER else 1, xid=xid, chaddr=hardware, yiaddr=given)
        yield side, bytes(header / DHCP(options=[("message-type", kind), *options, *listed, "end"]))


__all__ = ["CLIENT_PORT", "SERVER_PORT", "exchange"]
