"""What comes before a program is asked: RPC version, credential, program, version, transport, arguments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.service import LONGEST_DATAGRAM, Caller, Seen, answer
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from tests.support import rpc
from tests.support.asking import ELSEWHERE, ROOT, SERVER, STRANGER, host_of, ni, prop

TCP, UDP = Transport.TCP, Transport.UDP
NI, NB = rpc.NETINFO, rpc.NIBIND


@pytest.fixture(scope="module")
def host() -> Host:
    return host_of("network", "local")


def said(host: Host, call: bytes, over: Transport = TCP, program: int = NI) -> tuple[bytes, ...]:
    served = host.nibindd if program == NB else host.domains[b"network"]
    return answer({served.program.number: served}, call, Caller(STRANGER, ELSEWHERE, over))


def ok(xid: int, result: bytes = b"") -> tuple[bytes, ...]:
    return (rpc.accepted(xid, result),)


AUTH_SYS = rpc.auth_sys()
TOO_WEAK, REJECTED, BAD = (rpc.denied(1, 1, why) for why in (5, 2, 1))


@pytest.mark.parametrize("over", [TCP, UDP])
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (rpc.call(1, NI, 2, 0, rpc_version=3), ()),
        (rpc.call(1, NI, 2, 0, rpc_version=1), ()),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(2)), (REJECTED,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(6, b"abcd")), (REJECTED,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(1)), (BAD,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(1, b"\0" * 12)), (BAD,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth_sys("m" * 256)), (BAD,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth_sys(gids=range(17))), (BAD,)),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(0, b"\0" * 401)), ()),
        (rpc.call(1, NI, 2, 0, verifier=rpc.auth(0, b"\0" * 401)), ()),
        (rpc.call(1, NI, 2, 0, credential=rpc.auth(0, b"\0" * 400)), ok(1)),
        (rpc.call(1, NI, 2, 0, credential=AUTH_SYS), ok(1)),
        (rpc.call(1, NI, 1, 99), (rpc.accepted(1, rpc.words(2, 2), 2),)),
        (rpc.call(1, NI, 0xFFFFFFFF, 0), (rpc.accepted(1, rpc.words(2, 2), 2),)),
        (rpc.call(1, 100003, 2, 0), (rpc.accepted(1, b"", 1),)),
        (rpc.call(1, NB, 1, 0), (rpc.accepted(1, b"", 1),)),
        (rpc.call(1, NI, 2, 0)[:30], ()),
        (rpc.accepted(1), ()),
        (b"", ()),
        (rpc.call(1, NI, 2, 0) + b"left over", ok(1)),
    ],
)
def test_checks_before_the_procedure(host: Host, call: bytes, expected: tuple, over: Transport) -> None:
    assert said(host, call, over) == expected


def test_credentials_come_before_program_and_version(host: Host) -> None:
    assert said(host, rpc.call(1, 100003, 9, 0, credential=rpc.auth(2))) == (REJECTED,)


@pytest.mark.parametrize(("program", "version", "count"), [(NI, 2, 29), (NB, 1, 9)])
def test_over_udp_next_to_everything_is_too_weak(host: Host, program: int, version: int, count: int) -> None:
    allowed = {NI: {0, 24}, NB: {0, 3, 4, 8}}[program]
    for number in [*range(count), count, 1000, 0xFFFFFFFF]:
        answers = said(host, rpc.call(1, program, version, number, b"\0" * 64), UDP, program)
        assert (answers == (TOO_WEAK,)) is (number not in allowed), number


@pytest.mark.parametrize(("program", "version", "count"), [(NI, 2, 29), (NB, 1, 9)])
def test_an_unknown_procedure_over_tcp(host: Host, program: int, version: int, count: int) -> None:
    for number in (count, 1000, 0xFFFFFFFF):
        assert said(host, rpc.call(1, program, version, number), TCP, program) == (rpc.accepted(1, b"", 3),)


def lookup(key: bytes, value: bytes, fill: bytes = b"\0") -> bytes:
    return rpc.call(1, NI, 2, 10, rpc.ni_id() + rpc.opaque(key, fill=fill) + rpc.opaque(value, fill=fill))


FOUND = ok(1, rpc.words(0, 1, 3, 0, 9))


def test_arguments_are_read_as_a_c_program_reads_them(host: Host) -> None:
    assert said(host, lookup(b"name", b"users")) == FOUND
    assert said(host, lookup(b"name", b"users", fill=b"\xff")) == FOUND
    assert said(host, lookup(b"name\0more", b"users\0")) == FOUND
    assert said(host, lookup(b"name", b"users") + b"more") == FOUND
    assert said(host, lookup(b"name", b"users")[:-4]) == (rpc.accepted(1, b"", 4),)
    assert said(host, lookup(b"n" * 65535, b"users")) == ok(1, rpc.words(5))
    assert said(host, lookup(b"n" * 65536, b"users")) == (rpc.accepted(1, b"", 4),)


def test_an_optional_flag_of_2_counts_as_true() -> None:
    domain = host_of("network").domains[b"network"]
    arguments = rpc.ni_id(13, 1) + rpc.words(0, 0xFFFFFFFF, 2, 5, 5)
    call = rpc.call(1, NI, 2, 5, arguments)
    assert answer({NI: domain}, call, Caller(ROOT, SERVER, TCP)) == ok(1, rpc.words(0, 16, 0, 13, 2))


def test_a_datagram_has_8800_bytes_at_the_most() -> None:
    host = host_of("network", dialect="previous")
    store = host.domains[b"network"].store
    read = rpc.call(1, NI, 2, 7, rpc.ni_id(4))
    for size, fits in ((1, True), (9000, False)):
        store.objects[4] = store.objects[4]._replace(properties=(prop("p", "x" * size),))
        (reply,) = said(host, read, UDP)
        assert (reply != rpc.accepted(1, b"", 5)) is fits
        assert len(reply) <= LONGEST_DATAGRAM


def test_an_observer_is_told_of_what_is_answered_and_of_what_is_not(host: Host) -> None:
    seen: list[Seen] = []
    domain = host.domains[b"network"]
    for call in (lookup(b"name", b"users"), lookup(b"name", b"nobody"), rpc.call(2, NI, 2, 0, rpc_version=3)):
        answer({NI: domain}, call, Caller(STRANGER, ELSEWHERE, TCP), seen.append)
    assert [(each.status, len(each.replies)) for each in seen] == [(0, 1), (5, 1), (None, 0)]
    assert seen[0].arguments == {"id": ni(0), "key": b"name", "value": b"users"}
    assert seen[0].row is next(row for row in NETINFO.procedures if row.name == "LOOKUP")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [(NI, 2, row.number) for row in NETINFO.procedures] + [(NB, 1, row.number) for row in NIBIND.procedures]
    ),
    st.binary(max_size=200),
    st.sampled_from([TCP, UDP]),
)
def test_any_arguments_are_answered_once_and_raise_nothing(
    which: tuple[int, int, int], arguments: bytes, over: Transport
) -> None:
    program, version, number = which
    host = host_of("network")
    assert len(said(host, rpc.call(9, program, version, number, arguments), over, program)) == 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100), st.integers(0, 92))
def test_any_bytes_raise_nothing(noise: bytes, at: int) -> None:
    call = bytearray(lookup(b"name", b"users"))
    call[at : at + len(noise)] = noise
    said(host_of("network"), bytes(call))
