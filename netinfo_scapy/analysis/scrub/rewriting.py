"""A message -> the same with what it names replaced: written anew, from what its types say is there.

Nothing is copied that is not understood. The output begins as `FILLER`, and only the words and texts
that a type of protocol/ accounts for are written into it: so bytes left over, padding, opaque bodies and
what follows an error are filler, and all that is odd about the message (a length that points past its
end, padding that is not zero, a flag of 2) is as odd as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from netinfo_scapy.analysis.bodies import body_type, carried_type
from netinfo_scapy.analysis.scrub.texts import Texts
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import ReplyHeader, body_is_protected
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.secret import carried_password
from netinfo_scapy.protocol.wire import XdrError, need, take_count, take_word
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
    smallest,
)

FILLER = 0xFF
"""What stands where something is not copied. No record mark, message type or padding looks like it."""

_OTHER = 0x55
"""Turns a byte into another one."""

_STATISTICS = find_procedure(NETINFO.number, NETINFO.version, 1)
_FALSE, _TRUE, _ODD = bytes(4), b"\0\0\0\x01", b"\0\0\0\x02"

_Place = tuple[str, str]
_NOWHERE: _Place = ("", "")

_NUMBERS = frozenset({("auth_sys", "uid"), ("auth_sys", "gid"), ("auth_sys", "gids")})
"""Struct and field of numbers that stand for a user or a group."""

_MACHINENAME: _Place = ("auth_sys", "machinename")
_CREDENTIAL: _Place = ("rpc_call", "credential")
_FORWARDED = frozenset(
    {
        ("forwarded_call", "arguments"),
        ("forwarded_result", "result"),
        ("rpcbind_forwarded_result", "result"),
    }
)
"""Opaque fields whose bytes are those of another procedure."""


def as_different(own: bytes, before: bytes, after: bytes) -> bytes:
    """What stands for bytes that came where others counted: other than `after` where they were other than `before`."""
    if own == before:
        return after
    return bytes(new if mine == old else new ^ _OTHER for mine, old, new in zip(own, before, after, strict=True))


def rewritten(message: Message, texts: Texts) -> bytes:
    """The bytes of a message, as many as there are, with every name, value, address and password replaced."""
    data, header, row = message.record.data, message.header, message.row
    writer = _Writer(data, texts, on_statistics=row is _STATISTICS)
    try:
        begin = writer.write(rpc.RPC_CALL if message.is_call else rpc.RPC_REPLY, 0, len(data))
        called = message.called
        if message.readable and row is not None and not (called and body_is_protected(called.credential)):
            writer.inner = carried_type(message, row)
            body = body_type(message, row)
            if body is not None:
                writer.numbers_stay = row is _STATISTICS and isinstance(header, ReplyHeader)
                writer.write(body, begin, len(data))
    except XdrError:
        pass  # what follows is not understood, and stays filler
    return bytes(writer.out)


class _Writer:
    """Writes values by their types. out: what is written so far, filler elsewhere."""

    def __init__(self, data: bytes, texts: Texts, on_statistics: bool) -> None:
        self.out = bytearray([FILLER]) * len(data)
        self.inner: Struct | Union | None = None
        self.numbers_stay = False
        self._data = data
        self._texts = texts
        self._on_statistics = on_statistics

    def write(self, xdr: Type, at: int, end: int, place: _Place = _NOWHERE) -> int:
        """Write a value; the offset after it. place: the struct and the field it is. Raises XdrError."""
        return _WRITERS[type(xdr)](self, xdr, at, end, place)

    def _copy(self, at: int, size: int) -> int:
        self.out[at : at + size] = self._data[at : at + size]
        return at + size

    def _word(self, _xdr: Type, at: int, end: int, place: _Place) -> int:
        number = take_word(self._data, at, end)
        if place in _NUMBERS:
            self.out[at : at + 4] = self._texts.number(number).to_bytes(4, "big")
            return at + 4
        return self._copy(at, 4)

    def _address(self, _xdr: Type, at: int, end: int, _place: _Place) -> int:
        number = take_word(self._data, at, end)
        self.out[at : at + 4] = self._texts.addresses.number(number).to_bytes(4, "big")
        return at + 4

    def _flag(self, _xdr: Type, at: int, end: int, _place: _Place) -> int:
        flag = take_word(self._data, at, end)
        self.out[at : at + 4] = _ODD if flag > 1 else _TRUE if flag else _FALSE
        return at + 4

    def _octets(self, _xdr: Type, at: int, end: int, _place: _Place) -> int:
        need(at, end, 16)
        given = [take_word(self._data, at + offset, end) for offset in range(0, 16, 4)]
        for index, octet in enumerate(self._texts.addresses.ip(bytes(word & 0xFF for word in given))):
            odd = 0x100 if 0xFF < given[index] < 0xFFFFFF80 else 0
            sign = 0xFFFFFF00 if given[index] >= 0xFFFFFF80 and octet >= 0x80 else 0
            self.out[at + 4 * index : at + 4 * index + 4] = (octet | odd | sign).to_bytes(4, "big")
        return at + 16

    def _counted(self, at: int, end: int, maximum: int) -> tuple[int, int, int]:
        """Write a length and its padding; where the bytes begin and end, and what follows begins."""
        length = take_word(self._data, at, end)
        start, stop = at + 4, at + 4 + length
        after = stop + (-length & 3)
        # Filler is a length that points past the end, too.
        need(start, end, length)
        self._copy(at, 4)
        if length > maximum:
            raise XdrError("longer than allowed", at, over_limit=True)
        need(stop, end, after - stop)
        if not any(self._data[stop:after]):
            self._copy(stop, after - stop)
        return start, stop, after

    def _string(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, String)
        start, stop, after = self._counted(at, end, xdr.maximum)
        value = self._data[start:stop]
        if place != _MACHINENAME:
            found = self._texts.text(value, self.numbers_stay)
        elif carried_password(value, self._on_statistics) is not None:
            found = self._texts.password(value)
        else:
            # Of bytes above 0x7f alone there is only the word that STATISTICS takes.
            found = value if value and min(value) >= 0x80 else self._texts.text(value)
        self.out[start:stop] = found
        return after

    def _opaque(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, Opaque)
        start, stop, after = self._counted(at, end, xdr.maximum)
        if place in _FORWARDED and self.inner is not None:
            self._within(self.inner, start, stop)
        return after

    def _within(self, xdr: Struct | Union, start: int, stop: int) -> None:
        """Write what an opaque field holds, as far as it holds it."""
        # Where that ends too soon, the rest stays filler.
        with suppress(XdrError):
            self.write(xdr, start, stop)

    def _fixed_opaque(self, xdr: Type, at: int, end: int, _place: _Place) -> int:
        assert isinstance(xdr, FixedOpaque)
        need(at, end, xdr.size)
        return at + xdr.size

    def _array(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, Array)
        try:
            count = take_count(self._data, at, end, xdr.maximum, smallest(xdr.element))
        except XdrError as error:
            if error.over_limit:
                self._copy(at, 4)
            raise
        at = self._copy(at, 4)
        for _ in range(count):
            at = self.write(xdr.element, at, end, place)
        return at

    def _fixed_array(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, FixedArray)
        for _ in range(xdr.count):
            at = self.write(xdr.element, at, end, place)
        return at

    def _optional(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, Optional)
        there = take_word(self._data, at, end)
        at = self._flag(xdr, at, end, place)
        return self.write(xdr.element, at, end, place) if there else at

    def _chain(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, Chain)
        while True:
            there = take_word(self._data, at, end)
            at = self._flag(xdr, at, end, place)
            if not there:
                return at
            at = self.write(xdr.element, at, end, place)

    def _struct(self, xdr: Type, at: int, end: int, place: _Place) -> int:
        assert isinstance(xdr, Struct)
        if place == _CREDENTIAL:
            return self._credential(at, end)
        for name, each in xdr.fields:
            at = self.write(each, at, end, (xdr.name, name))
        return at

    def _union(self, xdr: Type, at: int, end: int, _place: _Place) -> int:
        assert isinstance(xdr, Union)
        tag = take_word(self._data, at, end)
        at = self._copy(at, 4)
        arm = dict(xdr.arms).get(tag)
        return at if arm is None else self.write(arm, at, end)

    def _credential(self, at: int, end: int) -> int:
        flavor = take_word(self._data, at, end)
        self._copy(at, 4)
        start, stop, after = self._counted(at + 4, end, 0xFFFFFFFF)
        body = rpc.CREDENTIAL_BODIES.get(flavor)
        if body is not None:
            self._within(body, start, stop)
        return after


_WRITERS: dict[type, Callable[[_Writer, Type, int, int, _Place], int]] = {
    UInt: _Writer._word,
    Int: _Writer._word,
    Enum: _Writer._word,
    Address: _Writer._address,
    Bool: _Writer._flag,
    Octets: _Writer._octets,
    String: _Writer._string,
    Opaque: _Writer._opaque,
    FixedOpaque: _Writer._fixed_opaque,
    Array: _Writer._array,
    FixedArray: _Writer._fixed_array,
    Optional: _Writer._optional,
    Chain: _Writer._chain,
    Struct: _Writer._struct,
    Union: _Writer._union,
}
"""Type -> how it is written. What these say is not copied is filler."""
