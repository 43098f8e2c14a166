"""Crafted conversations are right to the last checksum: tshark finds nothing to complain of."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scapy.utils import wrpcap

from netinfo_scapy.craft.conversation import CLIENT, SERVER, Conversation
from netinfo_scapy.layers import RPC, NI_READ_Call, NI_READ_Reply, RPCRecord


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
