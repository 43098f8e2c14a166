"""TCP as Scapy's TCPSession fails on it, a test for each line of its table, and segments that contradict each other."""

import pytest

from tests.support import rpc
from tests.support.compare import Message, one, run_frames, totals_of
from tests.support.conversation import CLIENT, SERVER, Connection, Talk
from tests.support.packets import Address

PROPS = (("name", ("users",)), ("passwd", ("*", "x" * 50)), ("home", ("/Users/someone",)))
OTHER_PROPS = (("name", ("usurs",)), ("passwd", ("*", "x" * 50)), ("home", ("/Users/someone",)))


def shown(messages: list[Message]) -> list[tuple[object, ...]]:
    return [(m["type"], m["xid"], m["name"], tuple(m["anomalies"])) for m in messages]


def complete(*xids: int) -> list[tuple[object, ...]]:
    return [(kind, xid, "NetInfo.READ", ()) for xid in xids for kind in ("call", "reply")]


def props_of(message: Message) -> list[tuple[str, tuple[str, ...]]]:
    return [(prop["name"], tuple(prop["values"])) for prop in message["result"]["props"]]


def exchange(connection: Connection, xid: int) -> None:
    connection.call(rpc.record(rpc.read(xid)))
    connection.reply(rpc.record(rpc.read_reply(xid, props=PROPS)))


def by_xid(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda m: (m["xid"], m["type"]))


def test_row_1_two_pdus_in_a_segment_a_split_one_second_half_first() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.read(1)) + rpc.record(rpc.read(2)))
    connection.reply(rpc.record(rpc.read_reply(1, props=PROPS)), 37)
    second = rpc.record(rpc.read_reply(2, props=PROPS))
    start = connection.said[SERVER]
    connection.segment(SERVER, start + 41, second[41:])
    connection.segment(SERVER, start, second[:41])
    connection.close()
    found = run_frames(talk.frames)
    assert shown(by_xid(found)) == complete(1, 2)
    assert [props_of(m) for m in found if m["type"] == "reply"] == [list(PROPS)] * 2
    # The highest-numbered frame that brought a byte: of the record in halves, the half that came last.
    assert [m["frame"] for m in by_xid(found)] == [4, 6, 4, 8]


def test_row_2_two_pdus_and_part_of_a_third_in_a_segment() -> None:
    talk = Talk()
    connection = talk.tcp()
    calls = b"".join(rpc.record(rpc.read(xid)) for xid in (1, 2, 3))
    connection.call(calls, len(calls) - 20)
    replies = b"".join(rpc.record(rpc.read_reply(xid, props=PROPS)) for xid in (1, 2, 3))
    connection.reply(replies, len(replies) - 60)
    connection.close()
    assert shown(by_xid(run_frames(talk.frames))) == complete(1, 2, 3)


def test_row_3_a_hole_inside_a_record() -> None:
    talk = Talk()
    connection = talk.tcp()
    for xid in (1, 2, 3):
        connection.call(rpc.record(rpc.read(xid)))
        reply = rpc.record(rpc.read_reply(xid, props=PROPS))
        connection.reply(reply, 40, 70, lost=(1,) if xid == 2 else ())
    connection.close()
    found = run_frames(talk.frames)
    assert [s for s in shown(by_xid(found)) if s[:2] != ("reply", 2)] == [
        s for s in complete(1, 2, 3) if s[:2] != ("reply", 2)
    ]
    cut = one(found, lambda m: (m["type"], m["xid"]) == ("reply", 2))
    assert cut["anomalies"] == ["incomplete-record"]
    assert (cut["length"], cut["fragments"], cut.get("result")) == (36, 1, None)
    totals = totals_of(talk.frames)
    assert (totals["missed_bytes"], totals["incomplete_records"], totals["messages"]) == (30, 1, 5)


@pytest.mark.parametrize("size", [0, 3, 4, 7, 11])
def test_row_3_fewer_than_eight_bytes_before_the_hole(size: int) -> None:
    """Fewer than eight bytes of a message are counted, not shown; the mark is not one of them."""
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    connection.call(rpc.record(rpc.read(2)))
    reply = rpc.record(rpc.read_reply(2, props=PROPS))
    connection.reply(reply, size, len(reply) - 10, lost=(1,))
    exchange(connection, 3)
    connection.close()
    found = run_frames(talk.frames)
    assert shown(by_xid(found)) == [*complete(1), ("call", 2, "NetInfo.READ", ()), *complete(3)]
    totals = totals_of(talk.frames)
    assert totals["missed_bytes"] == len(reply) - 10 - size
    assert totals["incomplete_records"] == 1
    assert totals["calls_without_reply"] == 1


def test_row_4_a_segment_sent_twice() -> None:
    talk = Talk()
    connection = talk.tcp()
    for xid in (1, 2):
        call = rpc.record(rpc.read(xid))
        connection.call(call)
        connection.segment(CLIENT, connection.said[CLIENT] - len(call), call)
        reply = rpc.record(rpc.read_reply(xid, props=PROPS))
        connection.reply(reply, 50)
        connection.segment(SERVER, connection.said[SERVER] - len(reply), reply[:50])
        connection.segment(SERVER, connection.said[SERVER] - len(reply), reply)
    connection.close()
    found = run_frames(talk.frames)
    assert shown(found) == complete(1, 2)
    assert totals_of(talk.frames)["missed_bytes"] == 0
    assert [m["frame"] for m in found] == [4, 7, 10, 13]


@pytest.mark.parametrize("first", [2**32 - 1, 2**32 - 2, 2**32 - 30, 2**32 - 60, 2**32 - 5_000_000 - 100])
def test_row_5_sequence_numbers_wrap(first: int) -> None:
    talk = Talk()
    connection = talk.tcp(first=first)
    for xid in (1, 2, 3):
        exchange(connection, xid)
    connection.close()
    assert shown(run_frames(talk.frames)) == complete(1, 2, 3)
    assert totals_of(talk.frames)["missed_bytes"] == 0


@pytest.mark.parametrize("first", [2**32 - 60, 2**32 - 5_000_000 - 100])
def test_row_5_wrapping_out_of_order(first: int) -> None:
    talk = Talk()
    connection = talk.tcp(first=first)
    for xid in (1, 2, 3):
        call = rpc.record(rpc.read(xid))
        start = connection.said[CLIENT]
        connection.segment(CLIENT, start + 20, call[20:])
        connection.segment(CLIENT, start, call[:20])
        reply = rpc.record(rpc.read_reply(xid, props=PROPS))
        start = connection.said[SERVER]
        connection.segment(SERVER, start + 60, reply[60:])
        connection.segment(SERVER, start, reply[:60])
    connection.close()
    assert shown(run_frames(talk.frames)) == complete(1, 2, 3)


@pytest.mark.parametrize("second", [1000, 1020, 900, 4_000_000_000])
def test_row_6_reset_then_the_port_used_again_in_mid_record(second: int) -> None:
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    connection.call(rpc.record(rpc.read(2))[:30])
    connection.reset(SERVER)
    again = talk.tcp(first=second)
    exchange(again, 3)
    again.close()
    found = run_frames(talk.frames)
    assert [s for s in shown(found) if s[1] != 2] == complete(1, 3)
    cut = one(found, lambda m: m["xid"] == 2)
    assert cut["anomalies"] == ["incomplete-record"]
    assert cut["length"] == 26
    totals = totals_of(talk.frames)
    assert (totals["incomplete_records"], totals["messages"]) == (1, 4)


@pytest.mark.parametrize("second", [77_000, 4_000_000_000])
def test_row_6_port_used_again_without_a_reset(second: int) -> None:
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    connection.reply(rpc.record(rpc.read_reply(9, props=PROPS))[:40])
    again = talk.tcp(first=second)
    exchange(again, 3)
    again.close()
    found = [s for s in shown(run_frames(talk.frames)) if s[1] != 9]
    assert found == complete(1, 3)


def test_row_7_two_host_pairs_with_the_same_client_port() -> None:
    talk = Talk()
    other = Address("192.0.2.11", CLIENT.port), Address("192.0.2.21", SERVER.port)
    one_, two = talk.tcp(), talk.tcp(*other, first=1000)
    for xid in (1, 2):
        calls = rpc.record(rpc.read(xid, 5)), rpc.record(rpc.read(xid, 6))
        one_.call(calls[0][:25])
        two.call(calls[1][:31])
        one_.call(calls[0][25:])
        two.call(calls[1][31:])
        replies = (rpc.record(rpc.read_reply(xid, at, PROPS)) for at in (5, 6))
        first, second = replies
        one_.reply(first[:44])
        two.reply(second[:45])
        two.reply(second[45:])
        one_.reply(first[44:])
    found = run_frames(talk.frames)
    for server, number in ((SERVER.ip, 5), (other[1].ip, 6)):
        here = [m for m in found if server in (m["src_ip"], m["dst_ip"])]
        assert shown(here) == complete(1, 2)
        assert [m["arguments"]["id"]["object"] for m in here if m["type"] == "call"] == [number] * 2
        assert [m["result"]["id"]["object"] for m in here if m["type"] == "reply"] == [number] * 2


def _conflict(talk: Talk, first: dict[str, int], second: dict[str, int], **opened: int) -> list[Message]:
    """A reply whose second half comes in two versions, before its first half; `second` has the right bytes."""
    connection = talk.tcp(**opened)
    exchange(connection, 1)
    connection.call(rpc.record(rpc.read(2)))
    right, wrong = (rpc.record(rpc.read_reply(2, props=props)) for props in (PROPS, OTHER_PROPS))
    start = connection.said[SERVER]
    connection.segment(SERVER, start + 40, wrong[40:], **first)
    connection.segment(SERVER, start + 40, right[40:], **second)
    connection.segment(SERVER, start, right[:40])
    exchange(connection, 3)
    connection.close()
    return run_frames(talk.frames)


def test_conflict_the_first_wins() -> None:
    found = _conflict(Talk(), {}, {})
    reply = one(found, lambda m: (m["type"], m["xid"]) == ("reply", 2))
    assert reply["anomalies"] == ["overlap-conflict"]
    assert props_of(reply) == list(OTHER_PROPS)
    assert [s for s in shown(found) if s[1] != 2] == complete(1, 3)


def test_conflict_the_usual_ttl_wins() -> None:
    reply = one(_conflict(Talk(), {"ttl": 3}, {"ttl": 64}), lambda m: (m["type"], m["xid"]) == ("reply", 2))
    assert reply["anomalies"] == ["overlap-conflict"]
    assert props_of(reply) == list(PROPS)


def test_conflict_a_bad_checksum_loses_where_checksums_are_right() -> None:
    found = _conflict(Talk(), {"right_checksum": False}, {})
    reply = one(found, lambda m: (m["type"], m["xid"]) == ("reply", 2))
    assert props_of(reply) == list(PROPS)


@pytest.mark.parametrize(("again", "anomalies"), [(b"\0", ()), (b"\7", ("overlap-conflict",))])
def test_conflict_with_a_message_that_is_whole_already(again: bytes, anomalies: tuple[str, ...]) -> None:
    """Other bytes for a call that came in one segment, before the server has acknowledged it."""
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    call = rpc.record(rpc.read(2))
    start = connection.said[CLIENT]
    connection.call(call)
    connection.segment(CLIENT, start, call[:-1] + again)
    connection.reply(rpc.record(rpc.read_reply(2, props=PROPS)))
    exchange(connection, 3)
    found = run_frames(talk.frames)
    assert [tuple(m["anomalies"]) for m in found if m["xid"] == 2] == [anomalies, ()]
    assert [s for s in shown(found) if s[1] != 2] == complete(1, 3)


def test_other_bytes_for_what_is_acknowledged_change_nothing() -> None:
    talk = Talk()
    connection = talk.tcp()
    call = rpc.record(rpc.read(1))
    connection.call(call)
    connection.reply(rpc.record(rpc.read_reply(1, props=PROPS)))
    connection.segment(CLIENT, 0, call[:-1] + b"\7")
    exchange(connection, 2)
    assert shown(run_frames(talk.frames)) == complete(1, 2)


def test_same_bytes_again_are_no_conflict() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.read(1)))
    reply = rpc.record(rpc.read_reply(1, props=PROPS))
    connection.segment(SERVER, 30, reply[30:])
    connection.segment(SERVER, 50, reply[50:])
    connection.segment(SERVER, 0, reply[:60])
    assert shown(run_frames(talk.frames)) == complete(1)


def test_one_direction_only() -> None:
    talk = Talk()
    connection = talk.tcp()
    for xid in (1, 2, 3):
        exchange(connection, xid)
    connection.close()
    server = bytes(map(int, SERVER.ip.split(".")))
    of_server = [frame for frame in talk.frames if frame.data[26:30] == server]
    found = run_frames(of_server)
    assert shown(found) == [("reply", xid, None, ("reply-without-call",)) for xid in (1, 2, 3)]
    of_client = [frame for frame in talk.frames if frame.data[26:30] != server]
    assert shown(run_frames(of_client)) == [s for s in complete(1, 2, 3) if s[0] == "call"]


def test_a_hole_at_the_end_is_seen_by_what_the_peer_acknowledges() -> None:
    talk = Talk()
    connection = talk.tcp()
    exchange(connection, 1)
    connection.call(rpc.record(rpc.read(2)))
    reply = rpc.record(rpc.read_reply(2, props=PROPS))
    connection.reply(reply, lost=(0,))
    connection.acknowledge(CLIENT)
    assert shown(run_frames(talk.frames)) == [*complete(1), ("call", 2, "NetInfo.READ", ())]
    totals = totals_of(talk.frames)
    assert totals["missed_bytes"] == len(reply)
    assert totals["incomplete_records"] >= 1


def test_any_fragmentation() -> None:
    talk = Talk()
    connection = talk.tcp()
    reply = rpc.read_reply(1, props=PROPS)
    connection.call(rpc.record(rpc.read(1), 1, 1, 2, 0, 30))
    connection.reply(rpc.record(reply, *([4] * (len(reply) // 4))))
    found = run_frames(talk.frames, netinfo_ports=["tcp:961"])
    assert shown(found) == complete(1)
    assert [m["fragments"] for m in found] == [6, len(reply) // 4 + 1]
    assert [m["length"] for m in found] == [len(rpc.read(1)), len(reply)]


def test_what_is_no_rpc_is_no_message() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(b"GET / HTTP/1.0\r\n\r\n")
    connection.reply(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 3000)
    connection.close()
    assert run_frames(talk.frames) == []
    assert totals_of(talk.frames)["messages"] == 0
