"""Calls and replies of NFS version 3 (RFC 1813): traffic of another RPC program."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from benchmarks.captures.exchanges import REPLY_HEAD
from benchmarks.captures.flows import Part, joined, part

PORT = 2049
_PROGRAM, _VERSION = 100003, 3
_GETATTR, _LOOKUP, _ACCESS, _READ = 1, 3, 4, 6
_SHARES = {_GETATTR: 4, _ACCESS: 3, _LOOKUP: 2, _READ: 2}
_READ_BYTES = 1024
_ALL_ACCESS = 0x3F
_OK, _PRESENT = bytes(4), b"\0\0\0\1"
_CALL = struct.Struct(">IIIII")
_ATTRIBUTES = struct.Struct(">IIIIIQQQQQIIIIII")


class NfsExchange(NamedTuple):
    """A call from behind its xid to its credential, its arguments, and its reply from behind its xid."""

    head: Part
    arguments: Part
    reply: Part


def make_deck(random: Random, count: int) -> list[NfsExchange]:
    """So many exchanges."""
    procedures = random.choices(list(_SHARES), list(_SHARES.values()), k=count)
    return [_exchange(random, procedure) for procedure in procedures]


def _exchange(random: Random, procedure: int) -> NfsExchange:
    arguments, result = _MAKERS[procedure](random)
    head = part(_CALL.pack(0, 2, _PROGRAM, _VERSION, procedure))
    return NfsExchange(head, part(_handle(random) + arguments), joined(REPLY_HEAD, part(_OK + result)))


def _opaque(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data + bytes(-len(data) % 4)


def _handle(random: Random) -> bytes:
    return _opaque(random.randbytes(32))


def _attributes(random: Random) -> bytes:
    """fattr3 of a file."""
    size = random.randrange(1 << 24)
    times = [random.randrange(900_000_000, 1_000_000_000) for _ in range(3)]
    return _ATTRIBUTES.pack(
        1, 0o644, 1, 500, 20, size, size, 0, 7, random.getrandbits(32), times[0], 0, times[1], 0, times[2], 0
    )


def _getattr(random: Random) -> tuple[bytes, bytes]:
    return b"", _attributes(random)


def _lookup(random: Random) -> tuple[bytes, bytes]:
    found = _handle(random) + _PRESENT + _attributes(random) + _PRESENT + _attributes(random)
    return _opaque(f"file{random.randrange(1000)}.c".encode()), found


def _access(random: Random) -> tuple[bytes, bytes]:
    access = _ALL_ACCESS.to_bytes(4, "big")
    return access, _PRESENT + _attributes(random) + access


def _read(random: Random) -> tuple[bytes, bytes]:
    offset = random.randrange(1 << 20) * _READ_BYTES
    count = _READ_BYTES.to_bytes(4, "big")
    data = _opaque(random.randbytes(_READ_BYTES))
    return offset.to_bytes(8, "big") + count, _PRESENT + _attributes(random) + count + bytes(4) + data


_MAKERS: dict[int, Callable[[Random], tuple[bytes, bytes]]] = {
    _GETATTR: _getattr,
    _LOOKUP: _lookup,
    _ACCESS: _access,
    _READ: _read,
}
"""Procedure -> what makes its arguments behind the file handle, and its result behind the status."""
