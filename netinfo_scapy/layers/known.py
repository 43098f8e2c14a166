"""Which classes are the calls and replies of a procedure."""

from __future__ import annotations

from typing import NamedTuple

from scapy.packet import Packet


class Classes(NamedTuple):
    """The classes of one procedure. previous: the reply as the Previous emulator writes it, where that differs."""

    call: type[Packet]
    reply: type[Packet]
    previous: type[Packet] | None = None


KNOWN: dict[tuple[int, int, int], Classes] = {}
"""By program, version and procedure; `registry.register_rpc_program` adds to it."""


def find_classes(program: int, version: int, procedure: int) -> Classes | None:
    """The classes of a procedure; None where it is unknown."""
    return KNOWN.get((program, version, procedure))
