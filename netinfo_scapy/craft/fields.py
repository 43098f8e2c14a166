"""Where the fields of a message lie in it, by the types of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from netinfo_scapy.analysis.bodies import body_type, carried_type
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import CallHeader, body_is_protected
from netinfo_scapy.protocol.wire import XdrError, need, take_word
from netinfo_scapy.protocol.xdr import (
    Array,
    Chain,
    FixedArray,
    FixedOpaque,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    Union,
)

MACHINENAME = "credential.machinename"
MOST_FIELDS = 10_000
"""Fields of one message that are named; a directory of tens of thousands of objects has more."""

_CREDENTIAL = 24
_MACHINENAME = _CREDENTIAL + 12
_FORWARDED = {"forwarded_call": "arguments", "forwarded_result": "result", "rpcbind_forwarded_result": "result"}
"""Opaque fields whose bytes are those of another procedure: the struct -> the field."""


class Field(NamedTuple):
    """A part of a message.

    what: `program`, `procedure`, `arguments`, `arguments.props[0].name`, `result.status`; of a list, how many it has,
    as `result.props count`. start, end: its bytes, in the message without record marks; of a string, without its
    length and padding. text: it is a string.
    """

    what: str
    start: int
    end: int
    text: bool = False


def fields_of(message: Message) -> list[Field]:
    """Header, credential, arguments or result as a whole, and each number and string in them. Never raises.

    A message that ends too soon, or is odd, has the fields that can be told.
    """
    data = message.record.data
    found = list(_header(message, data))
    row, called = message.row, message.called
    if message.readable and not (called and body_is_protected(called.credential)):
        begin = message.begin if message.plain else message.header.end
        name, xdr = "arguments" if message.is_call else "result", body_type(message, row) if row else None
        if begin < len(data):
            found.append(Field(name, begin, len(data)))
        if xdr is not None and row is not None:
            found += _Walker(data, carried_type(message, row)).fields(xdr, begin, len(data), name)
    return found


def _header(message: Message, data: bytes) -> Iterator[Field]:
    """RFC 5531, 9."""
    fixed = [("xid", 0), ("type", 4)]
    if message.is_call:
        fixed += [("rpc_version", 8), ("program", 12), ("version", 16), ("procedure", 20)]
    yield from (Field(what, start, start + 4) for what, start in fixed if start + 4 <= len(data))
    header = message.header
    credential = header.credential if isinstance(header, CallHeader) else None
    if credential is None or credential.flavor != rpc.AUTH_SYS or not credential.body or len(credential.body) < 8:
        return
    end = _MACHINENAME + 4 + take_word(data, _MACHINENAME, len(data))
    if end <= _CREDENTIAL + 8 + len(credential.body):
        yield Field(MACHINENAME, _MACHINENAME + 4, end, text=True)


class _Walker:
    """Goes through a value by its types. No recursion deeper than the types are nested."""

    def __init__(self, data: bytes, inner: Struct | Union | None) -> None:
        self._data = data
        self._inner = inner
        self._found: list[Field] = []

    def fields(self, xdr: Type, start: int, end: int, name: str) -> list[Field]:
        """The numbers and strings of a value, up to where it cannot be read."""
        with suppress(XdrError):
            self._walk(xdr, start, end, name)
        return self._found

    def _word(self, at: int, end: int) -> int:
        return take_word(self._data, at, end)

    def _number(self, at: int, end: int, name: str) -> int:
        """A number of four bytes, which has a place of its own. Raises XdrError."""
        number = self._word(at, end)
        self._found.append(Field(name, at, at + 4))
        return number

    def _walk(self, xdr: Type, at: int, end: int, name: str) -> int:
        """The offset behind a value. Raises XdrError."""
        if len(self._found) >= MOST_FIELDS:
            raise XdrError("more fields than are named", at)
        step = _STEPS.get(type(xdr))
        if step is not None:
            return step(self, xdr, at, end, name)
        if isinstance(xdr, FixedOpaque | Octets):
            size = xdr.size if isinstance(xdr, FixedOpaque) else 16
            need(at, end, size)
            return at + size
        self._number(at, end, name)
        return at + 4

    def _counted(self, xdr: Type, at: int, end: int, name: str) -> int:
        length = self._word(at, end)
        start = at + 4
        need(start, end, length)
        if isinstance(xdr, String):
            self._found.append(Field(name, start, start + length, text=True))
        return start + length + (-length & 3)

    def _array(self, xdr: Type, at: int, end: int, name: str) -> int:
        assert isinstance(xdr, Array | FixedArray)
        count, at = (xdr.count, at) if isinstance(xdr, FixedArray) else (self._number(at, end, f"{name} count"), at + 4)
        for index in range(count):
            at = self._walk(xdr.element, at, end, f"{name}[{index}]")
        return at

    def _optional(self, xdr: Type, at: int, end: int, name: str) -> int:
        assert isinstance(xdr, Optional)
        return self._walk(xdr.element, at + 4, end, name) if self._word(at, end) else at + 4

    def _chain(self, xdr: Type, at: int, end: int, name: str) -> int:
        assert isinstance(xdr, Chain)
        index = 0
        while self._word(at, end):
            at = self._walk(xdr.element, at + 4, end, f"{name}[{index}]")
            index += 1
        return at + 4

    def _struct(self, xdr: Type, at: int, end: int, name: str) -> int:
        assert isinstance(xdr, Struct)
        for field, element in xdr.fields:
            if self._inner is not None and isinstance(element, Opaque) and _FORWARDED.get(xdr.name) == field:
                self._walk(self._inner, at + 4, at + 4 + self._word(at, end), f"{name}.{field}")
            at = self._walk(element, at, end, f"{name}.{field}")
        return at

    def _union(self, xdr: Type, at: int, end: int, name: str) -> int:
        assert isinstance(xdr, Union)
        arm = dict(xdr.arms).get(self._number(at, end, f"{name}.{xdr.discriminant}"))
        return at + 4 if arm is None else self._walk(arm, at + 4, end, name)


_STEPS: dict[type, Callable[[_Walker, Type, int, int, str], int]] = {
    String: _Walker._counted,
    Opaque: _Walker._counted,
    Array: _Walker._array,
    FixedArray: _Walker._array,
    Optional: _Walker._optional,
    Chain: _Walker._chain,
    Struct: _Walker._struct,
    Union: _Walker._union,
}
