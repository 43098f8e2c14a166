"""What is let go for lack of room is counted, and costs only what was let go."""

from __future__ import annotations

import io
import tracemalloc

from netinfo_scapy.analysis.account import account
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.events import make_record
from netinfo_scapy.capture.flows import Endpoint, Flow, Lanes, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message, read_message
from netinfo_scapy.capture.pairing import Pairing
from tests.support import rpc
from tests.support.captures import Frame, pcap_bytes
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address


def facts(frames: list[Frame], limits: Limits) -> Facts:
    return Reading(io.BytesIO(pcap_bytes(frames)), limits=limits).facts()


def test_calls_without_an_answer() -> None:
    talk = Talk()
    for xid in range(20):
        talk.udp(CLIENT, SERVER, rpc.ping(xid))
    for xid in range(20):
        talk.udp(SERVER, CLIENT, rpc.accepted(xid))
    totals = facts(talk.frames, Limits(pending_calls=5)).totals
    assert (totals.calls, totals.replies, totals.replies_without_call, totals.evicted) == (20, 20, 15, 15)


def test_calls_that_were_forgotten_take_no_memory() -> None:
    """They stay in the queue until half of it is theirs, but nothing of them does."""
    pairing = Pairing(Limits(pending_calls=2_000))
    lane = Lanes().of(Flow(Transport.UDP, Endpoint(bytes(4), 700), Endpoint(bytes(4), 961)))
    taken = []
    tracemalloc.start()
    try:
        for xid in range(4_000):
            call = read_message(make_record(lane, FrameRef(0, xid + 1, xid), rpc.ping(xid), True))
            assert call is not None
            pairing.call(call)
            if xid in (1_999, 3_998):
                taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert pairing.evicted == 2_000
    assert taken[1] < 1.3 * taken[0]


def test_calls_by_their_bytes() -> None:
    talk = Talk()
    for xid in range(20):
        talk.udp(CLIENT, SERVER, rpc.call(xid, rpc.NETINFO, 2, 8, bytes(4000)))
    # Each costs its 4,040 bytes and 1,000 more: nine find room.
    assert facts(talk.frames, Limits(pending_bytes=50_000)).totals.evicted == 11


def test_answered_calls_go_first_and_are_not_counted() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.ping(1000))
    for xid in range(20):
        talk.ask(rpc.ping(xid), rpc.accepted(xid))
    talk.udp(SERVER, CLIENT, rpc.accepted(1000))
    totals = facts(talk.frames, Limits(pending_calls=5)).totals
    assert (totals.evicted, totals.replies_without_call) == (0, 0)


def open_connections(count: int) -> list[Frame]:
    """Each with a call, and half of another."""
    talk = Talk()
    connections = [talk.tcp(Address(CLIENT.ip, 50_000 + number)) for number in range(count)]
    for each in connections:
        each.call(rpc.record(rpc.ping(1)) + rpc.record(rpc.read(2))[:30])
    return talk.frames


def test_connections() -> None:
    """Seven go while all are opened; each then comes again with its calls, and another goes for it."""
    totals = facts(open_connections(10), Limits(connections=3)).totals
    assert (totals.calls, totals.incomplete_records, totals.evicted) == (10, 10, 17)


def test_bytes_that_wait() -> None:
    totals = facts(open_connections(10), Limits(buffered_bytes=2_000)).totals
    assert (totals.calls, totals.incomplete_records) == (10, 10)
    assert totals.evicted > 0


def test_a_record_that_is_too_long() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.ping(1)))
    connection.call(rpc.record(rpc.call(2, rpc.NETINFO, 2, 8, bytes(5000))))
    totals = facts(talk.frames, Limits(record_bytes=4_000)).totals
    assert (totals.calls, totals.not_rpc) == (1, 1)


def test_endpoints() -> None:
    talk = Talk()
    for port in range(700, 710):
        talk.udp(CLIENT, Address(SERVER.ip, port), rpc.ping(1))
    reading = Reading(io.BytesIO(pcap_bytes(talk.frames)), limits=Limits(learned_endpoints=3))
    found = reading.facts()
    assert (found.totals.calls, found.totals.evicted) == (3, 7)


def test_messages_held_back_come_in_order_all_the_same() -> None:
    frames = open_connections(30)
    for limits in (Limits(unsettled_events=2), Limits(unsettled_bytes=100), Limits(settle_ns=0)):
        held = Reading(io.BytesIO(pcap_bytes(frames)))
        pressed = Reading(io.BytesIO(pcap_bytes(frames)), limits=limits)
        assert [event.record.at for event in pressed.events() if isinstance(event, Message)] == [
            event.record.at for event in held.events() if isinstance(event, Message)
        ]
    assert account(held.events()).totals.calls == 30
