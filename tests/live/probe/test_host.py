"""Each verdict with a real socket on loopback; what a probe sends, and what it never does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import msgspec
import pytest

from netinfo_scapy.analysis.probed import DomainProbed, HostProbed
from netinfo_scapy.live.probe.host import Manner, probe
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.table import Kind
from netinfo_scapy.report.schema import schema
from tests.support import rpc
from tests.support.responders import responder
from tests.support.servers import HOST, Server, called, firewalled, free_port, full_backlog, read_record
from tests.support.start import start_objects

TIMEOUT, PATIENCE = 0.4, 20
"""Where silence is expected, and where an answer is: this machine may have other things to do."""


def probed(*ports: int, timeout: float = TIMEOUT, **manner: object) -> HostProbed:
    found = probe(HOST, Manner(ports, rate=1000, timeout=timeout, **manner))
    jsonschema.validate(msgspec.to_builtins(found), schema("probe"))
    return found


def verdicts(found: HostProbed) -> dict[str, str]:
    return {port.transport: port.verdict for port in found.ports}


def evidence(found: HostProbed) -> str:
    return " | ".join(each for port in found.ports for each in port.evidence)


@contextmanager
def http_server(reads_all: bool) -> Iterator[int]:
    """reads_all: it answers only when nothing more comes."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            if not reads_all:
                self.request.recv(4096)
                self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                return
            super().handle()

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_listens() -> None:
    found = probed(free_port())
    assert found.verdict == "closed"
    assert verdicts(found) == {"udp": "closed", "tcp": "closed"}
    assert "connection refused" in evidence(found)


def test_a_firewall_that_drops() -> None:
    with firewalled() as port:
        start = time.monotonic()
        found = probed(port)
    assert time.monotonic() - start < 3
    assert found.verdict == "filtered"
    assert verdicts(found) == {"udp": "filtered", "tcp": "filtered"}
    assert found.cost.answers == 0


def test_a_queue_that_is_full() -> None:
    with full_backlog() as port:
        assert verdicts(probed(port))["tcp"] == "filtered"


@pytest.mark.parametrize("reads_all", [True, False])
def test_an_http_server(reads_all: bool) -> None:
    with http_server(reads_all) as port:
        found = probed(port)
    assert found.verdict == "not-rpc"
    assert verdicts(found) == {"udp": "closed", "tcp": "not-rpc"}
    assert "HTML" in evidence(found) or "HTTP/1.1 400" in evidence(found)


def test_rpc_but_not_netinfo() -> None:
    """What rpcbind on 961 looks like."""
    with responder(portmap=free_port()) as at_work:
        found = probed(at_work.portmap, checks=False, timeout=PATIENCE)
    assert {(port.verdict, *port.programs) for port in found.ports} == {("rpc", "portmap")}


def test_rpc_of_another_kind() -> None:
    for transport in ("udp", "tcp"):
        with Server(
            lambda message, _: [rpc.accepted(called(message)[0], b"", 1)],
            udp=transport == "udp",
            tcp=transport == "tcp",
        ) as server:
            found = probed(server.port, timeout=PATIENCE)
        assert found.verdict == "rpc"
        assert "PROG_UNAVAIL" in evidence(found)


def test_nibind_alone() -> None:
    with responder(()) as at_work:
        udp, tcp = at_work.ports["nibind"]
        found = probed(udp, tcp, timeout=PATIENCE)
    assert found.verdict == "nibind"
    assert not found.domains


def mine(domains: Iterable[DomainProbed], ports: tuple[int, int]) -> DomainProbed:
    """The domain of a responder; at its TCP port's number a server of another test can be on UDP."""
    (found,) = [each for each in domains if each.tcp_port == ports[1]]
    return found


@pytest.mark.parametrize("dialect", ["apple-208", "previous"])
def test_the_responder(dialect: str) -> None:
    portmap = free_port()
    with responder(dialect=dialect, portmap=portmap) as at_work:
        calls = at_work.server.calls
        found = probe(HOST, Manner((*at_work.ports["network"], portmap), 1000, PATIENCE, True, True))
        calls = at_work.server.calls - calls
    assert found.verdict == "netinfo"
    domain = mine(found.domains, at_work.ports["network"])
    assert domain.implementation == {"apple-208": "netinfod", "previous": "previous"}[dialect]
    assert [tag.tag for tag in found.tags] == ["network"]
    assert domain.master == "vm/network"
    assert (domain.udp_port, domain.tcp_port) == (found.tags[0].udp_port, found.tags[0].tcp_port)
    gifts = {gift.what: gift.given for gift in domain.gives}
    assert gifts["password hashes"]
    assert not gifts["writing, without a password"]
    assert gifts["the whole database at once"] is (dialect == "apple-208")
    wrong = [check for check in domain.checks if check.agrees is False]
    assert {check.id for check in wrong} <= {"ports"}  # without root's rights, the responder has other ports
    if dialect == "apple-208":
        assert (domain.tag, domain.role, domain.release, domain.hostname) == ("network", "master", "208", "vm")
        assert len([check for check in domain.checks if check.agrees]) >= 21
    # Polite: the calls are few, and they are told.
    assert found.cost.calls < 60
    # A port that is closed takes no call, and RPC version 3 is none.
    assert found.cost.calls - 8 <= calls <= found.cost.calls


def test_a_clone_says_so() -> None:
    """Its root names another host as the master."""
    objects = start_objects("network")
    root = objects[0]
    objects[0] = root._replace(properties=({"name": b"master", "values": [b"other/network"]},))
    with responder(objects=objects) as at_work:
        domain = mine(probed(*at_work.ports["network"], timeout=PATIENCE).domains, at_work.ports["network"])
    assert domain.role == "clone"
    assert domain.master == "other/network"
    assert "same-checksum" in {check.id for check in domain.checks if check.agrees is None}


def test_strangers_are_shut_out() -> None:
    def answer(message: bytes, transport: str) -> list[bytes]:
        xid, program, _, procedure = called(message)
        if program == rpc.NETINFO and procedure == 0:
            return [rpc.accepted(xid)]
        return [rpc.denied(xid, 1, 5)]

    port = free_port()
    with Server(answer, port=port, tcp=False), Server(talk=lambda sock: None, port=port, udp=False):
        found = probed(port, timeout=PATIENCE)
    assert found.verdict == "netinfo"
    (domain,) = found.domains
    assert domain.shut_out
    assert domain.implementation is None


def test_an_impostor_gives_itself_away() -> None:
    """It has netinfod's statistics by heart, and answers everything over UDP."""
    names = [
        "checksum server_version tag ip_address hostname write_locked notify_threads notifications_pending "
        "authentications readall_proxies cleanup_wait total_calls binding ping statistics root self parent create "
        "destroy read write children lookup list createprop destroyprop readprop writeprop renameprop listprops "
        "createname destroyname readname writename rparent listall bind readall crashed resync lookupread"
    ][0].split()
    statistics = rpc.properties([(name, ["208" if name == "server_version" else "7"]) for name in names])

    def answer(message: bytes, _: str) -> list[bytes]:
        xid, program, _version, procedure = called(message)
        if program != rpc.NETINFO:
            return [rpc.accepted(xid, b"", 1)]
        results = {0: b"", 1: statistics, 2: rpc.words(0, 0, 1), 7: rpc.words(0, 0, 1, 0)}
        return [rpc.accepted(xid, results[procedure]) if procedure in results else rpc.accepted(xid, b"", 3)]

    with Server(answer) as server:
        (domain,) = probed(server.port, timeout=PATIENCE).domains
    assert (domain.implementation, domain.release, domain.impostor) == ("netinfod", "208", True)
    wrong = {check.id for check in domain.checks if check.agrees is False}
    assert {"udp-root", "udp-version", "counters", "newest", "fragments"} <= wrong
    right = {check.id for check in domain.checks if check.agrees}
    assert {"udp-ping", "statistics", "procedure"} <= right


def stall(sock: socket.socket) -> None:
    read_record(sock)
    time.sleep(3)


def test_a_server_that_stalls() -> None:
    with Server(talk=stall) as server:
        found = probed(server.port)
    assert found.verdict == "silent"
    assert verdicts(found) == {"udp": "filtered", "tcp": "silent"}
    assert "though the connection is taken" in evidence(found)


@pytest.mark.parametrize(
    "garbage", [b"\xff" * 300, b"SSH-2.0-x\r\n", bytes(40), b"\x80\0\0\x08abcdefgh", b"\x80\0\0\0"]
)
def test_a_server_that_answers_garbage(garbage: bytes) -> None:
    def talk(sock: socket.socket) -> None:
        read_record(sock)
        sock.sendall(garbage)
        time.sleep(1)

    with Server(lambda message, _: [garbage], talk=talk) as server:
        found = probed(server.port)
    assert found.verdict in ("not-rpc", "silent")
    if garbage[:1] in (b"\xff", b"S"):
        assert verdicts(found)["tcp"] == "not-rpc"


def test_a_server_that_answers_the_xid_with_garbage() -> None:
    for bad in (b"", b"abcd" * 9, rpc.words(1), rpc.words(1, 0, 0, 0), rpc.words(1, 7)):
        with Server(lambda message, _, bad=bad: [message[:4] + bad]) as server:
            found = probed(server.port)
        assert found.verdict in ("not-rpc", "silent"), bad


def test_a_server_that_answers_another_xid() -> None:
    with Server(lambda message, _: [rpc.accepted(called(message)[0] ^ 1)]) as server:
        found = probed(server.port)
    assert verdicts(found) == {"udp": "filtered", "tcp": "silent"}
    assert "answer something else" in evidence(found)


@pytest.mark.parametrize("talk", [lambda sock: None, lambda sock: read_record(sock) and None])
def test_a_server_that_hangs_up(talk: Callable[[socket.socket], None]) -> None:
    with Server(talk=talk, udp=False) as server:
        found = probed(server.port)
    assert verdicts(found)["tcp"] == "silent"


def test_no_host() -> None:
    assert probe("no-such-host.invalid", Manner((961,))).verdict == "unresolved"


def test_nothing_but_reads_is_sent_and_nothing_malformed() -> None:
    """Every call, as a server saw it that answers all of them."""
    with responder(portmap=free_port()) as at_work:
        heard: list[bytes] = []
        relays: dict[int, int] = {}

        def relay(port: int) -> Callable[[bytes, str], list[bytes]]:
            def answer(message: bytes, transport: str) -> list[bytes]:
                heard.append(message)
                if transport == "udp":
                    with socket.socket(type=socket.SOCK_DGRAM) as sock:
                        sock.settimeout(0.3)
                        sock.sendto(message, (HOST, port))
                        try:
                            return [sock.recv(65535)]
                        except TimeoutError:
                            return []
                with socket.create_connection((HOST, relays.get(port, port))) as sock:
                    sock.sendall(rpc.record(message))
                    return [read_record(sock)]

            return answer

        udp, tcp = at_work.ports["network"]
        relays[udp] = tcp
        with Server(relay(udp)) as server:
            found = probed(server.port, deep=True, timeout=PATIENCE)
    assert found.verdict == "netinfo"
    assert len(heard) > 25
    for message in heard:
        _, program, version, procedure = called(message)
        row = find_procedure(program, version, procedure)
        assert row is None or row.kind is Kind.READ
        assert message[24:28] in (rpc.words(0), rpc.words(2))  # no AUTH_SYS at all
    assert not {called(message)[3] for message in heard if called(message)[1] == rpc.NETINFO} & {26, 27}


def test_the_rate_is_kept() -> None:
    with Server(lambda message, _: [rpc.accepted(called(message)[0], b"", 1)]) as server:
        start = time.monotonic()
        found = probe(HOST, Manner((server.port,), rate=10, timeout=5))
        taken = time.monotonic() - start
    sent = found.cost.calls + found.cost.connections
    assert taken > (sent - 1) / 10


@pytest.mark.parametrize(
    "piece", [rpc.record(rpc.accepted(1)) * 200, b"\0\0\0\4abcd" * 500, b"x" * 4096, b"\0\0\0\0" * 500]
)
def test_a_server_that_floods(piece: bytes) -> None:
    def talk(sock: socket.socket) -> None:
        while True:
            sock.sendall(piece)

    with Server(talk=talk, udp=False) as server:
        start = time.monotonic()
        found = probed(server.port)
    assert time.monotonic() - start < 6
    assert verdicts(found)["tcp"] in ("silent", "not-rpc")
