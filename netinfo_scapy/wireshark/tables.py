"""The protocol's tables as Lua's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netinfo_scapy.protocol import codegen, rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import (
    Address,
    Array,
    Bool,
    Chain,
    Enum,
    FixedArray,
    FixedOpaque,
    Int,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    UInt,
    Union,
    parts,
    smallest,
)
from netinfo_scapy.wireshark.fields import (
    ALIASES,
    ELEMENTS,
    FIRST,
    INLINE,
    MESSAGE_TYPE,
    PROTOCOLS,
    Field,
    Protocol,
    fields_of,
    label,
)

_Lua = str | int | bool | None | Sequence["_Lua"] | Mapping[str | int, "_Lua"]


class Verbatim(str):
    """Lua code that stands as it is."""


_SEVERITIES = {
    Anomaly.TRUNCATED_HEADER: ("MALFORMED", "ERROR"),
    Anomaly.TRUNCATED_ARGUMENTS: ("MALFORMED", "ERROR"),
    Anomaly.TRUNCATED_RESULT: ("MALFORMED", "ERROR"),
    Anomaly.OVER_LIMIT: ("MALFORMED", "ERROR"),
    Anomaly.BYTES_LEFT_OVER: ("PROTOCOL", "WARN"),
    Anomaly.NONZERO_PADDING: ("PROTOCOL", "NOTE"),
    Anomaly.OPTIONAL_FLAG: ("PROTOCOL", "WARN"),
    Anomaly.ODD_BOOLEAN: ("PROTOCOL", "WARN"),
    Anomaly.ODD_OCTET: ("PROTOCOL", "WARN"),
    Anomaly.INNER_NUL: ("PROTOCOL", "WARN"),
    Anomaly.BAD_CREDENTIAL: ("MALFORMED", "WARN"),
    Anomaly.PROTECTED_BODY: ("UNDECODED", "NOTE"),
    Anomaly.NESTED_FORWARD: ("PROTOCOL", "WARN"),
    Anomaly.RPC_VERSION: ("PROTOCOL", "WARN"),
    Anomaly.UNKNOWN_RPC_STATUS: ("PROTOCOL", "WARN"),
    Anomaly.DIALECT_PREVIOUS: ("PROTOCOL", "NOTE"),
    Anomaly.INCOMPLETE_RECORD: ("REASSEMBLE", "WARN"),
    Anomaly.OVERLAP_CONFLICT: ("SECURITY", "WARN"),
    Anomaly.REPLY_WITHOUT_CALL: ("SEQUENCE", "NOTE"),
    Anomaly.DUPLICATE_REPLY: ("SEQUENCE", "NOTE"),
}
"""Anomaly -> Wireshark's expert group and severity."""


def lua(value: _Lua) -> str:
    """A value as a Lua expression."""
    match value:
        case Verbatim():
            return value
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case None:
            return "nil"
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {lua(each)}" for key, each in value.items()) + " }"
        case _:
            return "{ " + ", ".join(map(lua, value)) + " }"


def _key(key: str | int) -> str:
    return key if isinstance(key, str) and key.isidentifier() else f"[{lua(key)}]"


def _reference(xdr: Type) -> Verbatim:
    """A type where another names it."""
    match xdr:
        case Address() | Octets() | UInt() | Int() | Bool():
            return Verbatim(f'{{ kind = "{type(xdr).__name__.lower()}" }}')
        case Enum(name):
            return Verbatim(f'{{ kind = "enum", name = "{name}" }}')
        case String(maximum) | Opaque(maximum):
            return Verbatim(f'{{ kind = "{type(xdr).__name__.lower()}", most = {maximum} }}')
        case FixedOpaque(size):
            return Verbatim(f'{{ kind = "fixed", size = {size} }}')
        case _:
            return Verbatim(f"T.{codegen.identifier(xdr)}")


def _definition(xdr: Type) -> dict[str | int, _Lua]:
    """A type that is made of others."""
    match xdr:
        case Array(element, maximum):
            return {"kind": "array", "of": _reference(element), "most": maximum, "least": smallest(element)}
        case FixedArray(element, count):
            return {"kind": "times", "of": _reference(element), "count": count}
        case Optional(element):
            return {"kind": "optional", "of": _reference(element)}
        case Chain(element):
            return {"kind": "chain", "of": _reference(element)}
        case Struct(name, fields):
            rows: dict[str | int, _Lua] = {
                index: (field, _reference(each)) for index, (field, each) in enumerate(fields, 1)
            }
            return {"kind": "struct", "name": name, "first": True if name in FIRST else None, **rows}
        case Union(name, discriminant, tag, arms):
            return {
                "kind": "union",
                "name": name,
                "inline": True if name in INLINE else None,
                "discriminant": discriminant,
                "tag": _reference(tag),
                "arms": {number: _reference(arm) for number, arm in arms},
            }
        case _:
            raise TypeError(f"{xdr} is made of nothing")


def _procedure(row: Procedure) -> dict[str | int, _Lua]:
    shown: dict[str | int, _Lua] = {"name": row.name}
    for key in ("arguments", "result", "dialect"):
        xdr = getattr(row, key)
        if xdr is not None:
            shown[key] = _reference(xdr)
    if row.forwards:
        shown["forwards"] = True
    return shown


def _enums() -> tuple[Enum, ...]:
    used = (codegen.roots(), (NI_STATUS, MESSAGE_TYPE))
    found: dict[Enum, None] = {}

    def visit(xdr: Type) -> None:
        if isinstance(xdr, Enum):
            found.setdefault(xdr)
        for part in parts(xdr) + ((xdr.tag,) if isinstance(xdr, Union) else ()):
            visit(part)

    for roots in used:
        for root in roots:
            visit(root)
    return tuple(found)


def _procedure_names(protocol: Protocol) -> dict[str | int, _Lua]:
    """Number -> name; where versions differ, all of them."""
    names: dict[str | int, dict[str, None]] = {}
    for program in PROGRAMS:
        if program.number == protocol.number:
            for row in program.procedures:
                names.setdefault(row.number, {}).setdefault(row.name)
    return {number: "/".join(each) for number, each in names.items()}


def _labels(fields: Mapping[str, list[Field]]) -> dict[str | int, _Lua]:
    names = {each.name.rpartition(".")[2] for listed in fields.values() for each in listed}
    types = {xdr.name for xdr in codegen.composites() if isinstance(xdr, Struct | Union)}
    below = {name for xdr in codegen.composites() if isinstance(xdr, Struct) for name, _ in xdr.fields}
    return {name: label(name) for name in sorted(names | types | below)}


def _rows(name: str, rows: Mapping[str | int, _Lua] | Sequence[_Lua]) -> Iterator[str]:
    """A table, a line each row."""
    yield f"local {name} = {{"
    if isinstance(rows, Mapping):
        yield from (f"  {_key(key)} = {lua(value)}," for key, value in rows.items())
    else:
        yield from (f"  {lua(value)}," for value in rows)
    yield "}"


def _protocol(protocol: Protocol, fields: list[Field]) -> Iterator[str]:
    yield f"protocols[#protocols + 1] = {{ prefix = {lua(protocol.prefix)}, name = {lua(protocol.name)},"
    yield f"  description = {lua(protocol.description)}, fields = {{"
    for each in fields:
        yield f"    {lua([part for part in each if part is not None])},"
    yield "  } }"


def _program(program: Program) -> Iterator[str]:
    yield f'programs["{program.number}.{program.version}"] = {{ name = {lua(program.name)}, procedures = {{'
    for row in program.procedures:
        yield f"    [{row.number}] = {lua(_procedure(row))},"
    yield "  } }"


def module() -> str:
    """The tables as a Lua chunk that returns them."""
    fields = {each.prefix: fields_of(each) for each in PROTOCOLS}
    statistics = next(row for row in NETINFO.procedures if row.name == "STATISTICS")
    lines = ["local T = {}"]
    for xdr in codegen.composites():
        shown = {key: value for key, value in _definition(xdr).items() if value is not None}
        lines.append(f"T.{codegen.identifier(xdr)} = {lua(shown)}")
    lines.append("local programs = {}")
    for program in PROGRAMS:
        lines += _program(program)
    lines.append("local protocols = {}")
    for protocol in PROTOCOLS:
        lines += _protocol(protocol, fields[protocol.prefix])
    enums = _enums()
    tables: dict[str, Mapping[str | int, _Lua] | Sequence[_Lua]] = {
        "enums": {each.name: dict(each.members) for each in enums},
        "unknown": {each.name: each.prefix for each in enums},
        "procedures": {each.prefix: _procedure_names(each) for each in PROTOCOLS},
        "prefixes": {each.number: each.prefix for each in PROTOCOLS},
        "credentials": {flavor: _reference(xdr) for flavor, xdr in rpc.CREDENTIAL_BODIES.items()},
        "elements": dict(ELEMENTS.items()),
        "aliases": dict(ALIASES.items()),
        "labels": _labels(fields),
        "statistics": {
            "program": NETINFO.number,
            "version": NETINFO.version,
            "procedure": statistics.number,
        },
        "anomalies": [_anomaly(each) for each in Anomaly],
    }
    for name, rows in tables.items():
        lines += _rows(name, rows)
    names = ["programs", "protocols", *tables]
    lines.append("return { types = T, rpcsec_gss = " + str(rpc.RPCSEC_GSS) + ",")
    lines += [f"  {name} = {name}," for name in names]
    lines.append("}")
    return "\n".join(lines)


def _anomaly(each: Anomaly) -> dict[str | int, _Lua]:
    group, severity = _SEVERITIES[each]
    return {"id": each.value, "meaning": each.meaning, "group": group, "severity": severity}
