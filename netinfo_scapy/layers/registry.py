"""How an RPC program is made known to the layers."""

from __future__ import annotations

from collections.abc import Mapping

from scapy.packet import Packet, bind_top_down

from netinfo_scapy.layers.known import KNOWN, Classes
from netinfo_scapy.layers.rpc import RPC


def register_rpc_program(
    program: int, version: int, procedures: Mapping[int, Classes | tuple[type[Packet], type[Packet]]]
) -> None:
    """Make an RPC program known, so that its calls and replies are dissected and filled in on build.

    procedures: number -> (call class, reply class). A program registered again replaces what was known of it.

    >>> register_rpc_program(200100002, 1, {0: (MINE_PING_Call, MINE_PING_Reply)})
    """
    for number, pair in procedures.items():
        classes = Classes(*pair)
        KNOWN[program, version, number] = classes
        bind_top_down(RPC, classes.call, type=0, program=program, version=version, procedure=number)
        for reply in (classes.reply, classes.previous):
            if reply is not None:
                bind_top_down(RPC, reply, type=1)


__all__ = ["Classes", "register_rpc_program"]
