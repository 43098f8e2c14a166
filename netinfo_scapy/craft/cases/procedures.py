"""A case for each procedure: a call and its reply."""

from __future__ import annotations

from functools import partial

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case
from netinfo_scapy.craft.cases.domain import (
    ACCOUNTS,
    ANNA,
    BERT,
    MACHINES,
    ROOT,
    SERVER_ADDRESS,
    USERS,
    Answered,
    objects,
)
from netinfo_scapy.craft.scenario import Scenario, call
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

HASHES = frozenset({"password-hashes"})
"""What the analyzer says of a reply that holds some."""

_BULK = HASHES | {"bulk-read"}
_BOUND = frozenset({"bind-by-unknown-server"})
_WRITE = frozenset({"anonymous-writes", "writes"})
_CHANGED = {"id": (ANNA[0], ANNA[1] + 1)}
_SHELL, _GONE = 5, 6
"""Which property of a user is its shell, and one that is taken away again."""

_NIBIND_PORT = 777
_MAPPING = {"program": 200100001, "version": 1, "protocol": 17, "port": _NIBIND_PORT}
_RPCB = {"program": 200100001, "version": 1, "netid": "udp"}

LISTALL = Answered(
    "NetInfo.LISTALL", {"id": USERS}, {"self_id": USERS, "entries": list(ACCOUNTS.values())}, findings=_BULK
)
READALL = Answered(
    "NetInfo.READALL",
    {"checksum": 0},
    {"checksum": 1234, "highest_id": BERT[0], "objects": objects()},
    findings=_BULK | {"readall"},
)

WRITE = Answered(
    "NetInfo.WRITE",
    {"id": BERT, "props": ACCOUNTS[BERT]},
    {"id": (BERT[0], BERT[1] + 1)},
    findings=_WRITE,
)

_NETINFO = (
    Answered("NetInfo.PING", udp=True),
    Answered(
        "NetInfo.STATISTICS",
        {},
        {"properties": {"checksum": "1234", "server_version": "3.1", "tag": ["network", "master", "0"]}},
        findings=frozenset({"server-dialect"}),
    ),
    Answered("NetInfo.ROOT", {}, {"id": ROOT}),
    Answered("NetInfo.SELF", {"id": (USERS[0], 0)}, {"id": USERS}),
    Answered("NetInfo.PARENT", {"id": USERS}, {"parent": ROOT[0], "self_id": USERS}),
    Answered(
        "NetInfo.CREATE",
        {"parent": MACHINES, "props": {"name": "printer"}},
        {"id": (20, 0), "self_id": (MACHINES[0], MACHINES[1] + 1)},
        findings=_WRITE,
    ),
    Answered(
        "NetInfo.DESTROY",
        {"parent_id": MACHINES, "self_id": (20, 0)},
        {"id": (MACHINES[0], MACHINES[1] + 1)},
        findings=_WRITE,
    ),
    Answered("NetInfo.READ", {"id": ANNA}, {"id": ANNA, "props": ACCOUNTS[ANNA]}, findings=HASHES),
    WRITE,
    Answered("NetInfo.CHILDREN", {"id": USERS}, {"children": [each[0] for each in ACCOUNTS], "self_id": USERS}),
    Answered("NetInfo.LOOKUP", {"id": ROOT, "key": "name", "value": "users"}, {"ids": [USERS[0]], "self_id": ROOT}),
    Answered(
        "NetInfo.LIST",
        {"id": USERS, "key": "name"},
        {
            "entries": [{"id": number[0], "names": [account["name"]]} for number, account in ACCOUNTS.items()],
            "self_id": USERS,
        },
    ),
    Answered(
        "NetInfo.CREATEPROP",
        {"id": ANNA, "prop": {"name": "phone", "values": ["7"]}},
        _CHANGED,
        findings=_WRITE,
    ),
    Answered("NetInfo.DESTROYPROP", {"id": ANNA, "prop_index": _GONE}, _CHANGED, findings=_WRITE),
    Answered("NetInfo.READPROP", {"id": ANNA, "prop_index": _SHELL}, {"values": ["/bin/csh"], "self_id": ANNA}),
    Answered("NetInfo.WRITEPROP", {"id": ANNA, "prop_index": _SHELL, "values": ["/bin/sh"]}, _CHANGED, findings=_WRITE),
    Answered("NetInfo.RENAMEPROP", {"id": ANNA, "prop_index": _GONE, "name": "fax"}, _CHANGED, findings=_WRITE),
    Answered("NetInfo.LISTPROPS", {"id": ANNA}, {"values": list(ACCOUNTS[ANNA]), "self_id": ANNA}),
    Answered("NetInfo.CREATENAME", {"id": ANNA, "prop_index": _SHELL, "name": "/bin/sh"}, _CHANGED, findings=_WRITE),
    Answered("NetInfo.DESTROYNAME", {"id": ANNA, "prop_index": _SHELL, "name_index": 1}, _CHANGED, findings=_WRITE),
    Answered("NetInfo.READNAME", {"id": ANNA, "prop_index": _SHELL, "name_index": 0}, {"id": ANNA, "name": "/bin/csh"}),
    Answered(
        "NetInfo.WRITENAME",
        {"id": ANNA, "prop_index": _SHELL, "name_index": 0, "name": "/bin/sh"},
        _CHANGED,
        findings=_WRITE,
    ),
    Answered("NetInfo.RPARENT", {}, {"tag": "top", "addr": "192.0.2.2"}),
    LISTALL,
    Answered("NetInfo.BIND", {"tag": "local", "addr": CLIENT.ip}, udp=True, findings=_BOUND),
    READALL,
    Answered("NetInfo.CRASHED", {"checksum": 1234}),
    Answered("NetInfo.RESYNC"),
    Answered(
        "NetInfo.LOOKUPREAD",
        {"id": USERS, "key": "name", "value": "anna"},
        {"id": USERS, "props": ACCOUNTS[ANNA]},
        findings=HASHES,
    ),
)
_ADMINISTRATION = frozenset({"nibind-administration"})
_REGISTRATION = {"tag": "network", "udp_port": 803, "tcp_port": 804}
REGISTER = Answered("nibind.REGISTER", _REGISTRATION, findings=_ADMINISTRATION)
_NIBIND = (
    Answered("nibind.PING", udp=True),
    REGISTER,
    Answered("nibind.UNREGISTER", {"tag": "network"}, findings=_ADMINISTRATION),
    Answered("nibind.GETREGISTER", {"tag": "network"}, {"udp_port": 803, "tcp_port": 804}, udp=True),
    Answered("nibind.LISTREG", {}, {"registrations": [_REGISTRATION]}, udp=True),
    Answered("nibind.CREATEMASTER", {"tag": "network"}, findings=_ADMINISTRATION),
    Answered(
        "nibind.CREATECLONE",
        {"tag": "network", "master_name": "server", "master_addr": SERVER_ADDRESS, "master_tag": "network"},
        findings=_ADMINISTRATION,
    ),
    Answered("nibind.DESTROYDOMAIN", {"tag": "network"}, findings=_ADMINISTRATION),
    Answered(
        "nibind.BIND",
        {"client_addr": CLIENT.ip, "client_tag": "local", "server_tag": "network"},
        udp=True,
        findings=_BOUND,
    ),
)
_PORTMAP = (
    Answered("portmap.NULL", udp=True),
    Answered("portmap.SET", _MAPPING, {"done": 1}, udp=True),
    Answered("portmap.UNSET", _MAPPING, {"done": 1}, udp=True),
    Answered("portmap.GETPORT", {**_MAPPING, "port": 0}, {"port": _NIBIND_PORT}, udp=True),
    Answered("portmap.DUMP", {}, {"mappings": [_MAPPING]}, udp=True),
    Answered(
        "portmap.CALLIT",
        {"call": call("nibind.GETREGISTER", tag="network")},
        {"port": _NIBIND_PORT, "result": {"udp_port": 803, "tcp_port": 804}},
        udp=True,
    ),
    Answered("rpcbind.GETADDR", _RPCB, {"address": "192.0.2.1.3.9"}, udp=True),
    Answered("rpcbind.DUMP", {}, {"mappings": [{**_RPCB, "address": "0.0.0.0.3.9", "owner": "superuser"}]}, udp=True),
    Answered(
        "rpcbind.INDIRECT",
        {"call": call("nibind.PING")},
        {"address": "192.0.2.1.3.9", "result": {}},
        udp=True,
    ),
)


def say(answered: Answered, scenario: Scenario) -> None:
    """The call and its reply."""
    port = answered.port or (PORTMAP_PORT if answered.procedure.startswith(("portmap", "rpcbind")) else NETINFO_PORT)
    talk = (scenario.udp if answered.udp else scenario.tcp)(CLIENT, SERVER, port)
    talk.ask(answered.procedure, **answered.arguments).reply(**answered.result)


def listall(scenario: Scenario) -> None:
    """LISTALL of /users: what a dump of the accounts asks for."""
    say(LISTALL, scenario)


def _case(answered: Answered) -> Case:
    how = "UDP" if answered.udp else "TCP"
    return Case(
        f"procedure-{answered.procedure.replace('.', '-').lower()}",
        "procedure",
        f"{answered.procedure} over {how}, answered.",
        partial(say, answered),
        findings=answered.findings,
    )


CASES = tuple(_case(answered) for answered in (*_NETINFO, *_NIBIND, *_PORTMAP))
