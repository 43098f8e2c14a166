"""The script shows the same under each release of Lua that a Wireshark comes with: 5.2 (4.0), to 5.4 (since 4.4)."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from netinfo_scapy.wireshark.script import SCRIPT
from tests.support import packets, transforms
from tests.support.captures import Frame, parse_pcap, recording

STAND_IN = Path(__file__).parents[1] / "support" / "stand_in.lua"
CRAFTED = Path(__file__).parents[2] / "pcaps" / "crafted"
RELEASES = ("lua52", "lua53", "lua54")
IP_AT = 14


def frames() -> list[Frame]:
    found = [*transforms.cut_every(recording("02-ni-read-tcp"), 300), *recording("10-rparent-bind")]
    for name in ("malformed", "statuses", "credentials", "records"):
        found += parse_pcap((CRAFTED / f"{name}.pcap").read_bytes())
    return found


def told(packet: packets.Packet, streams: dict[frozenset, int]) -> dict[str, tuple[int, Any, int]]:
    """What Wireshark's dissectors tell of a packet: field -> offset, value, size."""
    at = packet.transport_at
    fields: dict[str, tuple[int, Any, int]] = {"ip.src": (IP_AT + 12, None, 4), "ip.dst": (IP_AT + 16, None, 4)}
    if packet.protocol == packets.TCP:
        fields["tcp.srcport"] = (at, packet.source.port, 2)
        fields["tcp.len"] = (at, packet.size, 0)
        fields["tcp.stream"] = (at, streams.setdefault(packet.connection, len(streams)), 0)
    else:
        fields["udp.srcport"] = (at, packet.source.port, 2)
        fields["udp.length"] = (at + 4, packet.end - at, 2)
    return fields


def dissected(release: str, listed: list[Frame]) -> list[str]:
    lua = import_module(f"lupa.{release}").LuaRuntime(encoding=None)
    lua.execute(STAND_IN.read_bytes())
    lua.execute(SCRIPT.read_bytes())
    names = lua.globals()
    names[b"start"]()
    streams: dict[frozenset, int] = {}
    shown = []
    for number, (frame, packet) in enumerate(zip(listed, packets.parse_all(listed), strict=True), 1):
        if packet is None:
            continue
        fields = lua.table_from(
            {key.encode(): lua.table_from(row) for key, row in told(packet, streams).items()},
        )
        shown.append(names[b"dissect"](number, frame.time / 1e9, frame.data, fields).decode())
    return shown


@pytest.fixture(scope="module")
def by_the_oldest() -> list[str]:
    return dissected(RELEASES[0], frames())


def test_the_oldest_shows_all(by_the_oldest: list[str]) -> None:
    assert sum("netinfo.xid" in each for each in by_the_oldest) > 200
    assert any("NetInfo | NetInfo LOOKUP /0 name=users -> NI_OK ids=(3) self_id=/0" in each for each in by_the_oldest)


@pytest.mark.parametrize("release", RELEASES[1:])
def test_the_others_show_the_same(release: str, by_the_oldest: list[str]) -> None:
    for mine, its in zip(by_the_oldest, dissected(release, frames()), strict=True):
        assert mine == its
