"""Endless traffic made to cost a decoder more and more: each function gives as many Ethernet frames as are wanted.

Checksums are left out, for there are many.
"""

import random
import struct
from collections.abc import Callable, Iterator

from tests.support import rpc
from tests.support.packets import ACK, PSH, SYN

_ETHERNET = bytes.fromhex("0200000000020200000000010800")
CLIENT, SERVER = 0xC000020A, 0xC0000214


def _ip(source: int, target: int, protocol: int, body: bytes, ttl: int = 64, number: int = 0, place: int = 0) -> bytes:
    head = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(body), number, place, ttl, protocol, 0, source, target)
    return _ETHERNET + head + body


def _udp(source: int, port: int, target: int, target_port: int, payload: bytes) -> bytes:
    return _ip(source, target, 17, struct.pack(">HHHH", port, target_port, 8 + len(payload), 0) + payload)


def _tcp(
    at: int, payload: bytes, *, port: int = 40000, flags: int = ACK | PSH, ttl: int = 64, back: bool = False
) -> bytes:
    """A segment of a client, at an offset of its stream; back: of the server."""
    ends = (SERVER, CLIENT, 961, port) if back else (CLIENT, SERVER, port, 961)
    head = struct.pack(">HHIIBBHHH", *ends[2:], at % (1 << 32), 1, 0x50, flags, 65535, 0, 0)
    return _ip(*ends[:2], 6, head + payload, ttl)


def _bytewise(data: bytes, count: int) -> Iterator[bytes]:
    for at in range(count):
        yield _tcp(5000 + at, data[at % len(data) : at % len(data) + 1])


def single_bytes(count: int) -> Iterator[bytes]:
    """Calls, a byte a segment, from the connection's start."""
    yield _tcp(4999, b"", flags=SYN)
    yield from _bytewise(rpc.record(rpc.read(1)), count)


def hunting(count: int) -> Iterator[bytes]:
    """From the middle of a stream, a byte a segment, none of which is a record."""
    yield from _bytewise(b"\x80\0\0\x40" + bytes(9), count)


def planted(count: int) -> Iterator[bytes]:
    """From the middle, a byte a segment: a plausible header, and something impossible behind it."""
    yield from _bytewise(rpc.words(40) + rpc.ping(1) + rpc.words(0xFFFFFFFF), count)


def planted_with_credentials(count: int) -> Iterator[bytes]:
    """The same, the header's end as far away as can be."""
    call = rpc.call(1, rpc.NETINFO, 2, 7, credential=rpc.auth(1, bytes(400)), verifier=rpc.auth(1, bytes(400)))
    yield from _bytewise(rpc.record(call)[:60] * 3, count)


def near_misses(count: int) -> Iterator[bytes]:
    """The same in full segments."""
    data = (rpc.words(40) + rpc.ping(1) + rpc.words(0xFFFFFFFF)) * 30
    for at in range(count):
        yield _tcp(5000 + at * len(data), data)


def nested_near_misses(count: int) -> Iterator[bytes]:
    """Long records found, each with others in it, that all come to nothing."""
    head = rpc.words(1 << 16) + rpc.ping(1)
    for at in range(count):
        yield _tcp(5000 + at * 1100, head * 25 if at % 50 else b"\xff" * 1100)


def overlapping(count: int) -> Iterator[bytes]:
    """Behind a hole: each segment covers many before it, with other bytes."""
    for at in range(count):
        yield _tcp(
            10_000 + 8 * at - (800 if at > 100 else 8 * at), bytes([at % 251]) * (808 if at > 100 else 8 * at + 8)
        )


def overlapping_all(count: int) -> Iterator[bytes]:
    """The same place again and again: two bytes apart, then all of it at once, never the same."""
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        yield _tcp(6000 + at * 2 % 280, b"x") if at % 2 else _tcp(6000, bytes([at % 251]) * 280)


def disputed(count: int) -> Iterator[bytes]:
    """Records that nobody acknowledges, and the last of them again with other bytes."""
    record = rpc.record(rpc.read(1))
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        back = 20 if at % 2 else 0
        start = 5000 + (at // 2) * len(record)
        yield _tcp(
            start - back * len(record) if start > 5000 + back * len(record) else start, bytes(1) if back else record
        )


def backwards(count: int) -> Iterator[bytes]:
    """The last segment first."""
    for at in range(count):
        yield _tcp(100_000_000 - 8 * at, b"backward")


def backwards_behind_a_hole(count: int) -> Iterator[bytes]:
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        yield _tcp(5100 + 8 * (count - at), b"backward")


def every_other(count: int) -> Iterator[bytes]:
    """Nothing but holes."""
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        yield _tcp(5001 + 2 * at, b"x")


def times_to_live(count: int) -> Iterator[bytes]:
    """Another TTL with each segment."""
    record = rpc.record(rpc.read(1))
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        yield _tcp(5000 + at * len(record), record, ttl=at % 250 + 1)


def pending(count: int) -> Iterator[bytes]:
    """Calls that are not answered, from everywhere."""
    for at in range(count):
        yield _udp(CLIENT + at // 60000, 1024 + at % 60000, SERVER, 961, rpc.ping(at))


def pending_of_one(count: int) -> Iterator[bytes]:
    for at in range(count):
        yield _udp(CLIENT, 700, SERVER, 961, rpc.ping(at))


def clients(count: int) -> Iterator[bytes]:
    """Each from another address."""
    for at in range(count):
        yield _udp(0x0A000000 + at, 700, SERVER, 961, rpc.ping(at))


def one_xid(count: int) -> Iterator[bytes]:
    """One client asks ever more servers with one xid."""
    for at in range(count):
        yield _udp(CLIENT, 700, 0x0A000000 + at, 961, rpc.ping(7))


def one_xid_answered(count: int) -> Iterator[bytes]:
    """They answer, the latest last."""
    yield from one_xid(count // 2)
    for at in range(count // 2):
        yield _udp(0x0A000000 + at, 961, CLIENT, 700, rpc.accepted(7))


def other_bytes(count: int) -> Iterator[bytes]:
    """One xid, other arguments: no retransmission."""
    for at in range(count):
        yield _udp(CLIENT, 700, SERVER, 961, rpc.read(7, at))


def answered(count: int) -> Iterator[bytes]:
    for at in range(count // 2):
        yield _udp(CLIENT + at % 5000, 700, SERVER, 961, rpc.read(at))
        yield _udp(SERVER, 961, CLIENT + at % 5000, 700, rpc.accepted(at, rpc.words(9)))


def users(count: int) -> Iterator[bytes]:
    """Another user each time."""
    for at in range(count):
        yield _udp(CLIENT, 700, SERVER, 961, rpc.call(at, rpc.NETINFO, 2, 0, credential=rpc.auth_sys(uid=1 << 31 | at)))


def fragments(count: int) -> Iterator[bytes]:
    """Of datagrams that are never complete."""
    for at in range(count):
        yield _ip(CLIENT + at // 60000, SERVER, 17, bytes(1000), number=at % 60000, place=0x2000 | 10)


def fragments_of_one(count: int) -> Iterator[bytes]:
    """Eight bytes here and there of one datagram, never the same twice."""
    chance = random.Random(3)
    for at in range(count):
        place = chance.randrange(1, 8190)
        yield _ip(
            CLIENT, SERVER, 17, bytes([at % 251]) * 8 * (1 + at % 3 % 2 * (8190 - place > 9) * 8), place=0x2000 | place
        )


def half_open(count: int) -> Iterator[bytes]:
    for at in range(count):
        yield _tcp(at, b"", port=1024 + at % 60000, flags=SYN)


def client_ports(count: int) -> Iterator[bytes]:
    """Ever new connections with a call and half of another."""
    data = rpc.record(rpc.ping(1)) + rpc.record(rpc.ping(2))[:30]
    for at in range(count // 2):
        yield _tcp(4999, b"", port=1024 + at % 60000, flags=SYN)
        yield _tcp(5000, data, port=1024 + at % 60000)


def one_connection_again(count: int) -> Iterator[bytes]:
    """The same ports begun anew."""
    for at in range(count // 2):
        yield _tcp(9000 * at, b"", flags=SYN)
        yield _tcp(9000 * at + 1, rpc.record(rpc.ping(1)))


def endpoints(count: int) -> Iterator[bytes]:
    """Each call teaches another endpoint."""
    for at in range(count):
        yield _udp(CLIENT, 700, SERVER + at // 60000, 1024 + at % 60000, rpc.ping(at))


def empty_fragments_of_a_record(count: int) -> Iterator[bytes]:
    """Record marks of no bytes."""
    yield _tcp(4999, b"", flags=SYN)
    for at in range(count):
        yield _tcp(5000 + 400 * at, bytes(400))


def streamed(asked: bytes, answered: bytes) -> Iterator[bytes]:
    """What a client and a server send over TCP, in full segments: not endless, but long."""
    yield _tcp(4999, b"", flags=SYN)
    yield _tcp(8999, b"", flags=SYN | ACK, back=True)
    for data, first, back in ((asked, 5000, False), (answered, 9000, True)):
        for at in range(0, len(data), 1460):
            yield _tcp(first + at, data[at : at + 1460], back=back)


STREAMS: dict[str, Callable[[int], Iterator[bytes]]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        single_bytes, hunting, planted, planted_with_credentials, near_misses, nested_near_misses, overlapping,
        overlapping_all, disputed, backwards, backwards_behind_a_hole, every_other, times_to_live, pending,
        pending_of_one, clients, one_xid, one_xid_answered, other_bytes, answered, users, fragments, fragments_of_one,
        half_open, client_ports, one_connection_again, endpoints, empty_fragments_of_a_record,
    )
}  # fmt: skip
