"""Writes pcapng (draft-ietf-opsawg-pcapng), little-endian: frames as they were captured, with comments.

A section header, then each packet in an enhanced packet block. The link type and the clock of
a packet are those of its interface, so an interface is described before the first packet that
needs it. What a `Frame` does not know (the snap length, checksums behind it) is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import IO, NamedTuple

from netinfo_scapy.capture.frames import Frame

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _SHB_USERAPPL, _IF_TSRESOL, _IF_TSOFFSET = 1, 4, 9, 14
_BYTE_ORDER, _UNKNOWN_LENGTH = 0x1A2B3C4D, -1

_MOST_INTERFACES = 1 << 16
"""Interfaces of one section; its readers believe no more. A further one begins a new section."""

_LONGEST_OPTION = 0xFFFF

_ERA_BITS = 33
"""2 to this many seconds, in nanoseconds, fit into the 64 bits of a time. What is beyond needs an offset."""

_LAST_ERA = (1 << 63) - (1 << _ERA_BITS)
_MOST_TICKS = (1 << 64) - 1

_word = Struct("<I").pack
_block = Struct("<II").pack
_section = Struct("<IHHq").pack
_interface = Struct("<HHI").pack
_packet = Struct("<IIIII").pack
_option = Struct("<HH").pack
_offset = Struct("<q").pack


class _Interface(NamedTuple):
    """What an interface says of its packets. digits: decimals of a second. offset: seconds added to every time."""

    link: int
    digits: int
    offset: int


class PcapngWriter:
    """Writes frames to a binary stream, which it does not close. The file is whole after each call.

    application: the program that writes, as the section header names it.
    OSError of the stream passes through.
    """

    def __init__(self, stream: IO[bytes], application: str) -> None:
        self._stream = stream
        self._application = application
        self._interfaces: dict[_Interface, int] = {}
        self._begin_section()

    def write(self, frame: Frame, digits: int, comments: Iterable[str] = ()) -> None:
        """Write a frame. digits: 6 or 9, the decimals of its capture's times; 9 also where 6 would lose something.

        A time beyond what the format has becomes the last that it has. A comment has room for
        65,535 bytes of UTF-8; what cannot be UTF-8 is escaped.
        """
        time_ns = frame.ref.time_ns
        digits = 9 if digits > 6 or time_ns % 1000 else 6
        offset = min(time_ns // 10**9 >> _ERA_BITS << _ERA_BITS, _LAST_ERA)
        index = self._interface(_Interface(frame.link, digits, offset))
        ticks = min((time_ns - offset * 10**9) // 10 ** (9 - digits), _MOST_TICKS)
        data = frame.data
        head = _packet(index, ticks >> 32, ticks & 0xFFFFFFFF, len(data), frame.wire_length)
        self._write_block(_PACKET, head + _padded(data), [(_COMMENT, _text(comment)) for comment in comments])

    def _begin_section(self) -> None:
        self._interfaces.clear()
        head = _section(_BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
        self._write_block(_SECTION, head, [(_SHB_USERAPPL, _text(self._application))])

    def _interface(self, wanted: _Interface) -> int:
        """The number of an interface, which is described if it is new."""
        index = self._interfaces.get(wanted)
        if index is None:
            if len(self._interfaces) >= _MOST_INTERFACES:
                self._begin_section()
            index = self._interfaces[wanted] = len(self._interfaces)
            options = [(_IF_TSRESOL, bytes([wanted.digits]))]
            if wanted.offset:
                options.append((_IF_TSOFFSET, _offset(wanted.offset)))
            self._write_block(_INTERFACE, _interface(wanted.link, 0, 0), options)
        return index

    def _write_block(self, kind: int, body: bytes, options: list[tuple[int, bytes]]) -> None:
        parts = [_option(code, len(value)) + _padded(value) for code, value in options]
        if parts:
            parts.append(_option(0, 0))
        body += b"".join(parts)
        length = len(body) + 12
        self._stream.write(_block(kind, length) + body + _word(length))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _text(text: str) -> bytes:
    """UTF-8 that fits into an option, cut between characters."""
    data = text.encode("utf-8", "backslashreplace")[:_LONGEST_OPTION]
    return data.decode("utf-8", "ignore").encode()
