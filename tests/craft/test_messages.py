"""Replies of the Previous emulator, byte by byte as its dialect has them (docs/specification.md, 12)."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.craft.scenario import Made, Scenario, call
from netinfo_scapy.craft.transforms import TRANSFORMS
from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, answer
from netinfo_scapy.protocol.nibind import NIBIND
from tests.support.truth import differences_of

REGISTRATIONS = [{"tag": "local", "udp_port": 1043, "tcp_port": 1043}, {"tag": "network", "udp_port": 1, "tcp_port": 2}]
LINKED = bytes.fromhex(
    "00000000"
    "00000001 00000005 6c6f63616c000000 00000413 00000413"
    "00000001 00000007 6e6574776f726b00 00000001 00000002"
    "00000000"
)
BIND: dict[str, Any] = {"client_addr": "192.0.2.10", "client_tag": "local", "server_tag": "network"}
ACCEPTED = bytes.fromhex("00000001 00000000 00000000 00000000 00000000")


def said(dialect: Any, name: str, asked: dict[str, Any], *status: str, **result: Any) -> tuple[bytes, Made]:
    """The body of a reply over UDP."""
    scenario = Scenario()
    client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
    port = 111 if name.startswith("portmap") else 961
    scenario.udp(client, server, port, dialect=dialect).ask(name, **asked).reply(*status, **result)
    made = scenario.make()
    data = made.frames[-1].data[14 + 20 + 8 :]
    assert data[4 : 4 + len(ACCEPTED)] == ACCEPTED
    return data[4 + len(ACCEPTED) :], made


@pytest.mark.parametrize(
    ("name", "asked", "status", "result", "body"),
    [
        ("nibind.LISTREG", {}, (), {"registrations": REGISTRATIONS}, LINKED.hex()),
        ("nibind.LISTREG", {}, (), {}, "0000000000000000"),
        ("nibind.LISTREG", {}, ("NI_FAILED",), {}, "0000270f"),
        ("nibind.BIND", BIND, (), {}, "00000000"),
        ("nibind.BIND", BIND, ("NI_NOTAG",), {}, "00000013"),
        ("nibind.GETREGISTER", {"tag": "x"}, (), {"udp_port": 1, "tcp_port": 2}, "000000000000000100000002"),
        ("NetInfo.SELF", {"id": (13, 7)}, (), {"id": 13}, "000000000000000d00000001"),
        (
            "NetInfo.CHILDREN",
            {"id": 0},
            (),
            {"children": [13], "self_id": (0, 9)},
            "00000000000000010000000d0000000000000001",
        ),
        (
            "portmap.CALLIT",
            {"call": call("nibind.BIND", **BIND)},
            (),
            {"port": 777, "result": {}},
            "000003090000000400000000",
        ),
    ],
)
def test_previous(
    name: str, asked: dict[str, Any], status: tuple[str, ...], result: dict[str, Any], body: str, tmp_path: Path
) -> None:
    data, made = said("previous", name, asked, *status, **result)
    assert data.hex() == body
    # What a reader of captures makes of it is what the truth says, the dialect included.
    assert differences_of(made, tmp_path) == []
    odd = name in {"portmap.CALLIT", "nibind.BIND"} or len(body) > 100
    assert made.messages[1].anomalies == (["dialect-previous"] if odd else [])


def test_a_server_of_that_dialect_says_the_same() -> None:
    host = Host(name=b"big", address=IPv4Address("192.0.2.1"), dialect=DIALECTS["previous"])
    for each in REGISTRATIONS:
        host.nibindd.register(str(each["tag"]).encode(), Ports(int(each["udp_port"]), int(each["tcp_port"])))
    scenario = Scenario()
    scenario.udp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1")).ask("nibind.LISTREG")
    asked = scenario.make().frames[0].data[14 + 20 + 8 :]
    caller = Caller(Endpoint(bytes(4), 9), Endpoint(bytes(4), 961), Transport.UDP)
    (reply,) = answer({NIBIND.number: host.nibindd}, asked, caller)
    assert reply[4 + len(ACCEPTED) :] == said("previous", "nibind.LISTREG", {}, registrations=REGISTRATIONS)[0]


def test_other_servers_keep_to_the_tables() -> None:
    assert said(None, "nibind.BIND", BIND)[0] == b""
    assert said(None, "NetInfo.SELF", {"id": 13}, id=(13, 7))[0].hex() == "000000000000000d00000007"
    with pytest.raises(ValueError, match="it has no status"):
        said(None, "nibind.BIND", BIND, "NI_OK")
    with pytest.raises(ValueError, match="'next' is none; there are previous"):
        said("next", "nibind.BIND", BIND)


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_the_truth_holds_however_it_is_said(name: str, transport: str, tmp_path: Path) -> None:
    parameters: dict[str, dict[str, Any]] = {
        "credential": {"kind": "unix"},
        "port": {"port": 700},
        "program-version": {"version": 7},
        "record-fragments": {"sizes": [7]},
        "record-mark": {"mark": 0},
        "segments": {"sizes": [5]},
        "ip-fragments": {"sizes": [16]},
    }
    scenario = Scenario()
    make = scenario.tcp if transport == "tcp" else scenario.udp
    talk = make(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"), dialect="previous")
    talk.ask("nibind.LISTREG").reply(registrations=REGISTRATIONS)
    talk.ask("nibind.BIND", **BIND).reply("NI_NOTAG")
    scenario.transform(name, on="replies", **parameters.get(name, {}))
    assert differences_of(scenario.make(), tmp_path) == []
