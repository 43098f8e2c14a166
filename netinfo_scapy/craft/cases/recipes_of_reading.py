"""Attacks that read: scanners, dumps, and what leads to them."""

from __future__ import annotations

from typing import Any

from netinfo_scapy.craft.cases.case import SERVER, STRANGER, Case
from netinfo_scapy.craft.cases.domain import ACCOUNTS, ROOT, USERS, Properties
from netinfo_scapy.craft.cases.procedures import HASHES, READALL
from netinfo_scapy.craft.credentials import Credential
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import Conversation, Scenario
from netinfo_scapy.protocol import nibind
from netinfo_scapy.protocol.programs import PORTMAP_PORT

_BULK = HASHES | {"bulk-read"}
_NIBIND_PORTS = {"udp": 777, "tcp": 778}
_TCP_PORT = 804
_DOMAIN = {"tag": "network", "udp_port": 803, "tcp_port": _TCP_PORT}
_UDP, _TCP = 17, 6
_DES = "CVE-2001-1412"
_SWEPT, _EMULATOR_PORT = 12, 1043


def _getport(talk: Conversation, version: int, protocol: int, port: int, xid: int | None = None) -> None:
    asked: dict[str, Any] = {"program": nibind.NIBIND.number, "version": version, "protocol": protocol}
    talk.ask("portmap.GETPORT", xid=xid, **asked).reply(port=port)


def _nessus(scenario: Scenario) -> None:
    portmapper = scenario.udp(STRANGER, SERVER, PORTMAP_PORT)
    _getport(portmapper, 0xFFFFFFFF, _TCP, _NIBIND_PORTS["tcp"])
    _getport(portmapper, 0xFFFFFFFF, _UDP, _NIBIND_PORTS["udp"])
    listing = scenario.tcp(STRANGER, SERVER, _NIBIND_PORTS["tcp"])
    listing.ask("nibind.LISTREG", xid=0x11E04095).reply(registrations=[_DOMAIN])
    tags = scenario.udp(STRANGER, SERVER, _NIBIND_PORTS["udp"])
    tags.ask("nibind.GETREGISTER", xid=0x68C15898, tag="network").reply(udp_port=803, tcp_port=804)
    _dump(scenario.tcp(STRANGER, SERVER, _TCP_PORT), 0x15EB4980)


def _dump(tcp: Conversation, xid: int | None = None) -> None:
    """What nidump asks for the accounts; xid: of the first call, each next one is one less."""

    def given() -> int | None:
        nonlocal xid
        if xid is None:
            return None
        xid -= 1
        return xid + 1

    tcp.ask("NetInfo.ROOT", xid=given()).reply(id=ROOT)
    tcp.ask("NetInfo.ROOT", xid=given()).reply(id=ROOT)
    tcp.ask("NetInfo.LOOKUP", xid=given(), id=ROOT, key="name", value="users").reply(ids=[USERS[0]], self_id=ROOT)
    tcp.ask("NetInfo.SELF", xid=given(), id=(USERS[0], 0)).reply(id=USERS)
    tcp.ask("NetInfo.CHILDREN", xid=given(), id=USERS).reply(children=[each[0] for each in ACCOUNTS], self_id=USERS)
    for number, account in ACCOUNTS.items():
        tcp.ask("NetInfo.READ", xid=given(), id=(number[0], 0)).reply(id=number, props=account)


def _dump_users(scenario: Scenario) -> None:
    _dump(scenario.tcp(STRANGER, SERVER))


def _list_passwd(scenario: Scenario) -> None:
    entries = [{"id": number[0], "names": [account["passwd"]]} for number, account in ACCOUNTS.items()]
    tcp = scenario.tcp(STRANGER, SERVER)
    tcp.ask("NetInfo.LIST", id=USERS, key="passwd").reply(entries=entries, self_id=USERS)


def _readall(scenario: Scenario) -> None:
    scenario.tcp(STRANGER, SERVER).ask(READALL.procedure, **READALL.arguments).reply(**READALL.result)


def _walk(scenario: Scenario) -> None:
    """Every account by LOOKUPREAD, over UDP as the Previous emulator allows."""
    udp = scenario.udp(STRANGER, SERVER)
    for number in range(9):
        account: Properties = {"name": f"user{number}", "passwd": f"ab3hZ1bMpFb{number}k", "uid": str(600 + number)}
        asked: dict[str, Any] = {"id": (USERS[0], 0), "key": "name", "value": f"user{number}"}
        udp.ask("NetInfo.LOOKUPREAD", **asked).reply(id=(USERS[0], 1), props=account)


def _no_password(scenario: Scenario) -> None:
    account: Properties = {"name": "guest", "passwd": [], "uid": "601", "gid": "20"}
    tcp = scenario.tcp(STRANGER, SERVER)
    tcp.ask("NetInfo.LOOKUP", id=USERS, key="name", value="guest").reply(ids=[17], self_id=USERS)
    tcp.ask("NetInfo.READ", id=(17, 0)).reply(id=(17, 0), props=account)


def _tags(scenario: Scenario) -> None:
    udp = scenario.udp(STRANGER, SERVER)
    for tag in ("local", "root", "apple", "parent", "master", "domain", "company", "lab", "next"):
        udp.ask("nibind.GETREGISTER", tag=tag).reply("NI_NOTAG")
    udp.ask("nibind.GETREGISTER", tag="network").reply(udp_port=803, tcp_port=804)


def _portmapper(scenario: Scenario) -> None:
    udp = scenario.udp(STRANGER, SERVER, PORTMAP_PORT)
    for program in (200100000, 200100001):
        for version in (1, 2):
            for protocol in (_UDP, _TCP):
                is_there = (program, version) == (200100001, 1)
                udp.ask("portmap.GETPORT", program=program, version=version, protocol=protocol).reply(
                    port=_NIBIND_PORTS["udp" if protocol == _UDP else "tcp"] if is_there else 0
                )


def _sweep(scenario: Scenario) -> None:
    for last in range(1, 1 + _SWEPT):
        asked = scenario.udp(STRANGER, Host(f"192.0.2.{last}", 0, SERVER.mac)).ask("NetInfo.PING")
        if last == 1:
            asked.reply()
        scenario.wait(0.05)


def _denied(scenario: Scenario) -> None:
    """Over UDP netinfod answers nothing of this."""
    udp = scenario.udp(STRANGER, SERVER)
    for procedure in ("STATISTICS", "ROOT", "RPARENT", "RESYNC") * 3:
        udp.ask(f"NetInfo.{procedure}").error("AUTH_TOOWEAK")
        scenario.wait(0.2)


def _rejected(scenario: Scenario) -> None:
    """A flavor that no NetInfo server takes."""
    tcp = scenario.tcp(STRANGER, SERVER, credential=Credential("short"))
    for _ in range(12):
        tcp.ask("NetInfo.ROOT").error("AUTH_REJECTEDCRED")
        scenario.wait(0.2)


def _readall_over_udp(scenario: Scenario) -> None:
    scenario.udp(STRANGER, SERVER).ask("NetInfo.READALL", checksum=0).error("AUTH_TOOWEAK")
    scenario.udp(STRANGER, SERVER).ask("NetInfo.LIST", id=USERS, key="passwd").error("AUTH_TOOWEAK")


def _emulator(scenario: Scenario) -> None:
    """The emulator Previous has NetInfo itself in its port mapper, on a port of its own."""
    mapped = {"program": 200100000, "version": 2, "protocol": _UDP, "port": _EMULATOR_PORT}
    portmapper = scenario.udp(STRANGER, SERVER, PORTMAP_PORT)
    portmapper.ask("portmap.DUMP").reply(mappings=[mapped, {**mapped, "protocol": _TCP}])
    tcp = scenario.tcp(STRANGER, SERVER, _EMULATOR_PORT)
    tcp.ask("NetInfo.STATISTICS").reply(properties={"checksum": "1"})
    tcp.ask("NetInfo.LISTALL", id=USERS).error("PROC_UNAVAIL")


def _unusual(scenario: Scenario) -> None:
    _dump(scenario.tcp(STRANGER, SERVER, 4444))


CASES = (
    Case(
        "recipe-nessus-11898",
        "recipe",
        "The scanner of 2003, from the port mapper to the last user.",
        _nessus,
        findings=_BULK | {"nessus-11898"},
        references=("Nessus plugin 11898", _DES),
    ),
    Case("recipe-dump-users", "recipe", "nidump passwd, from another network.", _dump_users, findings=_BULK),
    Case(
        "recipe-list-passwd",
        "recipe",
        "LIST of the property passwd: all hashes in one answer.",
        _list_passwd,
        findings=HASHES,
        references=(_DES,),
    ),
    Case(
        "recipe-readall-exfiltration",
        "recipe",
        "The whole domain, given to a host that is no clone.",
        _readall,
        findings=_BULK | {"readall"},
        references=(_DES,),
    ),
    Case(
        "recipe-walk-over-udp",
        "recipe",
        "One user after the other by LOOKUPREAD over UDP, as the Previous emulator answers it.",
        _walk,
        findings=_BULK,
    ),
    Case(
        "recipe-account-without-password",
        "recipe",
        "A look for accounts that any password opens finds one.",
        _no_password,
        findings=frozenset({"account-without-password"}),
    ),
    Case(
        "recipe-tag-probing",
        "recipe",
        "Tags are guessed until one is there.",
        _tags,
        findings=frozenset({"service-probing"}),
    ),
    Case(
        "recipe-portmap-probing",
        "recipe",
        "The port mapper is asked for both programs in each version.",
        _portmapper,
        findings=frozenset({"service-probing"}),
    ),
    Case(
        "recipe-sweep",
        "recipe",
        "One host pings a network for NetInfo; one of twelve answers.",
        _sweep,
        findings=frozenset({"netinfo-sweep"}),
    ),
    Case(
        "recipe-denied-over-udp",
        "recipe",
        "Calls over UDP that netinfod denies, one after the other.",
        _denied,
    ),
    Case(
        "recipe-denied-over-tcp",
        "recipe",
        "Calls with a credential of a flavor that is rejected, one after the other.",
        _rejected,
    ),
    Case(
        "recipe-readall-over-udp",
        "recipe",
        "The whole domain, and all hashes, are asked for over UDP, where netinfod denies it.",
        _readall_over_udp,
    ),
    Case(
        "recipe-emulator",
        "recipe",
        "A look at a server that turns out to be the emulator Previous.",
        _emulator,
        findings=frozenset({"server-dialect"}),
    ),
    Case(
        "recipe-unusual-port",
        "recipe",
        "nidump passwd at a server on a port where NetInfo is not expected.",
        _unusual,
        findings=_BULK | {"unusual-port"},
    ),
)
