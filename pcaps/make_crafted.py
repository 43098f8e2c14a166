"""Make pcaps/crafted/: what the recordings lack. The same bytes again, on any machine.

python pcaps/make_crafted.py pcaps/crafted
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from scapy.packet import Packet, Raw

from netinfo_scapy import layers
from netinfo_scapy.craft.scenario import Conversation, Host, Scenario
from netinfo_scapy.layers import (
    AUTH_DH,
    AUTH_NONE,
    AUTH_SHORT,
    AUTH_SYS,
    RPC,
    RPCSEC_GSS,
    NI_BIND_Call,
    NI_CREATE_Call,
    NI_LOOKUP_Call,
    NI_PING_Call,
    NI_PING_Reply,
    NI_READ_Call,
    NI_READ_Reply,
    NI_READALL_Call,
    NI_READALL_Reply,
    NI_ROOT_Call,
    NI_ROOT_Reply,
    NI_WRITE_Call,
    NI_WRITE_Reply,
    NIBIND_GETREGISTER_Call,
    NIBIND_LISTREG_Call,
    NIBIND_LISTREG_Reply,
    NIBIND_LISTREG_Reply_Previous,
    PMAP_SET_Call,
    PMAP_SET_Reply,
    RPC_Auth,
    RPCRecord,
    XDRBytes,
)
from netinfo_scapy.layers.ports import CLIENT_PORT
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

CLIENT = Host("192.0.2.10", CLIENT_PORT, "00:05:02:00:00:10")
SERVER = Host("192.0.2.1", NETINFO_PORT, "00:05:02:00:00:01")
NIBINDD = SERVER._replace(ip="192.0.2.2", mac="00:05:02:00:00:02")
"""One port of one address is one program's: what nibind says on 961 comes from another host."""

PORTMAPPER = NIBINDD._replace(port=PORTMAP_PORT)

PROPERTIES = {"name": ["lpd", "printers"], "ip_address": "192.0.2.7", "note": []}
VALUES: dict[str, Any] = {
    "id": (17, 5),
    "parent": (1, 2),
    "parent_id": (1, 2),
    "self_id": (17, 6),
    "props": PROPERTIES,
    "prop": ("note", ["made for this capture"]),
    "properties": {"checksum": "4711", "server_version": "208"},
    "key": "name",
    "value": "users",
    "values": ["first", "", "third"],
    "name": "renamed",
    "prop_index": 2,
    "name_index": 1,
    "where": 0,
    "target": (9, 0),
    "children": [18, 19, 4294967294],
    "ids": [17],
    "tag": "local",
    "addr": "192.0.2.1",
    "checksum": 4711,
    "highest_id": 19,
    "udp_port": 1033,
    "tcp_port": 1034,
    "master_name": "big",
    "master_addr": "192.0.2.2",
    "master_tag": "network",
    "client_addr": "192.0.2.10",
    "client_tag": "network",
    "server_tag": "local",
    "registrations": [("local", 1033, 1034), ("network", 700, 701)],
    "objects": [  # Their checksum, (object + 1) * instance, is 93.
        {"id": (0, 3), "props": {"master": "big/network"}, "parent_": 0, "children": [17]},
        {"id": (17, 5), "props": PROPERTIES, "parent_": 0, "children": []},
    ],
}
"""What is said for a field, by its name in the protocol; some fields of one name differ by class."""

OWN: dict[str, dict[str, Any]] = {
    "NI_ROOT_Reply": {"id": (0, 3)},
    "NI_PARENT_Reply": {"parent_": 0},
    "NI_DESTROY_Reply": {"id": (1, 3)},
    "NI_LISTPROPS_Reply": {"values": list(PROPERTIES)},
    "NI_READALL_Reply": {"checksum": 93, "highest_id": 17},
    "NI_LIST_Reply": {"entries": [{"id": 18, "names": ["a", "b"]}, {"id": 19}]},
    "NI_LISTALL_Reply": {"entries": [{"properties": PROPERTIES}, {"properties": {}}]},
}


def filled(cls: Any) -> Packet:
    """A call or reply with a value for every field."""
    own = OWN.get(cls.__name__, {})
    said = {field.name: VALUES.get(field.name.rstrip("_")) for field in cls.fields_desc}
    made: Packet = cls(**{name: value for name, value in (said | own).items() if value is not None})
    return made


def classes(prefix: str, name: str) -> tuple[Any, Any]:
    """The call and reply class of a procedure."""
    return getattr(layers, f"{prefix}_{name}_Call"), getattr(layers, f"{prefix}_{name}_Reply")


def to(scenario: Scenario, server: Host = SERVER, tcp: bool = False) -> Conversation:
    """What the client and a server say to each other."""
    return (scenario.tcp if tcp else scenario.udp)(CLIENT, server, server.port)


def ask(talk: Conversation, call: Packet | bytes, reply: Packet | bytes) -> None:
    """A call and its reply."""
    talk.send(call)
    talk.answer(reply)


def procedures(prefix: str, program: Any, tcp: bool) -> Scenario:
    """Every procedure once, answered."""
    scenario = Scenario()
    talk = to(scenario, NIBINDD if program is NIBIND else SERVER, tcp)
    for row in program.procedures:
        call, reply = classes(prefix, row.name)
        xid = 0x1000 + row.number
        answered = RPC(xid=xid, type=1) / filled(reply)
        ask(talk, RPC(xid=xid) / filled(call), RPCRecord.cut(answered, 1020) if tcp else answered)
    return scenario


def statuses() -> Scenario:
    """Every status that a reply can have."""
    scenario = Scenario()
    talk = to(scenario)
    xid = 0x2000
    for number in [*(number for number, _ in NI_STATUS.members), 4711]:
        xid += 1
        ask(talk, RPC(xid=xid) / NI_READ_Call(id=5), RPC(xid=xid, type=1) / NI_READ_Reply(status=number))
    for accept in range(1, 7):
        xid += 1
        ask(talk, RPC(xid=xid) / NI_READ_Call(id=5), RPC(xid=xid, type=1, accept_status=accept))
    for auth in range(16):
        xid += 1
        denied = RPC(xid=xid, type=1, reply_status=1, reject_status=1, auth_status=auth)
        ask(talk, RPC(xid=xid) / NI_READ_Call(id=5), denied)
    for reject in (0, 2):
        xid += 1
        ask(talk, RPC(xid=xid) / NI_READ_Call(id=5), RPC(xid=xid, type=1, reply_status=1, reject_status=reject))
    ask(talk, RPC(xid=xid + 1) / NI_READ_Call(id=5), RPC(xid=xid + 1, type=1, reply_status=2))
    return scenario


def records() -> Scenario:
    """Records in fragments of every kind."""
    scenario = Scenario()
    talk = to(scenario, tcp=True)
    many = NI_READ_Reply(id=1, props={f"property{number}": [f"value {number}"] for number in range(200)})
    for number, size in enumerate((1020, 3996, 4, 1)):
        call = RPC(xid=0x3000 + number) / NI_READ_Call(id=number)
        reply = RPC(xid=0x3000 + number, type=1) / (many if size > 100 else NI_READ_Reply(id=number))
        ask(talk, RPCRecord.cut(call, size), RPCRecord.cut(reply, size))
    empty = RPCRecord(marks=[0, 20, 0, 0x80000014]) / RPC(xid=0x3010) / NI_PING_Call()
    ask(talk, empty, RPC(xid=0x3010, type=1) / NI_PING_Reply())
    calls = b"".join(bytes(RPCRecord() / RPC(xid=0x3020 + n) / NI_ROOT_Call()) for n in range(5))
    replies = b"".join(bytes(RPCRecord() / RPC(xid=0x3020 + n, type=1) / NI_ROOT_Reply(id=(0, n))) for n in range(5))
    ask(talk, calls, replies)
    call = RPCRecord() / RPC(xid=0x3030) / NI_WRITE_Call(id=1, props=PROPERTIES)
    for at in range(0, len(call), 7):
        talk.send(bytes(call)[at : at + 7])
    talk.answer(RPC(xid=0x3030, type=1) / NI_WRITE_Reply(id=(1, 1)))
    return scenario


def credentials() -> Scenario:
    """Each flavor, and what rides in AUTH_SYS."""
    scenario = Scenario()
    talk = to(scenario)
    said: list[Packet] = [
        AUTH_NONE(),
        AUTH_SYS(machinename="workstation", uid=501, gid=20, gids=[20, 80, 4294967295], stamp=77),
        AUTH_SYS(machinename="", uid=502),
        AUTH_SYS.with_password("secret", uid=0),
        AUTH_SYS.with_password("p\u00e4ss", uid=503),
        AUTH_SHORT(body=b"\1\2\3\4\5"),
        AUTH_DH(namekind=0, name_="unix.501@example", key=b"k" * 8, window=b"wwww"),
        AUTH_DH(namekind=1, nickname=7),
        RPCSEC_GSS(gss_procedure=0, sequence=1, service=1, handle=b"handle"),
        RPC_Auth(flavor=4, body=b"ticket"),
        RPC_Auth(flavor=57, body=b"unknown"),
    ]
    for number, credential in enumerate(said):
        xid = 0x4000 + number
        ask(talk, RPC(xid=xid, credential=credential) / NI_ROOT_Call(), RPC(xid=xid, type=1) / NI_ROOT_Reply(id=0))
    return scenario


def malformed() -> Scenario:
    """One oddity each; the anomaly it has stands in tests/test_crafted_captures.py."""
    scenario = Scenario()
    talk, nibindd, portmap = to(scenario), to(scenario, NIBINDD), to(scenario, PORTMAPPER)
    ok = NI_ROOT_Reply(id=0)
    calls: list[Packet] = [
        RPC() / NI_LOOKUP_Call(key="name", value="users") / Raw(b"\1\2\3\4"),
        RPC() / NI_LOOKUP_Call(key=XDRBytes("a", pad=b"xyz")),
        RPC() / NI_CREATE_Call(target_flag=2, target=5),
        RPC() / NI_LOOKUP_Call(key=XDRBytes("name", length=9999)),
        RPC() / NI_WRITE_Call(props_count=9),
        RPC() / NI_LOOKUP_Call(key=b"na\0me"),
        RPC(credential=AUTH_SYS(machinename="x" * 300)) / NI_ROOT_Call(),
        RPC(credential=AUTH_SYS(rest=b"more")) / NI_ROOT_Call(),
        RPC(rpc_version=3) / NI_ROOT_Call(),
        RPC(credential=RPCSEC_GSS(service=3)) / NI_READ_Call(id=1),
        RPC() / NI_BIND_Call(tag=XDRBytes("tag", length=2)),
    ]
    for number, call in enumerate(calls):
        call[RPC].xid = 0x5000 + number
        talk.send(call)
    nibindd.send(RPC(xid=0x5100) / NIBIND_GETREGISTER_Call(tag="local") / Raw(bytes(4)))
    too_many = [("local", 1033, 1034)] * 33
    replies: list[tuple[Packet, Packet, Conversation]] = [
        (NI_READ_Call(id=1), NI_READ_Reply(id=1, props_count=3), talk),
        (NI_READ_Call(id=1), NI_READ_Reply(id=1) / Raw(bytes(4)), talk),
        (NI_READALL_Call(), NI_READALL_Reply(objects_end=1), talk),
        (NIBIND_LISTREG_Call(), NIBIND_LISTREG_Reply_Previous(registrations=[("local", 1043, 1043)]), nibindd),
        (NIBIND_LISTREG_Call(), NIBIND_LISTREG_Reply(registrations=too_many), nibindd),
        (
            PMAP_SET_Call(program=NIBIND.number, version=1, protocol=17, port=961),
            PMAP_SET_Reply(done=2),
            portmap,
        ),
    ]
    for number, (call, reply, whom) in enumerate(replies):
        xid = 0x6000 + number
        ask(whom, RPC(xid=xid) / call, RPC(xid=xid, type=1) / reply)
    ask(talk, RPC(xid=0x7000) / NI_ROOT_Call(), RPC(xid=0x7000, type=1) / ok)
    talk.answer(RPC(xid=0x7000, type=1) / ok)
    talk.answer(RPC(xid=0x7001, type=1) / ok)
    ask(talk, RPC(xid=0x7002) / NI_ROOT_Call(), RPC(xid=0x7002, type=1, accept_status=9))
    talk.send(bytes(RPC(xid=0x7003) / NI_ROOT_Call())[:30])
    to(scenario, tcp=True).send(bytes(RPCRecord() / RPC(xid=0x7004) / NI_READ_Call(id=1))[:-8])
    return scenario


CAPTURES = {
    "netinfo-udp": lambda: procedures("NI", NETINFO, tcp=False),
    "netinfo-tcp": lambda: procedures("NI", NETINFO, tcp=True),
    "nibind-udp": lambda: procedures("NIBIND", NIBIND, tcp=False),
    "nibind-tcp": lambda: procedures("NIBIND", NIBIND, tcp=True),
    "statuses": statuses,
    "records": records,
    "credentials": credentials,
    "malformed": malformed,
}


def main(folder: Path) -> None:
    """Write every capture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in CAPTURES.items():
        make().write(folder / f"{name}.pcap")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
