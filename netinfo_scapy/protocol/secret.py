"""The one secret of the protocol: a password that rides in a credential's machinename, its bits inverted."""

from __future__ import annotations

CHECKSUM_WORD = b"checksum"
"""What a client sends in the place of a password to ask STATISTICS for the checksum alone; no secret."""


class Secret:
    """Bytes that show themselves only when asked to."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __str__(self) -> str:
        return "(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


_INVERT = bytes(byte ^ 0xFF for byte in range(256))


def inverted(data: bytes) -> bytes:
    """Every bit of every byte turned over: how a password is written, and how it is read."""
    return data.translate(_INVERT)


def carried_password(machinename: bytes, on_statistics: bool) -> Secret | None:
    """The password in an AUTH_SYS machinename; None where that is a host name, or empty.

    A machinename carries a password where it is not empty and every byte is 0x80 or more,
    so that its inverse is ASCII. on_statistics: the call is NetInfo's STATISTICS, where the
    word `checksum` is none.
    """
    if not machinename or min(machinename) < 0x80:
        return None
    password = inverted(machinename)
    return None if on_statistics and password == CHECKSUM_WORD else Secret(password)
