"""Every rule alerts on what it is for, and on nothing else that is said here: each on a scenario of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netinfo_scapy.cli.ids_rules import write_rules
from netinfo_scapy.craft.engines.engine import Checksums
from netinfo_scapy.craft.engines.suricata import Suricata
from netinfo_scapy.craft.rules.rule import Engine
from netinfo_scapy.craft.rules.table import RULES
from netinfo_scapy.craft.scenario import Conversation, Scenario, call, password
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind

Say = Callable[[Scenario], None]
USERS = [{"name": "anna", "passwd": "ab3hZ1bMpFb9k", "uid": "501"}]
HELD = {"name": ["anna"], "passwd": ["*", "ab3hZ1bMpFb9k"], "admin": ["Administrator"]}
ANNA = password("secret", uid=501)


def talk(scenario: Scenario, transport: str, port: int = 961, client_port: int = 0) -> Conversation:
    client, server = scenario.host("192.0.2.10", client_port), scenario.host("192.0.2.1")
    open_ = scenario.tcp if transport == "tcp" else scenario.udp
    return open_(client, server, port)


def asks(transport: str, name: str, transforms: dict[str, dict[str, object]] | None = None, **values: object) -> Say:
    """One call, answered by nobody."""

    def say(scenario: Scenario) -> None:
        port = 111 if name.startswith("portmap") else 961
        talk(scenario, transport, port, values.pop("client_port", 0)).ask(name, **values)  # type: ignore[arg-type] # any procedure's
        for transform, parameters in (transforms or {}).items():
            scenario.transform(transform, **parameters)

    return say


def answers(transport: str, status: str, credential: object = None, times: int = 1) -> Say:
    def say(scenario: Scenario) -> None:
        conversation = talk(scenario, transport)
        for number in range(times):
            conversation.ask("NetInfo.SELF", id=number).reply(status)

    return say


def denials(transport: str, times: int) -> Say:
    def say(scenario: Scenario) -> None:
        conversation = talk(scenario, transport)
        for _ in range(times):
            conversation.ask("NetInfo.RESYNC").error("AUTH_TOOWEAK")

    return say


def reply(transport: str, name: str, **result: object) -> Say:
    def say(scenario: Scenario) -> None:
        talk(scenario, transport, 111 if name.startswith("portmap") else 961).ask(name).reply(**result)

    return say


def search(answered: bool) -> Say:
    def say(scenario: Scenario) -> None:
        asked = talk(scenario, "udp", 111).ask("portmap.CALLIT", call=call("nibind.BIND", server_tag="network"))
        if answered:
            asked.reply(port=650, result={})

    return say


def dhcp(scenario: Scenario, **said: object) -> None:
    scenario.dhcp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"), **said)


def web(scenario: Scenario) -> None:
    conversation = talk(scenario, "tcp")
    conversation.send("GET / HTTP/1.0\r\n\r\n")


def everything_over_http(scenario: Scenario) -> None:
    """Calls in the body of a POST, the header in a packet of its own."""
    conversation = talk(scenario, "tcp", 8080)
    conversation.send("POST /upload HTTP/1.1\r\nHost: intranet\r\nContent-Length: 999\r\n\r\n")
    for name in ("NetInfo.READALL", "NetInfo.LISTALL", "NetInfo.WRITE", "nibind.DESTROYDOMAIN"):
        conversation.ask(name, credential=ANNA)


def both(tcp: int, name: str, **values: object) -> Iterator[tuple[str, Say, set[int]]]:
    """A call over TCP and over UDP; the rule for the latter is the next one."""
    for at, transport in enumerate(("tcp", "udp")):
        yield f"{name}-{transport}-{tcp}", asks(transport, name, **values), {tcp + at}


WRITES = {f"NetInfo.{row.name}" for row in NETINFO.procedures if row.kind is Kind.WRITE}
HARMLESS = {f"NetInfo.{row.name}" for row in NETINFO.procedures} - WRITES - {"NetInfo.READALL", "NetInfo.LISTALL"}
SCANNER = {
    1961541: ("nibind.LISTREG", 0x11E04095, {1961460}),
    1961543: ("NetInfo.ROOT", 0x15EB4980, set()),
    1961544: ("NetInfo.LOOKUP", 0x15EB497E, set()),
    1961545: ("NetInfo.CHILDREN", 0x15EB497C, set()),
    1961546: ("NetInfo.READ", 0x15EB497B, set()),
}


def table() -> Iterator[tuple[str, Say, set[int]]]:
    for tcp, name in ((1961100, "NetInfo.READALL"), (1961110, "NetInfo.LISTALL")):
        yield f"{name}-tcp", asks("tcp", name), {tcp, tcp + 2}
        yield f"{name}-udp", asks("udp", name), {tcp + 1}
        yield f"{name}-cut", asks("tcp", name, {"record-fragments": {"sizes": [3]}}), {tcp + 2, 1961000, 1961001}
    yield from both(1961120, "NetInfo.LIST", key="passwd")
    yield from ((*each[:2], set()) for each in both(0, "NetInfo.LIST", key="passwd2"))
    for transport in ("tcp", "udp"):
        udp = transport == "udp"
        yield f"hash-{transport}", reply(transport, "NetInfo.READ", id=13, props=USERS[0]), {1961140 + udp}
        yield f"no-hash-{transport}", reply(transport, "NetInfo.READ", id=13, props=HELD), set()
        for name in sorted(WRITES):
            scripted = set() if udp else {1961202}
            yield (
                f"{name}-{transport}",
                asks(transport, name, credential=ANNA),
                {1961200 + udp, 1961300 + udp} | scripted,
            )
        yield f"harmless-{transport}", _several(transport, HARMLESS), set()
        anonymous = {1961200 + udp, 1961210 + udp} | (set() if udp else {1961202})
        yield f"anonymous-{transport}", asks(transport, "NetInfo.DESTROY"), anonymous
        update = anonymous - {1961210 + udp} | {1961220 + udp}
        yield f"update-{transport}", asks(transport, "NetInfo.DESTROY", client_port=700), update
        for sid, prop in ((1961230, "trusted_networks"), (1961240, "_writers_passwd"), (1961250, "master")):
            yield f"{prop}-{transport}", asks(transport, "NetInfo.WRITE", props={prop: "x"}), anonymous | {sid + udp}
        yield f"hash-written-{transport}", asks(transport, "NetInfo.WRITE", props=USERS[0]), anonymous | {1961260 + udp}
        root = asks(transport, "nibind.GETREGISTER", tag="network", credential=ANNA)
        yield f"nibind-password-{transport}", root, {1961302 + udp}
        yield f"guesses-{transport}", answers(transport, "NI_AUTHERROR", times=6), {1961310 + udp}
        yield f"few-guesses-{transport}", answers(transport, "NI_AUTHERROR", times=4), set()
        yield f"denied-{transport}", denials(transport, 11), {1961320 + udp}
        yield f"long-credential-{transport}", asks(transport, "NetInfo.ROOT", {"long-credential": {}}), {1961920 + udp}
        yield f"rpc-3-{transport}", asks(transport, "NetInfo.READALL", {"rpc-version": {}}), {1961900 + udp}
        for sid, name in ((1961930, "NetInfo.WRITE"), (1961940, "NetInfo.WRITEPROP")):
            yield f"giant-{name}-{transport}", asks(transport, name, {"list-count": {}}), anonymous | {sid + udp}
        version = {"program-version": {"version": 3}}
        yield f"version-3-{transport}", asks(transport, "NetInfo.READALL", version), {1961910 + udp}
    for number, name in enumerate(("REGISTER", "UNREGISTER", "CREATEMASTER", "CREATECLONE", "DESTROYDOMAIN")):
        sid = 1961400 + 10 * number
        yield f"{name}-tcp", asks("tcp", f"nibind.{name}"), {sid, sid + 2}
        yield f"{name}-udp", asks("udp", f"nibind.{name}"), {sid + 1}
    yield "nibind-cut", asks("tcp", "nibind.PING", {"record-fragments": {"sizes": [9]}}), {1961000, 1961002}
    yield from both(1961460, "nibind.LISTREG")
    yield from both(1961500, "portmap.GETPORT", program=200100001, version=1, protocol=6)
    yield "getport-nfs", asks("udp", "portmap.GETPORT", program=100003, version=3, protocol=6), set()
    yield from both(1961510, "portmap.DUMP")
    yield "search", search(answered=False), {1961520}
    yield "search-answered", search(answered=True), {1961520, 1961521}
    yield from both(1961524, "nibind.BIND")
    yield "dhcp", lambda scenario: dhcp(scenario, parents=["192.0.2.1"], tag="network"), {1961530}
    yield "dhcp-other", dhcp, set()
    yield "scanner", asks("udp", "portmap.GETPORT", program=200100001, version=0xFFFFFFFF), {1961501, 1961540}
    for sid, (name, xid, others) in SCANNER.items():
        yield f"scanner-{sid}", asks("tcp", name, xid=xid), {sid} | others
    yield "scanner-1961542", asks("udp", "nibind.GETREGISTER", xid=0x68C15898), {1961542}
    mappings = [{"program": 200100000, "version": 2, "protocol": 17, "port": 1043}]
    yield "previous", reply("udp", "portmap.DUMP", mappings=mappings), {1961511, 1961970}
    yield "mark", asks("tcp", "NetInfo.ROOT", {"record-mark": {"mark": 0xFFFFFFFF}}), {1961950}
    yield "web", web, {1961960}
    yield "web-upload", everything_over_http, set()


def _several(transport: str, names: set[str]) -> Say:
    def say(scenario: Scenario) -> None:
        conversation = talk(scenario, transport)
        for name in sorted(names):
            conversation.ask(name)

    return say


def test_each_rule_alerts_on_its_own_and_no_other(suricata: str, tmp_path: Path) -> None:
    cases = list(table())
    paths = []
    for name, say, _ in cases:
        scenario = Scenario(961)
        say(scenario)
        paths.append(tmp_path / f"{name}.pcap")
        scenario.write(paths[-1])
    assert len(set(paths)) == len(paths)
    write_rules(tmp_path / "netinfo.rules", Engine.SURICATA)
    alerts = Suricata().run(paths, tmp_path / "netinfo.rules", Checksums.ALL)
    found = {name: sorted(each.sids) for (name, _, _), each in zip(cases, alerts, strict=True)}
    assert found == {name: sorted(wanted) for name, _, wanted in cases}
    silent = {1961999}
    assert {sid for _, _, wanted in cases for sid in wanted} | silent == RULES.keys()


@pytest.mark.parametrize("sid", [sid for sid in RULES if sid % 10 == 1])
def test_rules_over_udp_come_behind_those_over_tcp(sid: int) -> None:
    if RULES[sid].transport == "udp" and sid - 1 in RULES and RULES[sid - 1].transport != "udp":
        assert RULES[sid].message == f"{RULES[sid - 1].message} (UDP)"
