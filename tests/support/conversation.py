"""Small conversations made for one test: UDP datagrams and TCP connections, as frames with right checksums."""

from collections.abc import Iterable

from tests.support.captures import Frame
from tests.support.packets import ACK, FIN, MODULUS, PSH, RST, SYN, Address, tcp_frame, udp_frame

CLIENT = Address("192.0.2.10", 40000)
SERVER = Address("192.0.2.20", 961)
START = 1_700_000_000 * 10**9
STEP = 1_000_000


class Talk:
    """Frames, a millisecond apart, in the order in which they were said."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    @property
    def now(self) -> int:
        return self.frames[-1].time + STEP if self.frames else START

    def udp(self, source: Address, target: Address, payload: bytes) -> int:
        """Send a datagram; gives its frame number, from 1."""
        self.frames.append(udp_frame(self.now, source, target, payload))
        return len(self.frames)

    def ask(self, call: bytes, reply: bytes | None = None, client: Address = CLIENT, server: Address = SERVER) -> None:
        """A call over UDP and its reply."""
        self.udp(client, server, call)
        if reply is not None:
            self.udp(server, client, reply)

    def tcp(
        self, client: Address = CLIENT, server: Address = SERVER, *, first: int = 1000, opened: bool = True
    ) -> "Connection":
        return Connection(self, client, server, first, opened=opened)


class Connection:
    """One TCP connection. `send` says bytes and goes on; `segment` says any bytes at any offset of a side's stream."""

    def __init__(self, talk: Talk, client: Address, server: Address, first: int, *, opened: bool) -> None:
        self.talk = talk
        self.ends = (client, server)
        self.first = {client: first, server: first + 5_000_000}
        self.said = {client: 0, server: 0}
        if opened:
            self._frame(client, -1, SYN, acknowledged=0)
            self._frame(server, -1, SYN | ACK)
            self._frame(client, 0, ACK)

    @property
    def client(self) -> Address:
        return self.ends[0]

    @property
    def server(self) -> Address:
        return self.ends[1]

    def other(self, side: Address) -> Address:
        return self.ends[1] if side == self.ends[0] else self.ends[0]

    def _frame(
        self, side: Address, at: int, flags: int, payload: bytes = b"", *, acknowledged: int | None = None, **how: int
    ) -> None:
        other = self.other(side)
        if acknowledged is None:
            acknowledged = (self.first[other] + self.said[other]) % MODULUS
        sequence = (self.first[side] + at) % MODULUS
        self.talk.frames.append(tcp_frame(self.talk.now, side, other, sequence, acknowledged, flags, payload, **how))

    def segment(self, side: Address, at: int, payload: bytes, **how: int) -> None:
        """A segment at an offset of the side's stream; what was said grows to its end."""
        self._frame(side, at, ACK | PSH, payload, **how)
        self.said[side] = max(self.said[side], at + len(payload))

    def send(self, side: Address, payload: bytes, *cuts: int, lost: Iterable[int] = ()) -> None:
        """The next bytes of a side, in segments that end at the cuts; those numbered in `lost` were not captured."""
        start = self.said[side]
        ends = [*cuts, len(payload)]
        for number, (a, b) in enumerate(zip([0, *ends], ends, strict=False)):
            if number not in set(lost):
                self.segment(side, start + a, payload[a:b])
        self.said[side] = start + len(payload)

    def call(self, payload: bytes, *cuts: int, lost: Iterable[int] = ()) -> None:
        self.send(self.client, payload, *cuts, lost=lost)

    def reply(self, payload: bytes, *cuts: int, lost: Iterable[int] = ()) -> None:
        self.send(self.server, payload, *cuts, lost=lost)

    def acknowledge(self, side: Address) -> None:
        self._frame(side, self.said[side], ACK)

    def reset(self, side: Address) -> None:
        self._frame(side, self.said[side], RST | ACK)

    def close(self) -> None:
        self._frame(self.client, self.said[self.client], FIN | ACK)
        self.said[self.client] += 1
        self._frame(self.server, self.said[self.server], FIN | ACK)
        self.said[self.server] += 1
        self._frame(self.client, self.said[self.client], ACK)
