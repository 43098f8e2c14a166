"""nibind, program 200100001, version 1: nibindd, one for each host. Source: docs/specification.md, 11."""

from __future__ import annotations

from netinfo_scapy.protocol.netinfo import NI_NAME, STATUS_ONLY, status_or
from netinfo_scapy.protocol.table import Kind, Procedure, Program
from netinfo_scapy.protocol.xdr import Address, Array, Chain, UInt, struct

_TAG = struct("tag", tag=NI_NAME)
REGISTRATION = struct("registration", tag=NI_NAME, udp_port=UInt(), tcp_port=UInt())

NIBIND = Program(
    "nibind",
    200100001,
    1,
    "recorded traffic of release 208, published server sources",
    (
        Procedure(0, "PING", None, None, "Is the server there?"),
        Procedure(1, "REGISTER", REGISTRATION, STATUS_ONLY, "A netinfod tells its tag and ports.", Kind.ADMIN),
        Procedure(2, "UNREGISTER", _TAG, STATUS_ONLY, "Forget a tag.", Kind.ADMIN),
        Procedure(
            3,
            "GETREGISTER",
            _TAG,
            status_or(struct("ports", udp_port=UInt(), tcp_port=UInt())),
            "The ports of the domain with this tag.",
        ),
        Procedure(
            4,
            "LISTREG",
            None,
            status_or(struct("registrations", registrations=Array(REGISTRATION, 32))),
            "Every tag with its ports.",
            dialect=status_or(struct("linked_registrations", registrations=Chain(REGISTRATION))),
        ),
        Procedure(5, "CREATEMASTER", _TAG, STATUS_ONLY, "Make a new domain here.", Kind.ADMIN),
        Procedure(
            6,
            "CREATECLONE",
            struct(
                "createclone_arguments", tag=NI_NAME, master_name=NI_NAME, master_addr=Address(), master_tag=NI_NAME
            ),
            STATUS_ONLY,
            "Make a clone of another host's domain here.",
            Kind.ADMIN,
        ),
        Procedure(7, "DESTROYDOMAIN", _TAG, STATUS_ONLY, "Remove a domain and its database.", Kind.ADMIN),
        Procedure(
            8,
            "BIND",
            struct("bind_arguments", client_addr=Address(), client_tag=NI_NAME, server_tag=NI_NAME),
            None,
            "Does a domain of this host serve that host's domain as its parent?",
            dialect=STATUS_ONLY,
        ),
    ),
)
