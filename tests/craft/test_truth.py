"""The analyzer decodes exactly what a perfect observer would, however transforms are put together."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from netinfo_scapy.craft.scenario import Made, Scenario, call, password, unix
from netinfo_scapy.craft.transforms import TRANSFORMS, Transform, make_transform
from netinfo_scapy.craft.transforms.observed import SnapLength
from tests.support.clean import complaints
from tests.support.truth import differences_of, offsets_are_right

COMPOSITIONS = int(os.environ.get("NETINFO_COMPOSITIONS", "80"))


def talk(scenario: Scenario, transport: str) -> None:
    """Calls of several shapes, answered in several ways."""
    client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
    other = scenario.tcp(client, server) if transport == "tcp" else scenario.udp(client, server)
    props = {"name": ["users", "people"], "note": [], "passwd": "ab3hZ1bMpFb9k"}
    other.ask("NetInfo.PING").reply()
    other.ask("NetInfo.LOOKUP", id=0, key="name", value="users").reply(ids=[13, 14], self_id=(0, 3))
    other.ask("NetInfo.CREATE", credential=password("secret", uid=0), parent=(13, 7), props=props).reply("NI_PERM")
    other.ask("NetInfo.READ", credential=unix("big", 501, 20, [20, 80]), id=13).reply(id=(13, 7), props=props)
    other.ask("NetInfo.LISTALL", id=13).reply(self_id=(13, 7), entries=[props, {"name": "x" * 90}, {}])
    other.ask("NetInfo.RESYNC").error("AUTH_TOOWEAK")
    other.ask("NetInfo.WRITEPROP", id=13, prop_index=1, values=["", "a", "bc"]).reply("NI_STALE")
    other.ask("NetInfo.RPARENT").reply(tag="network", addr="192.0.2.7")
    mapper = scenario.udp(client, server, 111) if transport == "udp" else scenario.tcp(client, server, 111)
    mapper.ask("portmap.CALLIT", call=call("nibind.GETREGISTER", tag="network")).reply(
        port=1033, result={"udp_port": 700, "tcp_port": 701}
    )
    mapper.ask("portmap.GETPORT", program=200100001, version=1, protocol=6).reply(port=702)


def _sizes(chance: random.Random, least: int, most: int) -> list[int]:
    return [chance.randint(least, most) for _ in range(chance.randint(1, 3))]


PARAMETERS: dict[str, Callable[[random.Random], dict[str, object]]] = {
    "credential": lambda chance: {
        "kind": chance.choice(["none", "unix", "long", "password", "short"]),
        "password": "pass",
    },
    "port": lambda chance: {"port": chance.choice([1033, 700])},
    "pipelining": lambda chance: {"count": chance.randint(2, 4)},
    "rpc-version": lambda chance: {"version": chance.choice([0, 3, 9])},
    "program-version": lambda chance: {"version": chance.choice([0, 7])},
    "long-credential": lambda chance: {"size": chance.choice([401, 404, 1000])},
    "long-name": lambda chance: {"size": chance.choice([65_536, 70_001])},
    "list-count": lambda chance: {"count": chance.choice([1 << 16, 0xFFFFFFFF])},
    "left-over": lambda chance: {"bytes": chance.choice([4, 40])},
    "record-fragments": lambda chance: {
        "sizes": chance.choice([[1], [4], [0, 4], [40], [14], _sizes(chance, 1, 60)]),
        "repeat": chance.random() < 0.7,
    },
    "record-mark": lambda chance: {"mark": chance.choice([0, 0xFFFFFFFF])},
    "retransmission": lambda chance: {"after": chance.choice([0.5, 1.0])},
    "segments": lambda chance: {
        "sizes": chance.choice([[1], [2], [4], [18], _sizes(chance, 1, 80)]),
        "repeat": chance.random() < 0.7,
    },
    "out-of-order": lambda chance: {"order": chance.choice(["reversed", "shuffled"])},
    "overlap": lambda chance: {"bytes": chance.choice([1, 8, 30]), "conflict": chance.random() < 0.4},
    "chaff-checksum": lambda chance: {"when": chance.choice(["before", "after"])},
    "chaff-ttl": lambda chance: {"when": chance.choice(["before", "after"])},
    "chaff-ambiguous": lambda chance: {"when": chance.choice(["before", "after"])},
    "ip-fragments": lambda chance: chance.choice(
        [
            {"sizes": [8]},
            {"sizes": [24], "order": "reversed"},
            {"sizes": [64, 8], "overlap": 8},
            {"sizes": [40], "overlap": 16, "order": "reversed"},
            {"sizes": [40], "overlap": 16, "conflict": True},
        ]
    ),
    "one-direction": lambda chance: {"keep": chance.choice(["calls", "replies"])},
    "snap-length": lambda chance: {"bytes": chance.choice([54, 68, 96, 128, 200])},
}


def transform(name: str, chance: random.Random) -> Transform:
    parameters = PARAMETERS.get(name, lambda _: {})(chance)
    only = [] if chance.random() < 0.6 else chance.sample(range(1, 11), 2)
    return make_transform(name, on=chance.choice(["calls", "replies", "both"]), only=only, **parameters)


def composition(chance: random.Random) -> tuple[Scenario, list[str]]:
    scenario = Scenario(seed=chance.randint(0, 9))
    talk(scenario, chance.choice(["tcp", "tcp", "udp"]))
    names = chance.sample(sorted(TRANSFORMS), chance.randint(1, 4))
    for name in names:
        scenario.transform(transform(name, chance))
    return scenario, names


def _transformed(name: str, transport: str) -> Made:
    """Each with ports of its own, so that tshark can read all at once."""
    scenario = Scenario(seed=list(TRANSFORMS).index(name) * 2 + (transport == "udp"))
    talk(scenario, transport)
    scenario.transform(transform(name, random.Random(1)))
    return scenario.make()


EACH = [(name, transport) for name in TRANSFORMS for transport in ("tcp", "udp")]


@pytest.mark.parametrize(("name", "transport"), EACH)
def test_each_transform(name: str, transport: str, tmp_path: Path) -> None:
    made = _transformed(name, transport)
    assert differences_of(made, tmp_path) == []
    offsets_are_right(made)


def test_transforms_break_what_they_are_meant_to_only(tshark: str, tmp_path: Path) -> None:
    paths = []
    for name, transport in EACH:
        paths.append(tmp_path / f"{name}-{transport}.pcap")
        _transformed(name, transport).write(paths[-1])
    found = complaints(tshark, paths, tmp_path)
    assert {
        stem: more for stem, words in found.items() if (more := words - set(TRANSFORMS[stem.rpartition("-")[0]].breaks))
    } == {}


UNTOLD = (
    # Where no handshake shows that checksums are right, none is judged; and what comes first sets the usual TTL.
    {"no-handshake", "chaff-checksum"},
    {"no-handshake", "chaff-ttl"},
    # In the middle of a connection a record is only found by a header that is right and whole, in one fragment.
    {"no-handshake", "long-credential"},
    {"no-handshake", "rpc-version"},
    {"no-handshake", "record-fragments"},
    # And an empty fragment before it may as well end what came before the capture.
    {"no-handshake", "record-mark"},
    # Nor behind bytes that the capture lacks, if these hid a record mark.
    {"snap-length", "record-fragments"},
    {"snap-length", "pipelining"},
    # The checksum of what was cut short cannot be judged; fragments that were never make a packet.
    {"snap-length", "chaff-checksum"},
    {"snap-length", "ip-fragments"},
)
"""What is put together there cannot be told by the bytes."""


SHORTEST_SNAP = 54 + 28
"""Bytes of a frame that hold a record mark and a call up to its procedure; with less none is found in mid-stream."""


TOO_MANY = ({"long-name", "segments"}, {"long-name", "ip-fragments"})
"""What would make 70,000 frames."""


def _can_be_told(scenario: Scenario, names: set[str]) -> bool:
    if any(each <= names for each in (*UNTOLD, *TOO_MANY)):
        return False
    snaps = [each.bytes for each in scenario.transforms if isinstance(each, SnapLength)]
    return "no-handshake" not in names or all(each >= SHORTEST_SNAP for each in snaps)


@pytest.mark.parametrize("part", range(4))
def test_transforms_put_together(part: int, tmp_path: Path) -> None:
    for number in range(part, COMPOSITIONS, 4):
        scenario, names = composition(random.Random(number))
        if not _can_be_told(scenario, set(names)):
            continue
        assert differences_of(scenario.make(), tmp_path) == [], (number, scenario.transforms)


def test_what_is_cut_short_is_no_duplicate(tmp_path: Path) -> None:
    """It answers nothing, so that the next one is not a further answer."""
    scenario = Scenario(seed=3)
    talk(scenario, "udp")
    scenario.transform("duplicates", on="replies")
    scenario.transform("snap-length", bytes=96)
    made = scenario.make()
    assert any("incomplete-record" in each.anomalies for each in made.messages if each.type == "reply")
    assert differences_of(made, tmp_path) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_forged_segment_with_a_low_ttl_for_each_real_one(when: str, tmp_path: Path) -> None:
    scenario = Scenario()
    tcp = scenario.tcp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"))
    users = [{"name": f"user{number}", "realname": "x" * 900} for number in range(150)]
    tcp.ask("NetInfo.LISTALL", id=13).reply(self_id=13, entries=users)
    scenario.transform("chaff-ttl", on="both", when=when)
    assert differences_of(scenario.make(), tmp_path) == []
