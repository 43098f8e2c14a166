"""NetInfo, program 200100000, version 2: netinfod. Source: docs/specification.md."""

from __future__ import annotations

from netinfo_scapy.protocol.table import Kind, Procedure, Program
from netinfo_scapy.protocol.xdr import Address, Array, Chain, Enum, Optional, String, Struct, UInt, Union, struct

NONE_INDEX = 0xFFFFFFFF
"""ni_index for "none": as `where` it appends at the end."""

DEFAULTS = {"where": NONE_INDEX}
"""What stands in a call where nothing is said, if not 0: a new property or value goes to the end."""

NI_STATUS = Enum(
    "ni_status",
    "NI_",
    (
        (0, "NI_OK"),
        (1, "NI_BADID"),
        (2, "NI_STALE"),
        (3, "NI_NOSPACE"),
        (4, "NI_PERM"),
        (5, "NI_NODIR"),
        (6, "NI_NOPROP"),
        (7, "NI_NONAME"),
        (8, "NI_NOTEMPTY"),
        (9, "NI_UNRELATED"),
        (10, "NI_SERIAL"),
        (11, "NI_NETROOT"),
        (12, "NI_NORESPONSE"),
        (13, "NI_RDONLY"),
        (14, "NI_SYSTEMERR"),
        (15, "NI_ALIVE"),
        (16, "NI_NOTMASTER"),
        (17, "NI_CANTFINDADDRESS"),
        (18, "NI_DUPTAG"),
        (19, "NI_NOTAG"),
        (20, "NI_AUTHERROR"),
        (21, "NI_NOUSER"),
        (22, "NI_MASTERBUSY"),
        (23, "NI_INVALIDDOMAIN"),
        (24, "NI_BADOP"),
        (9999, "NI_FAILED"),
    ),
)

INDEX = UInt()
NI_NAME = String(65535)
NI_NAMELIST = Array(NI_NAME, 65535)
NI_IDLIST = Array(INDEX, 1048576)
NI_ID = struct("ni_id", object=INDEX, instance=INDEX)
NI_PROPERTY = struct("ni_property", name=NI_NAME, values=NI_NAMELIST)
NI_PROPLIST = Array(NI_PROPERTY, 65535)
NI_ENTRY = struct("ni_entry", id=INDEX, names=Optional(NI_NAMELIST))
NI_OBJECT = struct("ni_object", id=NI_ID, props=NI_PROPLIST, parent=INDEX, children=NI_IDLIST)
NI_BINDING = struct("ni_binding", tag=NI_NAME, addr=Address())
PROPERTIES = struct("properties", properties=NI_PROPLIST)
STATUS_ONLY = struct("status_only", status=NI_STATUS)


def status_or(result: Struct) -> Union:
    """A union on ni_status: OK is followed by the struct, every other status by nothing."""
    return Union(f"status_or_{result.name}", "status", NI_STATUS, ((0, result),))


ID = struct("id", id=NI_ID)
_ID_OR_STATUS = status_or(ID)
_READ_RESULT = status_or(struct("directory", id=NI_ID, props=NI_PROPLIST))
_LOOKUP_ARGUMENTS = struct("lookup_arguments", id=NI_ID, key=NI_NAME, value=NI_NAME)
_NAMES = status_or(struct("names", values=NI_NAMELIST, self_id=NI_ID))
_CHECKSUM = struct("checksum", checksum=UInt())

NETINFO = Program(
    "NetInfo",
    200100000,
    2,
    "recorded traffic of release 208, published server sources",
    (
        Procedure(0, "PING", None, None, "Is the server there?"),
        Procedure(1, "STATISTICS", None, PROPERTIES, "Counters and facts about the server."),
        Procedure(2, "ROOT", None, _ID_OR_STATUS, "The id of the root directory."),
        Procedure(3, "SELF", ID, _ID_OR_STATUS, "The id with its instance as it now is."),
        Procedure(
            4, "PARENT", ID, status_or(struct("parent", parent=INDEX, self_id=NI_ID)), "The directory above this one."
        ),
        Procedure(
            5,
            "CREATE",
            struct("create_arguments", parent=NI_ID, props=NI_PROPLIST, where=INDEX, target=Optional(NI_ID)),
            status_or(struct("created", id=NI_ID, self_id=NI_ID)),
            "Make a directory below this one.",
            Kind.WRITE,
        ),
        Procedure(
            6,
            "DESTROY",
            struct("destroy_arguments", parent_id=NI_ID, self_id=NI_ID),
            _ID_OR_STATUS,
            "Remove an empty directory; the parent's id is answered.",
            Kind.WRITE,
        ),
        Procedure(7, "READ", ID, _READ_RESULT, "All properties of a directory."),
        Procedure(
            8,
            "WRITE",
            struct("write_arguments", id=NI_ID, props=NI_PROPLIST),
            _ID_OR_STATUS,
            "Replace all properties of a directory.",
            Kind.WRITE,
        ),
        Procedure(
            9,
            "CHILDREN",
            ID,
            status_or(struct("children", children=NI_IDLIST, self_id=NI_ID)),
            "The directories below this one.",
        ),
        Procedure(
            10,
            "LOOKUP",
            _LOOKUP_ARGUMENTS,
            status_or(struct("found", ids=NI_IDLIST, self_id=NI_ID)),
            "The children whose property has a value.",
        ),
        Procedure(
            11,
            "LIST",
            struct("list_arguments", id=NI_ID, key=NI_NAME),
            status_or(struct("listed", entries=Array(NI_ENTRY, 1048576), self_id=NI_ID)),
            "One property of every child.",
        ),
        Procedure(
            12,
            "CREATEPROP",
            struct("createprop_arguments", id=NI_ID, prop=NI_PROPERTY, where=INDEX),
            _ID_OR_STATUS,
            "Add a property.",
            Kind.WRITE,
        ),
        Procedure(
            13,
            "DESTROYPROP",
            struct("destroyprop_arguments", id=NI_ID, prop_index=INDEX),
            _ID_OR_STATUS,
            "Remove a property.",
            Kind.WRITE,
        ),
        Procedure(
            14,
            "READPROP",
            struct("readprop_arguments", id=NI_ID, prop_index=INDEX),
            _NAMES,
            "The values of a property.",
        ),
        Procedure(
            15,
            "WRITEPROP",
            struct("writeprop_arguments", id=NI_ID, prop_index=INDEX, values=NI_NAMELIST),
            _ID_OR_STATUS,
            "Replace the values of a property.",
            Kind.WRITE,
        ),
        Procedure(
            16,
            "RENAMEPROP",
            struct("renameprop_arguments", id=NI_ID, prop_index=INDEX, name=NI_NAME),
            _ID_OR_STATUS,
            "Give a property another name.",
            Kind.WRITE,
        ),
        Procedure(17, "LISTPROPS", ID, _NAMES, "The names of a directory's properties."),
        Procedure(
            18,
            "CREATENAME",
            struct("createname_arguments", id=NI_ID, prop_index=INDEX, name=NI_NAME, where=INDEX),
            _ID_OR_STATUS,
            "Add a value to a property.",
            Kind.WRITE,
        ),
        Procedure(
            19,
            "DESTROYNAME",
            struct("destroyname_arguments", id=NI_ID, prop_index=INDEX, name_index=INDEX),
            _ID_OR_STATUS,
            "Remove a value.",
            Kind.WRITE,
        ),
        Procedure(
            20,
            "READNAME",
            struct("readname_arguments", id=NI_ID, prop_index=INDEX, name_index=INDEX),
            status_or(struct("name", id=NI_ID, name=NI_NAME)),
            "One value of a property.",
        ),
        Procedure(
            21,
            "WRITENAME",
            struct("writename_arguments", id=NI_ID, prop_index=INDEX, name_index=INDEX, name=NI_NAME),
            _ID_OR_STATUS,
            "Replace one value of a property.",
            Kind.WRITE,
        ),
        Procedure(22, "RPARENT", None, status_or(NI_BINDING), "The server of the parent domain."),
        Procedure(
            23,
            "LISTALL",
            ID,
            status_or(struct("all_listed", self_id=NI_ID, entries=Array(NI_PROPLIST, 1048576))),
            "All properties of every child.",
        ),
        Procedure(24, "BIND", NI_BINDING, None, "Does this server serve that host's parent domain?"),
        Procedure(
            25,
            "READALL",
            _CHECKSUM,
            status_or(struct("database", checksum=UInt(), highest_id=INDEX, objects=Chain(NI_OBJECT))),
            "The whole database, for a clone.",
        ),
        Procedure(26, "CRASHED", _CHECKSUM, None, "A master tells its clones that it started.", Kind.ADMIN),
        Procedure(27, "RESYNC", None, STATUS_ONLY, "Make the clones fetch the database again.", Kind.ADMIN),
        Procedure(
            28,
            "LOOKUPREAD",
            _LOOKUP_ARGUMENTS,
            _READ_RESULT,
            "The properties of the first child found; the id is that of the directory searched.",
        ),
    ),
)
