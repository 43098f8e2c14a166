"""What is said becomes frames that are right to the last number, layers too; tshark finds nothing to complain of."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from netinfo_scapy.craft.scenario import START, Scenario
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.layers import RPC, NI_PING_Call, NI_PING_Reply, NI_READ_Call, NI_READ_Reply, RPCRecord
from tests.support.clean import complaints


def layers() -> Scenario:
    scenario = Scenario()
    client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
    udp, tcp = scenario.udp(client, server), scenario.tcp(client, server)
    udp.send(RPC(xid=1) / NI_READ_Call(id=1))
    udp.answer(RPC(xid=1, type=1) / NI_READ_Reply(id=1))
    large = NI_READ_Reply(props={f"p{number}": ["v" * 50] for number in range(100)})
    tcp.send(RPC(xid=2) / NI_READ_Call(id=1))
    tcp.answer(RPCRecord.cut(RPC(xid=2, type=1) / large, 1020))
    tcp.answer("rest")
    tcp.send(b"more")
    return scenario


def test_tshark_finds_nothing_wrong(tshark: str, tmp_path: Path) -> None:
    layers().write(tmp_path / "layers.pcap")
    assert complaints(tshark, [tmp_path / "layers.pcap"], tmp_path) == {"layers": set()}


def test_a_connection_number_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9293, 3.4, from initial numbers that are the last ones there are."""
    monkeypatch.setattr(Seeded, "number", lambda _self, _least, most: most)
    scenario = Scenario(start=START + 5)
    client, server = scenario.host("10.0.0.1", 600), scenario.host("10.0.0.2", mac="02:00:00:00:00:02")
    talk = scenario.tcp(client, server, 700)
    talk.send(RPC(xid=1) / NI_PING_Call())
    talk.answer(RPC(xid=1, type=1) / NI_PING_Reply())
    frames = scenario.make().frames

    packets = [Ether(frame.data) for frame in frames]
    seen = [(p[IP].src, str(p[TCP].flags), p[TCP].seq, p[TCP].ack, len(p[TCP].payload)) for p in packets]
    assert seen == [
        ("10.0.0.1", "S", 0xFFFFFFFF, 0, 0),
        ("10.0.0.2", "SA", 0xFFFFFFFF, 0, 0),
        ("10.0.0.1", "A", 0, 0, 0),
        ("10.0.0.1", "PA", 0, 0, 44),
        ("10.0.0.2", "PA", 0, 44, 28),
        ("10.0.0.1", "FA", 44, 28, 0),
        ("10.0.0.2", "FA", 28, 45, 0),
        ("10.0.0.1", "A", 45, 29, 0),
    ]
    assert {(p[Ether].src, p[TCP].sport) for p in packets} == {("00:05:02:00:00:01", 600), ("02:00:00:00:00:02", 700)}
    assert [float(frame.time) for frame in frames[:2]] == [1_045_000_005.0, 1_045_000_005.001]


def test_no_datagram_is_longer_than_there_are() -> None:
    for size, said in ((65_507, True), (65_508, False)):
        scenario = Scenario()
        scenario.udp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1")).send(bytes(size))
        if said:
            assert scenario.make().frames
        else:
            with pytest.raises(ValueError, match="65,508 bytes do not fit into a datagram"):
                scenario.make()
