"""Several byte strings in one input: each behind its length, so that the mutator can reach all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def pack(parts: Iterable[bytes]) -> bytes:
    """The parts one after the other, each behind two bytes of length."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def unpack(data: bytes, most: int = 64) -> Iterator[bytes]:
    """The parts of any bytes; the last may be shorter than it says."""
    at = 0
    for _ in range(most):
        if at + 2 > len(data):
            return
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : end]
        at = end


def unmarked(data: bytes) -> tuple[int, bytes]:
    """The first byte, which chooses, and the rest."""
    return (data[0], data[1:]) if data else (0, b"")
