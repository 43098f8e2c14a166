"""Segments that no receiver would take, connections seen in part: nothing is lost, invented, or blamed on others."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest

import netinfo_scapy
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.compare import run_frames, totals_of
from tests.support.packets import ACK, FIN, PSH, RST, SYN, Address
from tests.support.wire import Wire

Shown = list[tuple[str, int, tuple[str, ...]]]


def talk(wire: Wire, *xids: int) -> Wire:
    for xid in xids:
        wire.send(0, rpc.record(rpc.root(xid))).send(1, rpc.record(rpc.root_reply(xid)))
    return wire


def shown(wire: Wire) -> Shown:
    return [(m["type"], m["xid"], tuple(m["anomalies"])) for m in run_frames(wire.frames)]


def complete(*xids: int) -> Shown:
    return [(kind, xid, ()) for xid in xids for kind in ("call", "reply")]


CHAFF: list[dict[str, Any]] = [{"right_checksum": False}, {"ttl": 1}]


@pytest.mark.parametrize("how", CHAFF, ids=["checksum", "ttl"])
def test_a_forged_syn(how: dict[str, Any]) -> None:
    before = Wire().open().raw(0, 0x50000000, 0, SYN, **how)
    assert shown(talk(before, 1, 2, 3).close()) == complete(1, 2, 3)
    later = talk(Wire().open(), 1).raw(0, 0x50000000, 0, SYN, **how).raw(0, 0x50000001, 0, ACK, **how)
    assert shown(talk(later, 2, 3).close()) == complete(1, 2, 3)
    answer = talk(Wire().open(), 1).raw(1, 0x50000000, 77, SYN | ACK, **how)
    assert shown(talk(answer, 2, 3).close()) == complete(1, 2, 3)


def test_a_forged_copy_of_the_syn_does_not_stop_checksums_from_being_judged() -> None:
    wire = Wire().raw(0, 1000, 0, SYN, right_checksum=False).open()
    wire.raw(0, wire.next[0], wire.next[1], PSH | ACK, rpc.record(rpc.read(0x666)), right_checksum=False)
    assert shown(talk(wire, 1).close()) == complete(1)
    assert totals_of(wire.frames)["bad_checksums"] == 1


@pytest.mark.parametrize("how", [{}, *CHAFF], ids=["as usual", "checksum", "ttl"])
@pytest.mark.parametrize("ahead", [-20, 2_000_000])
def test_a_fin_out_of_place(ahead: int, how: dict[str, Any]) -> None:
    wire = talk(Wire().open(), 1)
    wire.raw(0, wire.next[0] + ahead, wire.next[1], FIN | ACK, **how)
    assert shown(talk(wire, 2, 3).close()) == complete(1, 2, 3)
    assert totals_of(wire.frames)["missed_bytes"] == 0


@pytest.mark.parametrize("ahead", [-50, 5_000, 500_000])
def test_a_reset_out_of_place(ahead: int) -> None:
    wire = talk(Wire().open(), 1)
    call = rpc.record(rpc.root(2))
    wire.send(0, call[:30]).raw(0, wire.next[0] + ahead, wire.next[1], RST | ACK)
    wire.send(0, call[30:]).send(1, rpc.record(rpc.root_reply(2)))
    assert shown(talk(wire, 3).close()) == complete(1, 2, 3)


def test_an_acknowledgment_of_what_was_never_sent() -> None:
    wire = talk(Wire().open(), 1)
    wire.raw(1, wire.next[1], wire.next[0] + 60_000_000, ACK)
    assert shown(talk(wire, 2)) == complete(1, 2)
    assert totals_of(wire.frames)["missed_bytes"] == 0


@pytest.mark.parametrize("jump", [70 << 20, 0x70000000])
def test_ports_used_again_without_a_syn_in_the_capture(jump: int) -> None:
    wire = talk(Wire().open(), 1)
    wire.next = [wire.next[0] + jump, wire.next[1] + jump]
    assert shown(talk(wire, 2, 3, 4).close()) == complete(1, 2, 3, 4)


def test_a_single_stray_segment_is_counted() -> None:
    wire = talk(Wire().open(), 1)
    wire.raw(0, 0x70000000, wire.next[1], PSH | ACK, b"stray")
    assert shown(talk(wire, 2).close()) == complete(1, 2)
    assert totals_of(wire.frames)["stray_segments"] == 1


def test_the_ttl_seen_first_is_the_usual_one() -> None:
    wire = Wire().open()
    at = wire.next[0]
    for _ in range(2):
        wire.raw(0, at, wire.next[1], ACK, ttl=1)
    wire.raw(0, at, wire.next[1], PSH | ACK, rpc.record(rpc.read(0x666)), ttl=1)
    wire.send(0, rpc.record(rpc.read(1))).send(1, rpc.record(rpc.read_reply(1)))
    found = run_frames(wire.close().frames)
    assert [(m["type"], m["xid"]) for m in found] == [("call", 1), ("reply", 1)]


def another(wire: Wire) -> Wire:
    """A connection an hour later, whose messages must come last."""
    wire.frames += talk(Wire(Address("192.0.2.99", 4444), start=wire.time + 3600 * 10**9).open(), 0x99).close().frames
    return wire


def test_another_route_with_another_ttl() -> None:
    wire = talk(Wire().open(), *range(10))
    wire.ttl = [60, 61]
    assert shown(another(talk(wire, *range(10, 40)).close())) == complete(*range(40), 0x99)


def test_a_call_sent_again_after_its_answer_holds_nothing_up() -> None:
    wire = Wire().open()
    call, at = rpc.record(rpc.root(1)), wire.next[0]
    wire.send(0, call, lost=True).send(1, rpc.record(rpc.root_reply(1)))
    wire.raw(0, at, wire.next[1], PSH | ACK, call)
    assert shown(another(talk(wire, 2, 3))) == complete(1, 2, 3, 0x99)


def test_a_connection_with_a_hole_is_over_when_both_sides_say_so() -> None:
    wire = talk(Wire().open(), 1)
    wire.send(0, rpc.record(rpc.root(2)), lost=True).send(1, rpc.record(rpc.root_reply(2)))
    found = shown(another(talk(wire, 3).close()))
    assert found == [*complete(1), ("reply", 2, ("reply-without-call",)), *complete(3, 0x99)]


def test_a_conflict_is_that_of_the_message_with_other_bytes() -> None:
    one, two, other = (rpc.record(rpc.read(xid, number)) for xid, number in ((1, 1), (2, 1), (2, 9)))
    wire = Wire().open()
    at = wire.next[0]
    wire.send(0, one + two).raw(0, at, wire.next[1], PSH | ACK, one + other)
    assert shown(wire) == [("call", 1, ()), ("call", 2, ("overlap-conflict",))]


def test_what_a_short_snap_length_cut_off_is_missed() -> None:
    wire = Wire().open().send(0, rpc.record(rpc.read(1)))
    one_side = [frame for frame in wire.frames if frame.data[26:30] == bytes([192, 0, 2, 10])]
    short = one_side[-1].data[:-10]
    capture = bytearray(pcap_bytes([*one_side[:-1], one_side[-1]._replace(data=short)]))
    capture[-len(short) - 4 : -len(short)] = struct.pack("<I", len(short) + 10)  # the length on the wire
    totals = netinfo_scapy.analyze(io.BytesIO(capture))["totals"]
    assert (totals["missed_bytes"], totals["incomplete_records"], totals["cut_frames"]) == (10, 1, 1)


def test_calls_of_an_old_connection_are_not_answered_on_the_next() -> None:
    first = Wire().send(0, rpc.record(rpc.root(1))).send(1, rpc.record(rpc.root_reply(1))).close()
    second = Wire(start=first.time)
    second.next = [90_000, 95_000]
    second.open().send(0, rpc.record(rpc.root(1)), lost=True).send(1, rpc.record(rpc.root_reply(1)))
    first.frames += second.frames
    assert shown(first) == [*complete(1), ("reply", 1, ("reply-without-call",))]


def test_a_fin_that_was_not_captured_is_no_missing_byte() -> None:
    wire = talk(Wire().open(), 1, 2).close()
    wire.frames = [frame for frame in wire.frames if not frame.data[47] & FIN]
    assert shown(wire) == complete(1, 2)
    totals = totals_of(wire.frames)
    assert (totals["missed_bytes"], totals["incomplete_records"]) == (0, 0)
