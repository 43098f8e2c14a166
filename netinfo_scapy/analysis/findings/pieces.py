"""The value of an answer as detectors read it: of a long one a piece at a time.

What is made of a body takes many times its bytes, and a hostile one has 16 MB. The lists that can be so long, of
directories and of one directory's properties, are made an element at a time, and anew each time they are gone through.
What is too long all the same is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import codec, words
from netinfo_scapy.protocol.netinfo import NI_ENTRY, NI_OBJECT, NI_PROPERTY, PROPERTIES
from netinfo_scapy.protocol.xdr import Struct

LONG = 1 << 16
MOST = 1 << 20
"""Bytes of a message that is read by pieces, and of the longest piece that is read."""


class _List(NamedTuple):
    """The list of an answer. at: where it begins, behind the status. chain: a flag is before each element."""

    name: str
    at: int
    element: Struct
    chain: bool


_LISTS = {
    "NetInfo.LIST": _List("entries", 4, NI_ENTRY, False),
    "NetInfo.LISTALL": _List("entries", 12, PROPERTIES, False),
    "NetInfo.READ": _List("props", 12, NI_PROPERTY, False),
    "NetInfo.LOOKUPREAD": _List("props", 12, NI_PROPERTY, False),
    "NetInfo.READALL": _List("objects", 12, NI_OBJECT, True),
}


class Pieces:
    """The elements of such a list, as the codec gives them. left_out: how many are too long."""

    def __init__(self, what: _List, data: bytes, begin: int) -> None:
        self._what = what
        self._data = data
        self._begin = begin
        self.left_out = sum(after - at > MOST for at, after in self._places())

    def _places(self) -> Iterator[tuple[int, int]]:
        """Where each begins, and what is behind it. Raises XdrError."""
        data, (_, at, element, chain) = self._data, self._what
        at += self._begin
        if chain:
            while words.u32(data, at):
                after = codec.walk(element, data, at + 4)
                yield at + 4, after
                at = after
            return
        count, at = words.u32(data, at), at + 4
        for _ in range(count):
            after = codec.walk(element, data, at)
            yield at, after
            at = after

    def __iter__(self) -> Iterator[Any]:
        element = self._what.element
        for at, after in self._places():
            if after - at <= MOST:
                value, _ = codec.decode(element, self._data, at)
                yield value["properties"] if element is PROPERTIES else value


def value_of(message: Message) -> tuple[dict[str, Any] | None, int]:
    """What the codec makes of an answer of success, and how much was left out as too long."""
    data, walks = message.record.data, message.walks
    if len(data) <= LONG or walks is None:
        return message.value(), 0
    what = _LISTS.get(walks.name)
    if what is None:
        return (message.value(), 0) if len(data) <= MOST else (None, 1)
    try:
        pieces = Pieces(what, data, message.begin if message.plain else message.header.end)
    except codec.XdrError:
        return None, 0
    return {what.name: pieces}, pieces.left_out
