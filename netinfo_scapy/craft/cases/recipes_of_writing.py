"""Attacks that write: guessed and stolen passwords, what they open, and updates of a master that is none."""

from __future__ import annotations

from itertools import product
from typing import Any

from netinfo_scapy.craft.cases.case import SERVER, STRANGER, Case
from netinfo_scapy.craft.cases.domain import (
    ACCOUNTS,
    ANNA,
    ANNA_HASH,
    MACHINES,
    ROOT,
    ROOT_PROPERTIES,
    USERS,
    Properties,
)
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import Conversation, Scenario, password

_MASTER_PROPERTIES: Properties = {"master": "master/network", "trusted_networks": ["192.0.2"]}
_MASTER_MACHINE: Properties = {"name": "master", "ip_address": "192.0.2.2", "serves": ["./network"]}
_WRITES = frozenset({"writes"})
_AS_ROOT = _WRITES | {"password-in-credential"}
_WORDS = ("root", "toor", "secret", "next", "steve", "apple")
_BACKDOOR: Properties = {"name": "toor", "passwd": "xyQ8cEdPNTUGk", "uid": "0", "gid": "0", "shell": "/bin/csh"}


def _guess(scenario: Scenario) -> None:
    udp = scenario.udp(STRANGER, SERVER)
    for word in _WORDS:
        call = udp.ask("NetInfo.WRITE", credential=password(word, uid=0), id=(13, 7), props={"name": "x"})
        call.reply("NI_AUTHERROR")
        scenario.wait(0.5)


def _guess_over_tcp(scenario: Scenario) -> None:
    tcp = scenario.tcp(STRANGER, SERVER)
    for word in _WORDS:
        call = tcp.ask("NetInfo.WRITE", credential=password(word, uid=501), id=(13, 7), props={"name": "x"})
        call.reply("NI_AUTHERROR" if word != "next" else "NI_NOUSER")
        scenario.wait(0.5)


def _spray(scenario: Scenario) -> None:
    for number, (word, uid) in enumerate(product(_WORDS, (501, 502))):
        tcp = scenario.tcp(Host(f"203.0.113.{70 + number}", 0, STRANGER.mac), SERVER)
        asked: dict[str, Any] = {"id": USERS, "props": {"name": "users"}}
        tcp.ask("NetInfo.WRITE", credential=password(word, uid=uid), **asked).reply("NI_AUTHERROR")
        scenario.wait(1)


def _superuser(scenario: Scenario) -> Conversation:
    return scenario.tcp(STRANGER, SERVER, credential=password("next", uid=0))


def _trusted_networks(scenario: Scenario) -> None:
    tcp = _superuser(scenario)
    tcp.ask("NetInfo.READ", id=ROOT).reply(id=ROOT, props=ROOT_PROPERTIES)
    tcp.ask("NetInfo.WRITE", id=ROOT, props={**ROOT_PROPERTIES, "trusted_networks": ["0"]}).reply(
        id=(ROOT[0], ROOT[1] + 1)
    )


def _writers(scenario: Scenario) -> None:
    tcp = _superuser(scenario)
    tcp.ask("NetInfo.CREATEPROP", id=USERS, prop={"name": "_writers", "values": ["*"]}).reply(
        id=(USERS[0], USERS[1] + 1)
    )


def _uid_0(scenario: Scenario) -> None:
    tcp = _superuser(scenario)
    tcp.ask("NetInfo.CREATE", parent=USERS, props=_BACKDOOR).reply(id=(17, 0), self_id=(USERS[0], USERS[1] + 1))


def _password_set(scenario: Scenario) -> None:
    tcp = _superuser(scenario)
    tcp.ask("NetInfo.READ", id=ANNA).reply(id=ANNA, props=ACCOUNTS[ANNA])
    changed = {**ACCOUNTS[ANNA], "passwd": "xyQ8cEdPNTUGk"}
    tcp.ask("NetInfo.WRITE", id=ANNA, props=changed).reply(id=(ANNA[0], ANNA[1] + 1))


def _over_udp(scenario: Scenario) -> None:
    """Each thing that changes something, over UDP, where netinfod denies it."""
    talks = (
        scenario.udp(STRANGER, SERVER),
        scenario.udp(STRANGER._replace(port=700), SERVER),
        scenario.udp(STRANGER, SERVER, credential=password("next", uid=0)),
    )
    for udp in talks:
        for name, values in (
            ("CREATE", {"parent": USERS, "props": _BACKDOOR}),
            ("WRITE", {"id": ROOT, "props": {"master": "evil/network"}}),
            ("CREATEPROP", {"id": ROOT, "prop": {"name": "trusted_networks", "values": ["0"]}}),
            ("RENAMEPROP", {"id": USERS, "prop_index": 1, "name": "_writers"}),
        ):
            udp.ask(f"NetInfo.{name}", **values).error("AUTH_TOOWEAK")
            scenario.wait(0.2)


def _master(scenario: Scenario) -> None:
    tcp = _superuser(scenario)
    tcp.ask("NetInfo.READ", id=ROOT).reply(id=ROOT, props={"master": "server/network"})
    tcp.ask("NetInfo.WRITE", id=ROOT, props={"master": "evil/network"}).reply(id=(ROOT[0], ROOT[1] + 1))


def _clone(scenario: Scenario) -> None:
    """A clone, which tells who its master is, and updates from a host that is not."""
    tcp = scenario.tcp(STRANGER, SERVER)
    tcp.ask("NetInfo.STATISTICS").reply(properties={"server_version": "3.1", "tag": ["network", "clone"]})
    tcp.ask("NetInfo.READ", id=ROOT).reply(id=ROOT, props=_MASTER_PROPERTIES)
    tcp.ask("NetInfo.LOOKUPREAD", id=MACHINES, key="name", value="master").reply(id=MACHINES, props=_MASTER_MACHINE)
    update = scenario.tcp(STRANGER._replace(port=700), SERVER)
    update.ask("NetInfo.CREATE", parent=USERS, props=_BACKDOOR).reply(id=(17, 0), self_id=(USERS[0], USERS[1] + 1))
    update.ask("NetInfo.WRITEPROP", id=ANNA, prop_index=1, values=[ANNA_HASH]).reply(id=(ANNA[0], ANNA[1] + 1))


CASES = (
    Case(
        "recipe-password-guessing",
        "recipe",
        "Writes to a directory with one password of root after the other, each refused.",
        _guess,
        findings=frozenset({"password-guessing", "password-in-credential"}),
    ),
    Case(
        "recipe-password-guessing-over-tcp",
        "recipe",
        "The same for another user, over one TCP connection.",
        _guess_over_tcp,
        findings=frozenset({"password-guessing", "password-in-credential"}),
    ),
    Case(
        "recipe-password-spraying",
        "recipe",
        "One password from each of many hosts, for two users.",
        _spray,
        findings=frozenset({"password-guessing", "password-in-credential"}),
    ),
    Case(
        "recipe-trusted-networks-opened",
        "recipe",
        "The domain is opened to every network.",
        _trusted_networks,
        findings=_AS_ROOT | {"trusted-networks-changed"},
    ),
    Case(
        "recipe-writers-opened",
        "recipe",
        "Everyone may write to /users from now on.",
        _writers,
        findings=_AS_ROOT | {"writers-changed"},
    ),
    Case(
        "recipe-uid-0-account",
        "recipe",
        "A second account with root's uid is made.",
        _uid_0,
        findings=_AS_ROOT | {"uid-0-account", "password-hash-written"},
    ),
    Case(
        "recipe-password-set",
        "recipe",
        "A user is given another password.",
        _password_set,
        findings=_AS_ROOT | {"password-hash-written", "password-hashes"},
    ),
    Case(
        "recipe-writes-over-udp",
        "recipe",
        "A second root, another master, other rights, all over UDP, where netinfod denies them.",
        _over_udp,
        findings=frozenset({"password-in-credential", "password-hash-written"}),
    ),
    Case(
        "recipe-rogue-master",
        "recipe",
        "The domain is given a master of the attacker's, from which its clones will copy.",
        _master,
        findings=_AS_ROOT | {"master-changed"},
    ),
    Case(
        "recipe-clone-update-spoof",
        "recipe",
        "Updates to a clone by a host that is not its master: nothing but a reserved port is asked of it.",
        _clone,
        findings=_WRITES | {"clone-update", "uid-0-account", "password-hash-written", "server-dialect"},
    ),
)
