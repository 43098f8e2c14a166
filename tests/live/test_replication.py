"""Two hosts of loopback, a master and its clone: what is told, what is fetched, and what is sent to nobody unasked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address

import pytest

from netinfo_scapy.live import replication
from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client
from netinfo_scapy.live.errors import ClientError, MasterBusyError
from netinfo_scapy.live.replication import Allowed
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.store import Store
from tests.support import rpc
from tests.support.asking import prop
from tests.support.servers import Server, free_port
from tests.support.serving import Running, serving
from tests.support.start import start_objects
from tests.support.waiting import wait_for

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="a clone takes changes from ports under 1024 only")
MASTER, CLONE = "127.0.0.1", "127.0.0.2"
CRYPTED = b"abz3GtcEvEtv6"
END = 0xFFFFFFFF


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "LATENCY", 0.05)
    monkeypatch.setattr(replication, "_BETWEEN", 0.05)
    monkeypatch.setattr(replication, "_STEP", 1.0)


def host(name: bytes, address: str) -> Host:
    return Host(name=name, address=IPv4Address(address), refusal=None, root_password=CRYPTED)


@contextmanager
def master(portmap: int, trouble: list[str] | None = None, **allowed: bool) -> Iterator[Running]:
    made = host(b"vm", MASTER)
    made.add(b"network", start_objects("network"))
    told = [] if trouble is None else trouble
    with serving(made, trouble=told.append, portmap=portmap, allowed=Allowed(portmap=portmap, **allowed)) as running:
        yield running


@contextmanager
def clone_host(portmap: int, **allowed: bool) -> Iterator[Running]:
    with serving(
        host(b"other", CLONE), address=CLONE, portmap=portmap, allowed=Allowed(portmap=portmap, **allowed)
    ) as running:
        yield running


def root(running: Running, address: str, tag: str = "network") -> NetInfo_Client:
    return NetInfo_Client(uid=0, password="rootpw").connect(address, running.ports[tag][1])


def make_clone(running: Running) -> None:
    """As `nidomain -c` does."""
    with Nibind_Client("tcp", uid=0, password="rootpw").connect(CLONE, running.ports["nibind"][1]) as nibind:
        nibind.createclone("netclone", "vm", MASTER, "network")


def name_clone(ni: NetInfo_Client, address: str = CLONE) -> None:
    """In the directory, the other host serves this domain."""
    ni.create(ni.current_id("/machines"), {"name": "other", "ip_address": address, "serves": "./netclone"}, END)


def store_of(running: Running, tag: bytes) -> Store:
    return running.server.host.domains[tag].store


def same(here: Running, there: Running) -> bool:
    return store_of(here, b"network").objects == store_of(there, b"netclone").objects


def write_of_every_kind(ni: NetInfo_Client) -> None:
    id_ = ni.create(ni.self(0)["id"], {"name": "office"}, END)["id"]
    id_ = ni.createprop(id_, ("phones", ["1", "2"]), END)["id"]
    id_ = ni.writeprop(id_, 1, ["3"])["id"]
    id_ = ni.createname(id_, 1, "0", 0)["id"]
    id_ = ni.writename(id_, 1, 0, "9")["id"]
    id_ = ni.destroyname(id_, 1, 0)["id"]
    id_ = ni.renameprop(id_, 1, "telephones")["id"]
    id_ = ni.destroyprop(id_, 1)["id"]
    id_ = ni.write(id_, {"name": "bureau"})["id"]
    ni.destroy(ni.self(0)["id"], id_)
    ni.create(ni.self(0)["id"], {"name": "stays"}, END)


@AS_ROOT
def test_a_clone_follows_its_master() -> None:
    portmap = free_port()
    with master(portmap, push=True) as here, clone_host(portmap, fetch=True) as there:
        make_clone(there)
        wait_for(lambda: same(here, there))  # READALL, at its start
        clone = there.server.host.domains[b"netclone"]
        with root(here, MASTER) as ni:
            name_clone(ni)
            wait_for(lambda: same(here, there))  # the clone heard of itself
            versions = clone.store.version
            write_of_every_kind(ni)
            wait_for(lambda: same(here, there))
        assert clone.store.version >= versions + 11
        assert clone.tally.good_writes >= 12
        assert clone.store.checksum == store_of(here, b"network").checksum
        with root(there, CLONE, "netclone") as ni, pytest.raises(ClientError, match="NI_RDONLY"):
            ni.create(ni.self(0)["id"], {"name": "x"}, END)


@AS_ROOT
def test_a_clone_that_was_away_fetches_everything_when_the_master_starts() -> None:
    portmap = free_port()
    with master(portmap) as before, root(before, MASTER) as ni:
        name_clone(ni)
        objects = store_of(before, b"network").objects
    with clone_host(portmap, fetch=True) as there:
        make_clone(there)
        made = host(b"vm", MASTER)
        made.add(b"network", objects)
        with serving(made, portmap=portmap, allowed=Allowed(portmap=portmap, push=True)) as here:
            wait_for(lambda: same(here, there))  # CRASHED with another checksum


@AS_ROOT
def test_resync_reaches_the_clones() -> None:
    portmap = free_port()
    with master(portmap, push=True) as here, clone_host(portmap, fetch=True) as there:
        make_clone(there)
        with root(here, MASTER) as ni:
            name_clone(ni)
            wait_for(lambda: same(here, there))
            store = store_of(there, b"netclone")
            store.commit({3: store.objects[3]._replace(instance=99, properties=())})
            assert not same(here, there)
            ni.resync()
            wait_for(lambda: same(here, there))


@AS_ROOT
def test_a_clone_that_is_not_there_is_told_when_it_is() -> None:
    portmap, trouble = free_port(), list[str]()
    with master(portmap, trouble, push=True) as here, root(here, MASTER) as ni:
        name_clone(ni)
        wait_for(lambda: bool(trouble))
        assert "clone other/netclone was not told of all changes: 127.0.0.2 port" in trouble[0]
        ni.ping()
        with clone_host(portmap, fetch=True) as there:
            make_clone(there)
            write_of_every_kind(ni)
            wait_for(lambda: same(here, there))
        assert len(trouble) == 1


def test_while_something_is_to_be_told_nobody_gets_the_database() -> None:
    portmap = free_port()
    with master(portmap) as here, root(here, MASTER) as ni:
        copies = here.server.host.domains[b"network"].copies
        copies.tells = True
        ni.createprop(ni.self(3)["id"], ("x", []), END)
        ni.readall(END)  # there is no clone, and nothing to tell
        name_clone(ni)
        ni.createprop(ni.self(3)["id"], ("y", []), END)  # others may write meanwhile
        assert ni.facts()["notifications_pending"] == ["2"]
        with pytest.raises(MasterBusyError):
            ni.readall(END)
        assert [each.row.name for each in copies.taken()] == ["CREATE", "CREATEPROP"]
        assert ni.readall(END)["objects"]


def test_what_is_to_be_told_is_bounded() -> None:
    domain = host(b"vm", MASTER).add(b"network", start_objects("network"))
    copies = domain.copies
    copies.tells = True
    machines = domain.store.objects[1]
    domain.store.commit(
        {
            1: machines._replace(children=(*machines.children, 99)),
            99: machines._replace(parent=1, children=(), properties=(prop("name", "o"), prop("serves", "./c"))),
        }
    )
    given = {"id": {"object": 3, "instance": 0}, "props": [prop("x", "y" * 60_000)]}
    row = next(row for row in domain.program.procedures if row.name == "WRITE")
    for _ in range(400):
        copies.wrote(row, given, {})
    assert sum(len(each.arguments) for each in copies.pending) < 17 << 20
    assert copies.pending[0].row.name == "RESYNC"


def test_nothing_is_sent_to_others_unless_it_was_allowed() -> None:
    """The directory names a clone, a master elsewhere and a parent, each at an address where everything is heard."""
    heard: list[bytes] = []

    def hear(message: bytes, _transport: str) -> list[bytes]:
        heard.append(message)
        return []

    with Server(hear) as other:
        objects = start_objects("local")
        vm = objects[2]
        objects[2] = vm._replace(properties=(*vm.properties[:2], prop("serves", "./x", "../network", "./local")))
        made = host(b"vm", MASTER)
        made.add(b"local", objects)
        made.add(b"netclone", start_objects("network"))  # its master is another tag
        with serving(made, allowed=Allowed(portmap=other.port)) as running, root(running, MASTER, "local") as ni:
            ni.createprop(ni.self(3)["id"], ("x", []), END)
            ni.resync()
            with suppress(ClientError):
                ni.rparent()
            with root(running, MASTER, "netclone") as clone:
                clone.resync()
                clone.crashed(1)
            time.sleep(0.5)
    assert heard == []


def test_a_parent_elsewhere_is_found() -> None:
    portmap = free_port()
    local = start_objects("local")
    vm = local[2]
    local[2] = vm._replace(properties=(prop("name", "vm"), prop("ip_address", MASTER), prop("serves", "./local")))
    machines = local[1]
    above = vm._replace(properties=(prop("name", "up"), prop("ip_address", CLONE), prop("serves", "../network")))
    local |= {1: machines._replace(children=(*machines.children, 90)), 90: above}
    child, parent = host(b"vm", MASTER), host(b"up", CLONE)
    child.add(b"local", local)
    parent.add(b"network", start_objects("network"))
    allowed = Allowed(portmap=portmap, find_parent=True)
    with (
        serving(parent, address=CLONE, portmap=portmap),
        serving(child, allowed=allowed) as running,
        NetInfo_Client().connect(MASTER, running.ports["local"][1]) as ni,
    ):
        wait_for(lambda: child.domains[b"local"].found_parent is not None)
        assert ni.rparent() == {"tag": b"network", "addr": int(IPv4Address(CLONE))}


def lying(objects: bytes) -> Server:
    """A port mapper, nibind and master in one, whose database is what is given."""

    def answer(message: bytes, _transport: str) -> list[bytes]:
        xid, program, procedure = message[:4], message[12:16], int.from_bytes(message[20:24], "big")
        port = rpc.words(other.port)
        results = {
            rpc.words(rpc.PORTMAP): port,
            rpc.words(rpc.NIBIND): rpc.words(0) + port + port,
            rpc.words(rpc.NETINFO): rpc.words(0, 7, 9) + objects if procedure == 25 else b"",
        }
        return [rpc.accepted(int.from_bytes(xid, "big"), results[program])]

    other = Server(answer)
    return other


def one(number: int, children: tuple[int, ...] = ()) -> bytes:
    return rpc.words(1, number, 1, 0, 0, len(children), *children)


@pytest.mark.parametrize(
    ("objects", "says"),
    [
        (one(0, (5,)) + rpc.words(0), "directory 5 hangs in two places, or is not there"),
        (one(0, (5,)) + one(5, (5,)) + rpc.words(0), "directory 5 hangs in two places"),
        (one(3) + rpc.words(0), "no tree of directories"),
        (one(0) + b"\0\0", "the result ends before its type does"),
        (one(0, (0xFFFFFFF0,)) + one(0xFFFFFFF0) + rpc.words(0), None),
    ],
)
def test_what_no_master_holds_is_not_taken_over(objects: bytes, says: str | None) -> None:
    """The last is odd, but a tree: its numbers cost no more than others."""
    trouble: list[str] = []
    with lying(objects) as other:
        made = host(b"other", CLONE)
        domain = made.add(b"netclone", start_objects("network"))
        before = domain.store.objects.copy()
        with serving(made, trouble=trouble.append, address=CLONE, allowed=Allowed(portmap=other.port, fetch=True)):
            wait_for(lambda: bool(trouble) or domain.store.objects != before)
    if says is None:
        assert domain.store.highest == 0xFFFFFFF0
        assert domain.store.free_id() == 1
    else:
        assert says in trouble[0]
        assert domain.store.objects == before


def test_a_master_that_stalls_stops_nobody() -> None:
    made = host(b"other", CLONE)
    made.add(b"netclone", start_objects("network"))
    stalled = threading.Event()

    def stall(message: bytes, _transport: str) -> list[bytes]:
        stalled.set()
        time.sleep(1)
        return []

    with Server(stall) as other:
        with serving(made, address=CLONE, allowed=Allowed(portmap=other.port, fetch=True)) as running:
            assert stalled.wait(5)
            with NetInfo_Client().connect(CLONE, running.ports["netclone"][1], timeout=0.5) as ni:
                assert ni.root()["id"]["object"] == 0
            closing = time.monotonic()
        assert time.monotonic() - closing < 2
