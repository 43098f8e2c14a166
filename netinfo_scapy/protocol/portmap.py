"""The port mapper, program 100000: version 2 (portmap), 3 and 4 (rpcbind). Source: RFC 1833."""

from __future__ import annotations

from netinfo_scapy.protocol.table import Kind, Procedure, Program
from netinfo_scapy.protocol.xdr import Bool, Chain, FixedArray, Int, Opaque, String, UInt, struct

MAPPING = struct("mapping", program=UInt(), version=UInt(), protocol=UInt(), port=UInt())
_DONE = struct("done", done=Bool())
_FORWARDED_CALL = struct("forwarded_call", program=UInt(), version=UInt(), procedure=UInt(), arguments=Opaque())

PORTMAP = Program(
    "portmap",
    100000,
    2,
    "RFC 1833, 3",
    (
        Procedure(0, "NULL", None, None, "Is the server there?"),
        Procedure(1, "SET", MAPPING, _DONE, "Register a program's port.", Kind.ADMIN),
        Procedure(2, "UNSET", MAPPING, _DONE, "Forget a program.", Kind.ADMIN),
        Procedure(3, "GETPORT", MAPPING, struct("port", port=UInt()), "A program's port; 0 where it has none."),
        Procedure(4, "DUMP", None, struct("mappings", mappings=Chain(MAPPING)), "Every registration."),
        Procedure(
            5,
            "CALLIT",
            _FORWARDED_CALL,
            struct("forwarded_result", port=UInt(), result=Opaque()),
            "Call another program's procedure; silence where that fails.",
            forwards=True,
        ),
    ),
)

RPCB = struct("rpcb", program=UInt(), version=UInt(), netid=String(), address=String(), owner=String())
_ADDRESS = struct("universal_address", address=String())
_NETBUF = struct("netbuf", maxlen=UInt(), buf=Opaque())
_FORWARDED_RESULT = struct("rpcbind_forwarded_result", address=String(), result=Opaque())
ENTRY = struct(
    "rpcb_entry",
    address=String(),
    netid=String(),
    semantics=UInt(),
    protocol_family=String(),
    protocol=String(),
)
ASKED = struct("asked", program=UInt(), version=UInt(), success=Int(), failure=Int(), netid=String())
FORWARDS = struct(
    "forwards",
    program=UInt(),
    version=UInt(),
    procedure=UInt(),
    success=Int(),
    failure=Int(),
    indirect=Int(),
    netid=String(),
)
RPCB_STATISTICS = struct(
    "rpcb_stat",
    procedures=FixedArray(Int(), 13),
    set=Int(),
    unset=Int(),
    addresses=Chain(ASKED),
    forwarded=Chain(FORWARDS),
)

_COMMON = (
    Procedure(0, "NULL", None, None, "Is the server there?"),
    Procedure(1, "SET", RPCB, _DONE, "Register a program's address.", Kind.ADMIN),
    Procedure(2, "UNSET", RPCB, _DONE, "Forget a program.", Kind.ADMIN),
    Procedure(3, "GETADDR", RPCB, _ADDRESS, "A program's address; empty where it has none."),
    Procedure(4, "DUMP", None, struct("rpcb_mappings", mappings=Chain(RPCB)), "Every registration."),
    Procedure(6, "GETTIME", None, struct("time", time=UInt()), "The server's clock, seconds since 1970."),
    Procedure(7, "UADDR2TADDR", _ADDRESS, _NETBUF, "A universal address as the transport's own."),
    Procedure(8, "TADDR2UADDR", _NETBUF, _ADDRESS, "A transport's address as a universal one."),
)


def _forwarding(number: int, name: str, doc: str) -> Procedure:
    return Procedure(number, name, _FORWARDED_CALL, _FORWARDED_RESULT, doc, forwards=True)


RPCBIND_3 = Program(
    "rpcbind",
    100000,
    3,
    "RFC 1833, 2",
    (*_COMMON, _forwarding(5, "CALLIT", "Call another program's procedure; silence where that fails.")),
)

RPCBIND_4 = Program(
    "rpcbind",
    100000,
    4,
    "RFC 1833, 2",
    (
        *_COMMON,
        _forwarding(5, "BCAST", "Call another program's procedure; silence where that fails."),
        Procedure(9, "GETVERSADDR", RPCB, _ADDRESS, "The address of exactly this version."),
        _forwarding(10, "INDIRECT", "Call another program's procedure; errors are answered."),
        Procedure(11, "GETADDRLIST", RPCB, struct("entries", entries=Chain(ENTRY)), "Every address of a program."),
        Procedure(
            12,
            "GETSTAT",
            None,
            struct("statistics", statistics=FixedArray(RPCB_STATISTICS, 3)),
            "Counters of the versions 2, 3 and 4.",
        ),
    ),
)
