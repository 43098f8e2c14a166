"""Crafted conversations are right to the last checksum: tshark finds nothing to complain of."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from netinfo_scapy.craft.conversation import CLIENT, SERVER, START, Conversation, Host
from netinfo_scapy.layers import RPC, NI_PING_Call, NI_PING_Reply, NI_READ_Call, NI_READ_Reply, RPCRecord


def talk() -> Conversation:
    made = Conversation()
    made.ask(RPC(xid=1) / NI_READ_Call(id=1), RPC(xid=1, type=1) / NI_READ_Reply(id=1))
    connection = made.tcp(sequence=0xFFFFFF00)
    large = NI_READ_Reply(props={f"p{number}": ["v" * 50] for number in range(100)})
    connection.ask(RPC(xid=2) / NI_READ_Call(id=1), RPCRecord.cut(RPC(xid=2, type=1) / large, 1020))
    connection.send(SERVER, b"rest", segment=2)
    connection.send(CLIENT, b"more")
    connection.close()
    return made


def test_tshark_finds_nothing_wrong(tshark: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.pcap"
    wrpcap(str(path), talk().packets)
    options = [option for name in ("ip", "tcp", "udp") for option in ("-o", f"{name}.check_checksum:TRUE")]
    wrong = "tcp.analysis.flags || _ws.malformed || " + " || ".join(
        f'{name}.checksum.status == "Bad"' for name in ("ip", "tcp", "udp")
    )
    found = subprocess.run(
        [tshark, "-r", str(path), *options, "-Y", wrong], capture_output=True, text=True, check=True
    ).stdout
    assert found == ""


def test_the_same_bytes_again() -> None:
    assert [bytes(packet) for packet in talk().packets] == [bytes(packet) for packet in talk().packets]


def test_a_connection_number_by_number() -> None:
    """Also where a side is named by an equal host that is another object."""
    client, server = Host("10.0.0.1", 600, "02:00:00:00:00:01"), Host("10.0.0.2", 700, "02:00:00:00:00:02")
    made = Conversation(start=START + 5)
    connection = made.tcp(client, server, sequence=0xFFFFFFFE)
    connection.ask(RPC(xid=1) / NI_PING_Call(), None)
    connection.send(server._replace(), RPC(xid=1, type=1) / NI_PING_Reply(), segment=20)
    connection.close()

    seen = [(p[IP].src, str(p[TCP].flags), p[TCP].seq, p[TCP].ack, len(p[TCP].payload)) for p in made.packets]
    assert seen == [
        ("10.0.0.1", "S", 0xFFFFFFFE, 0, 0),
        ("10.0.0.2", "SA", 999_998, 0xFFFFFFFF, 0),
        ("10.0.0.1", "A", 0xFFFFFFFF, 999_999, 0),
        ("10.0.0.1", "PA", 0xFFFFFFFF, 999_999, 44),
        ("10.0.0.2", "PA", 999_999, 43, 20),
        ("10.0.0.2", "PA", 1_000_019, 43, 8),
        ("10.0.0.1", "FA", 43, 1_000_027, 0),
        ("10.0.0.2", "FA", 1_000_027, 44, 0),
        ("10.0.0.1", "A", 44, 1_000_028, 0),
    ]
    assert {(p[Ether].src, p[TCP].sport) for p in made.packets} == {(each.mac, each.port) for each in (client, server)}
    assert [float(p.time) for p in made.packets[:2]] == [1_045_000_005.0, 1_045_000_005.001]
