"""What other servers' configurations need, so that clients find their domain (docs/specification.md, 9)."""

from __future__ import annotations

from ipaddress import IPv4Address


def dhcp_lines(host: str, address: IPv4Address, tag: str) -> list[str]:
    """The lines for dnsmasq, for ISC dhcpd and for bootparamd, each group under a comment that says where it goes.

    host: the server's name. address: where clients reach it. tag: of the domain.
    """
    return [
        "# dnsmasq.conf",
        f"dhcp-option-force=112,{address}",
        f'dhcp-option-force=113,"{tag}"',
        "# dhcpd.conf of ISC; the last line sends them to clients that do not ask, too (70 and 71 are 112 and 113)",
        f"option netinfo-server-address {address};",
        f'option netinfo-server-tag "{tag}";',
        "option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, 70, 71);",
        "# /etc/bootparams",
        f"* netinfo_parent={host}:{tag}",
    ]
