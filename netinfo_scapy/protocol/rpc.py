"""ONC RPC version 2 (RFC 5531) as data: messages, statuses, credentials.

AUTH_SYS and AUTH_SHORT: RFC 5531, appendix A. AUTH_DH: RFC 2695. RPCSEC_GSS: RFC 2203.
"""

from __future__ import annotations

from netinfo_scapy.protocol.xdr import Array, Enum, FixedOpaque, Opaque, String, Struct, UInt, Union, struct

RPC_VERSION = 2
CALL, REPLY = 0, 1
"""msg_type (RFC 5531, 9)."""

MAXIMUM_AUTH_BODY = 400
"""Bytes of a credential or verifier body (RFC 5531, 8.2); servers refuse longer ones."""

FLAVOR = Enum(
    "auth_flavor",
    "AUTH_",
    (
        (0, "AUTH_NONE"),
        (1, "AUTH_SYS"),
        (2, "AUTH_SHORT"),
        (3, "AUTH_DH"),
        (4, "AUTH_KERB"),
        (5, "AUTH_RSA"),
        (6, "RPCSEC_GSS"),
    ),
)
AUTH_NONE, AUTH_SYS, AUTH_DH, RPCSEC_GSS = 0, 1, 3, 6

REPLY_STATUS = Enum("reply_stat", "MSG_", ((0, "MSG_ACCEPTED"), (1, "MSG_DENIED")))
ACCEPT_STATUS = Enum(
    "accept_stat",
    "ACCEPT_",
    (
        (0, "SUCCESS"),
        (1, "PROG_UNAVAIL"),
        (2, "PROG_MISMATCH"),
        (3, "PROC_UNAVAIL"),
        (4, "GARBAGE_ARGS"),
        (5, "SYSTEM_ERR"),
    ),
)
SUCCESS = 0
REJECT_STATUS = Enum("reject_stat", "REJECT_", ((0, "RPC_MISMATCH"), (1, "AUTH_ERROR")))
AUTH_STATUS = Enum(
    "auth_stat",
    "AUTH_",
    (
        (0, "AUTH_OK"),
        (1, "AUTH_BADCRED"),
        (2, "AUTH_REJECTEDCRED"),
        (3, "AUTH_BADVERF"),
        (4, "AUTH_REJECTEDVERF"),
        (5, "AUTH_TOOWEAK"),
        (6, "AUTH_INVALIDRESP"),
        (7, "AUTH_FAILED"),
        (8, "AUTH_KERB_GENERIC"),
        (9, "AUTH_TIMEEXPIRE"),
        (10, "AUTH_TKT_FILE"),
        (11, "AUTH_DECODE"),
        (12, "AUTH_NET_ADDR"),
        (13, "RPCSEC_GSS_CREDPROBLEM"),
        (14, "RPCSEC_GSS_CTXPROBLEM"),
    ),
)

OPAQUE_AUTH = struct("opaque_auth", flavor=FLAVOR, body=Opaque())
"""A credential or a verifier; the limit of its body is judged apart, so that a longer one can be shown."""

MISMATCH = struct("mismatch", low=UInt(), high=UInt())

RPC_CALL = struct(
    "rpc_call",
    xid=UInt(),
    type=UInt(),
    rpc_version=UInt(),
    program=UInt(),
    version=UInt(),
    procedure=UInt(),
    credential=OPAQUE_AUTH,
    verifier=OPAQUE_AUTH,
)

_MISMATCH = struct("mismatch_info", mismatch=MISMATCH)
_ACCEPTED = struct(
    "accepted_reply",
    verifier=OPAQUE_AUTH,
    accepted=Union("accepted", "accept_status", ACCEPT_STATUS, ((2, _MISMATCH),)),
)
_DENIED = struct(
    "denied_reply",
    denied=Union(
        "denied",
        "reject_status",
        REJECT_STATUS,
        ((0, _MISMATCH), (1, struct("auth_error", auth_status=AUTH_STATUS))),
    ),
)
RPC_REPLY = struct(
    "rpc_reply",
    xid=UInt(),
    type=UInt(),
    reply=Union("reply", "reply_status", REPLY_STATUS, ((0, _ACCEPTED), (1, _DENIED))),
)

AUTH_SYS_BODY = struct(
    "auth_sys", stamp=UInt(), machinename=String(255), uid=UInt(), gid=UInt(), gids=Array(UInt(), 16)
)
_AUTH_DH_BODY = Union(
    "auth_dh",
    "namekind",
    Enum("authdh_namekind", "ADN_", ((0, "ADN_FULLNAME"), (1, "ADN_NICKNAME"))),
    (
        (0, struct("dh_fullname", name=String(255), key=FixedOpaque(8), window=FixedOpaque(4))),
        (1, struct("dh_nickname", nickname=UInt())),
    ),
)
_RPCSEC_GSS_BODY = Union(
    "rpcsec_gss",
    "gss_version",
    UInt(),
    ((1, struct("gss_credential", gss_procedure=UInt(), sequence=UInt(), service=UInt(), handle=Opaque())),),
)
GSS_DATA, GSS_NO_SERVICE = 0, 1
"""gss_procedure and service of a call whose body is plain (RFC 2203, 5)."""

CREDENTIAL_BODIES: dict[int, Struct | Union] = {
    AUTH_SYS: AUTH_SYS_BODY,
    AUTH_DH: _AUTH_DH_BODY,
    RPCSEC_GSS: _RPCSEC_GSS_BODY,
}
"""What a credential's body holds, by flavor; the others are opaque."""
