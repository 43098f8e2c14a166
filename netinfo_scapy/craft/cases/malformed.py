"""Messages that no correct client sends, and answers that no correct server gives."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case, Say
from netinfo_scapy.craft.cases.domain import BERT, USERS
from netinfo_scapy.craft.cases.procedures import LISTALL, listall
from netinfo_scapy.craft.scenario import Scenario
from netinfo_scapy.craft.transforms import AnyTransform
from netinfo_scapy.craft.transforms.malformed import (
    LeftOver,
    ListCount,
    LongCredential,
    LongName,
    ProgramVersion,
    RpcVersion,
)
from netinfo_scapy.craft.transforms.records import RecordMark

_SILENT = frozenset[str]()


def _lookup(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.LOOKUP", id=USERS, key="name", value="bert").reply(ids=[BERT[0]], self_id=USERS)


def _write(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.WRITE", id=BERT, props={"name": "bert"}).reply(id=(BERT[0], BERT[1] + 1))


def _ping(scenario: Scenario) -> None:
    scenario.udp(CLIENT, SERVER).ask("NetInfo.PING").reply()


def _write_property(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.WRITEPROP", id=BERT, prop_index=1, values=["*"]).reply(id=(BERT[0], BERT[1] + 1))


def _write_over_udp(scenario: Scenario) -> None:
    scenario.udp(CLIENT, SERVER).ask("NetInfo.WRITE", id=BERT, props={"name": "bert"}).error("AUTH_TOOWEAK")


def _write_property_over_udp(scenario: Scenario) -> None:
    scenario.udp(CLIENT, SERVER).ask("NetInfo.WRITEPROP", id=BERT, prop_index=1, values=["*"]).error("AUTH_TOOWEAK")


def _case(name: str, summary: str, say: Say, *transforms: AnyTransform, findings: frozenset[str] = _SILENT) -> Case:
    return Case(f"malformed-{name}", "malformed", summary, say, transforms, findings)


CASES = (
    _case("rpc-version-3", "A call of RPC version 3: none of NetInfo.", listall, RpcVersion()),
    _case("rpc-version-3-udp", "A datagram of RPC version 3.", _ping, RpcVersion()),
    _case("rpc-version-0-udp", "A datagram of RPC version 0.", _ping, RpcVersion(version=0)),
    _case("program-version-3", "A call of NetInfo's version 3: PROG_MISMATCH.", listall, ProgramVersion(version=3)),
    _case("program-version-9-udp", "A datagram to NetInfo's version 9.", _ping, ProgramVersion(version=9)),
    _case("credential-404-udp", "A credential of 404 bytes in a datagram.", _ping, LongCredential()),
    _case("credential-404", "A credential of 404 bytes: 400 are allowed.", _lookup, LongCredential()),
    _case("credential-8192", "A credential of 8,192 bytes.", _lookup, LongCredential(size=8192)),
    _case("long-name", "A name of 65,536 bytes: one more than there can be.", _lookup, LongName()),
    _case("list-count", "A list of 4,294,967,295 properties in a call of a few bytes.", _write, ListCount()),
    _case(
        "list-count-reply",
        "A list of 4,294,967,295 entries in a reply of a few bytes.",
        listall,
        ListCount(on="replies"),
    ),
    _case("list-count-udp", "The same in a datagram.", _write_over_udp, ListCount()),
    _case("list-count-values", "A list of as many values of a property.", _write_property, ListCount()),
    _case("list-count-values-udp", "The same in a datagram.", _write_property_over_udp, ListCount()),
    _case("list-count-small", "A list that says it has 5,000 properties.", _write, ListCount(count=5000)),
    _case("left-over", "Bytes after the arguments, which a server passes over.", _lookup, LeftOver()),
    _case(
        "left-over-reply",
        "Bytes after the result.",
        listall,
        LeftOver(on="replies", bytes=64),
        findings=LISTALL.findings,
    ),
    _case(
        "mark-0",
        "A record mark of 0 before the call.",
        listall,
        RecordMark(mark=0),
        findings=LISTALL.findings | {"record-fragments"},
    ),
    _case("mark-ffffffff", "A record mark of 0xffffffff: 2 GB that never come.", listall, RecordMark(mark=0xFFFFFFFF)),
)
