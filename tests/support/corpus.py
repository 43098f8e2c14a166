"""Captures made up at random, from a seed: RPC of all kinds, right and wrong, with unrelated traffic between."""

import random
import struct
from collections.abc import Callable, Iterable, Iterator

from tests.support import packets, rpc
from tests.support.captures import SMALL, Frame, recording
from tests.support.conversation import START, Talk
from tests.support.packets import Address
from tests.support.wire import Wire

CLIENTS = tuple(Address(f"192.0.2.{host}", port) for host in (10, 11, 12) for port in (40000, 40001, 961, 700))
SERVERS = tuple(Address(f"192.0.2.{host}", port) for host in (20, 21) for port in (961, 111, 702, 703, 0, 2049))
EVERYBODY = tuple(Address("192.0.2.255", port) for port in (111, 961, 702))
_STEPS = (0, 0, 1000, 10**6, 10**6, 4 * 10**8, 10**9, 61 * 10**9)
Make = Callable[[random.Random], bytes]


def _mappings(chance: random.Random) -> bytes:
    rows = [(rpc.NETINFO, 2, 17, 702), (rpc.NIBIND, 1, 6, 703), (100003, 2, 17, 2049)]
    return b"".join(rpc.words(1, *row) for row in chance.sample(rows, 2)) + rpc.words(0)


def _registrations(chance: random.Random) -> bytes:
    return rpc.words(0) + rpc.array([rpc.opaque(chance.choice(("local", "network"))) + rpc.words(702, 703)])


def _forwarding(xid: int, version: int, inner: bytes) -> bytes:
    return rpc.call(xid, rpc.PORTMAP, version, 5, inner)


# What is asked, and what answers it: of an xid and chance.
EXCHANGES: tuple[tuple[Callable[[int], bytes], Callable[[int, random.Random], bytes]], ...] = (
    (rpc.ping, lambda xid, chance: rpc.accepted(xid)),
    (rpc.read, lambda xid, chance: rpc.read_reply(xid, props=(("name", ("x" * chance.randrange(9),)),))),
    (rpc.read, lambda xid, chance: rpc.accepted(xid, rpc.words(chance.choice((1, 3, 9, 9999, 77))))),
    (rpc.root, lambda xid, chance: rpc.root_reply(xid, chance.randrange(9))),
    (rpc.root, lambda xid, chance: rpc.accepted(xid, status=chance.choice((1, 4, 5, 77)))),
    (rpc.root, lambda xid, chance: rpc.denied(xid, 1, chance.randrange(7))),
    (rpc.root, lambda xid, chance: rpc.denied(xid, 0, 2, 2)),
    (rpc.statistics, lambda xid, chance: rpc.accepted(xid, rpc.words(0, 0))),
    (rpc.getport, lambda xid, chance: rpc.accepted(xid, rpc.words(chance.choice((702, 703, 0))))),
    (
        lambda xid: rpc.getport(xid, rpc.NETINFO, 2, 6),
        lambda xid, chance: rpc.accepted(xid, rpc.words(chance.choice((702, 703, 70000)))),
    ),
    (lambda xid: rpc.call(xid, rpc.PORTMAP, 2, 4), lambda xid, chance: rpc.accepted(xid, _mappings(chance))),
    (rpc.getregister, lambda xid, chance: rpc.accepted(xid, rpc.words(0, 702, 703))),
    (rpc.listreg, lambda xid, chance: rpc.accepted(xid, _registrations(chance))),
    (
        lambda xid: _forwarding(xid, 2, rpc.words(rpc.NIBIND, 1, 3) + rpc.opaque(rpc.opaque("network"))),
        lambda xid, chance: rpc.accepted(xid, rpc.words(703) + rpc.opaque(rpc.words(0, 702, 703))),
    ),
    (
        lambda xid: _forwarding(xid, 4, rpc.words(rpc.NETINFO, 2, 0) + rpc.opaque(b"")),
        lambda xid, chance: rpc.accepted(xid, rpc.opaque("192.0.2.20.2.190") + rpc.opaque(b"")),
    ),
    (lambda xid: rpc.call(xid, 100003, 2, 4, bytes(40)), lambda xid, chance: rpc.accepted(xid, bytes(12))),
    (
        lambda xid: rpc.call(xid, rpc.NETINFO, 2, 7, rpc.ni_id(), credential=rpc.auth_sys(uid=xid * 7)),
        lambda xid, chance: rpc.read_reply(xid),
    ),
    (
        lambda xid: rpc.call(xid, rpc.NETINFO, 2, 29, b"odd", credential=rpc.auth(57, b"12345678")),
        lambda xid, chance: rpc.accepted(xid, verifier=rpc.auth(3, b"ab")),
    ),
)


def datagrams(chance: random.Random) -> list[Frame]:
    """Exchanges over UDP: xids come again, answers come late, twice, never, and from elsewhere."""
    talk = Talk()
    for _ in range(chance.randrange(1, 9)):
        ask, answer = chance.choice(EXCHANGES)
        xid = chance.randrange(6)
        client, server = chance.choice(CLIENTS), chance.choice((*SERVERS, *SERVERS, *EVERYBODY))
        for _ in range(chance.choice((1, 1, 1, 2))):
            talk.udp(client, server, ask(xid))
        if chance.random() < 0.1:
            talk.udp(client, chance.choice(SERVERS), ask(xid))
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            there = chance.choice((server, server, server, chance.choice(SERVERS), Address("192.0.2.30", server.port)))
            if there in EVERYBODY:
                there = Address("192.0.2.21", there.port)
            talk.udp(there, client, answer(xid, chance))
        if chance.random() < 0.1:
            talk.udp(client, server, chance.randbytes(chance.randrange(30)))
    return talk.frames


def connection(chance: random.Random) -> list[Frame]:
    """Exchanges over TCP, with holes, conflicts, copies, odd TTLs, wrong check sums, and ends of all kinds."""
    wire = Wire(chance.choice(CLIENTS), chance.choice(SERVERS))
    wire.next = [chance.choice((1000, 0xFFFFFF00)), 5000]
    if chance.random() < 0.7:
        wire.open()
    rough = chance.random() < 0.6
    for _ in range(chance.randrange(1, 7)):
        ask, answer = chance.choice(EXCHANGES)
        xid = chance.randrange(6)
        for side, payload in ((0, rpc.record(ask(xid))), (1, rpc.record(answer(xid, chance)))):
            at = 0
            while at < len(payload):
                size = chance.choice((len(payload), len(payload), 11, 60))
                piece = payload[at : at + size]
                start = wire.next[side]
                wire.send(side, piece, lost=rough and chance.random() < 0.1)
                if rough and chance.random() < 0.15:
                    _again(chance, wire, side, start, piece)
                at += size
    ending = chance.randrange(4)
    if ending == 0:
        wire.close()
    elif ending == 1:
        wire.raw(chance.randrange(2), wire.next[0], wire.next[1], packets.RST | packets.ACK)
    if rough and chance.random() < 0.2:
        chance.shuffle(wire.frames)
    return wire.frames


def _again(chance: random.Random, wire: Wire, side: int, start: int, piece: bytes) -> None:
    other = bytes(byte ^ 1 for byte in piece) if chance.random() < 0.5 else piece
    how = chance.choice(({}, {}, {"ttl": 3}, {"right_checksum": False}))
    shift = chance.choice((0, 0, 1, -1, 1 << 27))
    wire.raw(side, start + shift, wire.next[1 - side], packets.ACK | packets.PSH, other + b"more"[: shift & 3], **how)


def unrelated(chance: random.Random) -> list[Frame]:
    """What is no concern of NetInfo, or hardly."""
    talk = Talk()
    web = Wire(Address("192.0.2.50", 50000 + chance.randrange(50)), Address("198.51.100.1", 80))
    for _ in range(chance.randrange(1, 12)):
        talk.udp(Address("192.0.2.50", 5353), Address("198.51.100.1", 53), chance.randbytes(chance.randrange(60)))
        talk.udp(Address("198.51.100.1", 53), Address("192.0.2.50", 5353), rpc.accepted(chance.randrange(6)))
        web.send(chance.randrange(2), chance.randbytes(chance.randrange(1, 90)))
    ethernet = talk.frames[0].data[:12]
    icmp = ethernet + b"\x08\x00" + packets.ip4("192.0.2.50", "198.51.100.1", 1, bytes(20))
    odd = [ethernet + b"\x08\x06" + bytes(40), icmp, ethernet + b"\x12\x34" + bytes(50), b"short"]
    return [*talk.frames, *web.frames, *(Frame(0, packets.ETHERNET, each) for each in odd[: chance.randrange(5)])]


def recorded(chance: random.Random) -> list[Frame]:
    """Some frames of a recording."""
    frames = recording(chance.choice(SMALL))
    start = chance.randrange(len(frames))
    return list(frames[start : start + chance.randrange(1, 60)])


def mixed(chance: random.Random, parts: Iterable[list[Frame]]) -> Iterator[Frame]:
    """Frames of several conversations in one capture, each in its order; times that never fall."""
    queues = [iter(part) for part in parts]
    now = START
    while queues:
        queue = chance.choice(queues)
        for _ in range(chance.choice((1, 1, 2, 5))):
            frame = next(queue, None)
            if frame is None:
                queues.remove(queue)
                break
            now += chance.choice(_STEPS)
            yield frame._replace(time=now)


def mutated(chance: random.Random, frames: Iterable[Frame]) -> Iterator[Frame]:
    """Some bytes wrong."""
    for frame in frames:
        data = bytearray(frame.data)
        if data and chance.random() < 0.1:
            for _ in range(chance.choice((1, 2, 6))):
                data[chance.randrange(len(data))] = chance.choice((0, 1, 0xFF, chance.randrange(256)))
        yield frame._replace(data=bytes(data))


def capture(seed: int, sound: bool = False) -> list[Frame]:
    """A capture, the same for the same seed. sound: its headers are right, so that it can be transformed."""
    chance = random.Random(seed)
    kinds = (datagrams, datagrams, connection, connection, unrelated, recorded)
    frames = list(mixed(chance, [chance.choice(kinds)(chance) for _ in range(chance.randrange(1, 9))]))
    if sound:
        return [frame for frame in frames if len(frame.data) > 60]
    return list(mutated(chance, frames)) if chance.random() < 0.4 else frames


def snapped(frames: Iterable[Frame], length: int) -> bytes:
    """A pcap file as one that was captured with a snap length."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, length, packets.ETHERNET)]
    for frame in frames:
        data = frame.data[:length]
        parts.append(struct.pack("<IIII", *divmod(frame.time, 10**9), len(data), len(frame.data)) + data)
    return b"".join(parts)
