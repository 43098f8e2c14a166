"""Words of a command line as a call: `NetInfo.LOOKUP --id 0 --key name --value users`.

A procedure's options are the fields of its arguments. Numbers are decimal or 0x..., text stands for
bytes, `hex:dead00` too; an id is `17` or `17/5`; an option that is a list is given again and again;
a property is `NAME=VALUE`, given again with the same name for further values. What forwards a call
takes it as words, too: `portmap.CALLIT --call "nibind.GETREGISTER --tag network"`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from scapy.packet import Packet

from netinfo_scapy.layers.known import find_classes
from netinfo_scapy.layers.table import field_name
from netinfo_scapy.protocol.netinfo import NI_PROPERTY
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.protocol.table import Procedure, Program
from netinfo_scapy.protocol.xdr import Address, Array, Bool, Int, Opaque, Optional, String, Struct, Type, UInt, Union

_NAMES = {"portmap": 100000, "udp": 17, "tcp": 6} | {program.name.lower(): program.number for program in PROGRAMS}
"""Words for numbers: programs, transport protocols."""

_FORWARDED = "--call"
"""The option that takes a whole call."""


def names() -> list[str]:
    """Every procedure as `Program.PROCEDURE`; a later version of a program stands for an earlier one."""
    return list(dict.fromkeys(f"{program.name}.{row.name}" for program in PROGRAMS for row in program.procedures))


def find(name: str) -> tuple[Program, Procedure]:
    """The program and procedure of a name, whatever its case; `rpcbind3.GETADDR` is of that version.

    Raises ValueError.
    """
    found = None
    for program in PROGRAMS:
        for row in program.procedures:
            if name.lower() in (f"{program.name}.{row.name}".lower(), f"{_versioned(program)}.{row.name}".lower()):
                found = program, row
    if found is None:
        near = get_close_matches(name.lower(), {each.lower(): each for each in names()}, 3, 0.5)
        known = {each.lower(): each for each in names()}
        hint = f"did you mean {', '.join(known[each] for each in near)}?" if near else "see craft call --list"
        raise ValueError(f"{name}: no such procedure; {hint}")
    return found


def _versioned(program: Program) -> str:
    return f"{program.name}{program.version}"


def options(row: Procedure) -> dict[str, Type]:
    """A procedure's options and the types of their values."""
    if row.arguments is None:
        return {}
    return {f"--{name.replace('_', '-')}": part for name, part in row.arguments.fields}


def describe(name: str) -> str:
    """A procedure with its options, as one line."""
    _, row = find(name)
    said = [f"{option} {_hint(part)}" for option, part in options(row).items()]
    if row.forwards:
        said.append(f"{_FORWARDED} CALL")
    return " ".join([name, *said])


def make_call(name: str, words: Sequence[str]) -> tuple[Program, Packet]:
    """The call of a procedure with options; what is left out keeps its default. Raises ValueError."""
    program, row = find(name)
    known = options(row)
    given: dict[str, list[str]] = {}
    rest = list(words)
    inner: dict[str, Any] = {}
    while rest:
        option, joined, value = rest.pop(0).partition("=")
        forwarded = row.forwards and option == _FORWARDED
        if option not in known and not forwarded:
            has = ", ".join([*known, *([_FORWARDED] if row.forwards else [])]) or "none"
            raise ValueError(f"{option}: {name} has no such option; its options: {has}")
        if not joined:
            if not rest:
                what = "CALL" if forwarded else _hint(known[option])
                raise ValueError(f"{option}: {name} needs a value there: {what}")
            value = rest.pop(0)
        if forwarded:
            inner = _forwarded(value)
            continue
        given.setdefault(option, []).append(value)
    classes = find_classes(program.number, program.version, row.number)
    assert classes is not None
    fields = {
        field_name(option[2:].replace("-", "_")): _value(option, known[option], values)
        for option, values in given.items()
    }
    return program, classes.call(**{**inner, **fields})


def _forwarded(text: str) -> dict[str, Any]:
    """The fields of a call that has another one done, which words say."""
    try:
        name, *words = shlex.split(text) or [""]
    except ValueError as error:
        raise ValueError(f"{_FORWARDED} {text!r}: {error}; write 'nibind.GETREGISTER --tag network'") from None
    program, call = make_call(name, words)
    row = find(name)[1]
    numbers = {"program": program.number, "version": program.version, "procedure": row.number}
    return {**numbers, "arguments": bytes(call)}


def _value(option: str, xdr: Type, values: list[str]) -> Any:
    if isinstance(xdr, Array):
        if xdr.element == NI_PROPERTY:
            return _properties(option, values)
        return [_one(option, xdr.element, each) for each in values]
    if xdr == NI_PROPERTY:
        properties = _properties(option, values)
        if len(properties) > 1:
            raise ValueError(f"{option}: given {len(properties)} names, it takes one property")
        [(name, held)] = properties
        return {"name_": name, "values": held}
    if len(values) > 1:
        raise ValueError(f"{option}: given {len(values)} times, it takes one value")
    return _one(option, xdr, values[0])


def _one(option: str, xdr: Type, text: str) -> Any:
    match xdr:
        case Optional(element):
            return _one(option, element, text)
        case Address():
            return _converted(option, text, lambda each: str(IPv4Address(each)), "an IPv4 address")
        case UInt() | Int() | Bool():
            return _number(option, text, signed=isinstance(xdr, Int))
        case String() | Opaque():
            return _bytes(option, text)
        case Struct(_, parts):
            numbers = text.split("/")
            if len(numbers) > len(parts):
                raise ValueError(f"{option} {text}: not {_hint(xdr)}")
            return tuple(_number(option, each) for each in numbers)
        case Union():
            return {"address": _converted(option, text, lambda each: str(IPv4Address(each)), "an IPv4 address")}
    raise ValueError(f"{option}: it cannot be said in words; use the shell")


def _converted(option: str, text: str, make: Callable[[str], Any], what: str) -> Any:
    try:
        return make(text)
    except (ValueError, AddressValueError) as error:
        raise ValueError(f"{option} {text}: not {what}") from error


def _number(option: str, text: str, signed: bool = False) -> int:
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    number: int = _converted(option, text, lambda each: int(each, 0), "a number, as 17 or 0x11")
    least, most = (-(2**31), 2**31 - 1) if signed else (0, 2**32 - 1)
    if not least <= number <= most:
        raise ValueError(f"{option} {text}: not a number from {least} to {most}, 32 bits")
    return number


def _bytes(option: str, text: str) -> bytes:
    if text.startswith("hex:"):
        data: bytes = _converted(option, text[4:], bytes.fromhex, "hexadecimal digits")
        return data
    return text.encode("utf-8", "surrogateescape")


def _properties(option: str, values: list[str]) -> list[tuple[bytes, list[bytes]]]:
    """Values of one name belong to one property; `NAME` alone has none."""
    found: dict[bytes, list[bytes]] = {}
    for text in values:
        name, there, value = text.partition("=")
        held = found.setdefault(_bytes(option, name), [])
        if there:
            held.append(_bytes(option, value))
    return list(found.items())


def _hint(xdr: Type) -> str:
    match xdr:
        case Array(element):
            return f"{_hint(element)} (again for more)"
        case Optional(element):
            return f"[{_hint(element)}]"
        case Address() | Union():
            return "ADDRESS"
        case String() | Opaque():
            return "TEXT"
        case Struct() if xdr == NI_PROPERTY:
            return "NAME=VALUE"
        case Struct():
            return "OBJECT[/INSTANCE]"
        case _:
            return "NUMBER"
