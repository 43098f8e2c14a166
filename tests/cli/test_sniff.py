"""`sniff` on loopback: each message once, whoever the server is; the packets kept say the same."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, byref
from ctypes.util import find_library
from pathlib import Path

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop
from scapy.layers.l2 import ARP, GRE, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.packet import Packet, Raw

import netinfo_scapy
from netinfo_scapy.cli.sniffing import kernel_filter
from netinfo_scapy.layers import RPC, NI_PING_Call, RPCRecord
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import ClientError
from tests.cli.test_commands import one_line
from tests.support.commands import call as run
from tests.support.responders import Responding, responder
from tests.support.servers import HOST, free_port
from tests.support.start import start_objects
from tests.support.terminal import start, terminal
from tests.support.waiting import wait_for

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="packet sockets need root")


@contextmanager
def sniffing(tmp_path: Path, *words: object) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    """The command, once it listens; its standard output and error as files."""
    out, err = tmp_path / "out", tmp_path / "err"
    with (
        out.open("wb") as stdout,
        err.open("wb") as stderr,
        start("sniff", "-i", "lo", *words, stdout=stdout, stderr=stderr) as process,
    ):
        wait_for(lambda: b"listening on lo" in err.read_bytes())
        yield process, out, err


def talk(at_work: Responding, portmap: int) -> int:
    """A conversation the long way; how many calls."""
    with NetInfo_Client().connect_by_tag(HOST, "network", portmap_port=portmap) as ni:
        ni.root()
        ni.directory("/users/root")
        for _ in ni.walk("/users"):
            pass
        return ni.sent + 2


def messages_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


@AS_ROOT
def test_each_message_once(tmp_path: Path) -> None:
    portmap, kept = free_port(), tmp_path / "kept.pcapng"
    with (
        responder(portmap=portmap) as at_work,
        sniffing(tmp_path, "--format", "ndjson", "--netinfo-port", f"udp:{portmap}", "-w", kept) as (process, out, err),
    ):
        calls = talk(at_work, portmap)
        wait_for(lambda: len(messages_of(out)) >= 2 * calls)
        process.send_signal(2)
        assert process.wait(10) == 0
    live = [each for each in messages_of(out) if portmap in ports(each) or at_work_ports(at_work) & set(ports(each))]
    assert len([each for each in live if each["type"] == "call"]) == calls
    assert len([each for each in live if each["type"] == "reply"]) == calls
    assert not any(each["retransmission"] or each["anomalies"] for each in live)
    assert ", 0 dropped" in err.read_text()
    # The packets kept hold the same messages.
    again = [
        each
        for each in netinfo_scapy.messages(kept, netinfo_ports=[f"udp:{portmap}"])
        if portmap in ports(each) or at_work_ports(at_work) & set(ports(each))
    ]
    same = ("type", "name", "xid", "arguments", "result", "status", "src_port", "dst_port", "time")
    assert [{key: each[key] for key in same} for each in live] == [{key: each[key] for key in same} for each in again]


def ports(message: dict) -> tuple[int, int]:
    return message["src_port"], message["dst_port"]


def at_work_ports(at_work: Responding) -> set[int]:
    return {port for pair in at_work.ports.values() for port in pair}


@AS_ROOT
def test_a_server_that_nobody_named_is_found_by_its_calls(tmp_path: Path) -> None:
    with (
        responder() as at_work,
        sniffing(tmp_path, "-c", "4", "--seconds", "20", "--format", "ndjson") as (process, out, _),
    ):
        with NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
            for _ in range(10):
                ni.root()
        assert process.wait(15) == 0
    assert len(messages_of(out)) == 4


@AS_ROOT
def test_segments_as_long_as_loopback_has_them(tmp_path: Path) -> None:
    objects = start_objects("network")
    long = {"name": b"name", "values": [b"x" * 60_000] * 20}
    objects[4] = objects[4]._replace(properties=(long,))

    def of_it() -> list[dict]:
        """Other tests have servers on loopback, too."""
        return [each for each in messages_of(out) if at_work.tcp() in ports(each)]

    with (
        responder(objects=objects) as at_work,
        sniffing(tmp_path, "--seconds", "30", "--format", "ndjson") as (process, out, err),
    ):
        with NetInfo_Client(fragment=1 << 20).connect(HOST, at_work.tcp()) as ni:
            assert len(ni.read(4)["props"][0]["values"]) == 20
            with pytest.raises(ClientError, match="NI_NODIR"):
                ni.lookup(0, "name", "y" * 65_000)
        wait_for(lambda: len(of_it()) == 4)
        process.send_signal(2)
        assert process.wait(15) == 0
    assert ", 0 dropped" in err.read_text()
    found = of_it()
    assert not any(each["anomalies"] for each in found)
    assert [each["status"] for each in found if each["type"] == "reply"] == ["NI_OK", "NI_NODIR"]


@AS_ROOT
def test_narrowly_a_server_is_found_too(tmp_path: Path) -> None:
    with responder() as at_work, sniffing(tmp_path, "--narrow", "--seconds", "30") as (process, out, _):
        with NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
            ni.root()
            wait_for(lambda: "NetInfo.ROOT" in out.read_text())
            time.sleep(0.5)  # what passes before the wider filter is in place is missed
            for _ in range(5):
                ni.statistics()
                ni.read(0)
        wait_for(lambda: out.read_text().count("NetInfo.READ NI_OK") >= 3)
        process.send_signal(2)
        assert process.wait(10) == 0


@AS_ROOT
def test_the_summary(tmp_path: Path) -> None:
    """In full: other tests have servers on loopback, too, and a short summary shows the busiest."""
    words = ("--summary", "--full", "--seconds", "4")
    with responder() as at_work, sniffing(tmp_path, *words) as (process, out, _):
        with NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
            ni.root()
        assert process.wait(60) == 0
    assert "NetInfo.ROOT" in out.read_text()
    assert f"{at_work.tcp()}/tcp" in out.read_text()


@AS_ROOT
def test_the_summary_on_a_terminal() -> None:
    with responder() as at_work, terminal() as screen:
        words = ("sniff", "-i", "lo", "--summary", "--seconds", "30")
        with start(*words, stdout=screen.end, stderr=screen.end) as process:
            os.close(screen.end)
            wait_for(lambda: "nothing has come yet" in screen.text or "Following lo" in screen.text)
            with NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
                ni.root()
            wait_for(lambda: "NetInfo" in screen.text)
            process.send_signal(2)
            assert process.wait(10) == 0
    assert "dropped" in screen.text
    assert "Traceback" not in screen.text


def test_mistakes(tmp_path: Path) -> None:
    for words, said in (
        (("-i", "nosuchif0"), "no such interface; there are"),
        (("-i", "lo", "--netinfo-port", "x"), "--netinfo-port"),
        (("-i", "lo", "--summary", "-c", "3"), "--summary"),
        (("-i", "lo", "-w", tmp_path / "no" / "where"), "make it first"),
        (("-i", "lo", "-w", "-"), "name a file"),
        (("-i", "lo", "--summary", "--json"), "--summary"),
    ):
        done = run("sniff", *words)
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert said in done.stderr


def test_without_roots_rights() -> None:
    """A refusal of the socket stands for another user, who may not be allowed to run this interpreter."""
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise PermissionError(1, 'Operation not permitted')\n"
        "from scapy.config import conf\n"
        "import scapy.layers.l2\n"
        "conf.L2listen = refuse\n"
        "sys.argv = ['netinfo-scapy', 'sniff', '-i', 'lo']\n"
        "from netinfo_scapy.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=30)
    assert done.returncode == 2
    assert done.stderr.decode() == "netinfo-scapy: sniffing needs root's rights (or CAP_NET_RAW); run it with sudo\n"


CALL = bytes(RPC(xid=1) / NI_PING_Call())
KNOWN, OTHER = {961, 111}, 5000


def over(*layers: Packet, dport: int = OTHER, data: bytes = CALL) -> bytes:
    made: Packet = Ether()
    for each in (*layers, UDP(sport=40000, dport=dport) / Raw(data)):
        made = made / each
    return bytes(made)


def passes(data: bytes, ports: set[int] | None) -> bool:
    """libpcap's own word on a frame of Ethernet."""
    from scapy.arch.common import compile_filter

    program = compile_filter(kernel_filter(1, ports), linktype=1)
    header = struct.pack("@llII", 0, 0, len(data), len(data))
    return bool(CDLL(find_library("pcap")).pcap_offline_filter(byref(program), header, data))


@pytest.mark.parametrize(
    ("data", "at_all", "narrowly"),
    [
        (over(IP(), dport=961, data=b"any"), True, True),
        (over(IP(options=[IPOption_NOP()] * 4)), True, True),
        (over(IPv6()), True, True),
        (over(IP(), data=b"any"), True, False),
        (bytes(Ether() / IP() / TCP(dport=OTHER, flags="S")), True, False),
        (bytes(Ether() / IP() / TCP(dport=OTHER) / RPCRecord() / RPC() / NI_PING_Call()), True, True),
        (bytes(Ether() / IP() / TCP(dport=OTHER) / Raw(b"\x80\0\0\x28" + CALL[:8])), True, False),
        (bytes(Ether() / IP(frag=100) / Raw(b"any")), True, True),
        (over(IPv6(), IPv6ExtHdrHopByHop(), data=b"any"), True, True),
        (over(IP(), GRE(), IP(), data=b"any"), True, True),
        (over(Dot1Q(vlan=7), IP(), data=b"any"), True, True),
        (over(MPLS(s=1), IP(), data=b"any"), True, True),
        (over(PPPoE(), PPP(), IP(), data=b"any"), True, True),
        (bytes(Ether() / ARP()), False, False),
        (bytes(Ether() / IP() / ICMP()), False, False),
    ],
)
def test_what_the_kernel_passes(data: bytes, at_all: bool, narrowly: bool) -> None:
    assert (passes(data, None), passes(data, KNOWN)) == (at_all, narrowly)


def test_the_kernels_filter_compiles_for_many_ports() -> None:
    assert passes(over(IP(), dport=799, data=b"any"), set(range(600, 800)))
