"""The DHCP options by which a server names a client's NetInfo parent: 112 (addresses) and 113 (tag).

Message: RFC 2131, 2. Options: RFC 2132; in the fields `file` and `sname`: its 9.3; one option in several
pieces: RFC 3396. What 112 and 113 hold: docs/specification.md, 9.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

SERVER_PORT, CLIENT_PORT = 67, 68

_REPLY = 2
_COOKIE = b"\x63\x82\x53\x63"
_FIXED_BYTES = 236
_SNAME, _FILE = slice(44, 108), slice(108, 236)
_PAD, _END = 0, 255
_OVERLOAD, _MESSAGE_TYPE, _SERVER_ID, _PARENTS, _TAG = 52, 53, 54, 112, 113


class DhcpBinding(NamedTuple):
    """What a DHCP or BOOTP reply says of a NetInfo parent.

    message_type: 2 an offer, 5 an acknowledgment, ...; None on BOOTP.
    client: the hardware address that it is for, at most 16 bytes. address: packed, given to the client.
    server: packed, the server identifier; None where there is none.
    parents: packed addresses of NetInfo servers; bytes over at the end of the option are left out.
    tag: for all of them, without NULs at its end; None where it is not given.
    """

    message_type: int | None
    client: bytes
    address: bytes
    server: bytes | None
    parents: tuple[bytes, ...]
    tag: bytes | None


def read_binding(payload: bytes) -> DhcpBinding | None:
    """The binding in a datagram; None where it is no reply of DHCP or BOOTP, or names neither parents nor a tag."""
    if len(payload) < _FIXED_BYTES + 4 or payload[0] != _REPLY or payload[_FIXED_BYTES : _FIXED_BYTES + 4] != _COOKIE:
        return None
    options = _options(payload)
    if _PARENTS not in options and _TAG not in options:
        return None
    message_type, server = options.get(_MESSAGE_TYPE, b""), options.get(_SERVER_ID, b"")
    listed = options.get(_PARENTS, b"")
    tag = options.get(_TAG)
    return DhcpBinding(
        message_type[0] if len(message_type) == 1 else None,
        payload[28 : 28 + min(payload[2], 16)],
        payload[16:20],
        server if len(server) == 4 else None,
        tuple(listed[at : at + 4] for at in range(0, len(listed) // 4 * 4, 4)),
        None if tag is None else tag.rstrip(b"\0"),
    )


def _options(payload: bytes) -> dict[int, bytes]:
    """All options by number; the pieces of one put together, in the order of RFC 3396, 5."""
    options: dict[int, bytearray] = {}
    for number, value in _pieces(payload[_FIXED_BYTES + 4 :]):
        options.setdefault(number, bytearray()).extend(value)
    overloaded = options.get(_OVERLOAD) or b"\0"
    for bit, field in ((1, _FILE), (2, _SNAME)):
        if overloaded[0] & bit:
            for number, value in _pieces(payload[field]):
                options.setdefault(number, bytearray()).extend(value)
    return {number: bytes(value) for number, value in options.items()}


def _pieces(field: bytes) -> Iterator[tuple[int, bytes]]:
    """The options of a field, up to its end or to one that is cut short."""
    at = 0
    while at < len(field) and field[at] != _END:
        if field[at] == _PAD:
            at += 1
            continue
        if at + 2 > len(field) or at + 2 + field[at + 1] > len(field):
            return
        yield field[at], field[at + 2 : at + 2 + field[at + 1]]
        at += 2 + field[at + 1]
