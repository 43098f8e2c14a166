"""Another version of the bytes of a stream, for chaff and conflicts."""

from __future__ import annotations

from netinfo_scapy.craft.packets import Burst

_PING, _READ = 0, 7


def altered(burst: Burst, everything: bool = False) -> bytes:
    """The bytes with each call's procedure as PING, or READ where it is that; of each reply the last byte changed.

    Where records begin and end, and which reply answers which call, stays. everything: all of the body is changed, too.
    """
    other = bytearray(burst.data)
    for span in burst.spans:
        said = span.said
        if said.header is None:
            continue
        base, size, head = span.start - burst.start, len(said.data), len(said.head)
        places = range(head if everything else max(head, size - 1), size) if everything or said.call is not None else ()
        for at in places:
            other[base + _place(said.runs(at, 1, marked=True))] ^= 0xFF
        if said.call is None:
            procedure = _READ if said.header["procedure"] == _PING else _PING
            for number, byte in enumerate(procedure.to_bytes(4, "big")):
                other[base + _place(said.runs(20 + number, 1, marked=True))] = byte
    return bytes(other)


def _place(runs: list[tuple[int, int]]) -> int:
    return runs[0][0]
