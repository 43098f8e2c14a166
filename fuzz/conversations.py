"""Messages among a few hosts: inputs of the targets that are about what is made of messages.

Input: parts (packing.py), each a message behind three bytes that say who sends it to whom, and how. Over TCP an empty
message ends the connection, in one way or the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import chain, cycle, islice

from fuzz import seeds, wire
from fuzz.packing import pack, unpack
from fuzz.stories import stories
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.frames import ACK, FIN, RST, SYN
from netinfo_scapy.capture.message import Message
from netinfo_scapy.live.records import marked

PacketTuple = tuple[Decimal, int, bytes]
_End = tuple[bytes, int]

HOSTS = (
    *(bytes((192, 0, 2, each)) for each in (1, 2, 3, 10, 66)),
    *(bytes((203, 0, 113, 66)), bytes((192, 0, 2, 255)), bytes((127, 0, 0, 1))),
    *(bytes((192, 0, 2, each)) for each in (11, 12, 13, 14)),
    *(bytes((203, 0, 113, 70)), bytes((203, 0, 113, 71)), bytes((10, 0, 0, 1)), bytes(4)),
)
"""Those that the captures of pcaps/ have, and others; sixteen."""

_CLIENT_PORTS, _SERVER_PORTS = (1000, 50000), (961, 111, 777, 700, 1043, 4444, 67, 801)
_STEPS_NS = (10_000_000, 0, 2_000_000_000, 660_000_000_000)
_BEGIN_NS = 10**18
_REPLY, _HIGH, _TCP = 0x20, 0x40, 0x80  # of the second byte, beside the server's port and the time
_TWICE, _CUT, _OTHERWISE = 1, 2, 4  # of the third
_SMALL_FRAGMENT = 32
_PORTIONS = 5
"""Of a capture."""

LONGEST = 3600
"""Bytes of an input."""

WORDS = (
    *(b"name", b"passwd", b"uid", b"gid", b"home", b"realname", b"shell", b"ip_address", b"serves", b"master"),
    *(b"trusted_networks", b"_writers", b"_writers_passwd", b"machines", b"users", b"network", b"clone", b"*"),
    *(b"\x1b[2J", b"\xc3\xa4", b"\0\0\0\1", b"\0\0\0\0", b"\xff\xff\xff\xff"),
)


class _Connection:
    """What a TCP connection's two sides have sent so far."""

    def __init__(self, client: _End, server: _End, first: int) -> None:
        self._ends = client, server
        self._next = [first, 7 * first]

    def segment(self, side: int, flags: int, payload: bytes = b"") -> bytes:
        """The next segment of a side."""
        sequence, acknowledgment = self._next[side], self._next[1 - side]
        self._next[side] += len(payload) + bool(flags & (SYN | FIN))
        ends = self._ends[side], self._ends[1 - side]
        return wire.tcp(*ends, payload, sequence=sequence, acknowledgment=acknowledgment, flags=flags)


class _Network:
    """Who talks over TCP, on which connection."""

    def __init__(self) -> None:
        self._open: dict[tuple[_End, _End], _Connection] = {}
        self._opened = 0

    def frames(self, client: _End, server: _End, side: int, message: bytes, how: int) -> Iterator[bytes]:
        """The frames of one message, or of a connection's end."""
        connection = self._open.get((client, server))
        if connection is None:
            self._opened += 1
            connection = self._open[client, server] = _Connection(client, server, 100_000 * self._opened)
            yield connection.segment(0, SYN)
            if message or not how & _OTHERWISE:
                yield connection.segment(1, SYN | ACK)
                yield connection.segment(0, ACK)
        if message:
            yield connection.segment(side, ACK, marked(message, _SMALL_FRAGMENT if how & _OTHERWISE else 4000))
            return
        yield connection.segment(side, ACK | (RST if how & _OTHERWISE else FIN))
        if not how & _OTHERWISE:
            yield connection.segment(1 - side, ACK | FIN)
        del self._open[client, server]


def packets(data: bytes) -> list[PacketTuple]:
    """The packets of an input, as a `Reading` takes them from memory."""
    network, now, made = _Network(), _BEGIN_NS, []
    for part in unpack(data):
        if len(part) < 3:
            continue
        (ends, way, how), message = part[:3], part[3:]
        client = HOSTS[ends >> 4], _CLIENT_PORTS[bool(way & _HIGH)]
        server = HOSTS[ends & 15], _SERVER_PORTS[way & 7]
        side = int(bool(way & _REPLY))
        now += _STEPS_NS[way >> 3 & 3]
        if way & _TCP:
            frames = list(network.frames(client, server, side, message, how))
        else:
            frames = [wire.udp(server, client, message) if side else wire.udp(client, server, message)]
        if how & _CUT:
            frames[-1] = frames[-1][: len(frames[-1]) - len(message) // 2]
        for frame in frames * (2 if how & _TWICE else 1):
            made.append((Decimal(now) / 10**9, 1, frame))
            now += 1000
    return made


def _number(value: object, known: tuple[object, ...]) -> int:
    """Where a host or port is in a table; what is not there becomes the same other one each time."""
    return known.index(value) if value in known else sum(str(value).encode()) % len(known)


def _part(message: Message) -> bytes:
    client, server, is_tcp = message.client, message.server, message.record.lane.is_tcp
    ends = _number(client.address, HOSTS) << 4 | _number(server.address, HOSTS)
    way = (0 if message.is_call else _REPLY) | (_HIGH if client.port >= 1024 else 0) | (_TCP if is_tcp else 0)
    return bytes([ends, way | _number(server.port, _SERVER_PORTS), 0]) + message.record.data


@cache
def inputs() -> tuple[bytes, ...]:
    """The conversations of the captures; those of the IDS cases show what each finding is about. And others."""
    made: dict[bytes, None] = {}
    for path in (*seeds.case_paths(), *seeds.capture_paths()):
        parts = [_part(event) for event in Reading(str(path)).events() if isinstance(event, Message)]
        made.update((each, None) for each in islice(_portions(parts), _PORTIONS))
    told = [_exchange(0x30, 0, *pair) for pair in seeds.exchanges()]
    made.update((pack(chain(*told[at : at + 4])), None) for at in range(0, len(told), 4))
    for ends, way, story in zip(cycle((0x50, 0x51, 0x30)), cycle((3, _TCP | 2)), stories(), strict=False):
        parts = [part for pair in story for part in _exchange(ends, way, *pair)]
        made.update((each, None) for each in _portions(parts))
    made.update((each, None) for each in _others())
    return tuple(made)


def _exchange(ends: int, way: int, call: bytes, reply: bytes) -> list[bytes]:
    return [bytes([ends, way, 0]) + call, bytes([ends, way | _REPLY, 0]) + reply]


def _others() -> Iterator[bytes]:
    """What no message of a capture shows: shut out, refused, served and then reset, in fragments; a sweep; DHCP."""
    call, reply = seeds.exchanges()[0]
    ends, asks, answers = 0x30, _TCP, _TCP | _REPLY
    for how in (0, _OTHERWISE):
        last = bytes([ends, answers, how])
        asked, answered = bytes([ends, asks, how]) + call, bytes([ends, answers, how]) + reply
        yield pack([last, last])
        yield pack([asked, answered, last, asked])
        yield pack([asked[:2] + bytes([_TWICE]) + asked[3:], answered[:2] + bytes([_CUT]) + answered[3:]])
    yield pack(bytes([0x50 | host, port, 0]) + call for port in (0, 1) for host in range(len(HOSTS)))
    for offer in seeds.offers():
        yield pack([bytes([0x30, _REPLY | 6, 0]) + offer, bytes([0x34, _REPLY | 6, _CUT]) + offer])


def _portions(parts: list[bytes]) -> Iterator[bytes]:
    """As many parts at a time as an input has room for; what is longer than that is left out."""
    few: list[bytes] = []
    for part in (each for each in parts if len(each) < LONGEST // 2):
        if len(pack([*few, part])) > LONGEST:
            yield pack(few)
            few = []
        few.append(part)
    if few:
        yield pack(few)
