"""What a file is that is neither pcap nor pcapng, and how to convert it."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath

from netinfo_scapy.capture.errors import CaptureError, UnknownFormat
from netinfo_scapy.capture.remote import is_url

LOOKED_AT = 64
"""Bytes at the start that tell a format."""

_FOREIGN = (
    (b"snoop\0\0\0", "a snoop capture"),
    (b"RTSS", "a Microsoft Network Monitor 1 capture"),
    (b"GMBU", "a Microsoft Network Monitor 2 capture"),
    (b"TRSNIFF data", "a Sniffer (DOS) capture"),
    (b"XCP\0", "a NetXray or Sniffer (Windows) capture"),
    (b"\x7fver", "an EtherPeek or OmniPeek capture"),
    (b"ObserverPktBuffe", "an Observer capture"),
    (b"\x05VNF", "a Visual Networks capture"),
    (b"\x01\x10\x4c\0", "a LANalyzer capture"),
    (b"\xaa\xaa\xaa\xaa", "a 5View capture"),
    (b"TR\0d", "an HP-UX nettl trace"),
    (b"iptrace 1.0", "an AIX iptrace"),
    (b"iptrace 2.0", "an AIX iptrace"),
    (b"btsnoop\0", "a btsnoop capture"),
    (b"EyeSDN", "an EyeSDN trace"),
    (b"\0\0\2\0\x12\x05\0\x10", "a Tektronix K12 capture"),
    (b"\x1c\0\1\xac", "an IXIA capture"),
    (b"\xac\1\0\x1c", "an IXIA capture"),
    (b"\x1c\0\1\xab", "an IXIA capture"),
    (b"\xab\1\0\x1c", "an IXIA capture"),
)
"""Magic bytes at the start -> the format, as wiretap's readers know it."""

_INSIDE = ((b"NetScaler", "a NetScaler trace"), (b"Netscaler", "a NetScaler trace"))
"""The same, anywhere among the bytes looked at."""

_BY_NAME = {
    ".erf": "an ERF capture",
    ".pkt": "an EtherPeek capture",
    ".tpc": "an EtherPeek capture",
    ".apc": "an EtherPeek capture",
    ".wpz": "an EtherPeek capture",
}
"""Formats without magic bytes, by the ending of the name."""

_PACKED = (
    (b"\xfd7zXZ\0", "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -dc"),
    (b"PK\3\4", "zip", "unzip -p"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x -so"),
    (b"\x1f\x9d", "compress", "gzip -dc"),
)
"""Compressions that are not read: magic bytes, name, and what decompresses them to standard output."""


class ForeignFormat(UnknownFormat):
    """A capture of a known format that must be converted first."""


def is_foreign(failure: CaptureError) -> bool:
    """Whether a file that is no pcap or pcapng is known to be a capture all the same."""
    return isinstance(failure, ForeignFormat)


def is_named_so(name: str) -> bool:
    """Whether a file's name says that it is a pcap or pcapng."""
    return re.search(r"\.(pcap|pcapng|cap|ntar)\d*(\.\w+)?$", name.lower()) is not None


def unknown_format(name: str, head: bytes) -> CaptureError:
    """The error for a file that is neither pcap nor pcapng. head: its first `LOOKED_AT` bytes."""
    if not head:
        return CaptureError("it is empty")
    # What came from standard input is gone, what lies elsewhere is not here; it has to be saved to be converted.
    quoted = "IN" if name == "-" or is_url(name) else shlex.quote(name)
    for magic, packer, command in _PACKED:
        if head.startswith(magic):
            return UnknownFormat(f"it is packed with {packer}; unpack it first: {command} {quoted} > OUT.pcap")
    kind = next((kind for magic, kind in _FOREIGN if head.startswith(magic)), None)
    kind = kind or next((kind for magic, kind in _INSIDE if magic in head), None)
    kind = kind or _BY_NAME.get(PurePath(name).suffix.lower())
    output = shlex.quote(PurePath(name).stem + ".pcapng") if PurePath(name).stem.strip("-") else "OUT.pcapng"
    convert = f"editcap -F pcapng {quoted} {output}"
    if kind:
        return ForeignFormat(f"it is {kind}, not pcap or pcapng; convert it first: {convert}")
    return UnknownFormat(f"it is no pcap or pcapng; if it is a capture in another format, convert it first: {convert}")
