"""Every program the toolkit knows, and the names of procedures, known or not."""

from __future__ import annotations

from netinfo_scapy.protocol.bootparam import BOOTPARAM
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP, RPCBIND_3, RPCBIND_4
from netinfo_scapy.protocol.table import Procedure, Program

PROGRAMS: tuple[Program, ...] = (NETINFO, NIBIND, PORTMAP, RPCBIND_3, RPCBIND_4, BOOTPARAM)

KNOWN_NUMBERS = frozenset(program.number for program in PROGRAMS)
"""The program numbers whose calls teach that an endpoint is of interest."""

NETINFO_PORT = 961
PORTMAP_PORT = 111
RESERVED_BELOW = 1024
"""Ports below it are for the superuser of a host alone; servers take whoever calls from one for the superuser."""

_VERSIONS = {(program.number, program.version): program for program in PROGRAMS}
_ROWS = {(program.number, program.version, row.number): row for program in PROGRAMS for row in program.procedures}


def find_procedure(program: int, version: int, procedure: int) -> Procedure | None:
    """The row of a procedure, or None where program, version or procedure is unknown."""
    return _ROWS.get((program, version, procedure))


def procedure_name(program: int, version: int, procedure: int) -> str:
    """The name as it stands in every output.

    `NetInfo.READ`; an unknown procedure of a known program: `NetInfo.PROC_29`; an unknown
    program or version: `200100002.2.7`.
    """
    known = _VERSIONS.get((program, version))
    if known is None:
        return f"{program}.{version}.{procedure}"
    row = _ROWS.get((program, version, procedure))
    return f"{known.name}.{row.name if row else f'PROC_{procedure}'}"


def program_name(number: int) -> str:
    """The name of a program whatever its version: `NetInfo`, `portmap`; unknown: its number."""
    for program in PROGRAMS:
        if program.number == number:
            return program.name
    return str(number)
