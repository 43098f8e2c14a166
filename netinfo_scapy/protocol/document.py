"""Writes the tables of docs/protocol.md: `python -m netinfo_scapy.protocol.document > docs/protocol.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import Enum, Struct, Type, Union, notation, parts

_INTRODUCTION = """\
# The protocol's tables

What they mean stands in [the specification](specification.md). Generated from the tables in
`netinfo_scapy/protocol/` by `python -m netinfo_scapy.protocol.document`; a test fails when this file is not current.

All integers are big-endian and take 4 bytes; the notation is that of XDR (RFC 4506). `T<n>` is a counted
array of at most n elements, `string<n>` and `opaque<n>` are counted bytes padded with zeros to a multiple
of 4. A *linked list* is an XDR optional chain: 1 and an element, again and again, then 0. ONC RPC is
RFC 5531; over TCP each message is a record of one or more fragments (its section 11).

Port 961, TCP and UDP, is the port this project looks at by default. The text it started from says that
IANA assigns 961 to NetInfo; no published server source names that number, and 1033 is the one that port
lists know as netinfo-local ([its history](history.md)). Real servers take a free port and register it: a
client asks the port mapper for nibind, and nibind for the ports of a tag.
"""


def document() -> str:
    """The text of docs/protocol.md."""
    sections: list[Iterable[str]] = [[_INTRODUCTION]]
    sections += [_program(program) for program in PROGRAMS]
    sections += [_types(), _enumerations(), _anomalies()]
    return "\n".join(line for section in sections for line in section) + "\n"


def _program(program: Program) -> Iterator[str]:
    yield f"## {program.name}, program {program.number} (0x{program.number:08x}), version {program.version}"
    yield ""
    yield f"Source: {program.source}."
    yield ""
    yield "| # | procedure | kind | arguments | result | what for |"
    yield "|---|---|---|---|---|---|"
    for row in sorted(program.procedures, key=lambda row: row.number):
        cells = (str(row.number), row.name, row.kind.value, _inline(row.arguments), _result(row), row.doc)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _result(row: Procedure) -> str:
    text = _inline(row.result)
    return f"{text}; Previous: {_inline(row.dialect)}" if row.dialect else text


def _inline(xdr: Struct | Union | None) -> str:
    """A procedure's arguments or result in one cell."""
    match xdr:
        case None:
            return "void"
        case Struct(_, fields):
            return "; ".join(f"{notation(each)} {name}" for name, each in fields)
        case Union(_, "status", _, ((0, arm),)):
            return f"status; if NI_OK: {_inline(arm)}"
        case _:
            return notation(xdr)


def _types() -> Iterator[str]:
    """Every struct and union that a procedure's table names without showing it."""
    shown: dict[Struct | Union, None] = {}

    def visit(xdr: Type, top: bool) -> None:
        for part in parts(xdr):
            visit(part, isinstance(xdr, Union) and top)
        if isinstance(xdr, Struct | Union) and not top:
            shown.setdefault(xdr)

    for program in PROGRAMS:
        for row in program.procedures:
            for each in (row.arguments, row.result, row.dialect):
                if each is not None:
                    visit(each, top=True)
    for each in (rpc.RPC_CALL, rpc.RPC_REPLY, *rpc.CREDENTIAL_BODIES.values()):
        visit(each, top=False)
    yield "## Types"
    yield ""
    yield "| type | XDR |"
    yield "|---|---|"
    for xdr in shown:
        yield f"| {xdr.name} | {_definition(xdr)} |"
    yield ""


def _definition(xdr: Struct | Union) -> str:
    if isinstance(xdr, Struct):
        return _inline(xdr)
    arms = "; ".join(f"{number}: {_inline(arm)}" for number, arm in xdr.arms)
    return f"union on {notation(xdr.tag)} {xdr.discriminant}: {arms}; else nothing"


_ENUMERATIONS: tuple[Enum, ...] = (
    NI_STATUS,
    rpc.FLAVOR,
    rpc.REPLY_STATUS,
    rpc.ACCEPT_STATUS,
    rpc.REJECT_STATUS,
    rpc.AUTH_STATUS,
)


def _enumerations() -> Iterator[str]:
    yield "## Enumerations"
    yield ""
    for enum in _ENUMERATIONS:
        names = ", ".join(f"{number} {name}" for number, name in enum.members)
        yield f"* **{enum.name}**: {names}. An unknown number n is shown as `{enum.prefix}n`."
    yield ""


def _anomalies() -> Iterator[str]:
    yield "## Anomalies"
    yield ""
    yield "What can be odd about a message that is read all the same; the identifiers of every output."
    yield ""
    yield "| identifier | meaning |"
    yield "|---|---|"
    for anomaly in Anomaly:
        yield f"| `{anomaly.value}` | {anomaly.meaning} |"


if __name__ == "__main__":
    sys.stdout.write(document())
