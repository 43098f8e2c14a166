"""What is said in a conversation: an RPC message made of plain values, or plain bytes.

A message is kept in parts until its frames are made: header, body, record fragments. Transforms change the parts,
and with them what an observer will decode of it (`expected`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from netinfo_scapy.craft.credentials import Credential
from netinfo_scapy.craft.encoding import Place
from netinfo_scapy.craft.truth import Expected
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.codec import encode

CLIENT, SERVER = 0, 1
"""The sides of a conversation."""

LAST = 1 << 31
"""The bit of a record mark on the last fragment (RFC 5531, 11)."""


class Host(NamedTuple):
    """One side. ip: IPv4 address. port: where it calls from, or is called. mac: as aa:bb:cc:dd:ee:ff."""

    ip: str
    port: int
    mac: str


@dataclass
class Talk:
    """A conversation of two hosts. number: its place in the scenario. closes: with FIN, where it is TCP.

    previous: the server is that of the Previous emulator, which has a dialect of its own (docs/specification.md, 12).
    """

    number: int
    transport: str
    client: Host
    server: Host
    closes: bool = True
    previous: bool = False

    def side(self, side: int) -> Host:
        """The host of a side."""
        return self.server if side == SERVER else self.client


@dataclass(eq=False)
class Said:
    """One thing said.

    talk: the number of its conversation. exchange: that of the call, from 1 in the scenario; 0 for plain bytes.
    side: who says it. header: the values of an RPC header; None for plain bytes. places: in `body`.
    sizes: bytes of each record fragment; empty: one fragment. mark: what stands in the place of the first mark.
    call: what this is the reply to. by: another sender than the conversation's server. pause: seconds before it.
    joined: it goes in the same segments as what was said before it. copy_of: it is said again, as a datagram.
    malformed: a transform has made it so. called: the name of a call's procedure, whatever a transform makes of it.
    """

    talk: int
    side: int
    exchange: int = 0
    header: dict[str, Any] | None = None
    body: bytes = b""
    places: list[Place] = field(default_factory=list)
    expected: Expected | None = None
    credential: Credential | None = None
    sizes: list[int] = field(default_factory=list)
    mark: int | None = None
    call: Said | None = None
    by: Host | None = None
    pause: Decimal = Decimal(0)
    joined: bool = False
    copy_of: Said | None = None
    malformed: bool = False
    called: str | None = None

    @property
    def head(self) -> bytes:
        """The RPC header."""
        if self.header is None:
            return b""
        return encode(rpc.RPC_CALL if self.call is None else rpc.RPC_REPLY, self.header)

    @property
    def data(self) -> bytes:
        """The message, without record marks."""
        return self.head + self.body

    def fragments(self) -> list[int]:
        """Bytes of each record fragment."""
        return self.sizes or [len(self.data)]

    def stream(self) -> bytes:
        """The bytes as they stand in a TCP stream."""
        data = self.data
        if self.header is None:
            return data
        out, at, sizes = bytearray(), 0, self.fragments()
        for number, size in enumerate(sizes, 1):
            mark = size | LAST if number == len(sizes) else size
            if number == 1 and self.mark is not None:
                mark = self.mark
            out += mark.to_bytes(4, "big") + data[at : at + size]
            at += size
        return bytes(out)

    def runs(self, start: int, length: int, marked: bool) -> list[tuple[int, int]]:
        """Where bytes of the message stand: offsets and lengths. marked: in a stream, with marks; else a datagram."""
        if not marked or self.header is None:
            return [(start, length)]
        found, at, shift = [], 0, 0
        for size in self.fragments():
            shift += 4
            first, last = max(start, at), min(start + length, at + size)
            if first < last:
                found.append((first + shift, last - first))
            at += size
        return found

    def landmarks(self) -> list[Place]:
        """What a rule's content looks for, by offset in the message."""
        if self.header is None:
            return []
        at, found = len(self.head), []
        if self.call is None:
            found = [
                Place(what, "word", where, 4) for what, where in (("program", 12), ("version", 16), ("procedure", 20))
            ]
            name = self.credential.machinename_length if self.credential else None
            if name:
                found.append(Place("credential.machinename", "string", 40, name))
        kind = "arguments" if self.call is None else "result"
        if self.body:
            found.append(Place(kind, "body", at, len(self.body)))
        strings = [each for each in self.places if each.kind == "string" and each.length]
        return found + [Place(f"{kind}.{each.what}", each.kind, at + each.start, each.length) for each in strings]
