"""The event of a call that a server of ours was sent; its place in the command is tested in tests/cli/test_serve.py."""

import msgspec

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.service import Caller, Seen, answer
from netinfo_scapy.report.call_event import call_event
from tests.support import rpc
from tests.support.asking import ELSEWHERE, STRANGER, host_of


def event_of(call: bytes, program: int, reveal: bool = False) -> dict:
    host, seen = host_of("network"), []
    host.portmapper.mappings[rpc.NIBIND, 1, 17] = 666
    service = {rpc.PORTMAP: host.portmapper, rpc.NETINFO: host.domains[b"network"]}[program]
    answer({program: service}, call, Caller(STRANGER, ELSEWHERE, Transport.UDP), seen.append)
    (each,) = seen
    assert isinstance(each, Seen)
    event = call_event(
        1_000_000_000,
        Transport.UDP,
        STRANGER,
        ELSEWHERE,
        each.header,
        each.arguments,
        each.replies,
        each.status,
        reveal,
    )
    return msgspec.to_builtins(event)


def test_a_forwarded_call_is_decoded() -> None:
    bind = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")
    event = event_of(rpc.call(9, rpc.PORTMAP, 2, 5, rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(bind)), rpc.PORTMAP)
    assert event["time"] == "1970-01-01T00:00:01.000000Z"
    assert event["name"] == "portmap.CALLIT"
    assert event["arguments"] == {
        "program": rpc.NIBIND,
        "version": 1,
        "procedure": 8,
        "arguments": {"client_addr": 0x7F000001, "client_tag": "local", "server_tag": "network"},
    }
    assert (event["src_ip"], event["dst_ip"], event["answered"]) == ("192.0.2.9", "192.0.2.1", True)


def test_unknown_programs_procedures_and_flavors_have_numbers() -> None:
    event = event_of(rpc.call(9, 300000, 7, 6, credential=rpc.auth(57, b"abcd")), rpc.NETINFO)
    assert event["name"] == "300000.7.6"
    assert event["credential"] == {"flavor": "AUTH_57"}
    assert event["auth_status"] == "AUTH_REJECTEDCRED"
    assert event["arguments"] is None


def test_the_word_checksum_is_no_password() -> None:
    asks = rpc.call(9, rpc.NETINFO, 2, 1, credential=rpc.auth_sys(rpc.inverted("checksum")))
    assert event_of(asks, rpc.NETINFO)["credential"]["password_present"] is False
    guess = rpc.call(9, rpc.NETINFO, 2, 2, credential=rpc.auth_sys(rpc.inverted("checksum")))
    assert event_of(guess, rpc.NETINFO)["credential"]["machinename"] is None
    assert event_of(guess, rpc.NETINFO, reveal=True)["credential"]["password"] == "checksum"
