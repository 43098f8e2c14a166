"""The responder: calls to a host in each dialect; an answer is one of RPC's, of its procedure's type, to that call.

Input: a byte that says who asks, then calls, one after the other to the same host.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fuzz import seeds, wire
from fuzz.host import TAG, make_host, services
from fuzz.packing import pack, unmarked, unpack
from fuzz.stories import stories
from fuzz.target import Target
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.calls import as_user
from netinfo_scapy.live.responder.service import Caller, Seen, answer, result_type
from netinfo_scapy.live.responder.store import Store
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import decode
from netinfo_scapy.protocol.message import ReplyHeader, read_header, read_result
from netinfo_scapy.protocol.secret import Secret

_ODD = {Anomaly.TRUNCATED_RESULT, Anomaly.BYTES_LEFT_OVER, Anomaly.OVER_LIMIT}


def _is_sound(store: Store) -> None:
    """Every object hangs once, where its parent says, and numbers are what the store says."""
    walked = list(store.walk())
    assert len(walked) == len(set(walked)) == len(store.objects)
    for number, each in store.objects.items():
        for child in each.children:
            assert store.objects[child].parent == number
    assert store.highest == max(store.objects)


def _judge(call: bytes, seen: Seen) -> None:
    for reply in seen.replies:
        header = read_header(reply)
        assert isinstance(header, ReplyHeader)
        assert header.whole
        assert not header.anomalies
        assert reply[:4] == call[:4]
        if header.accept_status == rpc.SUCCESS and len(seen.replies) == 1:
            assert seen.row is not None
            assert seen.service is not None
            xdr = result_type(seen.service, seen.row)
            if xdr is None:
                assert header.end == len(reply)
            elif not seen.row.forwards:
                assert decode(xdr, reply, header.end)[1] == len(reply)
                found: set[Anomaly] = set()
                result = read_result(seen.row, None, reply, header.end, found)
                assert not found & _ODD
                assert result.status == seen.status
    assert len(seen.replies) <= 2


def run(data: bytes) -> Any:
    """Put the calls to a host."""
    choice, data = unmarked(data)
    dialect = ("apple-208", "previous")[choice & 1]
    refusal = None if choice & 2 else "RDONLY"
    host = make_host(dialect, refusal, clone=bool(choice & 32))
    transport = Transport.UDP if choice & 4 else Transport.TCP
    peer = Endpoint(wire.SERVER if choice & 8 else wire.CLIENT, 700 if choice & 16 else 40000)
    caller = Caller(peer, Endpoint(wire.SERVER, 961), transport)
    domain = host.domains[TAG]
    before = dict(domain.store.objects)
    programs = services(host)
    told = []
    for call in unpack(data):
        answers = answer(programs, call, caller, partial(_judge, call))
        host.to_ping(call)
        told.append([each for each in answers if b"cleanup_wait" not in each])  # statistics tell of time, and differ
        for each in host.domains.values():
            _is_sound(each.store)
            each.trusts(caller)
    if refusal:
        assert domain.store.objects == before
    return told


def inputs() -> Iterator[bytes]:
    """The calls of the captures, alone and several in a row; writes by root."""
    calls = [call for call, _ in seeds.exchanges()]
    for number, call in enumerate(calls):
        yield bytes([(0, 2 | 8 | 16, 5, 1)[number % 4]]) + pack([call])
    for number, story in enumerate(stories()):
        yield bytes([(0x1A, 0x32, 0x0A, 0x3A)[number % 4]]) + pack(call for call, _ in story)
    for user in (as_user(501, Secret(b"any")), as_user(0, Secret(b"wrong")), as_user(77)):
        for number, story in enumerate(stories(user)):
            if number % 4 == 0:
                yield bytes([(0x02, 0x22, 0x03)[number % 3]]) + pack(call for call, _ in story)
    for at in range(0, len(calls), 12):
        yield b"\x1a" + pack(calls[at : at + 12])
        yield b"\x1f" + pack(calls[at : at + 12])


TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=("live.responder",),
    words=(b"\0\0\0\2", b"name", b"passwd", b"_writers", b"\xff\xff\xff\xff"),
    longest=3000,
)
