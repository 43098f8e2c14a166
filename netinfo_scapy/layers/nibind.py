"""nibind, program 200100001, version 1, as Scapy layers. Source: docs/protocol.md.

One class for each call and each reply; their fields are read off the table in protocol/nibind.py.
"""

from __future__ import annotations

from netinfo_scapy.layers.procedures import Call, Reply, register, rows
from netinfo_scapy.layers.structs import XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.protocol import nibind
from netinfo_scapy.protocol.nibind import NIBIND

_ROWS = rows(NIBIND)


class NIBIND_Registration(XDRStruct):
    """A tag and the ports of its netinfod."""

    xdr = nibind.REGISTRATION
    fields_desc = fields_of(xdr)


class NIBIND_PING_Call(Call):
    """nibind PING: is the server there?"""

    row = _ROWS["PING"]
    fields_desc = fields_of(row.arguments)


class NIBIND_PING_Reply(Reply):
    """The reply to nibind PING."""

    row = _ROWS["PING"]
    fields_desc = fields_of(row.result)


class NIBIND_REGISTER_Call(Call):
    """nibind REGISTER: A netinfod tells its tag and ports."""

    row = _ROWS["REGISTER"]
    fields_desc = fields_of(row.arguments)


class NIBIND_REGISTER_Reply(Reply):
    """The reply to nibind REGISTER."""

    row = _ROWS["REGISTER"]
    fields_desc = fields_of(row.result)


class NIBIND_UNREGISTER_Call(Call):
    """nibind UNREGISTER: forget a tag."""

    row = _ROWS["UNREGISTER"]
    fields_desc = fields_of(row.arguments)


class NIBIND_UNREGISTER_Reply(Reply):
    """The reply to nibind UNREGISTER."""

    row = _ROWS["UNREGISTER"]
    fields_desc = fields_of(row.result)


class NIBIND_GETREGISTER_Call(Call):
    """nibind GETREGISTER: the ports of the domain with this tag."""

    row = _ROWS["GETREGISTER"]
    fields_desc = fields_of(row.arguments)


class NIBIND_GETREGISTER_Reply(Reply):
    """The reply to nibind GETREGISTER."""

    row = _ROWS["GETREGISTER"]
    fields_desc = fields_of(row.result)


class NIBIND_LISTREG_Call(Call):
    """nibind LISTREG: every tag with its ports."""

    row = _ROWS["LISTREG"]
    fields_desc = fields_of(row.arguments)


class NIBIND_LISTREG_Reply(Reply):
    """The reply to nibind LISTREG."""

    row = _ROWS["LISTREG"]
    fields_desc = fields_of(row.result)


class NIBIND_LISTREG_Reply_Previous(Reply):
    """The reply to nibind LISTREG as the Previous emulator writes it."""

    row = _ROWS["LISTREG"]
    xdr = row.dialect
    fields_desc = fields_of(row.dialect)


class NIBIND_CREATEMASTER_Call(Call):
    """nibind CREATEMASTER: make a new domain here."""

    row = _ROWS["CREATEMASTER"]
    fields_desc = fields_of(row.arguments)


class NIBIND_CREATEMASTER_Reply(Reply):
    """The reply to nibind CREATEMASTER."""

    row = _ROWS["CREATEMASTER"]
    fields_desc = fields_of(row.result)


class NIBIND_CREATECLONE_Call(Call):
    """nibind CREATECLONE: make a clone of another host's domain here."""

    row = _ROWS["CREATECLONE"]
    fields_desc = fields_of(row.arguments)


class NIBIND_CREATECLONE_Reply(Reply):
    """The reply to nibind CREATECLONE."""

    row = _ROWS["CREATECLONE"]
    fields_desc = fields_of(row.result)


class NIBIND_DESTROYDOMAIN_Call(Call):
    """nibind DESTROYDOMAIN: remove a domain and its database."""

    row = _ROWS["DESTROYDOMAIN"]
    fields_desc = fields_of(row.arguments)


class NIBIND_DESTROYDOMAIN_Reply(Reply):
    """The reply to nibind DESTROYDOMAIN."""

    row = _ROWS["DESTROYDOMAIN"]
    fields_desc = fields_of(row.result)


class NIBIND_BIND_Call(Call):
    """nibind BIND: does a domain of this host serve that host's domain as its parent?"""

    row = _ROWS["BIND"]
    fields_desc = fields_of(row.arguments)


class NIBIND_BIND_Reply(Reply):
    """The reply to nibind BIND."""

    row = _ROWS["BIND"]
    fields_desc = fields_of(row.result)


class NIBIND_BIND_Reply_Previous(Reply):
    """The reply to nibind BIND as the Previous emulator writes it."""

    row = _ROWS["BIND"]
    xdr = row.dialect
    fields_desc = fields_of(row.dialect)


register(NIBIND, globals(), "NIBIND")
