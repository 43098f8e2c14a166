"""bootparam, program 100026, version 1, as Scapy layers. Source: docs/protocol.md.

One class for each call and each reply; their fields are read off the table in protocol/bootparam.py.
"""

from __future__ import annotations

from netinfo_scapy.layers.procedures import Call, Reply, register, rows
from netinfo_scapy.layers.structs import XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.protocol import bootparam
from netinfo_scapy.protocol.bootparam import BOOTPARAM

_ROWS = rows(BOOTPARAM)


class BP_Address(XDRStruct):
    """An address: type 1 is IPv4."""

    xdr = bootparam.ADDRESS
    fields_desc = fields_of(xdr)


class BP_NULL_Call(Call):
    """bootparam NULL: is the server there?"""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.arguments)


class BP_NULL_Reply(Reply):
    """The reply to bootparam NULL."""

    row = _ROWS["NULL"]
    fields_desc = fields_of(row.result)


class BP_WHOAMI_Call(Call):
    """bootparam WHOAMI: the name that goes with an address."""

    row = _ROWS["WHOAMI"]
    fields_desc = fields_of(row.arguments)


class BP_WHOAMI_Reply(Reply):
    """The reply to bootparam WHOAMI."""

    row = _ROWS["WHOAMI"]
    fields_desc = fields_of(row.result)


class BP_GETFILE_Call(Call):
    """bootparam GETFILE: where a client's file is; for netinfo_parent the path is the parent's tag."""

    row = _ROWS["GETFILE"]
    fields_desc = fields_of(row.arguments)


class BP_GETFILE_Reply(Reply):
    """The reply to bootparam GETFILE."""

    row = _ROWS["GETFILE"]
    fields_desc = fields_of(row.result)


register(BOOTPARAM, globals(), "BP")
