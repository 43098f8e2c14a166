"""Answers judged by their calls: each status, each thing that can be wrong, and bytes at random."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.live import errors
from netinfo_scapy.live.calls import make_call, read_answer
from netinfo_scapy.live.channels import Place
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from tests.support import rpc
from tests.support.servers import HOST, Server, called


@pytest.mark.parametrize("number", [number for number, _ in NI_STATUS.members if number])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_every_status_has_an_error_of_its_own(number: int, transport: str) -> None:
    with (
        Server(lambda message, _: [rpc.accepted(called(message)[0], rpc.words(number))]) as server,
        NetInfo_Client(transport).connect(HOST, server.port) as ni,
        pytest.raises(errors.StatusError) as caught,
    ):
        ni.read(0)
    assert caught.value.number == number
    assert caught.value.name == NI_STATUS.label(number)
    assert type(caught.value) is not errors.StatusError
    assert caught.value.step is errors.Step.CALL
    assert str(server.port) in str(caught.value) and "NetInfo.READ" in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (lambda xid: rpc.accepted(xid, b"", 1), errors.AcceptedError, "PROG_UNAVAIL"),
        (lambda xid: rpc.accepted(xid, rpc.words(2, 3), 2), errors.AcceptedError, "PROG_MISMATCH 2..3"),
        (lambda xid: rpc.accepted(xid, b"", 3), errors.AcceptedError, "PROC_UNAVAIL"),
        (lambda xid: rpc.accepted(xid, b"", 4), errors.AcceptedError, "GARBAGE_ARGS"),
        (lambda xid: rpc.accepted(xid, b"", 5), errors.AcceptedError, "SYSTEM_ERR"),
        (lambda xid: rpc.denied(xid, 0, 2, 2), errors.DeniedError, "RPC_MISMATCH 2..2"),
        (lambda xid: rpc.denied(xid, 1, 5), errors.DeniedError, "AUTH_ERROR/AUTH_TOOWEAK"),
        (lambda xid: rpc.accepted(xid, rpc.words(0, 7)), errors.BadAnswerError, "ends before"),
        (lambda xid: rpc.accepted(xid, b"", 77), errors.BadAnswerError, "a status that RPC does not know"),
        (lambda xid: rpc.words(xid, 1, 0), errors.BadAnswerError, "ends in its header"),
        (lambda xid: rpc.words(xid) + b"HTTP", errors.BadAnswerError, "no RPC reply"),
        (lambda xid: rpc.accepted(xid, rpc.words(0, 0, 0, 2**31)), errors.BadAnswerError, "ends before"),
        (lambda xid: rpc.accepted(xid, rpc.words(99)), errors.StatusError, "NI_99"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(reply: object, kind: type[Exception], text: str) -> None:
    for transport in ("udp", "tcp"):
        with (
            Server(lambda message, _: [reply(called(message)[0])]) as server,
            NetInfo_Client(transport).connect(HOST, server.port, timeout=2) as ni,
            pytest.raises(kind, match=text),
        ):
            ni.read(0)


READ_REPLY = rpc.read_reply(0, 4, [("name", ["root"]), ("uid", ["0"]), ("passwd", ["*"])])[4:]


@settings(max_examples=int(os.environ.get("NETINFO_MUTATIONS", "300")), deadline=None)
@given(st.data())
def test_whatever_comes_back_is_an_answer_or_a_client_error(data: st.DataObject) -> None:
    """Bytes at random, and a good reply with some of its bytes turned, cut or doubled."""
    damaged = bytearray(READ_REPLY)
    for at in data.draw(st.lists(st.integers(0, len(READ_REPLY) - 1), max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    body = data.draw(
        st.sampled_from([bytes(damaged), bytes(damaged[:cut]), bytes(damaged) * 2]) | st.binary(max_size=80)
    )
    call = make_call(NETINFO, NetInfo_Client.rows["READ"], {"id": {"object": 4, "instance": 0}}, 7)
    try:
        answer = read_answer(call, (7).to_bytes(4, "big") + body, Place("host", 961, "tcp", errors.Step.CALL))
    except errors.ClientError as error:
        assert "\n" not in str(error)
    else:
        assert {"id", "props"} <= answer.value.keys()
