"""The shape of a program's table: one row for each procedure."""

from __future__ import annotations

from enum import StrEnum

from netinfo_scapy.protocol.value import Value
from netinfo_scapy.protocol.xdr import Struct, Union


class Kind(StrEnum):
    """What a procedure does to the server's data."""

    READ = "read"
    WRITE = "write"
    ADMIN = "administration"


class Procedure(Value):
    """One procedure of one version of a program.

    arguments, result: None is void. A result that is a union on `status`, or has a field
        of that name, carries an ni_status.
    dialect: the result as the Previous emulator writes it, where that differs.
    forwards: the arguments hold a call to another program, and the result its result.
    """

    number: int
    name: str
    arguments: Struct | None
    result: Struct | Union | None
    doc: str
    kind: Kind = Kind.READ
    dialect: Struct | Union | None = None
    forwards: bool = False


class Program(Value):
    """One version of an RPC program."""

    name: str
    number: int
    version: int
    source: str
    procedures: tuple[Procedure, ...]
