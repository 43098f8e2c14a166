"""Peers that are killed, restarted, slow, half-closed or flood: an error in time that says what failed. Pipelining."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from netinfo_scapy.live import errors
from netinfo_scapy.live.client import NetInfo_Client
from tests.support import rpc
from tests.support.servers import HOST, Server, called, free_port, full_backlog, read_record

TIMEOUT = 0.5
LATE = 1.5
"""What a timeout of `TIMEOUT` may take in all, on a machine with other things to do."""


def read_answer(message: bytes, _: str = "tcp") -> list[bytes]:
    return [rpc.read_reply(called(message)[0])]


@contextmanager
def failing(kind: type[errors.ClientError], match: str, step: errors.Step = errors.Step.CALL) -> Iterator[None]:
    start = time.monotonic()
    with pytest.raises(kind, match=match) as caught:
        yield
    assert time.monotonic() - start < LATE
    assert caught.value.step is step
    assert "\n" not in str(caught.value)


def drip(sock: socket.socket) -> None:
    reply = rpc.record(rpc.read_reply(called(read_record(sock))[0]))
    for byte in reply:
        sock.sendall(bytes([byte]))
        time.sleep(0.1)


def half_close(sock: socket.socket) -> None:
    read_record(sock)
    sock.shutdown(socket.SHUT_WR)
    time.sleep(3)


def die_inside(sock: socket.socket) -> None:
    sock.sendall(rpc.record(rpc.read_reply(called(read_record(sock))[0]))[:-5])


def reset(sock: socket.socket) -> None:
    read_record(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def stall(sock: socket.socket) -> None:
    read_record(sock)
    time.sleep(3)


def flood(piece: bytes) -> Callable[[socket.socket], None]:
    def talk(sock: socket.socket) -> None:
        read_record(sock)
        while True:
            sock.sendall(piece)

    return talk


@pytest.mark.parametrize(
    ("talk", "kind", "match"),
    [
        (stall, errors.NoAnswerError, r"NetInfo.READ: no answer within 0.5 s"),
        (drip, errors.NoAnswerError, "no answer within"),
        (half_close, errors.ClosedError, "closed the connection$"),
        (die_inside, errors.ClosedError, "in the middle of an answer"),
        (reset, errors.ClosedError, "closed the connection"),
        (lambda sock: None, errors.ClosedError, "closed the connection"),
        (flood(rpc.record(rpc.read_reply(1)) * 100), errors.NoAnswerError, "answer something else"),
        (flood(b"\0\0\0\0" * 100), errors.BadAnswerError, "empty fragments"),
        (flood(b"\0\0\0\4abcd" * 1000), errors.ClientError, "no answer within|a record of more than"),
        (flood(b"HTTP/1.1 400 Bad Request\r\n"), errors.BadAnswerError, "a record of more than"),
        (flood(b"\xff" * 50), errors.BadAnswerError, "a record of more than"),
    ],
)
def test_a_peer_that_misbehaves_over_tcp(
    talk: Callable[[socket.socket], None], kind: type[errors.ClientError], match: str
) -> None:
    with Server(talk=talk) as server, NetInfo_Client().connect(HOST, server.port, timeout=TIMEOUT) as ni:
        with failing(kind, match):
            ni.read(0)
        with failing(kind, match):
            ni.read(0)


def test_a_flood_of_datagrams() -> None:
    stop = threading.Event()
    with socket.socket(type=socket.SOCK_DGRAM) as sock, NetInfo_Client("udp") as ni:
        sock.bind((HOST, 0))
        ni.connect(HOST, sock.getsockname()[1], timeout=TIMEOUT)

        def run() -> None:
            _, peer = sock.recvfrom(4096)
            while not stop.is_set():
                with suppress(OSError):
                    sock.sendto(rpc.read_reply(1), peer)

        thread = threading.Thread(target=run)
        thread.start()
        with failing(errors.NoAnswerError, "answer something else"):
            ni.ping()
        stop.set()
        thread.join()


def test_nothing_takes_the_connection() -> None:
    with full_backlog() as port, failing(errors.NoAnswerError, "connect: no answer in time", errors.Step.CONNECT):
        NetInfo_Client().connect(HOST, port, timeout=TIMEOUT)


def test_a_server_that_was_restarted_is_asked_again() -> None:
    server = Server(read_answer)
    ni = NetInfo_Client().connect(HOST, server.port, timeout=5)
    ni.read(0)
    server.stop()
    with Server(read_answer, port=server.port) as again:
        assert ni.read(0)["id"]["instance"] == 1
        assert len(again.calls) == 1
    with pytest.raises(errors.RefusedError) as caught:
        ni.read(0)
    assert caught.value.step is errors.Step.CONNECT
    ni.close()


def test_a_write_is_never_sent_twice() -> None:
    answers = 0

    def talk(sock: socket.socket) -> None:
        nonlocal answers
        while True:
            message = read_record(sock)
            if called(message)[3] != 7:
                return
            answers += 1
            sock.sendall(rpc.record(*read_answer(message)))

    with Server(talk=talk) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        ni.read(0)
        with pytest.raises(errors.ClosedError, match=r"whether NetInfo.DESTROY was carried out is not known"):
            ni.destroy(0, 1)
        ni.read(0)
    assert answers == 2


def test_a_server_that_closes_after_each_answer() -> None:
    def talk(sock: socket.socket) -> None:
        sock.sendall(rpc.record(*read_answer(read_record(sock))))

    with Server(talk=talk) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        answers = list(ni.pipeline("READ", ({"id": 0} for _ in range(20)), ahead=1))
    assert len(answers) == 20
    assert not any(isinstance(each, errors.ClientError) for each in answers)


def test_answers_come_in_the_order_of_the_calls_whatever_the_servers() -> None:
    def answer(message: bytes, _: str) -> list[bytes]:
        held.append(message)
        if len(held) < 5:
            return []
        replies = [rpc.read_reply(called(each)[0], int.from_bytes(each[40:44], "big")) for each in reversed(held)]
        held.clear()
        return replies

    held: list[bytes] = []
    for transport in ("udp", "tcp"):
        with Server(answer) as server, NetInfo_Client(transport).connect(HOST, server.port) as ni:
            answers = list(ni.pipeline("READ", ({"id": number} for number in range(20)), ahead=5))
        assert [each.value["id"]["object"] for each in answers] == list(range(20))


def test_a_refusal_takes_its_place_among_the_answers() -> None:
    def answer(message: bytes, _: str) -> list[bytes]:
        xid, number = called(message)[0], int.from_bytes(message[40:44], "big")
        return [rpc.read_reply(xid, number) if number % 2 else rpc.accepted(xid, rpc.words(5))]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        answers = list(ni.pipeline("READ", ({"id": number} for number in range(6))))
    assert [isinstance(each, errors.NoDirectoryError) for each in answers] == [True, False] * 3


def test_other_calls_may_be_made_between_two_answers() -> None:
    with Server(read_answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        count = 0
        for answer in ni.pipeline("READ", ({"id": number} for number in range(50)), ahead=10):
            assert answer.value["id"]["object"] == 0
            ni.read(0)
            count += 1
        assert count == 50
        begun = ni.pipeline("READ", ({"id": number} for number in range(50)), ahead=10)
        next(begun)
        begun.close()
        ni.read(0)
        assert not ni._waiting and not ni._come


def test_a_pipeline_whose_answers_nobody_reads_meanwhile_does_not_block() -> None:
    """Both sides send at once: more than the sockets hold."""
    long = [("name", ["x" * 60_000])]

    def answer(message: bytes, _: str) -> list[bytes]:
        return [rpc.read_reply(called(message)[0], 0, long)]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port, timeout=10) as ni:
        calls = ({"id": 0, "key": "name", "value": "y" * 60_000} for _ in range(300))
        answers = sum(len(each.value["props"][0]["values"][0]) for each in ni.pipeline("LOOKUPREAD", calls, ahead=300))
    assert answers == 300 * 60_000


def test_a_place_is_named_in_every_error() -> None:
    port = free_port()
    with pytest.raises(errors.RefusedError, match=f"^{HOST} port {port}/tcp: connect: connection refused"):
        NetInfo_Client().connect(HOST, port)
