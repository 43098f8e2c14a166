"""A TCP connection whose every segment is said by hand: sequence, acknowledgment, flags, TTL, checksum."""

from __future__ import annotations

from tests.support.captures import Frame
from tests.support.packets import ACK, FIN, PSH, SYN, Address, tcp_frame

CLIENT, SERVER = Address("192.0.2.10", 40000), Address("192.0.2.20", 961)


class Wire:
    """Frames a millisecond apart; side 0 is the client, 1 the server."""

    def __init__(self, client: Address = CLIENT, server: Address = SERVER, start: int = 0) -> None:
        self.ends = client, server
        self.next = [1000, 5000]
        self.ttl = [64, 64]
        self.time = start
        self.frames: list[Frame] = []

    def raw(self, side: int, sequence: int, acknowledged: int, flags: int, payload: bytes = b"", **how: int) -> Wire:
        """Exactly this segment."""
        self.time += 1_000_000
        how.setdefault("ttl", self.ttl[side])
        source, target = self.ends[side], self.ends[1 - side]
        self.frames.append(tcp_frame(self.time, source, target, sequence, acknowledged, flags, payload, **how))
        return self

    def open(self) -> Wire:
        """The handshake."""
        self.raw(0, self.next[0], 0, SYN)
        self.next[0] += 1
        self.raw(1, self.next[1], self.next[0], SYN | ACK)
        self.next[1] += 1
        return self.acknowledge(0)

    def send(self, side: int, payload: bytes, lost: bool = False, **how: int) -> Wire:
        """The side's next bytes; lost: they were not captured."""
        if not lost:
            self.raw(side, self.next[side], self.next[1 - side], PSH | ACK, payload, **how)
        self.next[side] += len(payload)
        return self

    def acknowledge(self, side: int) -> Wire:
        return self.raw(side, self.next[side], self.next[1 - side], ACK)

    def finish(self, side: int) -> Wire:
        self.raw(side, self.next[side], self.next[1 - side], FIN | ACK)
        self.next[side] += 1
        return self

    def close(self) -> Wire:
        return self.finish(0).finish(1).acknowledge(0)
