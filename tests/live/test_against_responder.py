"""Client against responder: what the writes do, nibind, the port mapper, and many calls at once.

(Every procedure and every status: test_everything.py.)
"""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from netinfo_scapy.live import errors
from netinfo_scapy.live.client import Forwarding_Client, NetInfo_Client, Nibind_Client, Portmap_Client
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.store import Object
from netinfo_scapy.live.rpc_client import RpcClient
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from tests.support import rpc
from tests.support.responders import responder
from tests.support.servers import HOST, free_port
from tests.support.start import start_objects

END = 0xFFFFFFFF
CALLS = int(os.environ.get("NETINFO_CALLS", "2000"))
CONNECTIONS = int(os.environ.get("NETINFO_CONNECTIONS", "50"))


def said(client: RpcClient, name: str, *given: object) -> str:
    try:
        client.call(name, *given)
    except errors.StatusError as error:
        return error.name
    except errors.AcceptedError as error:
        return error.name
    except errors.DeniedError as error:
        return str(error.auth_name)
    return "OK"


def test_every_write_and_what_it_does() -> None:
    """Each of the ten, done, seen by a further read; then the server's checksum is that of the client's sum."""
    with responder() as at_work, NetInfo_Client(uid=0, password="rootpw").connect(HOST, at_work.tcp()) as ni:
        made = ni.create(ni.self(0)["id"], {"name": "office"}, END)
        id_ = made["id"]
        assert ni.read(id_)["props"] == [{"name": b"name", "values": [b"office"]}]
        id_ = ni.createprop(id_, ("phones", ["1", "2"]), END)["id"]
        assert ni.readprop(id_, 1)["values"] == [b"1", b"2"]
        id_ = ni.writeprop(id_, 1, ["3"])["id"]
        id_ = ni.createname(id_, 1, "0", 0)["id"]
        assert ni.readprop(id_, 1)["values"] == [b"0", b"3"]
        id_ = ni.writename(id_, 1, 0, "9")["id"]
        assert ni.readname(id_, 1, 0)["name"] == b"9"
        id_ = ni.destroyname(id_, 1, 0)["id"]
        assert ni.readprop(id_, 1)["values"] == [b"3"]
        id_ = ni.renameprop(id_, 1, "telephones")["id"]
        assert ni.listprops(id_)["values"] == [b"name", b"telephones"]
        id_ = ni.destroyprop(id_, 1)["id"]
        id_ = ni.write(id_, {"name": "bureau"})["id"]
        assert ni.find("/bureau") == id_["object"]
        parent = ni.destroy(ni.self(0)["id"], id_)["id"]
        assert parent["object"] == 0
        objects = ni.readall(END)["objects"]
        total = sum((each["id"]["object"] + 1) * each["id"]["instance"] for each in objects)
        assert ni.facts()["checksum"] == [str(total)]


def test_while_the_database_is_sent_nothing_is_written() -> None:
    objects = start_objects("network")
    large = Object(0, 0, (), ({"name": b"name", "values": [b"x" * 60_000]},))
    objects.update(dict.fromkeys(range(100, 500), large))
    objects[0] = objects[0]._replace(children=(*objects[0].children, *range(100, 500)))
    root = NetInfo_Client(uid=0, password="rootpw")
    with responder(objects=objects) as at_work, root.connect(HOST, at_work.tcp()) as ni:
        users = ni.self(3)["id"]
        with socket.create_connection((HOST, at_work.tcp())) as slow:
            slow.sendall(rpc.record(rpc.call(1, NETINFO.number, 2, 25, rpc.words(END))))
            slow.recv(1)
            assert said(ni, "CREATEPROP", users, ("x", []), END) == "NI_MASTERBUSY"


def test_a_name_that_is_too_long_is_refused_on_either_side() -> None:
    with responder() as at_work, NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
        assert said(ni, "LOOKUP", 0, "name", "x" * 65_535) == "NI_NODIR"
        with pytest.raises(ValueError, match="65536 bytes"):
            ni.lookup(0, "name", "x" * 65_536)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_nibind(transport: str) -> None:
    with responder(("network", "local")) as at_work:
        port = at_work.ports["nibind"][transport == "tcp"]
        with Nibind_Client(transport).connect(HOST, port) as nibind:
            assert said(nibind, "PING") == "OK"
            assert nibind.getregister("network") == {"udp_port": at_work.udp(), "tcp_port": at_work.tcp()}
            assert [each["tag"] for each in nibind.listreg()["registrations"]] == [b"network", b"local"]
            assert said(nibind, "GETREGISTER", "none") == "NI_NOTAG"
            assert said(nibind, "BIND", "192.0.2.1", "a", "b") == "SYSTEM_ERR"
            for name, given in (
                ("REGISTER", ("x", 1, 2)),
                ("UNREGISTER", ("x",)),
                ("CREATEMASTER", ("x",)),
                ("CREATECLONE", ("x", "h", "192.0.2.1", "t")),
                ("DESTROYDOMAIN", ("x",)),
            ):
                assert said(nibind, name, *given) == ("AUTH_TOOWEAK" if transport == "udp" else "NI_PERM")
        if transport == "tcp" and os.geteuid() == 0:
            # Root of the same host may: its calls come from a source port under 1024.
            at_work.host.nibindd.register(b"dead", Ports(free_port(), free_port()))
            with Nibind_Client("tcp", reserved=True).connect(HOST, port) as nibind:
                assert said(nibind, "CREATEMASTER", "fresh") == "OK"
                assert said(nibind, "CREATEMASTER", "fresh") == "NI_DUPTAG"
                assert said(nibind, "DESTROYDOMAIN", "fresh") == "OK"
                assert said(nibind, "GETREGISTER", "dead") == "NI_NORESPONSE"


def test_nibind_in_the_previous_dialect() -> None:
    with responder(dialect="previous") as at_work, Nibind_Client().connect(HOST, at_work.udp("nibind")) as nibind:
        assert [each["tag"] for each in nibind.listreg()["registrations"]] == [b"network"]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_portmap(transport: str) -> None:
    port = free_port()
    with responder(portmap=port) as at_work, Portmap_Client(transport).connect(HOST, port) as portmap:
        assert said(portmap, "NULL") == "OK"
        assert portmap.find(NIBIND, "udp") == at_work.udp("nibind")
        assert portmap.find(NIBIND, "tcp") == at_work.ports["nibind"][1]
        with pytest.raises(errors.NotRegisteredError, match="NetInfo is not registered over udp"):
            portmap.find(NETINFO, "udp")
        programs = {each["program"] for each in portmap.dump()["mappings"]}
        assert {NIBIND.number, PORTMAP.number} <= programs


def test_forwarded_through_portmap() -> None:
    port = free_port()
    with (
        responder(portmap=port) as at_work,
        Forwarding_Client(transmissions=1).connect(HOST, port, timeout=2) as client,
    ):
        found = client.callit(NIBIND.number, 1, 3, b"\0\0\0\7network\0")
        assert found["result"] == {"udp_port": at_work.udp(), "tcp_port": at_work.tcp()}


def resident() -> int:
    """Bytes of memory that this process holds: client and server are both in it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_many_calls_over_many_connections_and_nothing_is_lost() -> None:
    """Each client asks for other directories than its neighbor, and gets what it asked for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    objects = start_objects("network")
    numbers = sorted(objects)
    with responder() as at_work:
        clients = [NetInfo_Client().connect(HOST, at_work.tcp(), timeout=60) for _ in range(CONNECTIONS)]
        each = CALLS // CONNECTIONS

        def wanted(client: int, call: int) -> int:
            return numbers[(client + call) % len(numbers)]

        def asked(client: int) -> Callable[[], object]:
            calls = ({"id": wanted(client, call)} for call in range(each))
            return clients[client].pipeline("READ", calls, ahead=8).__next__

        asking = [asked(client) for client in range(CONNECTIONS)]
        sizes = []
        for call in range(each):
            for client in range(CONNECTIONS):
                answer = asking[client]()
                number = wanted(client, call)
                assert answer.value["id"]["object"] == number
                assert len(answer.value["props"]) == len(objects[number].properties)
            if call in (each // 2, each - 1):
                sizes.append(resident())
        for client in clients:
            client.close()
        assert sum(client.received for client in clients) == each * CONNECTIONS
        assert sizes[-1] - sizes[0] < 16 << 20
