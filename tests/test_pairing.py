"""A reply and its call: who belongs to whom, and what is said where nothing does."""

import pytest

from tests.support import rpc
from tests.support.compare import Message, one, run_frames, totals_of
from tests.support.conversation import CLIENT, SERVER, STEP, Talk
from tests.support.packets import Address

OTHER_CLIENT = Address("192.0.2.12", CLIENT.port)
OTHER_SERVER = Address("192.0.2.22", SERVER.port)


def shown(messages: list[Message]) -> list[tuple[object, ...]]:
    """(type, xid, name, call_frame, anomalies) of each message."""
    return [(m["type"], m["xid"], m["name"], m.get("call_frame"), m["anomalies"]) for m in messages]


def counted(talk: Talk, *keys: str) -> list[int]:
    totals = totals_of(talk.frames)
    return [totals[key] for key in keys]


COUNTS = ("messages", "calls", "replies", "retransmissions", "calls_without_reply", "replies_without_call")


def test_call_and_reply() -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1))
    found = run_frames(talk.frames)
    assert shown(found) == [("call", 1, "NetInfo.ROOT", None, []), ("reply", 1, "NetInfo.ROOT", 1, [])]
    assert found[1]["rtt_seconds"] == pytest.approx(STEP / 1e9)
    assert counted(talk, *COUNTS) == [2, 1, 1, 0, 0, 0]


def test_retransmissions_count_and_time_runs_from_the_first() -> None:
    talk = Talk()
    for _ in range(3):
        talk.udp(CLIENT, SERVER, rpc.root(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    found = run_frames(talk.frames)
    assert [s[:4] for s in shown(found)] == [("call", 1, "NetInfo.ROOT", None)] * 3 + [("reply", 1, "NetInfo.ROOT", 1)]
    assert found[-1]["anomalies"] == []
    assert found[-1]["rtt_seconds"] == pytest.approx(3 * STEP / 1e9)
    assert counted(talk, *COUNTS) == [4, 3, 1, 2, 0, 0]


def test_retransmission_after_the_reply() -> None:
    """The reply was lost on its way: the call comes again and is answered again."""
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1))
    talk.ask(rpc.root(1), rpc.root_reply(1))
    found = run_frames(talk.frames)
    assert shown(found)[3] == ("reply", 1, "NetInfo.ROOT", 1, ["duplicate-reply"])
    assert counted(talk, "calls", "replies", "retransmissions", "calls_without_reply") == [2, 2, 1, 0]


def test_duplicate_reply() -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    found = run_frames(talk.frames)
    assert shown(found)[1:] == [
        ("reply", 1, "NetInfo.ROOT", 1, []),
        ("reply", 1, "NetInfo.ROOT", 1, ["duplicate-reply"]),
    ]
    assert found[2]["result"] == {"id": {"object": 0, "instance": 9}}
    assert counted(talk, "replies", "replies_without_call", "calls_without_reply") == [2, 0, 0]


def test_xid_used_again_with_other_bytes() -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1))
    talk.ask(rpc.read(1, 5), rpc.read_reply(1, 5))
    found = run_frames(talk.frames)
    assert shown(found) == [
        ("call", 1, "NetInfo.ROOT", None, []),
        ("reply", 1, "NetInfo.ROOT", 1, []),
        ("call", 1, "NetInfo.READ", None, []),
        ("reply", 1, "NetInfo.READ", 3, []),
    ]
    assert counted(talk, *COUNTS) == [4, 2, 2, 0, 0, 0]


def test_xid_used_again_before_the_reply() -> None:
    """The later call takes the xid's place; the earlier one stays unanswered."""
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1))
    talk.ask(rpc.read(1, 5), rpc.read_reply(1, 5))
    assert shown(run_frames(talk.frames))[-1] == ("reply", 1, "NetInfo.READ", 2, [])
    assert counted(talk, *COUNTS) == [3, 2, 1, 0, 1, 0]


def test_equal_calls_on_tcp_are_new_calls() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.root(1)))
    connection.call(rpc.record(rpc.root(1)))
    connection.reply(rpc.record(rpc.root_reply(1)))
    assert shown(run_frames(talk.frames))[-1] == ("reply", 1, "NetInfo.ROOT", 5, [])
    assert counted(talk, *COUNTS) == [3, 2, 1, 0, 1, 0]


def test_same_xid_from_two_clients() -> None:
    talk = Talk()
    for client, call in (
        (CLIENT, rpc.root(1)),
        (OTHER_CLIENT, rpc.read(1)),
        (CLIENT._replace(port=7), rpc.statistics(1)),
    ):
        talk.udp(client, SERVER, call)
    talk.udp(SERVER, OTHER_CLIENT, rpc.read_reply(1))
    talk.udp(SERVER, CLIENT._replace(port=7), rpc.accepted(1, rpc.properties([])))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    assert shown(run_frames(talk.frames))[3:] == [
        ("reply", 1, "NetInfo.READ", 2, []),
        ("reply", 1, "NetInfo.STATISTICS", 3, []),
        ("reply", 1, "NetInfo.ROOT", 1, []),
    ]


def test_same_xid_to_two_servers_over_udp() -> None:
    """One client endpoint, one xid, two servers: each reply belongs to the call that went to its sender."""
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1))
    talk.udp(CLIENT, OTHER_SERVER, rpc.read(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    talk.udp(OTHER_SERVER, CLIENT, rpc.read_reply(1))
    assert shown(run_frames(talk.frames))[2:] == [
        ("reply", 1, "NetInfo.ROOT", 1, []),
        ("reply", 1, "NetInfo.READ", 2, []),
    ]


def test_late_copies_with_one_xid_from_two_servers() -> None:
    """Both calls are answered when the copies come; each copy is of the answer of its sender."""
    talk = Talk()
    answers = ((SERVER, rpc.root(1), rpc.root_reply(1)), (OTHER_SERVER, rpc.read(1), rpc.read_reply(1)))
    for server, call, reply in answers:
        talk.ask(call, reply, server=server)
    for server, _, reply in answers:
        talk.udp(server, CLIENT, reply)
    assert shown(run_frames(talk.frames))[4:] == [
        ("reply", 1, "NetInfo.ROOT", 1, ["duplicate-reply"]),
        ("reply", 1, "NetInfo.READ", 3, ["duplicate-reply"]),
    ]


def test_same_xid_on_tcp_and_udp() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1))
    connection = talk.tcp()
    connection.call(rpc.record(rpc.read(1)))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    connection.reply(rpc.record(rpc.read_reply(1)))
    assert shown(run_frames(talk.frames))[2:] == [
        ("reply", 1, "NetInfo.ROOT", 1, []),
        ("reply", 1, "NetInfo.READ", 5, []),
    ]


def test_reply_without_call() -> None:
    talk = Talk()
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    (found,) = run_frames(talk.frames)
    assert shown([found]) == [("reply", 1, None, None, ["reply-without-call"])]
    assert [found.get(key) for key in ("program", "version", "procedure", "result", "status", "rtt_seconds")] == [
        None
    ] * 6
    assert (found["reply_status"], found["accept_status"]) == ("MSG_ACCEPTED", "SUCCESS")
    assert counted(talk, *COUNTS) == [1, 0, 1, 0, 0, 1]


def test_reply_before_its_call_is_none_of_its() -> None:
    talk = Talk()
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    talk.udp(CLIENT, SERVER, rpc.root(1))
    assert shown(run_frames(talk.frames))[0] == ("reply", 1, None, None, ["reply-without-call"])


def test_reply_that_travels_towards_a_server() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1))
    talk.udp(CLIENT, SERVER, rpc.root_reply(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    assert shown(run_frames(talk.frames))[1:] == [
        ("reply", 1, None, None, ["reply-without-call"]),
        ("reply", 1, "NetInfo.ROOT", 1, []),
    ]


@pytest.mark.parametrize("waiting", [1, 2, 5])
def test_reply_from_another_port_is_paired_for_callit_only(waiting: int) -> None:
    talk = Talk()
    for xid in range(1, waiting + 1):
        talk.udp(CLIENT, SERVER, rpc.root(xid))
    talk.udp(OTHER_SERVER, CLIENT, rpc.root_reply(waiting))
    assert shown(run_frames(talk.frames))[-1] == ("reply", waiting, None, None, ["reply-without-call"])
    assert counted(talk, "calls_without_reply", "replies_without_call") == [waiting, 1]


def test_callit_has_many_answers() -> None:
    """A broadcast: the first answer is the reply, every further one names the call, too."""
    talk = Talk()
    arguments = rpc.words(rpc.NIBIND, 1, 0) + rpc.opaque(b"")
    talk.udp(CLIENT, Address("192.0.2.255", 111), rpc.call(1, rpc.PORTMAP, 2, 5, arguments))
    for last in (1, 2, 3):
        talk.udp(Address(f"192.0.2.{last}", 3000 + last), CLIENT, rpc.accepted(1, rpc.words(755) + rpc.opaque(b"")))
    found = run_frames(talk.frames)
    assert shown(found)[1:] == [
        ("reply", 1, "portmap.CALLIT", 1, []),
        ("reply", 1, "portmap.CALLIT", 1, ["duplicate-reply"]),
        ("reply", 1, "portmap.CALLIT", 1, ["duplicate-reply"]),
    ]
    assert {m["result"]["port"] for m in found[1:]} == {755}
    assert counted(talk, "calls_without_reply", "replies_without_call") == [0, 0]


def test_pipelined_calls_and_answers_in_another_order() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.root(1)) + rpc.record(rpc.read(2)))
    connection.reply(rpc.record(rpc.read_reply(2)) + rpc.record(rpc.root_reply(1)))
    assert shown(run_frames(talk.frames))[2:] == [
        ("reply", 2, "NetInfo.READ", 4, []),
        ("reply", 1, "NetInfo.ROOT", 4, []),
    ]


# A message of n bytes that ends inside its header -> the fields that are there.
CUT_CALLS = {
    8: {"type": "call"},
    11: {"type": "call"},
    12: {"type": "call"},
    16: {"type": "call", "program": rpc.NETINFO},
    20: {"type": "call", "program": rpc.NETINFO, "version": 2},
    24: {"type": "call", "program": rpc.NETINFO, "version": 2, "procedure": 2},
    36: {"type": "call", "program": rpc.NETINFO, "version": 2, "procedure": 2},
}


@pytest.mark.parametrize("size", CUT_CALLS)
def test_call_that_ends_in_its_header(size: int) -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1)[:size])
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    call, reply = run_frames(talk.frames)
    assert (call["xid"], call["length"]) == (1, size)
    assert "truncated-header" in call["anomalies"]
    assert {
        key: call.get(key) for key in ("type", "program", "version", "procedure") if call.get(key) is not None
    } == CUT_CALLS[size]
    assert call.get("arguments") is None
    assert shown([reply]) == [("reply", 1, None, None, ["reply-without-call"])]


@pytest.mark.parametrize("size", [8, 12, 16, 20])
def test_reply_that_ends_in_its_header(size: int) -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1)[:size])
    reply = one(run_frames(talk.frames), lambda m: m["type"] == "reply")
    assert set(reply["anomalies"]) == {"truncated-header", "reply-without-call"}
    assert reply.get("reply_status") == (None if size < 12 else "MSG_ACCEPTED")
    assert (reply.get("accept_status"), reply["name"], reply.get("call_frame")) == (None, None, None)
    assert counted(talk, "calls_without_reply", "replies_without_call") == [1, 1]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("size", [0, 1, 4, 7])
def test_fewer_than_eight_bytes_are_no_message(size: int, transport: str) -> None:
    talk = Talk()
    if transport == "udp":
        talk.udp(CLIENT, SERVER, rpc.root(1)[:size])
        talk.ask(rpc.root(2), rpc.root_reply(2))
    else:
        connection = talk.tcp()
        connection.call(rpc.record(rpc.root(2)))
        connection.reply(rpc.record(rpc.root_reply(2)))
        connection.call(rpc.record(rpc.root(1)[:size]))
    found = run_frames(talk.frames)
    assert [(m["type"], m["xid"]) for m in found] == [("call", 2), ("reply", 2)]
    assert counted(talk, "messages", "incomplete_records") == [2, 0]


@pytest.mark.parametrize("kind", [2, 3, 0xFFFFFFFF])
def test_neither_call_nor_reply_is_no_message(kind: int) -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.words(1, kind, 2, rpc.NETINFO, 2, 2, 0, 0, 0, 0))
    assert run_frames(talk.frames) == []


@pytest.mark.parametrize("version", [0, 1, 3, 0xFFFFFFFF])
def test_call_of_another_rpc_version(version: int) -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(3), rpc_version=version))
    (found,) = run_frames(talk.frames)
    assert shown([found]) == [("call", 1, "NetInfo.READ", None, ["rpc-version"])]
    assert found["arguments"] == {"id": {"object": 3, "instance": 0}}
