"""The DHCP options that name a NetInfo parent: nothing is told that is not in the datagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fuzz import seeds
from fuzz.target import Target
from netinfo_scapy.protocol.dhcp import read_binding

_COOKIE = b"\x63\x82\x53\x63"


def run(data: bytes) -> Any:
    """Read the binding in a datagram."""
    found = read_binding(data)
    if found is None:
        return None
    assert data[0] == 2
    assert len(found.client) <= 16
    assert found.client in data
    assert all(len(each) == 4 for each in (found.address, *found.parents, *filter(None, [found.server])))
    # A value may have been put together from pieces, so that it is the sum that must be there.
    assert sum(map(len, found.parents)) + len(found.tag or b"") <= len(data)
    assert found.tag is None or not found.tag.endswith(b"\0")
    return tuple(found)


def inputs() -> Iterator[bytes]:
    """Replies with the options in all places, and what the captures have."""
    head = b"\x02\x01\x06" + bytes(233)
    binding = b"\x35\x01\x05\x36\x04\xc0\0\x02\x01\x70\x08\xc0\0\x02\x01\xc0\0\x02\x02\x71\x07network"
    yield head + _COOKIE + binding + b"\xff"
    yield head + _COOKIE + b"\0\0" + binding[:-3]
    yield head[:44] + (b"\x71\x05local\xff" + bytes(56)) + head[108:] + _COOKIE + b"\x34\x01\x02" + binding[:-9]
    yield head[:108] + (b"\x70\x04\xc0\0\x02\x09\xff" + bytes(121)) + _COOKIE + b"\x34\x01\x03\xff"
    yield from seeds.offers()


TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=("protocol.dhcp",),
    words=(_COOKIE, b"\x34\x01\x03", b"\x70\x04", b"\x71\x07"),
    longest=600,
)
