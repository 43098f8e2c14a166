"""The responder's own port mapper, version 2 (RFC 1833, 3)."""

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.service import Caller, answer
from tests.support import rpc
from tests.support.asking import ELSEWHERE, ROOT, STRANGER, ask, host_of

UDP, TCP = 17, 6


def mapped(program: int, version: int, protocol: int, port: int) -> dict[str, int]:
    return {"program": program, "version": version, "protocol": protocol, "port": port}


def test_only_root_of_the_host_registers_and_nobody_twice() -> None:
    portmapper = host_of().portmapper
    wanted = mapped(300000, 1, UDP, 4000)
    assert ask(portmapper, "SET", wanted).value == {"done": False}
    assert ask(portmapper, "SET", wanted, peer=ROOT).value == {"done": True}
    assert ask(portmapper, "SET", wanted, peer=ROOT).value == {"done": False}
    assert ask(portmapper, "SET", wanted | {"protocol": TCP, "port": 4001}, peer=ROOT).value == {"done": True}
    assert ask(portmapper, "DUMP").value["mappings"] == [wanted, mapped(300000, 1, TCP, 4001)]
    assert ask(portmapper, "UNSET", wanted).value == {"done": False}
    assert ask(portmapper, "UNSET", wanted, peer=ROOT).value == {"done": True}
    assert ask(portmapper, "UNSET", wanted, peer=ROOT).value == {"done": False}
    assert ask(portmapper, "DUMP").value["mappings"] == []


def test_getport_gives_another_version_where_there_is_none() -> None:
    portmapper = host_of().portmapper
    portmapper.mappings |= {(rpc.NIBIND, 1, UDP): 666, (rpc.NIBIND, 1, TCP): 669}

    def port(version: int, protocol: int, program: int = rpc.NIBIND) -> int:
        return ask(portmapper, "GETPORT", mapped(program, version, protocol, 0)).value["port"]

    assert [port(1, UDP), port(1, TCP), port(0xFFFFFFFF, TCP), port(1, 1), port(1, UDP, rpc.NETINFO)] == [
        666,
        669,
        669,
        0,
        0,
    ]


def callit(client_tag: str, stray: bytes = b"") -> bytes:
    arguments = rpc.words(0x7F000001) + rpc.opaque(client_tag) + rpc.opaque("network") + stray
    return rpc.call(9, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(arguments))


def test_callit_answers_what_succeeds_and_keeps_silent_otherwise() -> None:
    """With the four stray bytes of the client library, too."""
    portmapper = host_of("network").portmapper
    portmapper.mappings[rpc.NIBIND, 1, UDP] = 666

    def said(call: bytes) -> tuple[bytes, ...]:
        return answer({rpc.PORTMAP: portmapper}, call, Caller(STRANGER, ELSEWHERE, Transport.UDP))

    bound = (rpc.accepted(9, rpc.words(666, 0)),)
    assert said(callit("local")) == bound
    assert said(callit("local", b"\0\0\0\0")) == bound
    assert said(callit("nobody")) == ()
    unserved = rpc.call(9, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 5) + rpc.opaque(rpc.opaque("new")))
    assert said(unserved) == ()
    assert said(rpc.call(9, rpc.PORTMAP, 2, 5, rpc.words(300000, 1, 1, 0))) == ()
    assert said(rpc.call(9, rpc.PORTMAP, 3, 3)) == (rpc.accepted(9, rpc.words(2, 2), 2),)
