"""`netinfo-scapy craft call`: a probe as a file, sent, or shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.utils import rdpcap
from typer.testing import CliRunner

import netinfo_scapy
from netinfo_scapy.cli.main import app
from netinfo_scapy.layers import netinfod_am

runner = CliRunner()
LOOKUP = ["craft", "call", "NetInfo.LOOKUP", "--id", "0", "--key", "name", "--value", "users"]


def test_a_probe_over_udp(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    assert runner.invoke(app, [*LOOKUP, "-o", str(path)]).exit_code == 0
    [message] = netinfo_scapy.messages(str(path))
    assert (message["name"], message["dst_port"], message["anomalies"]) == ("NetInfo.LOOKUP", 961, [])
    assert message["arguments"] == {"id": {"object": 0, "instance": 0}, "key": "name", "value": "users"}
    first = path.read_bytes()
    runner.invoke(app, [*LOOKUP, "-o", str(path)])
    assert path.read_bytes() == first


def test_a_probe_over_tcp_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    words = ["--tcp", "--fragment", "16", "--user", "501", "--password", "secret", "--dport", "700", "--xid", "9"]
    result = runner.invoke(app, [*LOOKUP, "-o", str(path), *words, "--src", "10.0.0.1", "--dst", "10.0.0.2"])
    assert result.exit_code == 0, result.output
    assert "secret" not in result.output
    packets = rdpcap(str(path))
    assert packets[0][TCP].flags == "S"
    assert packets[-1][TCP].flags == "A"
    [message] = netinfo_scapy.messages(str(path), netinfo_ports=700, reveal=True)
    assert (message["transport"], message["fragments"], message["xid"]) == ("tcp", 6, 9)
    assert message["credential"]["password"] == "secret"
    assert message["credential"]["uid"] == 501
    assert (message["src_ip"], message["dst_ip"]) == ("10.0.0.1", "10.0.0.2")


def test_the_port_mapper_has_its_own_port(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    words = ["craft", "call", "portmap.GETPORT", "--program", "nibind", "--version", "1", "--protocol", "udp"]
    assert runner.invoke(app, [*words, "-o", str(path)]).exit_code == 0
    assert rdpcap(str(path))[0][UDP].dport == 111


def test_it_is_shown_else() -> None:
    result = runner.invoke(app, LOOKUP)
    assert "NetInfo LOOKUP call" in result.stdout
    assert "6E 61 6D 65" in result.stdout
    assert "NetInfo.CREATE --parent OBJECT[/INSTANCE]" in runner.invoke(app, ["craft", "call", "--list"]).stdout


@pytest.fixture
def server() -> Iterator[int]:
    for port in range(47_961, 48_961):
        try:
            serving = netinfod_am(address="127.0.0.1", port=port, verbose=False, tags={"local": (1, 2)}).bg()
        except OSError:
            continue
        break
    yield port
    serving.stop()


@pytest.mark.parametrize("words", [[], ["--tcp"], ["--tcp", "--fragment", "8"]])
def test_it_is_sent(server: int, words: list[str]) -> None:
    call = ["craft", "call", "nibind.GETREGISTER", "--tag", "local", "--send", "127.0.0.1", "--dport", str(server)]
    result = runner.invoke(app, [*call, *words])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["name"], answer["status"], answer["accept_status"]) == ("nibind.GETREGISTER", "NI_OK", "SUCCESS")
    assert answer["result"] == {"udp_port": 1, "tcp_port": 2}
    assert answer["rtt_seconds"] > 0


def test_a_refusal_is_an_answer(server: int) -> None:
    result = runner.invoke(app, [*LOOKUP, "--send", "127.0.0.1", "--dport", str(server)])
    assert json.loads(result.stdout)["auth_status"] == "AUTH_TOOWEAK"


@pytest.mark.parametrize("words", [[], ["--tcp"]])
def test_nobody_there(words: list[str]) -> None:
    result = runner.invoke(app, [*LOOKUP, "--send", "127.0.0.1", "--dport", "1", *words])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["craft", "call"], "name a procedure"),
        (["craft", "call", "NetInfo.LOKUP"], "did you mean"),
        ([*LOOKUP, "--fragment", "4"], "--tcp"),
        ([*LOOKUP, "-o", "/nowhere/probe.pcap"], "cannot be written"),
        ([*LOOKUP, "-o", "probe.pcap", "--src", "x"], "not an IPv4 address"),
    ],
)
def test_mistakes(words: list[str], said: str) -> None:

    result = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", *words], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
