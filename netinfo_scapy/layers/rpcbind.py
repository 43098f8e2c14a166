"""rpcbind, program 100000, versions 3 and 4, as Scapy layers. Source: RFC 1833, 2.

One class for each call and each reply; their fields are read off the table in protocol/portmap.py.
"""

from __future__ import annotations

from netinfo_scapy.layers.forwarded import forwarding_fields
from netinfo_scapy.layers.procedures import PortmapCall, PortmapReply, register, rows
from netinfo_scapy.layers.structs import XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.protocol import portmap
from netinfo_scapy.protocol.portmap import RPCBIND_3, RPCBIND_4

_ROWS = rows(RPCBIND_4) | rows(RPCBIND_3)


class RPCB_Binding(XDRStruct):
    """A registration: program, version, network id, address, owner."""

    xdr = portmap.RPCB
    fields_desc = fields_of(xdr)


class RPCB_Entry(XDRStruct):
    """An address of a program with all that is known of its transport."""

    xdr = portmap.ENTRY
    fields_desc = fields_of(xdr)


class RPCB_Asked(XDRStruct):
    """How often an address was asked for."""

    xdr = portmap.ASKED
    fields_desc = fields_of(xdr)


class RPCB_Forwards(XDRStruct):
    """How often a call was forwarded."""

    xdr = portmap.FORWARDS
    fields_desc = fields_of(xdr)


class RPCB_Statistics(XDRStruct):
    """The counters of one version."""

    xdr = portmap.RPCB_STATISTICS
    fields_desc = fields_of(xdr)


class RPCB_NULL_Call(PortmapCall):
    """rpcbind NULL: is the server there?"""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.arguments)


class RPCB_NULL_Reply(PortmapReply):
    """The reply to rpcbind NULL."""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.result)


class RPCB_SET_Call(PortmapCall):
    """rpcbind SET: register a program's address."""

    row = _ROWS["SET"]
    fields_desc = fields_of(row.arguments)


class RPCB_SET_Reply(PortmapReply):
    """The reply to rpcbind SET."""

    row = _ROWS["SET"]
    fields_desc = fields_of(row.result)


class RPCB_UNSET_Call(PortmapCall):
    """rpcbind UNSET: forget a program."""

    row = _ROWS["UNSET"]
    fields_desc = fields_of(row.arguments)


class RPCB_UNSET_Reply(PortmapReply):
    """The reply to rpcbind UNSET."""

    row = _ROWS["UNSET"]
    fields_desc = fields_of(row.result)


class RPCB_GETADDR_Call(PortmapCall):
    """rpcbind GETADDR: A program's address; empty where it has none."""

    row = _ROWS["GETADDR"]
    fields_desc = fields_of(row.arguments)


class RPCB_GETADDR_Reply(PortmapReply):
    """The reply to rpcbind GETADDR."""

    row = _ROWS["GETADDR"]
    fields_desc = fields_of(row.result)


class RPCB_DUMP_Call(PortmapCall):
    """rpcbind DUMP: every registration."""

    row = _ROWS["DUMP"]
    fields_desc = fields_of(row.arguments)


class RPCB_DUMP_Reply(PortmapReply):
    """The reply to rpcbind DUMP."""

    row = _ROWS["DUMP"]
    fields_desc = fields_of(row.result)


class RPCB_BCAST_Call(PortmapCall):
    """rpcbind BCAST: call another program's procedure; silence where that fails."""

    row = _ROWS["BCAST"]
    fields_desc = forwarding_fields(row.arguments)


class RPCB_BCAST_Reply(PortmapReply):
    """The reply to rpcbind BCAST."""

    row = _ROWS["BCAST"]
    fields_desc = forwarding_fields(row.result)


class RPCB_CALLIT_Call(PortmapCall):
    """rpcbind CALLIT: call another program's procedure; silence where that fails."""

    row = _ROWS["CALLIT"]
    fields_desc = forwarding_fields(row.arguments)


class RPCB_CALLIT_Reply(PortmapReply):
    """The reply to rpcbind CALLIT."""

    row = _ROWS["CALLIT"]
    fields_desc = forwarding_fields(row.result)


class RPCB_GETTIME_Call(PortmapCall):
    """rpcbind GETTIME: the server's clock, seconds since 1970."""

    row = _ROWS["GETTIME"]
    fields_desc = fields_of(row.arguments)


class RPCB_GETTIME_Reply(PortmapReply):
    """The reply to rpcbind GETTIME."""

    row = _ROWS["GETTIME"]
    fields_desc = fields_of(row.result)


class RPCB_UADDR2TADDR_Call(PortmapCall):
    """rpcbind UADDR2TADDR: A universal address as the transport's own."""

    row = _ROWS["UADDR2TADDR"]
    fields_desc = fields_of(row.arguments)


class RPCB_UADDR2TADDR_Reply(PortmapReply):
    """The reply to rpcbind UADDR2TADDR."""

    row = _ROWS["UADDR2TADDR"]
    fields_desc = fields_of(row.result)


class RPCB_TADDR2UADDR_Call(PortmapCall):
    """rpcbind TADDR2UADDR: A transport's address as a universal one."""

    row = _ROWS["TADDR2UADDR"]
    fields_desc = fields_of(row.arguments)


class RPCB_TADDR2UADDR_Reply(PortmapReply):
    """The reply to rpcbind TADDR2UADDR."""

    row = _ROWS["TADDR2UADDR"]
    fields_desc = fields_of(row.result)


class RPCB_GETVERSADDR_Call(PortmapCall):
    """rpcbind GETVERSADDR: the address of exactly this version."""

    row = _ROWS["GETVERSADDR"]
    fields_desc = fields_of(row.arguments)


class RPCB_GETVERSADDR_Reply(PortmapReply):
    """The reply to rpcbind GETVERSADDR."""

    row = _ROWS["GETVERSADDR"]
    fields_desc = fields_of(row.result)


class RPCB_INDIRECT_Call(PortmapCall):
    """rpcbind INDIRECT: call another program's procedure; errors are answered."""

    row = _ROWS["INDIRECT"]
    fields_desc = forwarding_fields(row.arguments)


class RPCB_INDIRECT_Reply(PortmapReply):
    """The reply to rpcbind INDIRECT."""

    row = _ROWS["INDIRECT"]
    fields_desc = forwarding_fields(row.result)


class RPCB_GETADDRLIST_Call(PortmapCall):
    """rpcbind GETADDRLIST: every address of a program."""

    row = _ROWS["GETADDRLIST"]
    fields_desc = fields_of(row.arguments)


class RPCB_GETADDRLIST_Reply(PortmapReply):
    """The reply to rpcbind GETADDRLIST."""

    row = _ROWS["GETADDRLIST"]
    fields_desc = fields_of(row.result)


class RPCB_GETSTAT_Call(PortmapCall):
    """rpcbind GETSTAT: counters of the versions 2, 3 and 4."""

    row = _ROWS["GETSTAT"]
    fields_desc = fields_of(row.arguments)


class RPCB_GETSTAT_Reply(PortmapReply):
    """The reply to rpcbind GETSTAT."""

    row = _ROWS["GETSTAT"]
    fields_desc = fields_of(row.result)


register(RPCBIND_3, globals(), "RPCB")
register(RPCBIND_4, globals(), "RPCB")
