"""What a plain message of each procedure is walked with: the rows of the tables, made ready to use.

A plain message has version 2's header with a credential of flavor AUTH_NONE or AUTH_SYS
and an empty verifier, or is a reply of success with an empty verifier, and nothing about
that header is odd. Everything else is read by message.py, which knows all cases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netinfo_scapy.protocol import _codec, words
from netinfo_scapy.protocol._codec import CODEC
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import PROGRAMS, procedure_name
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.xdr import Struct, Union

Walk = Callable[[bytes, int, int, set[Any]], int]

_MOST_KEPT = 4_096
"""Results of a procedure that are kept to know equal ones by; a power of two."""
_SHORTEST, _LONGEST, _MOST_BYTES = 48, 1 << 16, 1 << 20
"""Bytes of a result that is kept: shorter ones are walked as quickly. And of all of a procedure's, before they go."""


class Known:
    """A result in which nothing was odd. data: a message that ends with it.

    reader, number: who made something of it last, -1 for nobody, and the number under which he has that; his to set.
    """

    __slots__ = ("data", "number", "reader")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reader = self.number = -1


class Walks:
    """A procedure.

    key: as `_key_of` has it. number: from 0, of all of them. name: as in every output. arguments, result: check
    them, None where void; arguments_at, result_at: the same for `words.walk`.
    forwards: holds a call to another program. has_status: the result begins with an ni_status.

    Servers tell the same again and again: results in which nothing was odd are kept for a while, so that equal ones,
    byte for byte, need not be walked.
    """

    __slots__ = (
        "_kept",
        "_kept_bytes",
        "arguments",
        "arguments_at",
        "forwards",
        "has_status",
        "key",
        "name",
        "number",
        "program",
        "result",
        "result_at",
        "row",
    )

    def __init__(self, row: Procedure, program: int, name: str) -> None:
        self.row = row
        self.program = program
        self.key = self.number = 0
        self.name = name
        self.arguments = _walker(row.arguments)
        self.result = _walker(row.result)
        self.arguments_at, self.result_at = _address(row.arguments), _address(row.result)
        self.forwards = row.forwards
        self.has_status = has_status(row.result)
        self._kept: list[Known | None] = []
        self._kept_bytes = 0

    def place_of(self, data: bytes, begin: int) -> int:
        """Where a message is kept whose result begins at an offset; -1 for one that is not."""
        size = len(data) - begin
        if size < _SHORTEST or size > _LONGEST:
            return -1
        # Most results begin or end with the id of the directory that they are about.
        ends = words.mix(data, len(data) - 8, len(data), size)
        return words.mix(data, begin, begin + 16, ends) & (_MOST_KEPT - 1)

    def known(self, place: int, data: bytes, begin: int) -> Known | None:
        """The one kept at a place, where it is the same result, at the same offset."""
        if not self._kept:
            return None
        known = self._kept[place]
        if known is None:
            return None
        kept, size = known.data, len(data)
        return known if len(kept) == size and words.is_same(kept, begin, data, begin, size - begin) else None

    def keep(self, place: int, data: bytes) -> Known:
        """Keep a message whose result was walked, and nothing in it is odd."""
        self._kept_bytes += len(data)
        if not self._kept or self._kept_bytes > _MOST_BYTES:
            self._kept = [None] * _MOST_KEPT
            self._kept_bytes = len(data)
        before = self._kept[place]
        if before is not None:
            self._kept_bytes -= len(before.data)
        known = self._kept[place] = Known(data)
        return known


def _walker(xdr: Struct | Union | None) -> Walk | None:
    return None if xdr is None else CODEC[xdr.name][1]


def _address(xdr: Struct | Union | None) -> int:
    return 0 if xdr is None else words.address_of(_EXPORTED.get(f"walk_{xdr.name}"))


_EXPORTED: dict[str, Any] = vars(_codec).get("__pyx_capi__", {})
"""What the codec exports to other compiled modules, where it is compiled itself."""


def has_status(xdr: Struct | Union | None) -> bool:
    """Whether a result begins with an ni_status."""
    if isinstance(xdr, Union):
        return xdr.discriminant == "status"
    return isinstance(xdr, Struct) and xdr.fields[0][0] == "status"


def _key_of(program: int, version: int, procedure: int) -> int:
    return program << 16 | version << 8 | procedure


def find_walks(program: int, version: int, procedure: int) -> Walks | None:
    """What is known of a procedure. version, procedure: below 256."""
    key = _key_of(program, version, procedure)
    walks = _PLACES[key % _PLACE_COUNT]
    if walks is not None and walks.key == key:
        return walks
    return _WALKS.get(key)


_WALKS: dict[int, Walks] = {
    _key_of(program.number, program.version, row.number): Walks(
        row, program.number, procedure_name(program.number, program.version, row.number)
    )
    for program in PROGRAMS
    for row in program.procedures
}
"""By `_key_of`."""

_PLACE_COUNT = 1021
_PLACES: list[Walks | None] = [None] * _PLACE_COUNT
"""The same, most of them found without a number as an object."""

for _number, (_key, _walks) in enumerate(_WALKS.items()):
    _walks.key, _walks.number = _key, _number
    _PLACES[_key % _PLACE_COUNT] = _walks

COUNT = len(_WALKS)
"""How many there are."""

STATUS_NAMES: dict[int, str] = {number: NI_STATUS.label(number) for number, _ in NI_STATUS.members}
"""The ni_status codes that NetInfo has, by number; others are named when they come."""
