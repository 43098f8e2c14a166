"""The clients against what genuine servers answered, as the ground truth has it, and against servers of their own."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from struct import unpack_from

import pytest

from netinfo_scapy.analysis.values import plain
from netinfo_scapy.live import errors
from netinfo_scapy.live.calls import as_user
from netinfo_scapy.live.client import Forwarding_Client, NetInfo_Client, Nibind_Client, Portmap_Client
from netinfo_scapy.live.rpc_client import RpcClient
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.secret import Secret
from netinfo_scapy.protocol.table import Kind
from tests.support import rpc
from tests.support.ground_truth import expected_messages
from tests.support.servers import HOST, Server, called, free_port, replay

CLIENTS: dict[str, type[RpcClient]] = {"NetInfo": NetInfo_Client, "nibind": Nibind_Client, "portmap": Portmap_Client}
RECORDINGS = ("01-nibind-portmap", "02-ni-read-tcp", "04-auth", "06-tools", "07-large-tcp", "11-clone")


def as_given(value: object) -> object:
    """A value of the contract as a client takes it: what is no text as bytes."""
    if isinstance(value, dict):
        return (
            bytes.fromhex(str(value["hex"])) if "hex" in value else {key: as_given(each) for key, each in value.items()}
        )
    return [as_given(each) for each in value] if isinstance(value, list) else value


def recorded_calls(name: str) -> Iterator[tuple[dict, dict]]:
    """Calls that a client of ours would make, each with its reply, as the truth has them."""
    calls = {}
    for message in expected_messages(name):
        key = (message["transport"], message["src_ip"], message["src_port"], message["xid"])
        if message["type"] == "call":
            calls[key] = message
        else:
            call = calls[message["transport"], message["dst_ip"], message["dst_port"], message["xid"]]
            program, procedure = call["name"].split(".")
            if program in CLIENTS and procedure in CLIENTS[program].rows and not call["anomalies"]:
                yield call, message


def said(client: RpcClient, call: dict) -> tuple[object, ...]:
    """(result, status, accept status, auth status) as the client tells them."""
    arguments = {key: as_given(value) for key, value in (call["arguments"] or {}).items()}
    try:
        answer = client.call(call["name"].split(".")[1], **arguments)
    except errors.StatusError as error:
        return None, error.name, "SUCCESS", None
    except errors.AcceptedError as error:
        return None, None, error.name, None
    except errors.DeniedError as error:
        return None, None, None, error.auth_name
    return plain(answer.value) or None, None if answer.status is None else "NI_OK", "SUCCESS", None


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_recorded_call_is_answered_as_the_truth_says(name: str) -> None:
    asked = 0
    with Server(replay(name)) as server:
        clients: dict[tuple[str, str], RpcClient] = {}
        for call, reply in recorded_calls(name):
            program, transport = call["name"].split(".")[0], call["transport"]
            if (program, transport) not in clients:
                clients[program, transport] = CLIENTS[program](transport).connect(HOST, server.port, timeout=5)
            client = clients[program, transport]
            credential = call["credential"]
            client.log_in(None)
            if credential["flavor"] == "AUTH_SYS":
                if credential["gids"] or not (credential["machinename"] == "" or credential["password_present"]):
                    continue
                client.log_in(credential["uid"])
                if credential["password_present"]:
                    continue  # which password it is the truth does not say
            wanted = (reply["result"], reply["status"], reply["accept_status"], reply["auth_status"])
            assert said(client, call) == wanted, (call, reply)
            asked += 1
        for client in clients.values():
            client.close()
    assert asked > 50 or name.startswith(("04", "07"))


def test_passwords_ride_as_the_recorded_ones_do() -> None:
    """04 holds calls of admin with adminpw: the server answered those and no others so."""
    with Server(replay("04-auth")) as server, NetInfo_Client(uid=0, password="rootpw").connect(HOST, server.port) as ni:
        call = next(
            call
            for call, reply in recorded_calls("04-auth")
            if call["credential"].get("password_present")
            and reply["status"] == "NI_OK"
            and call["credential"]["uid"] == 0
        )
        assert said(ni, call)[1] == "NI_OK"
        ni.timeout = 0.3
        ni.log_in(0, "no such password")
        with pytest.raises(errors.NoAnswerError):
            said(ni, call)


def test_a_password_is_shown_nowhere() -> None:
    client = NetInfo_Client(uid=0, password="swordfish")
    assert "swordfish" not in repr(client) + repr(vars(client))
    assert as_user(3, Secret(b"x"))["body"][8:9] == bytes([ord("x") ^ 0xFF])


def test_every_procedure_is_a_method() -> None:
    for client, program in ((NetInfo_Client, NETINFO), (Nibind_Client, NIBIND), (Portmap_Client, PORTMAP)):
        for row in program.procedures:
            method = vars(client)[row.name.lower()]
            assert row.doc in method.__doc__
    assert len([row for row in NETINFO.procedures if row.kind is Kind.WRITE]) == 10


def root_again(message: bytes, *before: bytes) -> list[bytes]:
    return [*before, rpc.root_reply(called(message)[0])]


def test_an_answer_to_something_else_is_ignored() -> None:
    def answer(message: bytes, _: str) -> list[bytes]:
        xid = called(message)[0]
        return root_again(
            message, rpc.root_reply(xid ^ 1), b"", b"\0\0\0", message, rpc.root_reply(xid + 7 & 0xFFFFFFFF)
        )

    for transport in ("udp", "tcp"):
        with Server(answer) as server, NetInfo_Client(transport).connect(HOST, server.port) as ni:
            assert ni.root() == {"id": {"object": 0, "instance": 9}}
            assert (ni.sent, ni.received) == (1, 1)


def test_another_xid_alone_is_no_answer() -> None:
    for transport in ("udp", "tcp"):
        with (
            Server(lambda message, _: [rpc.root_reply(called(message)[0] ^ 1)]) as server,
            NetInfo_Client(transport).connect(HOST, server.port, timeout=0.4) as ni,
        ):
            start = time.monotonic()
            with pytest.raises(errors.NoAnswerError, match="answer something else"):
                ni.root()
            assert 0.3 < time.monotonic() - start < 1.5


def test_a_datagram_is_sent_again_as_it_was() -> None:
    heard: list[bytes] = []

    def answer(message: bytes, _: str) -> list[bytes]:
        heard.append(message)
        return root_again(message) if len(heard) == 3 else []

    with Server(answer) as server, NetInfo_Client("udp").connect(HOST, server.port) as ni:
        start = time.monotonic()
        ni.root()
        assert 1.9 < time.monotonic() - start < 3
    assert len(heard) == 3
    assert len(set(heard)) == 1


def test_five_transmissions_and_no_more() -> None:
    with Server(tcp=False) as server, NetInfo_Client("udp").connect(HOST, server.port) as ni:
        with pytest.raises(errors.NoAnswerError, match=r"within 5 s, asked 5 times"):
            ni.ping()
        assert len(server.calls) == 5


def test_a_source_port_under_1024() -> None:
    if os.geteuid():
        with pytest.raises(errors.UsageError, match="needs root"):
            NetInfo_Client(reserved=True).connect(HOST, free_port())
        return
    peers: list[int] = []

    def talk(sock: socket.socket) -> None:
        peers.append(sock.getpeername()[1])

    with Server(talk=talk) as server:
        for _ in range(3):
            NetInfo_Client(reserved=True).connect(HOST, server.port).close()
        time.sleep(0.3)
    assert len(peers) == 3
    assert all(600 <= port < 1024 for port in peers)


# the long way


def long_way(port: int, nibind: int, answers: object = None) -> object:
    def answer(message: bytes, transport: str) -> list[bytes]:
        xid, program, _, procedure = called(message)
        if program == rpc.PORTMAP and procedure == 3:
            return [rpc.accepted(xid, rpc.words(nibind))]
        if program == rpc.NIBIND and procedure == 3:
            return [rpc.accepted(xid, rpc.words(0, port, port) if b"network" in message else rpc.words(19))]
        return root_again(message)

    return answer


def test_portmap_then_nibind_then_the_tag() -> None:
    port = free_port()
    with Server(long_way(port, port), port=port) as server:
        with NetInfo_Client().connect_by_tag(HOST, "network", portmap_port=port) as ni:
            ni.root()
            assert ni.place is not None and ni.place.port == port
        assert [(transport, called(call)[1:]) for transport, call in server.calls] == [
            ("udp", (rpc.PORTMAP, 2, 3)),
            ("udp", (rpc.NIBIND, 1, 3)),
            ("tcp", (rpc.NETINFO, 2, 2)),
        ]
        with pytest.raises(errors.NoTagError) as caught:
            NetInfo_Client().connect_by_tag(HOST, "local", portmap_port=port)
        assert caught.value.step is errors.Step.NIBIND


def test_the_error_says_which_step_failed() -> None:
    nothing = free_port()
    with pytest.raises(errors.RefusedError) as caught:
        NetInfo_Client().connect_by_tag(HOST, "network", portmap_port=nothing)
    assert caught.value.step is errors.Step.PORTMAP and f"port {nothing}/udp: portmap: connection refused" in str(
        caught.value
    )
    with Server(long_way(nothing, 0)) as server, pytest.raises(errors.NotRegisteredError) as caught:
        NetInfo_Client().connect_by_tag(HOST, "network", portmap_port=server.port)
    assert caught.value.step is errors.Step.PORTMAP
    with Server(long_way(nothing, nothing)) as server, pytest.raises(errors.RefusedError) as caught:
        NetInfo_Client().connect_by_tag(HOST, "network", portmap_port=server.port)
    assert caught.value.step is errors.Step.NIBIND
    with pytest.raises(errors.RefusedError) as caught:
        NetInfo_Client().connect(HOST, nothing)
    assert caught.value.step is errors.Step.CONNECT
    with pytest.raises(errors.UnresolvedError):
        NetInfo_Client().connect("no-such-host.invalid", nothing, timeout=3)
    with pytest.raises(errors.UsageError, match="connect first"):
        NetInfo_Client().root()


def test_a_forwarded_answer_may_come_from_elsewhere() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as asked, socket.socket(type=socket.SOCK_DGRAM) as other:
        for sock in (asked, other):
            sock.bind((HOST, 0))
        client = Forwarding_Client(transmissions=1).connect(HOST, asked.getsockname()[1], timeout=3)

        def serve() -> None:
            message, peer = asked.recvfrom(4096)
            other.sendto(rpc.accepted(called(message)[0], rpc.words(700) + rpc.opaque(rpc.words(0, 5, 6))), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        found = client.callit(rpc.NIBIND, 1, 3, rpc.opaque("network"))
        thread.join()
        client.close()
    assert found == {"port": 700, "result": {"udp_port": 5, "tcp_port": 6}}


# values


def test_arguments_are_taken_as_people_write_them() -> None:
    heard: list[bytes] = []

    def answer(message: bytes, _: str) -> list[bytes]:
        heard.append(message)
        return [rpc.accepted(called(message)[0], rpc.words(0, 5, 1, 0, 2))]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        assert ni.create(0, {"name": "x", "uid": ["1", b"2"]}, 0xFFFFFFFF) == {
            "id": {"object": 5, "instance": 1},
            "self_id": {"object": 0, "instance": 2},
        }
        ni.create(
            props=[("name", ["x"]), ("uid", ["1", "2"])],
            parent={"object": 0, "instance": 0},
            where=0xFFFFFFFF,
            target=None,
        )
        assert heard[0][4:] == heard[1][4:]
        for wrong in (lambda: ni.create(0), lambda: ni.read(0, 1), lambda: ni.read(nonsense=1), lambda: ni.root(1)):
            with pytest.raises(TypeError):
                wrong()
        for wrong in (lambda: ni.read(-1), lambda: ni.lookup(0, "name", "x" * 65536), lambda: ni.bind("t", "1.2.3")):
            with pytest.raises(ValueError, match=r"."):
                wrong()
        assert len(heard) == 2
    with pytest.raises(ValueError, match="neither tcp nor udp"):
        NetInfo_Client("sctp")
    with pytest.raises(ValueError, match="does not fit"):
        NetInfo_Client(uid=0, password="x" * 256)


def test_a_credential_is_the_users() -> None:
    with (
        Server(lambda message, _: root_again(message)) as server,
        NetInfo_Client(uid=501).connect(HOST, server.port) as ni,
    ):
        ni.root()
        ni.log_in(None, "secret")
        ni.root()
        ni.log_in(None)
        ni.root()
        ni.close()
    user, root, nobody = (message for _, message in server.calls)
    assert unpack_from(">6I", user, 24)[:2] == (1, 20)
    assert unpack_from(">5I", user, 36) == (0, 501, 0, 0, 0)
    assert root[36:52] == rpc.opaque(rpc.inverted("secret")) + rpc.words(0)
    assert nobody[24:32] == bytes(8)
