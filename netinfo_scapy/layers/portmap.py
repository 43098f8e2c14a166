"""The port mapper, program 100000, version 2, as Scapy layers. Source: RFC 1833, 3.

One class for each call and each reply; their fields are read off the table in protocol/portmap.py.
"""

from __future__ import annotations

from netinfo_scapy.layers.forwarded import forwarding_fields
from netinfo_scapy.layers.procedures import PortmapCall, PortmapReply, register, rows
from netinfo_scapy.layers.structs import XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.protocol import portmap
from netinfo_scapy.protocol.portmap import PORTMAP

_ROWS = rows(PORTMAP)


class PMAP_Mapping(XDRStruct):
    """A registration: program, version, transport protocol, port."""

    xdr = portmap.MAPPING
    fields_desc = fields_of(xdr)


class PMAP_NULL_Call(PortmapCall):
    """portmap NULL: is the server there?"""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.arguments)


class PMAP_NULL_Reply(PortmapReply):
    """The reply to portmap NULL."""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.result)


class PMAP_SET_Call(PortmapCall):
    """portmap SET: register a program's port."""

    row = _ROWS["SET"]
    fields_desc = fields_of(row.arguments)


class PMAP_SET_Reply(PortmapReply):
    """The reply to portmap SET."""

    row = _ROWS["SET"]
    fields_desc = fields_of(row.result)


class PMAP_UNSET_Call(PortmapCall):
    """portmap UNSET: forget a program."""

    row = _ROWS["UNSET"]
    fields_desc = fields_of(row.arguments)


class PMAP_UNSET_Reply(PortmapReply):
    """The reply to portmap UNSET."""

    row = _ROWS["UNSET"]
    fields_desc = fields_of(row.result)


class PMAP_GETPORT_Call(PortmapCall):
    """portmap GETPORT: A program's port; 0 where it has none."""

    row = _ROWS["GETPORT"]
    fields_desc = fields_of(row.arguments)


class PMAP_GETPORT_Reply(PortmapReply):
    """The reply to portmap GETPORT."""

    row = _ROWS["GETPORT"]
    fields_desc = fields_of(row.result)


class PMAP_DUMP_Call(PortmapCall):
    """portmap DUMP: every registration."""

    row = _ROWS["DUMP"]
    fields_desc = fields_of(row.arguments)


class PMAP_DUMP_Reply(PortmapReply):
    """The reply to portmap DUMP."""

    row = _ROWS["DUMP"]
    fields_desc = fields_of(row.result)


class PMAP_CALLIT_Call(PortmapCall):
    """portmap CALLIT: call another program's procedure; silence where that fails."""

    row = _ROWS["CALLIT"]
    fields_desc = forwarding_fields(row.arguments)


class PMAP_CALLIT_Reply(PortmapReply):
    """The reply to portmap CALLIT."""

    row = _ROWS["CALLIT"]
    fields_desc = forwarding_fields(row.result)


register(PORTMAP, globals(), "PMAP")
