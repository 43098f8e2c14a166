"""Which traffic is NetInfo: endpoints that calls and answers teach, what they do not teach, and from when on."""

from collections.abc import Callable

import pytest

from tests.support import rpc
from tests.support.compare import Message, one, run_frames
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

HOST = SERVER.ip
OTHER_CLIENT = Address("192.0.2.12", 41000)
NIBINDD = Address(HOST, 755)
UDP_PORT, TCP_PORT = 700, 701
UADDR = f"{HOST}.{UDP_PORT // 256}.{UDP_PORT % 256}"
STRANGER = 100003  # NFS: a program that is none of ours


def marker(talk: Talk, port: int, xid: int) -> None:
    """What only the endpoint gives away: a call of another program to it over UDP."""
    talk.udp(OTHER_CLIENT, Address(HOST, port), rpc.call(xid, STRANGER, 3, 1, b"\0" * 8))


def tcp_marker(talk: Talk, port: int, xid: int) -> None:
    connection = talk.tcp(OTHER_CLIENT._replace(port=OTHER_CLIENT.port + xid), Address(HOST, port))
    connection.call(rpc.record(rpc.call(xid, STRANGER, 3, 1, b"\0" * 8)))
    connection.close()


def xids(messages: list[Message]) -> list[int]:
    return [message["xid"] for message in messages]


@pytest.mark.parametrize(("learn", "expected"), [("exact", [1, 2, 2, 3]), ("once", [2, 2, 3])])
def test_udp_call_on_an_unknown_port(learn: str, expected: list[int]) -> None:
    talk = Talk()
    marker(talk, UDP_PORT, 1)
    talk.ask(rpc.root(2), rpc.root_reply(2), server=Address(HOST, UDP_PORT))
    marker(talk, UDP_PORT, 3)
    marker(talk, UDP_PORT + 1, 4)
    found = run_frames(talk.frames, learn=learn)
    assert xids(found) == expected
    assert found[-1]["name"] == "100003.3.1"
    reply = one(found, lambda m: m["type"] == "reply")
    assert (reply["name"], reply["result"]) == ("NetInfo.ROOT", {"id": {"object": 0, "instance": 9}})


@pytest.mark.parametrize(("learn", "expected"), [("exact", [1, 2, 2, 3]), ("once", [2, 2, 3])])
def test_tcp_call_on_an_unknown_port(learn: str, expected: list[int]) -> None:
    talk = Talk()
    tcp_marker(talk, TCP_PORT, 1)
    connection = talk.tcp(server=Address(HOST, TCP_PORT))
    connection.call(rpc.record(rpc.root(2)))
    connection.reply(rpc.record(rpc.root_reply(2)))
    tcp_marker(talk, TCP_PORT, 3)
    tcp_marker(talk, TCP_PORT + 1, 4)
    assert xids(run_frames(talk.frames, learn=learn)) == expected


def test_replies_before_the_first_call() -> None:
    """The endpoint's replies to calls from before the capture began."""
    talk = Talk()
    server = Address(HOST, UDP_PORT)
    talk.udp(server, OTHER_CLIENT, rpc.root_reply(1))
    talk.ask(rpc.root(2), rpc.root_reply(2), server=server)
    found = run_frames(talk.frames)
    assert xids(found) == [1, 2, 2]
    assert found[0]["anomalies"] == ["reply-without-call"]


@pytest.mark.parametrize("program", [rpc.NETINFO, rpc.NIBIND])
def test_a_whole_call_header_teaches_and_less_does_not(program: int) -> None:
    whole = rpc.call(2, program, 1, 0)
    for payload, expected in ((whole, [1, 2]), (whole[:16], []), (b"\0" + whole, [])):
        talk = Talk()
        marker(talk, UDP_PORT, 1)
        talk.udp(CLIENT, Address(HOST, UDP_PORT), payload)
        assert xids(run_frames(talk.frames)) == expected


def _mapping(program: int, protocol: int, port: int) -> bytes:
    return rpc.words(program, 1, protocol, port)


def teach_getport(talk: Talk, protocol: int, port: int) -> None:
    talk.ask(rpc.getport(9, protocol=protocol), rpc.accepted(9, rpc.words(port)), server=Address(HOST, 111))


def teach_dump(talk: Talk) -> None:
    entries = [_mapping(STRANGER, 17, 2049), _mapping(rpc.NIBIND, 17, UDP_PORT), _mapping(rpc.NIBIND, 6, TCP_PORT)]
    result = b"".join(rpc.words(1) + entry for entry in entries) + rpc.words(0)
    talk.ask(rpc.call(9, rpc.PORTMAP, 2, 4), rpc.accepted(9, result), server=Address(HOST, 111))


def teach_getaddr(talk: Talk) -> None:
    arguments = rpc.words(rpc.NIBIND, 1) + rpc.opaque("udp") + rpc.opaque("") + rpc.opaque("nobody")
    reply = rpc.accepted(9, rpc.opaque(UADDR))
    talk.ask(rpc.call(9, rpc.PORTMAP, 4, 3, arguments), reply, server=Address(HOST, 111))


def teach_getregister(talk: Talk) -> None:
    reply = rpc.accepted(9, rpc.words(0, UDP_PORT, TCP_PORT))
    talk.ask(rpc.getregister(9), reply, server=NIBINDD)


def teach_listreg(talk: Talk) -> None:
    entries = [rpc.opaque("local") + rpc.words(900, 901), rpc.opaque("network") + rpc.words(UDP_PORT, TCP_PORT)]
    talk.ask(rpc.listreg(9), rpc.accepted(9, rpc.words(0) + rpc.array(entries)), server=NIBINDD)


# What teaches -> (the conversation, whether it teaches the UDP endpoint, whether the TCP one).
TEACHERS: dict[str, tuple[Callable[[Talk], None], bool, bool]] = {
    "getport-udp": (lambda talk: teach_getport(talk, 17, UDP_PORT), True, False),
    "getport-tcp": (lambda talk: teach_getport(talk, 6, TCP_PORT), False, True),
    "dump": (teach_dump, True, True),
    "getaddr": (teach_getaddr, True, False),
    "getregister": (teach_getregister, True, True),
    "listreg": (teach_listreg, True, True),
}


@pytest.mark.parametrize("learn", ["exact", "once"])
@pytest.mark.parametrize("teacher", TEACHERS)
def test_answers_teach(teacher: str, learn: str) -> None:
    teach, udp, tcp = TEACHERS[teacher]
    talk = Talk()
    marker(talk, UDP_PORT, 1)
    tcp_marker(talk, TCP_PORT, 2)
    teach(talk)
    marker(talk, UDP_PORT, 11)
    tcp_marker(talk, TCP_PORT, 12)
    before = [1] * udp + [2] * tcp if learn == "exact" else []
    after = [11] * udp + [12] * tcp
    assert xids(run_frames(talk.frames, learn=learn)) == [*before, 9, 9, *after]


@pytest.mark.parametrize("learn", ["exact", "once"])
def test_one_number_is_another_thing_on_the_other_transport(learn: str) -> None:
    talk = Talk()
    teach_getport(talk, 17, UDP_PORT)
    marker(talk, UDP_PORT, 11)
    tcp_marker(talk, UDP_PORT, 12)
    connection = talk.tcp(server=Address(HOST, UDP_PORT))
    connection.call(b"GET / HTTP/1.0\r\n\r\n")
    connection.reply(b"HTTP/1.0 404 Not Found\r\n\r\n")
    connection.close()
    assert xids(run_frames(talk.frames, learn=learn)) == [9, 9, 11]


def test_an_answer_teaches_its_own_host_only() -> None:
    talk = Talk()
    teach_getport(talk, 17, UDP_PORT)
    talk.udp(OTHER_CLIENT, Address("192.0.2.99", UDP_PORT), rpc.call(1, STRANGER, 3, 1))
    marker(talk, UDP_PORT, 2)
    assert xids(run_frames(talk.frames)) == [9, 9, 2]


def _unpaired(talk: Talk) -> None:
    talk.udp(Address(HOST, 111), CLIENT, rpc.accepted(9, rpc.words(UDP_PORT)))


def _denied(talk: Talk) -> None:
    talk.ask(rpc.getport(9), rpc.denied(9, 1, 5, UDP_PORT), server=Address(HOST, 111))


def _failed(talk: Talk) -> None:
    talk.ask(rpc.getport(9), rpc.accepted(9, rpc.words(UDP_PORT), status=5), server=Address(HOST, 111))


def _other_program(talk: Talk) -> None:
    reply = rpc.accepted(9, rpc.words(UDP_PORT))
    talk.ask(rpc.getport(9, program=STRANGER, version=3), reply, server=Address(HOST, 111))


def _not_registered(talk: Talk) -> None:
    talk.ask(rpc.getport(9), rpc.accepted(9, rpc.words(0)), server=Address(HOST, 111))


def _no_such_tag(talk: Talk) -> None:
    talk.ask(rpc.getregister(9), rpc.accepted(9, rpc.words(19, UDP_PORT, TCP_PORT)), server=NIBINDD)


@pytest.mark.parametrize(
    "conversation",
    [_unpaired, _denied, _failed, _other_program, _not_registered, _no_such_tag],
    ids=lambda f: f.__name__[1:],
)
def test_what_does_not_teach(conversation: Callable[[Talk], None]) -> None:
    talk = Talk()
    conversation(talk)
    marker(talk, UDP_PORT, 1)
    marker(talk, 0, 2)
    assert set(xids(run_frames(talk.frames))) == {9}


@pytest.mark.parametrize("ports", [["700"], ["udp:700"], ["tcp:700"], ["udp:700", "tcp:700"]], ids="+".join)
@pytest.mark.parametrize("learn", ["exact", "once"])
def test_given_ports(ports: list[str], learn: str) -> None:
    talk = Talk()
    marker(talk, 700, 1)
    tcp_marker(talk, 700, 2)
    plain = ports == ["700"]
    expected = [1] * (plain or "udp:700" in ports) + [2] * (plain or "tcp:700" in ports)
    assert xids(run_frames(talk.frames, netinfo_ports=ports, learn=learn)) == expected


def test_961_as_the_callers_port_selects_nothing() -> None:
    talk = Talk()
    caller = CLIENT._replace(port=961)
    talk.ask(rpc.call(1, STRANGER, 3, 1), rpc.accepted(1), caller, Address(HOST, 2049))
    connection = talk.tcp(caller, Address(HOST, 2049))
    connection.call(rpc.record(rpc.call(2, STRANGER, 3, 1)))
    connection.reply(rpc.record(rpc.accepted(2)))
    connection.close()
    assert run_frames(talk.frames) == []


def test_961_as_the_callers_port_of_a_netinfo_call() -> None:
    """The call's own endpoint is learned as any other; the caller's other traffic is not."""
    talk = Talk()
    caller = CLIENT._replace(port=961)
    talk.ask(rpc.call(1, STRANGER, 3, 1), rpc.accepted(1), caller, Address(HOST, 2049))
    talk.ask(rpc.root(2), rpc.root_reply(2), caller, Address(HOST, UDP_PORT))
    connection = talk.tcp(caller, Address(HOST, TCP_PORT))
    connection.call(rpc.record(rpc.root(3)))
    connection.reply(rpc.record(rpc.root_reply(3)))
    found = run_frames(talk.frames)
    assert [(m["xid"], m["type"], m["dst_port"]) for m in found] == [
        (2, "call", UDP_PORT),
        (2, "reply", 961),
        (3, "call", TCP_PORT),
        (3, "reply", 961),
    ]


@pytest.mark.parametrize("port", [111, 961])
def test_111_and_961_are_always_of_interest(port: int) -> None:
    talk = Talk()
    talk.ask(rpc.call(1, STRANGER, 3, 1), rpc.accepted(1), server=Address(HOST, port))
    found = run_frames(talk.frames)
    assert [(m["name"], m["type"]) for m in found] == [("100003.3.1", "call"), ("100003.3.1", "reply")]


BIND = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")


@pytest.mark.parametrize("learn", ["exact", "once"])
@pytest.mark.parametrize("answerer", [Address(HOST, 34567), Address("192.0.2.77", 888)], ids=["port", "host-and-port"])
def test_callit_answers_come_from_anywhere(answerer: Address, learn: str) -> None:
    talk = Talk()
    arguments = rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(BIND)
    talk.udp(CLIENT, Address("192.0.2.255", 111), rpc.call(7, rpc.PORTMAP, 2, 5, arguments))
    talk.udp(answerer, CLIENT, rpc.accepted(7, rpc.words(999) + rpc.opaque(b"")))
    # Neither another client's replies from there, nor calls to the asker, are answers.
    talk.udp(answerer, OTHER_CLIENT, rpc.accepted(8, rpc.words(999) + rpc.opaque(b"")))
    talk.udp(answerer, CLIENT, rpc.call(10, STRANGER, 3, 1))
    call, reply = run_frames(talk.frames, learn=learn)
    inner = {"client_addr": 0x7F000001, "client_tag": "local", "server_tag": "network"}
    assert call["name"] == reply["name"] == "portmap.CALLIT"
    assert call["arguments"] == {"program": rpc.NIBIND, "version": 1, "procedure": 8, "arguments": inner}
    assert reply["result"] == {"port": 999, "result": None}
    assert reply["call_frame"] == 1


def test_callit_result_is_decoded_through() -> None:
    talk = Talk()
    arguments = rpc.words(rpc.NETINFO, 2, 7) + rpc.opaque(rpc.ni_id(4))
    props = rpc.properties([("name", ("x",))])
    result = rpc.words(999) + rpc.opaque(rpc.words(0) + rpc.ni_id(4, 2) + props)
    talk.ask(rpc.call(7, rpc.PORTMAP, 2, 5, arguments), rpc.accepted(7, result), server=Address(HOST, 111))
    call, reply = run_frames(talk.frames)
    assert call["arguments"]["arguments"] == {"id": {"object": 4, "instance": 0}}
    inner = {"id": {"object": 4, "instance": 2}, "props": [{"name": "name", "values": ["x"]}]}
    assert reply["result"] == {"port": 999, "result": inner}
