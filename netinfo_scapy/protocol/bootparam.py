"""bootparam, program 100026, version 1: how a host without a disk, and `-BOOTPARAMS-`, find their servers.

Source: docs/specification.md, 9.5.
"""

from __future__ import annotations

from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import Octets, String, UInt, Union, struct

ADDRESS = Union("bp_address", "type", UInt(), ((1, struct("ip_address", address=Octets())),))
_NAME = String(255)

BOOTPARAM = Program(
    "bootparam",
    100026,
    1,
    "recorded traffic of release 208, published server sources",
    (
        Procedure(0, "NULL", None, None, "Is the server there?"),
        Procedure(
            1,
            "WHOAMI",
            struct("whoami_arguments", address=ADDRESS),
            struct("whoami_result", client_name=_NAME, domain_name=_NAME, router=ADDRESS),
            "The name that goes with an address.",
        ),
        Procedure(
            2,
            "GETFILE",
            struct("getfile_arguments", client_name=_NAME, file_id=String(32)),
            struct("getfile_result", server_name=_NAME, address=ADDRESS, path=String(1024)),
            "Where a client's file is; for netinfo_parent the path is the parent's tag.",
        ),
    ),
)
