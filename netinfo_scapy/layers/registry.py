"""Which classes a program's calls and replies are: the one place where an RPC program is made known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scapy.packet import Packet, bind_top_down

from netinfo_scapy.layers.rpc import RPC


class Classes(NamedTuple):
    """The classes of one procedure. previous: the reply as the Previous emulator writes it, where that differs."""

    call: type[Packet]
    reply: type[Packet]
    previous: type[Packet] | None = None


_KNOWN: dict[tuple[int, int, int], Classes] = {}


def find_classes(program: int, version: int, procedure: int) -> Classes | None:
    """The classes of a procedure; None where it is unknown."""
    return _KNOWN.get((program, version, procedure))


def register_rpc_program(
    program: int, version: int, procedures: Mapping[int, Classes | tuple[type[Packet], type[Packet]]]
) -> None:
    """Make an RPC program known, so that its calls and replies are dissected and filled in on build.

    procedures: number -> (call class, reply class). A program registered again replaces what was known of it.

    >>> register_rpc_program(200100002, 1, {0: (MINE_PING_Call, MINE_PING_Reply)})
    """
    for number, pair in procedures.items():
        classes = Classes(*pair)
        _KNOWN[program, version, number] = classes
        bind_top_down(RPC, classes.call, type=0, program=program, version=version, procedure=number)
        for reply in (classes.reply, classes.previous):
            if reply is not None:
                bind_top_down(RPC, reply, type=1)
