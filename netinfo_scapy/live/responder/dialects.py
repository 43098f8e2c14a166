"""How servers differ, as data: Apple's release 208, and that of the Previous emulator (docs/specification.md, 12)."""

from __future__ import annotations

from dataclasses import dataclass

from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.table import Kind

_NETINFO = frozenset(row.name for row in NETINFO.procedures)
_NIBIND = frozenset(row.name for row in NIBIND.procedures)
_NIBIND_OVER_UDP = frozenset({"PING", "GETREGISTER", "LISTREG", "BIND"})


@dataclass(frozen=True)
class Dialect:
    """What one kind of server does its own way.

    served, nibind_served: the procedures that are there at all; over_udp, nibind_over_udp: those that are
    served over UDP. missing: the status of an object that is not there; root_parent: of PARENT of the root,
    None where that is answered. instance: what every instance is, None where they count. odd_objects: SELF tells
    of versions. whole_statistics: STATISTICS is more than the checksum. merges: LOOKUPREAD gives all hits as one.
    own_results: nibind's results are those of the tables' `dialect`. registers_netinfo: with the port mapper, too.
    netinfo_fragment, nibind_fragment: data bytes of a fragment. port: where NetInfo always is; None: on any.
    """

    name: str
    served: frozenset[str] = _NETINFO
    over_udp: frozenset[str] = frozenset({"PING", "BIND"})
    nibind_served: frozenset[str] = _NIBIND
    nibind_over_udp: frozenset[str] = _NIBIND_OVER_UDP
    missing: str = "NODIR"
    root_parent: str | None = None
    instance: int | None = None
    odd_objects: bool = True
    whole_statistics: bool = True
    merges: bool = False
    own_results: bool = False
    registers_netinfo: bool = False
    netinfo_fragment: int = 1020
    nibind_fragment: int = 3996
    port: int | None = None


_NOT_IN_PREVIOUS = frozenset({"READNAME", "LISTALL", "BIND", "READALL", "RESYNC"}) | frozenset(
    row.name for row in NETINFO.procedures if row.kind is Kind.WRITE
)

DIALECTS = {
    each.name: each
    for each in (
        Dialect("apple-208"),
        Dialect(
            "previous",
            served=_NETINFO - _NOT_IN_PREVIOUS,
            over_udp=_NETINFO - _NOT_IN_PREVIOUS,
            missing="BADID",
            root_parent="NETROOT",
            instance=1,
            odd_objects=False,
            whole_statistics=False,
            merges=True,
            own_results=True,
            registers_netinfo=True,
            port=1043,
        ),
    )
}
