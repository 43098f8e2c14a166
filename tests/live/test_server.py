"""The responder on loopback sockets: every procedure on both transports, and peers that do not behave."""

import os
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live import server_sockets
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, answer
from netinfo_scapy.live.responder.store import objects_of
from netinfo_scapy.live.server_connections import Limits
from netinfo_scapy.live.server_sockets import ListenError, is_own, open_pair
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from tests.support import rpc
from tests.support.asking import STRANGER, host_of
from tests.support.servers import free_port
from tests.support.serving import LOOPBACK, read_exactly, read_record, serving
from tests.support.waiting import wait_for

NI, NB = rpc.NETINFO, rpc.NIBIND
QUICK = Limits(stalled=0.4, record_seconds=1.0)
UNPRIVILEGED = Endpoint(bytes((127, 0, 0, 1)), 50000)
ROOTS = rpc.auth_sys(rpc.inverted("rootpw"), uid=0)
CRYPTED = b"abz3GtcEvEtv6"


def large(children: int = 2000, size: int = 100) -> dict:
    root = Directory(properties=[Property(b"master", [b"vm/big"])])
    users = Directory(properties=[Property(b"name", [b"users"])])
    admin = [Property(b"name", [b"root"]), Property(b"uid", [b"0"]), Property(b"passwd", [CRYPTED])]
    users.children.append(Directory(properties=admin))
    root.children.append(users)
    for number in range(children):
        root.children.append(Directory(properties=[Property(b"name", [b"%d" % number + b"x" * size])]))
    return objects_of(root)


def calls_of(program: object) -> list[bytes]:
    """A call of every procedure, and of two that are unknown; with no arguments at all, and with zeros for them."""
    numbers = [*(row.number for row in program.procedures), 99, 0xFFFFFFFF]
    return [rpc.call(5, program.number, program.version, each, body) for each in numbers for body in (b"", b"\0" * 64)]


@pytest.mark.parametrize("dialect", ["apple-208", "previous"])
@pytest.mark.parametrize(("name", "program"), [("network", NETINFO), ("nibind", NIBIND)])
def test_sockets_give_what_the_core_gives(name: str, program: object, dialect: str) -> None:
    """Every procedure, both transports; but STATISTICS, which counts microseconds."""
    twin = host_of("network", dialect=dialect)
    with serving(host_of("network", dialect=dialect)) as running:
        twin.nibindd.register(b"network", Ports(*running.ports["network"]))
        served = twin.nibindd if program is NIBIND else twin.domains[b"network"]
        for over, ask in ((Transport.TCP, running.tcp), (Transport.UDP, running.udp)):
            for call in calls_of(program):
                caller = Caller(UNPRIVILEGED, UNPRIVILEGED, over)
                expected = answer({program.number: served}, call, caller)
                if struct.unpack_from(">I", call, 20)[0] == 1 and program is NETINFO:
                    continue
                assert ask(call, name) == expected[0]


def test_answers_come_in_order_however_the_calls_are_cut() -> None:
    with serving(host_of("network")) as running, running.connect() as client:
        calls = b"".join(rpc.record(rpc.read(xid, xid % 16), 7, 1, 0, 3) for xid in range(300))
        for at in range(0, len(calls), 1009):
            client.sendall(calls[at : at + 1009])
        xids = [struct.unpack_from(">I", read_record(client)[0])[0] for _ in range(300)]
        assert xids == list(range(300))
        for byte in rpc.record(rpc.root(7)):
            client.sendall(bytes([byte]))
        assert read_record(client)[0] == rpc.root_reply(7)


def test_fragments_have_the_sizes_of_the_real_servers() -> None:
    host = host_of("network")
    host.add(b"big", large(100))
    for number in range(29):
        host.nibindd.register(b"%d" % number + b"x" * 1000, Ports(1, 2))
    with serving(host) as running:
        for name, call, size in (
            ("big", rpc.call(1, NI, 2, 25, rpc.words(0)), 1020),
            ("nibind", rpc.listreg(1), 3996),
        ):
            with running.connect(name) as client:
                client.sendall(rpc.record(call))
                data, sizes = read_record(client)
            assert len(sizes) > 2
            assert sizes == [size] * (len(data) // size) + [len(data) % size]


def test_a_record_that_broke_off_is_followed_by_another() -> None:
    host = host_of("network")
    for number in range(40):
        host.nibindd.register(b"%d" % number, Ports(1, 2))
    with serving(host) as running, running.connect("nibind") as client:
        client.sendall(rpc.record(rpc.listreg(3)) + rpc.record(rpc.ping(4, NB)))
        answers = [read_record(client)[0] for _ in range(3)]
    assert answers == [rpc.accepted(3, rpc.words(0, 41)), rpc.accepted(3, b"", 5), rpc.accepted(4)]


def test_after_a_half_close_the_answers_still_come() -> None:
    host = host_of("network")
    host.add(b"big", large())
    with serving(host) as running, running.connect("big") as client:
        client.sendall(b"".join(rpc.record(rpc.call(xid, NI, 2, 25, rpc.words(0))) for xid in range(3)))
        client.shutdown(socket.SHUT_WR)
        sizes = [len(read_record(client)[0]) for _ in range(3)]
        assert sizes[0] > 200_000
        assert len(set(sizes)) == 1
        assert client.recv(1) == b""


def closed_after(client: socket.socket) -> float:
    started = time.monotonic()
    try:
        while client.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - started


@pytest.mark.parametrize(
    "begun", [b"\x80", rpc.words(rpc.LAST | 40), rpc.record(rpc.root(1))[:20], rpc.words(4) + b"abcd"]
)
def test_who_stalls_in_a_record_is_let_go_and_stalls_nobody(begun: bytes) -> None:
    with serving(host_of("network"), QUICK) as running, running.connect() as slow, running.connect() as idle:
        slow.sendall(begun)
        started = time.monotonic()
        assert running.tcp(rpc.root(2)) == rpc.root_reply(2)
        assert time.monotonic() - started < 5
        assert closed_after(slow) < 10
        idle.sendall(rpc.record(rpc.root(3)))
        assert read_record(idle)[0] == rpc.root_reply(3)


def test_who_drips_a_record_is_let_go_too() -> None:
    with serving(host_of("network"), QUICK) as running, running.connect() as client:
        client.sendall(rpc.words(rpc.LAST | 4000))
        started = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - started < 20:
                client.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - started < 15


@pytest.mark.parametrize("mark", [0x7FFFFFFF, 0xFFFFFFFF, 5 << 20, rpc.LAST | 5 << 20])
def test_a_record_that_is_too_long_ends_the_connection_at_once(mark: int) -> None:
    with serving(host_of("network")) as running, running.connect() as client:
        client.sendall(rpc.words(mark))
        assert closed_after(client) < 10


def test_what_came_before_a_record_that_is_none_is_answered() -> None:
    with serving(host_of("network")) as running, running.connect() as client:
        client.sendall(rpc.record(rpc.root(1)) + rpc.record(rpc.root(2)) + rpc.words(0xFFFFFFFF))
        assert [read_record(client)[0] for _ in range(2)] == [rpc.root_reply(1), rpc.root_reply(2)]
        assert closed_after(client) < 10


def test_the_bytes_of_unfinished_calls_are_bounded() -> None:
    limits = Limits(held=200_000)
    with serving(host_of("network"), limits) as running:
        clients = [running.connect() for _ in range(8)]
        for client in clients:
            try:
                client.sendall(rpc.words(rpc.LAST | 60_000) + b"x" * 50_000)
            except OSError:
                continue
        wait_for(lambda: 3 <= len(running.server.connections) < 8)
        assert running.server.connections._held <= limits.held
        assert running.tcp(rpc.root(2)) == rpc.root_reply(2)
        for client in clients:
            client.close()
        wait_for(lambda: running.server.connections._held == 0)


def test_nobody_writes_while_a_reader_is_slow_and_he_is_let_go() -> None:
    host = host_of(refusal=None)
    host.add(b"big", large(20_000, 400))
    write = rpc.call(9, NI, 2, 8, rpc.ni_id(3, 0) + rpc.properties([("name", ["new"])]), credential=ROOTS)
    with serving(host, Limits(stalled=1.5)) as running, running.connect("big") as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(rpc.record(rpc.call(1, NI, 2, 25, rpc.words(0))))
        wait_for(lambda: running.server.connections._unsent > 0)
        assert running.tcp(write, "big") == rpc.accepted(9, rpc.words(22))
        assert running.tcp(rpc.root(2), "big") == rpc.root_reply(2, 20_001)
        wait_for(lambda: running.server.connections._unsent == 0)
        assert running.tcp(write, "big") == rpc.accepted(9, rpc.words(0, 3, 1))


def test_who_leaves_in_the_middle_of_an_answer_is_not_written_to(caplog: pytest.LogCaptureFixture) -> None:
    """Each write to him would be a line of asyncio's on standard error, and where nobody reads that, it fills."""
    host = host_of("network")
    host.add(b"big", large(3000, 1000))
    with serving(host) as running:
        for _ in range(5):
            with running.connect("big") as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(rpc.record(rpc.call(1, NI, 2, 25, rpc.words(0))))
                read_exactly(client, 1000)
        wait_for(lambda: not running.server.connections)
        assert running.tcp(rpc.ping(1), "big") == rpc.accepted(1)
    assert caplog.messages == []


def test_answers_on_their_way_are_bounded() -> None:
    host = host_of("network")
    host.add(b"big", large(20_000, 400))
    with serving(host, Limits(unsent=20 << 20, stalled=1)) as running:
        readers = [running.connect("big") for _ in range(6)]
        for each in readers:
            each.sendall(rpc.record(rpc.call(1, NI, 2, 25, rpc.words(0))))
        wait_for(lambda: running.server.connections._unsent > 0)
        assert running.server.connections._unsent <= 20 << 20
        assert running.tcp(rpc.root(2)) == rpc.root_reply(2)
        for each in readers:
            each.close()


def test_a_new_connection_takes_the_place_of_the_longest_idle_one() -> None:
    with serving(host_of("network"), Limits(connections=4)) as running:
        clients = [running.connect() for _ in range(4)]
        for xid, client in enumerate(clients):
            client.sendall(rpc.record(rpc.root(xid)))
            read_record(client)
        clients[0].sendall(rpc.record(rpc.root(9)))
        read_record(clients[0])
        assert running.tcp(rpc.root(5)) == rpc.root_reply(5)
        clients[0].sendall(rpc.record(rpc.root(6)))
        assert read_record(clients[0])[0] == rpc.root_reply(6)
        assert closed_after(clients[1]) < 10
        assert running.server.connections.let_go == 1
        for client in clients:
            client.close()


def test_strangers_get_not_a_byte_but_a_ping_over_udp() -> None:
    host = host_of("local")
    domain = host.domains[b"local"]
    domain.trusts = lambda caller: type(domain).trusts(domain, caller._replace(peer=STRANGER))
    with serving(host) as running:
        with running.connect("local") as client:
            client.sendall(rpc.record(rpc.root(1)))
            with pytest.raises((EOFError, ConnectionResetError)):
                read_exactly(client, 1)
        assert running.udp(rpc.ping(1), "local") == rpc.accepted(1)


def test_programs_can_share_a_port() -> None:
    port = free_port()
    with serving(host_of("network"), port=port, nibind_port=port, portmap=port) as running:
        assert running.tcp(rpc.root(1)) == rpc.root_reply(1)
        ports = rpc.accepted(2, rpc.words(0, port, port))
        assert running.udp(rpc.getregister(2)) == ports
        assert running.tcp(rpc.getregister(2)) == ports
        assert running.udp(rpc.getport(3)) == rpc.accepted(3, rpc.words(port))


def test_the_long_way_leads_to_the_domain() -> None:
    """As clients of the time go: port mapper, nibind, NetInfo over TCP, on the ports that a real host takes."""
    with serving(host_of("network", "local"), portmap=free_port()) as running:
        nibind = running.udp(rpc.getport(1), "portmap")
        assert nibind == rpc.accepted(1, rpc.words(running.ports["nibind"][0]))
        udp, tcp = running.ports["network"]
        assert tcp == udp + 1
        if os.geteuid() == 0:
            assert 600 <= udp < 1024
        assert running.udp(rpc.getregister(2), "nibind") == rpc.accepted(2, rpc.words(0, udp, tcp))
        assert running.udp(rpc.ping(3), "network") == rpc.accepted(3)
        assert running.tcp(rpc.root(4)) == rpc.root_reply(4)
        bind = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")
        call = rpc.call(9, rpc.PORTMAP, 2, 5, rpc.words(NB, 1, 8) + rpc.opaque(bind))
        assert running.udp(call, "portmap") == rpc.accepted(9, rpc.words(running.ports["nibind"][0], 0))


def test_domains_are_opened_and_closed_as_nibind_is_told_to() -> None:
    with serving(host_of("network", root_password=CRYPTED)) as running:

        def status(procedure: int, tag: str) -> bytes:
            return running.tcp(rpc.call(1, NB, 1, procedure, rpc.opaque(tag), credential=ROOTS), "nibind")

        assert status(5, "new") == rpc.accepted(1, rpc.words(0))
        assert running.tcp(rpc.root(2), "new") == rpc.root_reply(2, 3)
        udp, tcp = running.ports["new"]
        assert running.udp(rpc.getregister(3, "new"), "nibind") == rpc.accepted(3, rpc.words(0, udp, tcp))
        assert status(7, "new") == rpc.accepted(1, rpc.words(0))
        assert running.udp(rpc.getregister(3, "new"), "nibind") == rpc.accepted(3, rpc.words(19))
        with pytest.raises(OSError):
            socket.create_connection((LOOPBACK, tcp), timeout=1)


def test_another_netinfod_is_pinged_before_it_is_told_of() -> None:
    host = host_of("network")
    with serving(host) as running, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, 0))
        other.settimeout(5)
        port = other.getsockname()[1]
        host.nibindd.register(b"other", Ports(port, port))
        with ThreadPoolExecutor() as pool:
            told = pool.submit(running.udp, rpc.getregister(1, "other"), "nibind")
            ping, back = other.recvfrom(100)
            assert ping[4:24] == rpc.ping(0)[4:24]
            assert running.udp(rpc.getregister(2), "nibind") is not None
            other.sendto(rpc.accepted(struct.unpack(">I", ping[:4])[0]), back)
            assert told.result() == rpc.accepted(1, rpc.words(0, port, port))
        started = time.monotonic()
        assert running.tcp(rpc.getregister(1, "other"), "nibind") == rpc.accepted(1, rpc.words(12))
        assert 0.9 < time.monotonic() - started < 10


def test_what_cannot_be_listened_on_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(host_of("network"), port=free_port()) as running:
        port = running.ports["network"][0]
        with pytest.raises(ListenError, match=rf"udp {LOOPBACK} port {port}: another process holds it"):
            open_pair(LOOPBACK, port)
        with pytest.raises(ListenError, match="no address of this machine"):
            open_pair("192.0.2.1", 9999)
    with pytest.raises(ListenError, match="is no port"):
        open_pair(LOOPBACK, 99_999)

    def forbidden(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    class Socket(socket.socket):
        bind = forbidden

    monkeypatch.setattr(server_sockets.socket, "socket", Socket)
    with pytest.raises(ListenError, match="ports below 1024 are root's"):
        open_pair(LOOPBACK, 961)


def test_own_addresses_are_those_that_can_be_bound() -> None:
    assert is_own(LOOPBACK)
    assert is_own("127.9.9.9")
    assert not is_own("192.0.2.1")


def test_garbage_over_udp_changes_nothing() -> None:
    with serving(host_of("network")) as running:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for size in (0, 1, 3, 8, 24, 200, 20_000):
                client.sendto(os.urandom(size), (LOOPBACK, running.ports["network"][0]))
        assert running.udp(rpc.ping(1)) == rpc.accepted(1)
