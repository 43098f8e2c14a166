"""Harmless traffic that resembles NetInfo, and harmless NetInfo: what rules must keep silent about, or all but."""

from __future__ import annotations

from typing import Any

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case, Say
from netinfo_scapy.craft.cases.domain import ACCOUNTS, ANNA, MACHINE, MACHINES, OPERATOR, ROOT, USERS, Properties
from netinfo_scapy.craft.cases.procedures import LISTALL
from netinfo_scapy.craft.credentials import NONE, Credential
from netinfo_scapy.craft.messages import make_call, make_reply
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import Conversation, Scenario, call, password, unix
from netinfo_scapy.craft.transforms.calls import Retransmission
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

_NFS_PORT, _HTTP_PORT, _NIBIND_PORT, _BOOTPARAM_PORT = 2049, 80, 777, 801
_FOREIGN = frozenset({"foreign-service"})
_HANDLE = bytes(range(32))
_NFS_LOOKUP = _HANDLE + bytes.fromhex("00000006") + b"passwd\0\0"
_FOUND = bytes(4) + _HANDLE + bytes(68)
_MASTER = Host("192.0.2.2", 0, "00:05:02:00:02:02")
_CLONE = Host("192.0.2.3", 0, "00:05:02:00:02:03")


def _nfs(talk: Conversation) -> None:
    talk.ask("100003.2.4", credential=unix("client", uid=501, gid=20), body=_NFS_LOOKUP).reply(body=_FOUND)
    talk.ask("100003.2.1", credential=unix("client", uid=501, gid=20), body=_HANDLE).reply(body=bytes(4) + bytes(68))


def _nfs_udp(scenario: Scenario) -> None:
    _nfs(scenario.udp(CLIENT, SERVER, _NFS_PORT))


def _nfs_from_961(scenario: Scenario) -> None:
    _nfs(scenario.tcp(CLIENT._replace(port=NETINFO_PORT), SERVER, _NFS_PORT))


def _http(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.send("GET / HTTP/1.0\r\nHost: intranet\r\n\r\n")
    tcp.answer("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nhi\n")


def _ssh(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.answer("SSH-2.0-OpenSSH_3.4p1\r\n")
    tcp.send("SSH-2.0-OpenSSH_3.6.1p1\r\n")


def _in_http(scenario: Scenario) -> None:
    """A call and a reply, as a file that is sent to a web server and fetched from it."""
    call = make_call(0, LISTALL.procedure, 1, NONE, LISTALL.arguments, None)
    record, answer = call.stream(), make_reply(call, LISTALL.result, None, None).stream()
    tcp = scenario.tcp(CLIENT, SERVER, _HTTP_PORT)
    head = f"POST /upload HTTP/1.1\r\nHost: intranet\r\nContent-Length: {len(record)}\r\n\r\n"
    tcp.send(head.encode() + record)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(answer)}\r\n\r\n"
    tcp.answer(head.encode() + answer)


def _neighbor(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER, _NFS_PORT)
    tcp.ask("200100002.2.23", body=bytes(8)).reply(body=bytes(4))


def _portmap(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, SERVER, PORTMAP_PORT)
    udp.ask("portmap.GETPORT", program=100003, version=2, protocol=17).reply(port=_NFS_PORT)
    udp.ask("portmap.GETPORT", program=100005, version=1, protocol=17).reply(port=0)


def _look_up(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.LOOKUP", id=ROOT, key="name", value="machines").reply(ids=[MACHINES[0]], self_id=ROOT)
    tcp.ask("NetInfo.LOOKUPREAD", id=MACHINES, key="name", value="server").reply(id=MACHINES, props=MACHINE)
    tcp.ask("NetInfo.LOOKUP", id=MACHINES, key="name", value="printer").reply("NI_NODIR")


def _locked(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.LOOKUPREAD", id=USERS, key="name", value="operator").reply(id=USERS, props=ACCOUNTS[OPERATOR])


def _no_passwd(scenario: Scenario) -> None:
    account = {key: value for key, value in ACCOUNTS[ANNA].items() if key != "passwd"}
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.READ", id=ANNA).reply(id=ANNA, props=account)


def _group(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    group = {"name": "staff", "passwd": "", "gid": "20", "users": ["root", "anna"]}
    tcp.ask("NetInfo.LOOKUPREAD", id=(5, 0), key="name", value="staff").reply(id=(5, 0), props=group)


def _checksum(scenario: Scenario) -> None:
    """A clone compares checksums: the word stands where a password would, and is none."""
    tcp = scenario.tcp(CLIENT, SERVER, credential=password("checksum", uid=0))
    tcp.ask("NetInfo.STATISTICS").reply(properties={"checksum": "1234"})


def _bind_failed(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, SERVER)
    udp.ask("nibind.BIND", client_addr=CLIENT.ip, client_tag="local", server_tag="other").error("SYSTEM_ERR")


def _bind_silent(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, Host("192.0.2.255", 0, "ff:ff:ff:ff:ff:ff"), PORTMAP_PORT)
    search = call("nibind.BIND", client_addr=CLIENT.ip, client_tag="local", server_tag="other")
    for seconds in (0.5, 1, 2):
        udp.ask("portmap.CALLIT", call=search)
        scenario.wait(seconds)


def _registered(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, SERVER)
    udp.ask("nibind.GETREGISTER", tag="network").reply(udp_port=803, tcp_port=804)


def _dhcp(scenario: Scenario) -> None:
    scenario.dhcp(CLIENT, SERVER)


def _bootparam(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, SERVER, _BOOTPARAM_PORT)
    answer: dict[str, Any] = {
        "server_name": "server",
        "address": {"type": 1, "address": SERVER.ip},
        "path": "/clients/client",
    }
    udp.ask("bootparam.GETFILE", client_name="client", file_id="root").reply(**answer)


_REPLICATED: dict[tuple[int, int], Properties] = {
    (4, 0): {"name": "master", "ip_address": _MASTER.ip, "serves": ["./network"]},
    (5, 0): {"name": "clone", "ip_address": _CLONE.ip, "serves": ["./network"]},
}
_REPLICATED_ROOT: Properties = {"master": "master/network"}


def _copied(scenario: Scenario) -> None:
    tree = (
        (ROOT, _REPLICATED_ROOT, ROOT[0], [MACHINES[0]]),
        (MACHINES, {"name": "machines"}, ROOT[0], [each[0] for each in _REPLICATED]),
        *((number, machine, MACHINES[0], []) for number, machine in _REPLICATED.items()),
    )
    objects = [
        {"id": number, "props": properties, "parent": parent, "children": children}
        for number, properties, parent, children in tree
    ]
    tcp = scenario.tcp(_CLONE, _MASTER)
    tcp.ask("NetInfo.READALL", checksum=0).reply(checksum=99, highest_id=5, objects=objects)


def _updated(scenario: Scenario) -> None:
    """A client looks at a clone; its master is given a write, and tells the clone of it."""
    for server in (_MASTER, _CLONE):
        found = scenario.udp(CLIENT, server, _NIBIND_PORT)
        found.ask("nibind.GETREGISTER", tag="network").reply(udp_port=NETINFO_PORT, tcp_port=NETINFO_PORT)
    tcp = scenario.tcp(CLIENT, _CLONE)
    tcp.ask("NetInfo.READ", id=ROOT).reply(id=ROOT, props=_REPLICATED_ROOT)
    for number, machine in _REPLICATED.items():
        tcp.ask("NetInfo.READ", id=number).reply(id=number, props=machine)
    asked: dict[str, Any] = {"id": (5, 0), "prop_index": 1, "values": ["192.0.2.33"]}
    administrator = scenario.tcp(CLIENT, _MASTER, credential=password("next", uid=0))
    administrator.ask("NetInfo.WRITEPROP", **asked).reply(id=(5, 1))
    scenario.wait(2)
    scenario.tcp(_MASTER._replace(port=700), _CLONE).ask("NetInfo.WRITEPROP", **asked).reply(id=(5, 1))


def _unix_reads(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER, credential=Credential("long", uid=501, gid=20))
    tcp.ask("NetInfo.ROOT").reply(id=ROOT)
    tcp.ask("NetInfo.CHILDREN", id=ROOT).reply(children=[MACHINES[0], USERS[0]], self_id=ROOT)


def _named(name: str, summary: str, say: Say, findings: frozenset[str] = frozenset()) -> Case:
    return Case(f"negative-{name}", "negative", summary, say, findings=findings)


def _refused(name: str) -> Case:
    """An error of RPC. Each is answered to a harmless call."""

    def say(scenario: Scenario) -> None:
        scenario.tcp(CLIENT, SERVER).ask("NetInfo.ROOT").error(name)

    findings = _FOREIGN if name == "PROG_UNAVAIL" else frozenset[str]()
    return _named(f"rpc-{name.lower().replace('_', '-')}", f"NetInfo.ROOT, answered by {name}.", say, findings)


_ERRORS = (
    *(name for number, name in rpc.ACCEPT_STATUS.members if number != rpc.SUCCESS),
    "RPC_MISMATCH",
    *(name for number, name in rpc.AUTH_STATUS.members if number),
)

CASES = (
    _named("nfs", "NFS over UDP: a file called passwd is looked up.", _nfs_udp),
    _named("nfs-from-port-961", "An NFS client whose reserved port happens to be 961.", _nfs_from_961),
    _named("portmap", "The port mapper is asked for NFS and mountd.", _portmap),
    _named("http-on-961", "A web server on port 961.", _http, _FOREIGN),
    _named("ssh-on-961", "An SSH server on port 961.", _ssh, _FOREIGN),
    _named("netinfo-in-http", "The bytes of a call and its reply inside HTTP.", _in_http),
    _named("neighboring-program", "Program 200100002, which is next to nibind and none of ours.", _neighbor),
    _named("look-up", "A machine is looked up, as clients do all day.", _look_up),
    _named("locked-account", "An account whose passwd is a star: no password passes, and no hash is given.", _locked),
    _named("user-without-passwd", "A user without the property passwd.", _no_passwd),
    _named("group", "A group, whose passwd is empty, as it is of groups.", _group),
    _named("checksum-word", "The word checksum in a credential to STATISTICS: no password.", _checksum),
    _named("bind-failed", "A server is asked for a domain that it does not serve: SYSTEM_ERR.", _bind_failed),
    _named("bind-unanswered", "A search for a parent by broadcast that nobody answers.", _bind_silent),
    _named("getregister", "A client asks nibind for the tag it knows.", _registered),
    _named("dhcp", "DHCP that names no NetInfo servers, though the client asks for them.", _dhcp),
    _named("bootparam", "bootparam tells a client its root.", _bootparam),
    _named("readall-of-a-clone", "A clone that its domain names copies its master.", _copied),
    _named(
        "update-of-a-clone",
        "A master is given a write, and tells its clone of it.",
        _updated,
        frozenset({"password-in-credential", "writes"}),
    ),
    _named("long-credential", "Reads by a user with as many groups and as long a name as there can be.", _unix_reads),
    Case(
        "negative-retransmission",
        "negative",
        "A PING over UDP that is sent again, because its answer is late.",
        lambda scenario: scenario.udp(CLIENT, SERVER).ask("NetInfo.PING").reply(),
        (Retransmission(),),
    ),
    *(_refused(name) for name in dict.fromkeys(_ERRORS)),
)
