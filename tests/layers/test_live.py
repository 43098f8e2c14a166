"""On loopback: sr1 over UDP and TCP against netinfod_am, sniffed by RPCSession meanwhile."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from scapy.config import conf
from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Packet
from scapy.sendrecv import AsyncSniffer, sr1

from netinfo_scapy.layers import (
    AUTH_SYS,
    RPC,
    NI_BIND_Call,
    NI_PING_Call,
    NI_PING_Reply,
    NI_READ_Call,
    NI_ROOT_Call,
    NI_ROOT_Reply,
    NI_RPARENT_Call,
    NI_STATISTICS_Call,
    NI_STATISTICS_Reply,
    NIBIND_GETREGISTER_Call,
    NIBIND_GETREGISTER_Reply,
    NIBIND_LISTREG_Call,
    PMAP_GETPORT_Call,
    RPCRecord,
    RPCSession,
    RPCSocket,
    bind_rpc_port,
    netinfod_am,
    unbind_rpc_port,
)
from netinfo_scapy.layers.record import RecordBuffer

HOST = "127.0.0.1"


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is free on UDP and TCP, and dissected as RPC."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, 0))
            number = tcp.getsockname()[1]
            try:
                udp.bind((HOST, number))
            except OSError:
                continue
            break
    bind_rpc_port(number)
    yield number
    unbind_rpc_port(number)


@pytest.fixture
def machine(port: int) -> Iterator[Any]:
    made = netinfod_am(
        address=HOST, port=port, verbose=False, tags={"local": (1033, 1034)}, statistics={"checksum": "7"}
    )
    serving = made.bg()
    yield made
    serving.stop()


def ports_of(packet: Packet) -> tuple[int, int]:
    """Other traffic on loopback is none of the test's."""
    return packet[IP].payload.sport, packet[IP].payload.dport


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")
def test_both_sides_and_the_wire_agree(port: int, machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "verb", 0)
    session = RPCSession(netinfo_ports=[port])
    sniffer = AsyncSniffer(
        iface="lo",
        session=session,
        lfilter=lambda packet: RPC in packet and ICMP not in packet and port in ports_of(packet),
    )
    sniffer.start()
    time.sleep(0.5)
    seen: list[tuple[Packet, Packet]] = []
    for xid, call in enumerate((NI_PING_Call(), NIBIND_GETREGISTER_Call(tag="local"), NI_ROOT_Call()), 1):
        sent = IP(dst=HOST) / UDP(sport=49161, dport=port) / RPC(xid=xid) / call
        answer = sr1(sent, timeout=5)
        assert answer is not None
        seen.append((sent, answer))
    assert NI_PING_Reply in seen[0][1]
    assert seen[1][1][NIBIND_GETREGISTER_Reply].tcp_port == 1034
    assert seen[2][1][RPC].sprintf("%auth_status%") == "AUTH_TOOWEAK"
    connection = RPCSocket.connect(HOST, port, fragment=12)
    for call in (NI_ROOT_Call(), NI_STATISTICS_Call(), NI_READ_Call()):
        sent = RPC(credential=AUTH_SYS.with_password("secret", uid=3)) / call
        answer = connection.sr1(sent, timeout=5, verbose=0)
        assert answer is not None
        seen.append((sent, answer))
    connection.close()
    assert seen[3][1][NI_ROOT_Reply].id.object == 0
    assert seen[4][1][NI_STATISTICS_Reply].properties[0].values == [b"7"]
    assert seen[5][1][RPC].sprintf("%accept_status%") == "PROC_UNAVAIL"
    time.sleep(0.5)
    # A packet socket sees what goes over loopback twice, out and in; errors of ICMP quote messages.
    sniffed = list({bytes(each[RPC]) + bytes([each[IP].proto]): each for each in sniffer.stop()}.values())
    assert len(sniffed) == 12
    replies = [packet[RPC] for packet in sniffed if packet[RPC].type == 1]
    assert [bytes(each) for each in replies] == [bytes(answer[RPC]) for _, answer in seen]
    assert [type(each.payload) for each in replies] == [type(answer[RPC].payload) for _, answer in seen]
    calls = [packet[RPC] for packet in sniffed if packet[RPC].type == 0]
    for mine, (sent, _) in zip(calls, seen, strict=True):
        assert type(mine.payload) is type(sent[RPC].payload)
    assert calls[3].credential.password.reveal() == b"secret"


def test_the_socket_gets_what_comes_together(port: int, machine: Any) -> None:
    """Calls sent at once are answered in order, each reply with its call."""
    connection = RPCSocket.connect(HOST, port)
    for call in (NI_ROOT_Call(), NI_PING_Call(), NIBIND_LISTREG_Call()):
        connection.send(RPC() / call)
    names = [type(connection.recv()[RPC].payload).__name__ for _ in range(3)]
    assert names == ["NI_ROOT_Reply", "NI_PING_Reply", "NIBIND_LISTREG_Reply"]
    connection.close()


def test_the_socket_reads_fragments_that_trickle() -> None:
    near, far = socket.socketpair()
    connection = RPCSocket(near)
    connection.send(RPC(xid=9) / NI_ROOT_Call())
    assert NI_ROOT_Call in RPCRecord(far.recv(1000))
    for byte in bytes(RPCRecord.cut(RPC(xid=9, type=1) / NI_ROOT_Reply(id=(0, 4)), 5)):
        far.send(bytes([byte]))
    assert connection.recv()[NI_ROOT_Reply].id.instance == 4
    far.close()
    with pytest.raises(EOFError):
        connection.recv()
    connection.close()


def test_a_machine_answers_like_the_servers(port: int) -> None:
    machine = netinfod_am(
        address=HOST, port=port, verbose=False, tags={"local": (1, 2)}, parent=("network", "192.0.2.9")
    )
    machine.parse_options(port=port, tags={"local": (1, 2)}, parent=("network", "192.0.2.9"))

    def over_udp(call: Packet) -> str:
        answer = machine.make_reply(IP(src="192.0.2.1", dst=HOST) / UDP(sport=5, dport=port) / call)
        assert (answer[IP].dst, answer[UDP].dport) == ("192.0.2.1", 5)
        layer = RPC(bytes(answer[RPC]))
        return " ".join(
            layer.sprintf(f"%{name}%")
            for name in ("reply_status", "accept_status", "auth_status")
            if getattr(layer, name) is not None
        )

    assert over_udp(RPC() / NI_PING_Call()) == "MSG_ACCEPTED SUCCESS"
    assert over_udp(RPC() / NI_READ_Call()) == "MSG_DENIED AUTH_TOOWEAK"
    assert over_udp(RPC() / NI_BIND_Call(tag="other")) == "MSG_ACCEPTED SYSTEM_ERR"
    assert over_udp(RPC(version=1)) == "MSG_ACCEPTED PROG_MISMATCH"
    assert over_udp(RPC(program=5)) == "MSG_ACCEPTED PROG_UNAVAIL"
    assert over_udp(RPC(procedure=10, version=2, program=200100001)) == "MSG_ACCEPTED PROG_MISMATCH"
    parent = machine.make_reply(RPCRecord() / RPC() / NI_RPARENT_Call())
    assert parent.tag == b"network"
    assert machine.make_reply(RPC() / PMAP_GETPORT_Call(program="nibind", version=1)).port == port
    assert not machine.is_request(RPC(type=1))
    assert not machine.is_request(RPC(rpc_version=3))


def test_a_machine_outlives_more_clients_than_it_keeps(port: int, machine: Any) -> None:
    call = bytes(RPCRecord() / RPC(xid=1) / NI_PING_Call())
    clients = []
    for _ in range(80):
        clients.append(socket.create_connection((HOST, port)))
        try:
            clients[0].send(call)
        except OSError:
            clients.pop(0).close()
    assert machine.sniffer.is_alive()
    connection = RPCSocket.connect(HOST, port)
    assert NI_PING_Reply in connection.sr1(RPC() / NI_PING_Call(), timeout=5, verbose=0)
    for each in (connection, *clients):
        each.close()


def test_a_client_that_was_let_go_is_not_read(machine: Any) -> None:
    """It can have been ready in the same look at all sockets."""
    near, far = socket.socketpair()
    far.send(b"late")
    machine.sniffer._read(near)
    near.close()
    far.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")
def test_a_machine_outlives_a_datagram_that_cannot_be_answered(port: int, machine: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.sendto(bytes(UDP(sport=0, dport=port, chksum=0) / RPC(xid=1) / NI_PING_Call()), (HOST, 0))
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        udp.sendto(bytes(RPC(xid=2) / NI_PING_Call()), (HOST, port))
        assert RPC(udp.recv(100)).xid == 2


def test_the_socket_does_not_wait_longer_than_its_timeout_for_a_message() -> None:
    near, far = socket.socketpair()
    near.settimeout(0.5)
    connection = RPCSocket(near)
    far.send(b"\x80\0\x10\0")
    stop = Event()

    def trickle() -> None:
        for _ in range(40):
            if stop.wait(0.1):
                return
            far.send(b"\0")
        far.shutdown(socket.SHUT_RDWR)

    trickling = Thread(target=trickle)
    trickling.start()
    try:
        with pytest.raises(TimeoutError):
            connection.recv()
    finally:
        stop.set()
        trickling.join()
        far.close()
        connection.close()


def test_a_stream_is_looked_at_once_however_it_comes() -> None:
    """Bytes looked at grow with the stream, not with its square."""
    reads = 0

    class Counting(bytearray):
        def __getitem__(self, at: Any) -> Any:
            nonlocal reads
            reads += 1
            return super().__getitem__(at)

    buffer = RecordBuffer()
    buffer._data = Counting()
    message = bytes(RPC(type=1) / NI_PING_Reply())
    record = bytes(RPCRecord.cut(message + bytes(4000), 1))
    for byte in record:
        assert buffer.take() is None
        buffer.feed(bytes([byte]))
    assert buffer.take() == record
    assert reads < 2 * len(record)


def test_a_stream_that_is_no_rpc_comes_as_it_is() -> None:
    buffer = RecordBuffer()
    buffer.feed(b"HTTP/1.0 400 Bad Request\r\n")
    assert buffer.take() == b"HTTP/1.0 400 Bad Request\r\n"
