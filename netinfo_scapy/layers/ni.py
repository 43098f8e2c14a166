"""NetInfo, program 200100000, version 2, as Scapy layers. Source: docs/protocol.md.

One class for each call and each reply; their fields are read off the table in protocol/netinfo.py.
"""

from __future__ import annotations

from netinfo_scapy.layers.procedures import Call, Reply, register, rows
from netinfo_scapy.layers.structs import XDRStruct
from netinfo_scapy.layers.table import fields_of
from netinfo_scapy.protocol import netinfo
from netinfo_scapy.protocol.netinfo import NETINFO

_ROWS = rows(NETINFO)


class NI_Id(XDRStruct):
    """An object and its instance."""

    xdr = netinfo.NI_ID
    fields_desc = fields_of(xdr)


class NI_Property(XDRStruct):
    """A property: a name and any number of values."""

    xdr = netinfo.NI_PROPERTY
    fields_desc = fields_of(xdr)


class NI_Properties(XDRStruct):
    """A list of properties, where it stands in a list itself."""

    xdr = netinfo.PROPERTIES
    fields_desc = fields_of(xdr)


class NI_Entry(XDRStruct):
    """A child and the values of one of its properties."""

    xdr = netinfo.NI_ENTRY
    fields_desc = fields_of(xdr)


class NI_Object(XDRStruct):
    """A directory with all it has (READALL)."""

    xdr = netinfo.NI_OBJECT
    fields_desc = fields_of(xdr)


class NI_PING_Call(Call):
    """NetInfo PING: is the server there?"""

    row = _ROWS["PING"]
    fields_desc = fields_of(row.arguments)


class NI_PING_Reply(Reply):
    """The reply to NetInfo PING."""

    row = _ROWS["PING"]
    fields_desc = fields_of(row.result)


class NI_STATISTICS_Call(Call):
    """NetInfo STATISTICS: counters and facts about the server."""

    row = _ROWS["STATISTICS"]
    fields_desc = fields_of(row.arguments)


class NI_STATISTICS_Reply(Reply):
    """The reply to NetInfo STATISTICS."""

    row = _ROWS["STATISTICS"]
    fields_desc = fields_of(row.result)


class NI_ROOT_Call(Call):
    """NetInfo ROOT: the id of the root directory."""

    row = _ROWS["ROOT"]
    fields_desc = fields_of(row.arguments)


class NI_ROOT_Reply(Reply):
    """The reply to NetInfo ROOT."""

    row = _ROWS["ROOT"]
    fields_desc = fields_of(row.result)


class NI_SELF_Call(Call):
    """NetInfo SELF: the id with its instance as it now is."""

    row = _ROWS["SELF"]
    fields_desc = fields_of(row.arguments)


class NI_SELF_Reply(Reply):
    """The reply to NetInfo SELF."""

    row = _ROWS["SELF"]
    fields_desc = fields_of(row.result)


class NI_PARENT_Call(Call):
    """NetInfo PARENT: the directory above this one."""

    row = _ROWS["PARENT"]
    fields_desc = fields_of(row.arguments)


class NI_PARENT_Reply(Reply):
    """The reply to NetInfo PARENT."""

    row = _ROWS["PARENT"]
    fields_desc = fields_of(row.result)


class NI_CREATE_Call(Call):
    """NetInfo CREATE: make a directory below this one."""

    row = _ROWS["CREATE"]
    fields_desc = fields_of(row.arguments)


class NI_CREATE_Reply(Reply):
    """The reply to NetInfo CREATE."""

    row = _ROWS["CREATE"]
    fields_desc = fields_of(row.result)


class NI_DESTROY_Call(Call):
    """NetInfo DESTROY: remove an empty directory; the parent's id is answered."""

    row = _ROWS["DESTROY"]
    fields_desc = fields_of(row.arguments)


class NI_DESTROY_Reply(Reply):
    """The reply to NetInfo DESTROY."""

    row = _ROWS["DESTROY"]
    fields_desc = fields_of(row.result)


class NI_READ_Call(Call):
    """NetInfo READ: all properties of a directory."""

    row = _ROWS["READ"]
    fields_desc = fields_of(row.arguments)


class NI_READ_Reply(Reply):
    """The reply to NetInfo READ."""

    row = _ROWS["READ"]
    fields_desc = fields_of(row.result)


class NI_WRITE_Call(Call):
    """NetInfo WRITE: replace all properties of a directory."""

    row = _ROWS["WRITE"]
    fields_desc = fields_of(row.arguments)


class NI_WRITE_Reply(Reply):
    """The reply to NetInfo WRITE."""

    row = _ROWS["WRITE"]
    fields_desc = fields_of(row.result)


class NI_CHILDREN_Call(Call):
    """NetInfo CHILDREN: the directories below this one."""

    row = _ROWS["CHILDREN"]
    fields_desc = fields_of(row.arguments)


class NI_CHILDREN_Reply(Reply):
    """The reply to NetInfo CHILDREN."""

    row = _ROWS["CHILDREN"]
    fields_desc = fields_of(row.result)


class NI_LOOKUP_Call(Call):
    """NetInfo LOOKUP: the children whose property has a value."""

    row = _ROWS["LOOKUP"]
    fields_desc = fields_of(row.arguments)


class NI_LOOKUP_Reply(Reply):
    """The reply to NetInfo LOOKUP."""

    row = _ROWS["LOOKUP"]
    fields_desc = fields_of(row.result)


class NI_LIST_Call(Call):
    """NetInfo LIST: one property of every child."""

    row = _ROWS["LIST"]
    fields_desc = fields_of(row.arguments)


class NI_LIST_Reply(Reply):
    """The reply to NetInfo LIST."""

    row = _ROWS["LIST"]
    fields_desc = fields_of(row.result)


class NI_CREATEPROP_Call(Call):
    """NetInfo CREATEPROP: add a property."""

    row = _ROWS["CREATEPROP"]
    fields_desc = fields_of(row.arguments)


class NI_CREATEPROP_Reply(Reply):
    """The reply to NetInfo CREATEPROP."""

    row = _ROWS["CREATEPROP"]
    fields_desc = fields_of(row.result)


class NI_DESTROYPROP_Call(Call):
    """NetInfo DESTROYPROP: remove a property."""

    row = _ROWS["DESTROYPROP"]
    fields_desc = fields_of(row.arguments)


class NI_DESTROYPROP_Reply(Reply):
    """The reply to NetInfo DESTROYPROP."""

    row = _ROWS["DESTROYPROP"]
    fields_desc = fields_of(row.result)


class NI_READPROP_Call(Call):
    """NetInfo READPROP: the values of a property."""

    row = _ROWS["READPROP"]
    fields_desc = fields_of(row.arguments)


class NI_READPROP_Reply(Reply):
    """The reply to NetInfo READPROP."""

    row = _ROWS["READPROP"]
    fields_desc = fields_of(row.result)


class NI_WRITEPROP_Call(Call):
    """NetInfo WRITEPROP: replace the values of a property."""

    row = _ROWS["WRITEPROP"]
    fields_desc = fields_of(row.arguments)


class NI_WRITEPROP_Reply(Reply):
    """The reply to NetInfo WRITEPROP."""

    row = _ROWS["WRITEPROP"]
    fields_desc = fields_of(row.result)


class NI_RENAMEPROP_Call(Call):
    """NetInfo RENAMEPROP: give a property another name."""

    row = _ROWS["RENAMEPROP"]
    fields_desc = fields_of(row.arguments)


class NI_RENAMEPROP_Reply(Reply):
    """The reply to NetInfo RENAMEPROP."""

    row = _ROWS["RENAMEPROP"]
    fields_desc = fields_of(row.result)


class NI_LISTPROPS_Call(Call):
    """NetInfo LISTPROPS: the names of a directory's properties."""

    row = _ROWS["LISTPROPS"]
    fields_desc = fields_of(row.arguments)


class NI_LISTPROPS_Reply(Reply):
    """The reply to NetInfo LISTPROPS."""

    row = _ROWS["LISTPROPS"]
    fields_desc = fields_of(row.result)


class NI_CREATENAME_Call(Call):
    """NetInfo CREATENAME: add a value to a property."""

    row = _ROWS["CREATENAME"]
    fields_desc = fields_of(row.arguments)


class NI_CREATENAME_Reply(Reply):
    """The reply to NetInfo CREATENAME."""

    row = _ROWS["CREATENAME"]
    fields_desc = fields_of(row.result)


class NI_DESTROYNAME_Call(Call):
    """NetInfo DESTROYNAME: remove a value."""

    row = _ROWS["DESTROYNAME"]
    fields_desc = fields_of(row.arguments)


class NI_DESTROYNAME_Reply(Reply):
    """The reply to NetInfo DESTROYNAME."""

    row = _ROWS["DESTROYNAME"]
    fields_desc = fields_of(row.result)


class NI_READNAME_Call(Call):
    """NetInfo READNAME: one value of a property."""

    row = _ROWS["READNAME"]
    fields_desc = fields_of(row.arguments)


class NI_READNAME_Reply(Reply):
    """The reply to NetInfo READNAME."""

    row = _ROWS["READNAME"]
    fields_desc = fields_of(row.result)


class NI_WRITENAME_Call(Call):
    """NetInfo WRITENAME: replace one value of a property."""

    row = _ROWS["WRITENAME"]
    fields_desc = fields_of(row.arguments)


class NI_WRITENAME_Reply(Reply):
    """The reply to NetInfo WRITENAME."""

    row = _ROWS["WRITENAME"]
    fields_desc = fields_of(row.result)


class NI_RPARENT_Call(Call):
    """NetInfo RPARENT: the server of the parent domain."""

    row = _ROWS["RPARENT"]
    fields_desc = fields_of(row.arguments)


class NI_RPARENT_Reply(Reply):
    """The reply to NetInfo RPARENT."""

    row = _ROWS["RPARENT"]
    fields_desc = fields_of(row.result)


class NI_LISTALL_Call(Call):
    """NetInfo LISTALL: all properties of every child."""

    row = _ROWS["LISTALL"]
    fields_desc = fields_of(row.arguments)


class NI_LISTALL_Reply(Reply):
    """The reply to NetInfo LISTALL."""

    row = _ROWS["LISTALL"]
    fields_desc = fields_of(row.result)


class NI_BIND_Call(Call):
    """NetInfo BIND: does this server serve that host's parent domain?"""

    row = _ROWS["BIND"]
    fields_desc = fields_of(row.arguments)


class NI_BIND_Reply(Reply):
    """The reply to NetInfo BIND."""

    row = _ROWS["BIND"]
    fields_desc = fields_of(row.result)


class NI_READALL_Call(Call):
    """NetInfo READALL: the whole database, for a clone."""

    row = _ROWS["READALL"]
    fields_desc = fields_of(row.arguments)


class NI_READALL_Reply(Reply):
    """The reply to NetInfo READALL."""

    row = _ROWS["READALL"]
    fields_desc = fields_of(row.result)


class NI_CRASHED_Call(Call):
    """NetInfo CRASHED: a master tells its clones that it started."""

    row = _ROWS["CRASHED"]
    fields_desc = fields_of(row.arguments)


class NI_CRASHED_Reply(Reply):
    """The reply to NetInfo CRASHED."""

    row = _ROWS["CRASHED"]
    fields_desc = fields_of(row.result)


class NI_RESYNC_Call(Call):
    """NetInfo RESYNC: make the clones fetch the database again."""

    row = _ROWS["RESYNC"]
    fields_desc = fields_of(row.arguments)


class NI_RESYNC_Reply(Reply):
    """The reply to NetInfo RESYNC."""

    row = _ROWS["RESYNC"]
    fields_desc = fields_of(row.result)


class NI_LOOKUPREAD_Call(Call):
    """NetInfo LOOKUPREAD: the properties of the first child found; the id is that of the directory searched."""

    row = _ROWS["LOOKUPREAD"]
    fields_desc = fields_of(row.arguments)


class NI_LOOKUPREAD_Reply(Reply):
    """The reply to NetInfo LOOKUPREAD."""

    row = _ROWS["LOOKUPREAD"]
    fields_desc = fields_of(row.result)


register(NETINFO, globals(), "NI")
