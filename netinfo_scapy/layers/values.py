"""Values that are written otherwise than the wire format says, for malformed packets."""

from __future__ import annotations

from typing import Any


class XDRBytes(bytes):
    """The bytes of a string or opaque, with a length or padding of its own.

    length: what is announced; None: how many there are. pad: what follows them; None: zeros up to
    a multiple of 4.

    >>> NI_LOOKUP_Call(key=XDRBytes(b"name", length=9999))
    """

    length: int | None
    pad: bytes | None

    def __new__(cls, value: bytes | str = b"", length: int | None = None, pad: bytes | None = None) -> XDRBytes:
        """Text is taken as UTF-8."""
        self = super().__new__(cls, value.encode() if isinstance(value, str) else value)
        self.length = length
        self.pad = pad
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return XDRBytes, (bytes(self), self.length, self.pad)

    def __repr__(self) -> str:
        own = [f"{name}={value!r}" for name, value in (("length", self.length), ("pad", self.pad)) if value is not None]
        return f"XDRBytes({', '.join([bytes.__repr__(self), *own])})"


def announced(value: bytes) -> int:
    """The length that is written before the bytes."""
    length = getattr(value, "length", None)
    return len(value) if length is None else length


def padding(value: bytes) -> bytes:
    """What is written after the bytes."""
    pad: bytes | None = getattr(value, "pad", None)
    return bytes(-len(value) & 3) if pad is None else pad


__all__ = ["XDRBytes"]
