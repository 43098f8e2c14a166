"""The words that are no secret: NetInfo's own, and those of the systems it comes with.

They stay as they are, wherever they stand, so that a scrubbed capture still tells what was
asked for. docs/exports.md lists them; a test holds the two together.
"""

from __future__ import annotations

from netinfo_scapy.protocol.releases import STATISTICS

_PROPERTIES = """
name passwd uid gid realname home shell class change expire users members serves master trusted_networks ip_address
en_address port udp_port tcp_port protocol number address addresses dir vfstype opts freq passno clients bootfile
bootparams netmask hint picture sharedDir generateduid authentication_authority aliases services networks
cloneReplyReadall _writers _writers_passwd _writers_hint _writers_picture _shadow_passwd
"""
_IN_STATISTICS = """
clone used max latency good bad writes strict minutes left unknown notResponding forcedRoot Yes No yes no
"""
_DIRECTORIES = """
users groups machines mounts hosts networks protocols rpcs rpc services aliases printers config locations localconfig
fax_modems netgroups ethers exports
"""
_PATHS = """
bin sbin usr etc var tmp dev null private sh csh tcsh bash ksh zsh false home Users System Library
"""
_TAGS = "local network -DHCP- -BOOTPARAMS- netinfo_parent"
_VALUES = """
root nobody daemon wheel operator udp tcp udp6 tcp6 inet inet6 ip icmp nfs rw ro net bg intr soft hard none localhost
broadcasthost superuser loopback ticotsord ticots ticlts netinfo nibind portmap rpcbind portmapper sunrpc
"""

KNOWN = frozenset(" ".join((_PROPERTIES, _IN_STATISTICS, _DIRECTORIES, _TAGS, _PATHS, _VALUES)).split()) | {
    each.name for each in STATISTICS
}
"""Every such word. Beside them stay 0, -1, -2, punctuation, and words of which there is nothing but that."""
