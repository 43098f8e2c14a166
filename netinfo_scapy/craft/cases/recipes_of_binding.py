"""Attacks on how a host finds its domain: answers from servers that are none, and nibind taken over."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, STRANGER, Case
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import Scenario, call, password
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import PORTMAP_PORT

_BROADCAST = Host("192.0.2.255", 0, "ff:ff:ff:ff:ff:ff")
_ROGUE = Host("192.0.2.66", 0, "00:05:02:00:71:42")
_NIBIND_PORT, _BOOTPARAM_PORT = 777, 801
_LURE = "CVE-2003-1009"
_ADMINISTRATION = frozenset({"nibind-administration"})


def _bind(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, _BROADCAST, PORTMAP_PORT)
    search = call("nibind.BIND", client_addr=CLIENT.ip, client_tag="local", server_tag="network")
    udp.ask("portmap.CALLIT", call=search).reply(by=_ROGUE._replace(port=PORTMAP_PORT), port=_NIBIND_PORT, result={})


def _bootparam(scenario: Scenario) -> None:
    udp = scenario.udp(CLIENT, _BROADCAST, PORTMAP_PORT)
    search = call("bootparam.GETFILE", client_name="client", file_id="netinfo_parent")
    answer = {"server_name": "rogue", "address": {"type": 1, "address": _ROGUE.ip}, "path": "network"}
    udp.ask("portmap.CALLIT", call=search).reply(
        by=_ROGUE._replace(port=PORTMAP_PORT), port=_BOOTPARAM_PORT, result=answer
    )


def _dhcp(scenario: Scenario) -> None:
    scenario.dhcp(CLIENT, _ROGUE, parents=[_ROGUE.ip], tag="network")


def _clone_made(scenario: Scenario) -> None:
    tcp = scenario.tcp(STRANGER, SERVER, _NIBIND_PORT, credential=password("next", uid=0))
    tcp.ask("nibind.CREATECLONE", tag="evil", master_name="evil", master_addr=STRANGER.ip, master_tag="network").reply()
    tcp.ask("nibind.DESTROYDOMAIN", tag="network").reply()


def _registered(scenario: Scenario) -> None:
    tcp = scenario.tcp(STRANGER, SERVER, _NIBIND_PORT, credential=password("next", uid=0))
    tcp.ask("nibind.UNREGISTER", tag="network").reply()
    tcp.ask("nibind.REGISTER", tag="network", udp_port=4444, tcp_port=4445).reply()


def _over_udp(scenario: Scenario) -> None:
    """Administration goes over TCP only."""
    udp = scenario.udp(STRANGER, SERVER, _NIBIND_PORT, credential=password("next", uid=0))
    for name in ("REGISTER", "UNREGISTER", "CREATEMASTER", "CREATECLONE", "DESTROYDOMAIN"):
        udp.ask(f"nibind.{name}", tag="network").error("AUTH_TOOWEAK")


def _over_tcp(scenario: Scenario) -> None:
    """What mostly goes over UDP."""
    portmapper = scenario.tcp(STRANGER, SERVER, PORTMAP_PORT)
    portmapper.ask("portmap.DUMP").reply(
        mappings=[{"program": NIBIND.number, "version": 1, "protocol": 6, "port": _NIBIND_PORT}]
    )
    portmapper.ask("portmap.GETPORT", program=NIBIND.number, version=1, protocol=6).reply(port=_NIBIND_PORT)
    nibind = scenario.tcp(STRANGER, SERVER, _NIBIND_PORT)
    nibind.ask("nibind.LISTREG").reply(registrations=[{"tag": "network", "udp_port": 803, "tcp_port": 804}])
    nibind.ask("nibind.BIND", client_addr=STRANGER.ip, client_tag="local", server_tag="network").error("SYSTEM_ERR")


CASES = (
    Case(
        "recipe-administration-over-udp",
        "recipe",
        "Each procedure that administers nibind, over UDP, where it is denied.",
        _over_udp,
        findings=_ADMINISTRATION | {"password-in-credential"},
    ),
    Case(
        "recipe-search-over-tcp",
        "recipe",
        "The port mapper and nibind are asked over TCP what they have.",
        _over_tcp,
    ),
    Case(
        "recipe-rogue-bind",
        "recipe",
        "A broadcast search for a parent domain is answered by a host that nothing names.",
        _bind,
        findings=frozenset({"bind-by-unknown-server"}),
        references=(_LURE,),
    ),
    Case(
        "recipe-rogue-bootparam",
        "recipe",
        "bootparam, asked for netinfo_parent by broadcast, names a server of the attacker's.",
        _bootparam,
        findings=frozenset({"bootparam-parent"}),
    ),
    Case(
        "recipe-rogue-dhcp",
        "recipe",
        "DHCP gives a host an address, and a NetInfo parent of the attacker's.",
        _dhcp,
        findings=frozenset({"dhcp-binding"}),
        references=(_LURE,),
    ),
    Case(
        "recipe-nibind-takeover",
        "recipe",
        "With root's password a clone of the attacker's domain is made, and the domain there was is destroyed.",
        _clone_made,
        findings=_ADMINISTRATION | {"password-in-credential"},
    ),
    Case(
        "recipe-register-hijack",
        "recipe",
        "The ports of a domain are registered anew: clients go there from now on.",
        _registered,
        findings=_ADMINISTRATION | {"password-in-credential"},
    ),
)
